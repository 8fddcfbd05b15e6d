"""`when`, `new_file`, `{*}`, `open`: every fault told at load with file and line, and each layer that may set them."""

import pytest

from launcher.config.schema import LaunchAction
from launcher.config.show import listed
from launcher.model import Project
from tests.support.configured import DESIGNED, Machine

S = "machine/studio.toml"
U = "config/config.toml"
BASE = """\
[roots]
prod = { linux = "/mnt/prod" }
[actions.a]
title = "A"
kind = "launch"
app = "blender"
file = "{roots.prod}/{entity.name}_v{revision:03}.blend"
env = { A = "1", B = { prepend = "x" } }
"""
"""Eight lines."""
WHEN = BASE + "[[actions.a.when]]\n"
"""Nine."""
FILE = '[roots]\nprod = { linux = "/mnt/prod" }\n[actions.a]\ntitle = "A"\nkind = "launch"\napp = "blender"\nfile = '
ANY = '"{roots.prod}/{*}_v{revision}.blend"\n'
PLAIN = '"{roots.prod}/a_v{revision}.blend"\n'
OTHER = "is the same for every task: it belongs to the action itself"
DESIGN = """
[[actions.open-in-blender.when]]
task_types = ["Layout"]
file = "{roots.prod}/{project.code|or:project.name}/{sequence.name}/layout_v{revision:03}_{*}.blend"
new_file = "{roots.prod}/{project.code|or:project.name}/{sequence.name}/layout_v{revision:03}_{person.initials}.blend"
open = "next-revision"                        # copies the newest to the next number first; never overwrites
"""


def action(machine: Machine, project: Project | None = None) -> LaunchAction:
    loaded = machine.load()
    assert [str(problem) for problem in loaded.problems] == []
    found = (loaded.for_project(project) if project else loaded.config).actions["a"]
    assert isinstance(found, LaunchAction)
    return found


def refined(machine: Machine, number: int = 0, project: Project | None = None) -> LaunchAction:
    found = action(machine, project).when[number].action
    assert isinstance(found, LaunchAction)
    return found


def test_the_designs_example_loads(configured: Machine) -> None:
    """Real: the whole file, with `when` after the tables of the layers, where TOML takes it too."""
    loaded = configured.write(DESIGNED + DESIGN).load()

    assert [str(problem) for problem in loaded.problems] == []
    found = loaded.config.actions["open-in-blender"]
    assert isinstance(found, LaunchAction)
    assert found.when[0].conditions.task_types == ("Layout",)
    assert loaded.where("actions.open-in-blender.when[1].new_file") == f"{configured.studio_file}:{_line('new_file')}"


def _line(begins: str) -> int:
    return next(n for n, line in enumerate((DESIGNED + DESIGN).splitlines(), 1) if line.startswith(begins))


def test_a_when_refines_tables_as_layers_do(configured: Machine) -> None:
    """Real: variables are replaced one by one, lists whole, a word by a table."""
    configured.write(
        WHEN
        + 'roles = ["admin"]\napp = ["krita", "blender"]\nenv.B = "y"\nwhen_missing = { copy = "{roots.prod}/t" }\n'
    )

    found = refined(configured)

    assert found.app == ("krita", "blender")
    assert {name: change.set and change.set.text for name, change in found.env.items()} == {"A": "1", "B": "y"}
    assert found.file == action(configured).file
    assert (found.name, found.title) == ("a", "A")


@pytest.mark.parametrize(
    ("studio", "told"),
    [
        (
            f'{WHEN}args = ["x"]',
            f"{S}:9: actions.a.when: needs a condition: projects, entity_types, task_types, asset_types, "
            "departments, roles",
        ),
        (
            f"{WHEN}task_types = []",
            f"{S}:9: actions.a.when: needs a condition: projects, entity_types, task_types, asset_types, "
            "departments, roles",
        ),
        (
            f'{WHEN}departements = ["Comp"]',
            f'{S}:10: actions.a.when: unknown key "departements"; did you mean "departments"?',
        ),
        (
            f'{WHEN}task_type = ["Comp"]\nroles = ["user"]',
            f'{S}:10: actions.a.when: unknown key "task_type"; did you mean "task_types"?',
        ),
        (f'{WHEN}task_types = "Layout"', f'{S}:10: actions.a.when.task_types: must be a list, not "Layout"'),
        (f'{WHEN}task_types = [" "]', f"{S}:10: actions.a.when.task_types: an empty name stands for nothing"),
        (
            f'{WHEN}entity_types = ["asset", "shto"]',
            f'{S}:10: actions.a.when.entity_types: unknown entity type "shto"; did you mean "shot"?',
        ),
        (
            f'{WHEN}roles = ["boss"]',
            f'{S}:10: actions.a.when.roles: unknown role "boss"; known: admin, manager, supervisor, user, vendor, '
            "client",
        ),
        (f'{WHEN}roles = ["user"]\nkind = "play"', f"{S}:11: actions.a.when.kind: {OTHER}"),
        (f'{WHEN}roles = ["user"]\ntitle = "B"', f"{S}:11: actions.a.when.title: {OTHER}"),
        (
            f'{WHEN}roles = ["user"]\nfolder = "x"',
            f'{S}:11: actions.a.when: "folder" belongs to kind open, this is kind launch',
        ),
        (f'{WHEN}roles = ["user"]\nopen = 3', f"{S}:11: actions.a.when.open: unknown value 3; "),
        (
            f'{WHEN}roles = ["user"]\napp = "nuek"',
            f'{S}:11: actions.a.when.app: unknown application "nuek"; did you mean "nuke"?',
        ),
        (
            f'{WHEN}roles = ["user"]\nfile = "{{roots.prdo}}/{{entity.name}}_v{{revision}}"',
            f'{S}:11: actions.a.when.file: unknown root "prdo"; did you mean "prod"?',
        ),
        (
            f'{WHEN}roles = ["user"]\nenv.X = "{{entty.name}}"',
            f"{S}:11: actions.a.when.env.X: Unknown name 'entty.name' in '{{entty.name}}'. "
            'Did you mean "entity.name"?',
        ),
        (
            f'{WHEN}roles = ["user"]\nlimit = 0',
            f"{S}:11: actions.a.when.limit: must be from 1 to 500, not 0",
        ),
        (
            f'{WHEN}roles = ["user"]\n[[actions.a.when]]\nroles = ["user", "admin"]\n'
            '[[actions.a.when]]\nroles = ["admin"]\ntask_types = ["Layout"]',
            f"{S}:13: actions.a.when: never counts: number 2, before it, is true of every such task",
        ),
        (
            BASE.replace("[actions.a]\n", '[actions.a]\ntask_types = ["Modeling"]\n')
            + '[[actions.a.when]]\ntask_types = ["Layout"]',
            f"{S}:11: actions.a.when.task_types: never counts: the action takes only Modeling",
        ),
        (f"{BASE}when = 3", f"{S}:9: actions.a.when: must be written as [[actions.a.when]]"),
        (f"{BASE}when = [3]", f"{S}:9: actions.a.when: must be a table"),
        (
            '[actions.a]\ntitle = "A"\nkind = "page"\n[[actions.a.when]]\nroles = ["user"]',
            f'{S}:4: actions.a: "when" belongs to kind launch or open, this is kind page',
        ),
        # What is wrong only together is told of the entry that makes it so.
        (
            FILE + ANY + '[[actions.a.when]]\nroles = ["user"]\nwhen_missing = "empty"',
            f"{S}:8: actions.a.when: file: no file can be made of a name with {{*}}: "
            '"when_missing" needs "new_file" too',
        ),
    ],
)
def test_each_fault_of_a_when_is_told_once_with_its_line(configured: Machine, studio: str, told: str) -> None:
    """Real: files on disk, read by the real loader."""
    (error,) = configured.errors(studio)

    assert error.startswith(told)


def test_a_fault_of_the_action_itself_is_not_told_again_of_each_when(configured: Machine) -> None:
    when = '[[actions.a.when]]\nroles = ["user"]\n[[actions.a.when]]\nroles = ["admin"]\n'

    assert configured.errors(FILE + '"{roots.x}/a_v{revision}"\nlimt = 3\n' + when) == [
        f'{S}:7: actions.a.file: unknown root "x"; known: prod',
        f'{S}:8: actions.a: unknown key "limt"; did you mean "limit"?',
    ]


@pytest.mark.parametrize(
    ("rest", "told"),
    [
        (ANY, ""),
        (ANY + 'new_file = "{roots.prod}/{entity.name}_v{revision}.blend"\nopen = "next-revision"', ""),
        (ANY + 'open = "choose"', ""),
        (PLAIN + 'open = "next-revision"\nnext_when = ["retake", "other-owner", "newer-preview"]', ""),
        (
            '"{roots.prod}/{*}.blend"',
            "7: actions.a.file: {*} needs {revision} in the same path: the highest is opened",
        ),
        (
            '"{roots.prod}/{*}/{*}{*}{*}_v{revision}.blend"',
            "7: actions.a.file: {*} stands at most 2 times in one name",
        ),
        (
            ANY + 'when_missing = "empty"',
            '7: actions.a.file: no file can be made of a name with {*}: "when_missing" needs "new_file" too',
        ),
        (
            ANY + 'open = "next-revision"',
            '7: actions.a.file: no file can be made of a name with {*}: "next-revision" needs "new_file" too',
        ),
        (ANY + 'args = ["{*}"]', '8: actions.a.args: {*} is only in "file"'),
        (ANY + 'new_file = "{roots.prod}/{*}_v{revision}"', '8: actions.a.new_file: {*} is only in "file"'),
        (
            PLAIN + 'when_missing = { copy = "{roots.prod}/{*}" }',
            '8: actions.a.when_missing.copy: {*} is only in "file"',
        ),
        (
            PLAIN + 'new_file = "{roots.prod}/{entity.name}.blend"',
            "8: actions.a.new_file: needs {revision}: each new file is another one",
        ),
        (
            '"{roots.prod}/a.blend"\nnew_file = "{roots.prod}/{entity.name}_v{revision}.blend"',
            '8: actions.a.new_file: is for actions with a "file" that has {revision}',
        ),
        (PLAIN + 'new_file = "x_v{revision}"', "8: actions.a.new_file: must begin with {roots.NAME} and a slash"),
        (
            '"{roots.prod}/a.blend"\nopen = "choose"',
            '8: actions.a.open: "choose" is for a "file" with {revision}',
        ),
        (
            PLAIN + 'open = "choose"\nselection = "each"',
            '8: actions.a.open: "choose" asks about one task: selection must be one or first, not each',
        ),
        (PLAIN + 'next_when = ["retake"]', '8: actions.a.next_when: is for open = "next-revision"'),
        (
            PLAIN + 'open = "next-revision"\nnext_when = ["newer"]',
            '9: actions.a.next_when: unknown value "newer"; known: newer-preview, other-owner, retake',
        ),
        ('"{roots.prod}/{*:03}_v{revision}"', "7: actions.a.file: '{*:03}' "),
    ],
)
def test_what_the_keys_about_revisions_must_be_to_each_other(configured: Machine, rest: str, told: str) -> None:
    errors = configured.errors(FILE + rest)

    if told.endswith("' "):
        assert errors[0].startswith(f"{S}:7: actions.a.file: {{*:03}} in ")
    else:
        assert errors == ([f"{S}:{told}"] if told else [])


BUNNY = Project("p1", "Big Buck Bunny", "BBB", "short")


def test_a_production_may_have_its_own_rules(configured: Machine) -> None:
    """Real: `when` in `[projects]` takes the place of the studio's; what stands beside it counts in it."""
    configured.write(
        WHEN
        + 'task_types = ["Layout"]\nopen = "choose"\n'
        + '[projects.BBB]\nactions.a.args = ["--bunny"]\n'
        + '[[projects.BBB.actions.a.when]]\nroles = ["user"]\nopen = "next-revision"\n'
    )

    assert refined(configured).open == "choose"
    assert refined(configured).args == ()
    assert len(action(configured, BUNNY).when) == 1
    assert refined(configured, project=BUNNY).open == "next-revision"
    assert [arg.text for arg in refined(configured, project=BUNNY).args] == ["--bunny"]


def test_a_fault_in_a_productions_rule_is_told_with_its_line(configured: Machine) -> None:
    studio = BASE + '[[projects.BBB.actions.a.when]]\nroles = ["user"]\nopen = "newset"\n'

    assert configured.errors(studio) == [
        f'{S}:11: projects.BBB.actions.a.when.open: unknown value "newset"; known: newest, next-revision, choose'
    ]


def test_a_machine_may_have_its_own_rules(configured: Machine) -> None:
    machine = '[[machines]]\nmatch = { hostname = "ws1" }\n[[machines.actions.a.when]]\nroles = ["user"]\nlimit = 9\n'
    other = machine.replace("ws1", "ws2").replace("limit = 9", "limit = 0")

    assert refined(configured.write(BASE + machine)).limit == 9
    assert configured.errors(BASE + other) == [f"{S}:13: machines.actions.a.when.limit: must be from 1 to 500, not 0"]


NOT_HERS = "is not a person's to set; hers are apps.NAME.executable, desk, and what studio.users_may lists"


@pytest.mark.parametrize("grant", ["actions.a", "actions.*.when", "actions.*", "actions.a.*"])
def test_a_when_is_never_a_persons_to_set(configured: Machine, grant: str) -> None:
    """It may refine which application is started, with which environment."""
    studio = f'[studio]\nusers_may = ["{grant}"]\n' + BASE
    user = '[[actions.a.when]]\nroles = ["user"]\napp = "krita"\nenv.LD_PRELOAD = "/home/me/x.so"\n'
    told = configured.errors(studio, user=user)

    refused = [f"{S}:2: studio.users_may: when decides which code runs; only the studio's file sets it"]
    assert told == [*(refused if grant == "actions.*.when" else []), f"{U}:1: actions.a.when: {NOT_HERS}"]


@pytest.mark.parametrize(
    ("key", "value"), [("open", '"next-revision"'), ("new_file", '"{roots.prod}/a_v{revision}.blend"'), ("limit", "3")]
)
def test_what_the_studio_grants_of_the_new_keys_a_person_may_set(configured: Machine, key: str, value: str) -> None:
    studio = f'[studio]\nusers_may = ["actions.*.{key}"]\n' + BASE

    assert configured.errors(studio, user=f"[actions.a]\n{key} = {value}\n") == []
    assert configured.errors(studio.replace(f"actions.*.{key}", "actions.*.title"))[:1] == [
        f"{U}:2: actions.a.{key}: {NOT_HERS}"
    ]


def test_a_when_still_refines_what_a_person_may_set(configured: Machine) -> None:
    """The studio's rule beats her file, as a production's does."""
    studio = '[studio]\nusers_may = ["actions.a.args"]\n' + WHEN + 'roles = ["user"]\nargs = ["--studio"]\n'
    configured.write(studio, user='[actions.a]\nargs = ["--mine"]\n')

    assert [arg.text for arg in action(configured).args] == ["--mine"]
    assert [arg.text for arg in refined(configured).args] == ["--studio"]


def test_a_when_is_shown_as_it_is_written_without_secrets(configured: Machine) -> None:
    """Real: what `config show` lists."""
    written = 'roles = ["user"]\nopen = "choose"\nenv.API_TOKEN = "geheim"\n'
    rows = listed(configured.write(WHEN + written).load())

    (row,) = [row for row in rows if row.key == "actions.a.when"]
    assert (row.text, row.line) == ('[{ roles = ["user"], open = "choose", env = { API_TOKEN = "…" } }]', 9)
