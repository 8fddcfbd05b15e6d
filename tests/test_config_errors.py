"""Every error of a studio file, told whole, and all of them at once."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from launcher.config.structure import KINDS
from tests.support.configured import Machine

S = "machine/studio.toml"
ROOT = '[roots]\nprod = { linux = "/mnt/prod" }\n'
LAUNCH = '[actions.a]\ntitle = "A"\nkind = "launch"\napp = "rv"\n'
OPEN = '[actions.a]\ntitle = "A"\nkind = "open"\n'
ABSOLUTE = "must be a whole path, from the root or the drive on"
EXACT = 'must be exact, as in "==4.2.0", where the wrapper finds the application by its name'
PROGRAM = "must be a whole path, one below {roots.NAME}/, or a program's name"


@pytest.mark.parametrize(
    ("studio", "told"),
    [
        ('[studio]\nnme = "x"', f'{S}:2: studio: unknown key "nme"; did you mean "name"?'),
        ("[studio]\nname = 3", f"{S}:2: studio.name: must be text in quotes, not 3"),
        ('[studio]\nport = "24517"', f'{S}:2: studio.port: must be a whole number, not "24517"'),
        ("[studio]\nport = true", f"{S}:2: studio.port: must be a whole number, not true"),
        ("[studio]\nport = 80", f"{S}:2: studio.port: must be from 1024 to 65535, not 80"),
        ('[studio]\nnull_origin = "go"', f'{S}:2: studio.null_origin: unknown value "go"; known: key, refuse'),
        (
            '[studio]\nrequires = "newest"',
            f'{S}:2: studio.requires: "newest" is no range of versions, as in ">=4.2,<5"',
        ),
        ('[studio]\nca_file = "ca.pem"', f"{S}:2: studio.ca_file: {ABSOLUTE}"),
        (
            '[studio]\nservers = [\n"https://a.example",\n"http://kitsu.lan"]',
            f'{S}:4: studio.servers: "http://kitsu.lan" is not encrypted; '
            "write https://, or say insecure = true for this server",
        ),
        (
            '[studio]\nservers = ["https://me:pw@kitsu.example"]',
            f'{S}:2: studio.servers: "https://me:pw@kitsu.example" must not carry a user name or a password',
        ),
        (
            '[[studio.servers]]\norigins = ["https://kitsu.example/x"]\napi = "ftp://kitsu.example"',
            f'{S}:1: studio.servers: "https://kitsu.example/x" must be only scheme, host and port, without a path; '
            '"ftp://kitsu.example" must be an address that begins with https:// and a host',
        ),
        ("[[studio.servers]]\norigins = []", f"{S}:1: studio.servers: needs at least one address in origins"),
        ('[[studio.servers]]\napi = "https://a"', f'{S}:1: studio.servers: needs "origins"'),
        ('[apps.t]\nexecutable = "blender"', f'{S}:2: apps.t.executable: "blender" {ABSOLUTE}'),
        ('[apps.t]\nwrap = ["rez-env"]\nexecutable = "a/b"', f'{S}:3: apps.t.executable: "a/b" {ABSOLUTE}'),
        (
            '[apps.t]\nwrap = ["rez-env"]\nexecutable = "b"\nversion = ">=4"',
            f"{S}:4: apps.t.version: {EXACT}",
        ),
        (
            '[apps.t]\nwrap = ["rez-env"]\nexecutable = "b"\nversion = "==4.*"',
            f"{S}:4: apps.t.version: {EXACT}",
        ),
        (
            '[apps.t]\nwrap = ["{project.code}"]',
            f'{S}:2: apps.t.wrap: "{{project.code}}" {PROGRAM}',
        ),
        (
            '[apps.t]\nwrap = ["./rez"]',
            f'{S}:2: apps.t.wrap: "./rez" {PROGRAM}',
        ),
        (
            '[apps.t]\nworkspace.marker = "a/workspace.mel"',
            f'{S}:2: apps.t.workspace.marker: "a/workspace.mel" must be one name, without a folder',
        ),
        (
            '[apps.t]\nworkspace.env = "JOB-X"',
            f"{S}:2: apps.t.workspace.env: a variable's name is made of letters, digits and _",
        ),
        ("[studio]\nservers = [7]", f"{S}:2: studio.servers: must be a table, not 7"),
        ('[studio]\nservers = "https://a"', f'{S}:2: studio.servers: must be a list, not "https://a"'),
        (
            '[studio]\nkeys = ["hunter2hunter2hunter2"]',
            f'{S}:2: studio.keys: must be "env:NAME" or "file:PATH": the key itself never stands in this file',
        ),
        (
            '[studio]\nusers_may = ["studio.keys"]',
            f'{S}:2: studio.users_may: "studio.keys" must name something of apps, roots or actions, '
            'as in "apps.*.args"',
        ),
        (
            '[studio]\nusers_may = ["apps.*.agrs"]',
            f'{S}:2: studio.users_may: unknown key "agrs"; did you mean "args"?',
        ),
        (
            '[studio]\nusers_may = ["roots.*.run_scripts"]',
            f"{S}:2: studio.users_may: run_scripts decides which code runs; only the studio's file sets it",
        ),
        (
            '[roots]\nProd = { linux = "/p" }',
            f"{S}:2: roots.Prod: a name here is made of small letters, digits and _, at most 64 of them",
        ),
        ("[roots]\nprod = {}", f"{S}:2: roots.prod: needs a path for linux, windows or macos"),
        ('[roots]\nprod = "/p"', f"{S}:2: roots.prod: must be a table"),
        ("roots = 1", f"{S}:1: roots: must be a table"),
        (
            '[roots.prod]\nlinux = "mnt"',
            f'{S}:2: roots.prod.linux: "mnt" must be a whole path, beginning with /',
        ),
        (
            '[roots.prod]\nmacos = "P:/"',
            f'{S}:2: roots.prod.macos: "P:/" must be a whole path, beginning with /',
        ),
        (
            '[roots.prod]\nwindows = "/mnt"',
            f'{S}:2: roots.prod.windows: "/mnt" must be a whole path with its drive or server, as in "P:/"',
        ),
        (
            '[roots.prod]\nlinux = "/p"\nmarker = "../.prod"',
            f'{S}:3: roots.prod.marker: "../.prod" must be a file inside the root',
        ),
        (
            '[apps.blender]\nvresion = "4"',
            f'{S}:2: apps.blender: unknown key "vresion"; did you mean "version"?',
        ),
        (
            '[apps.blender]\nuser_executable = "/x"',
            f'{S}:2: apps.blender: unknown key "user_executable"; did you mean "executable"?',
        ),
        (
            '[apps.blender]\nversion = "4.2"',
            f'{S}:2: apps.blender.version: "4.2" is no range of versions, as in ">=4.2,<5"',
        ),
        ('[apps.blender]\nexecutable = "blender"', f'{S}:2: apps.blender.executable: "blender" {ABSOLUTE}'),
        ('[apps.blender]\nargs = "-x"', f'{S}:2: apps.blender.args: must be a list, not "-x"'),
        ('[apps.blender]\nargs = ["-x",\n2]', f"{S}:3: apps.blender.args: must be text in quotes, not 2"),
        ('[apps.x]\nopens = ["blend"]', f'{S}:2: apps.x.opens: "blend" must begin with a dot, as in ".blend"'),
        (
            '[apps.x]\nscript = "../x.py"',
            f'{S}:2: apps.x.script: "../x.py" is no file of this program\'s own start-up scripts',
        ),
        ('[apps.x.check]\nprints = "{version}"', f'{S}:1: apps.x.check: needs "args"'),
        (
            '[apps.blender]\nenv."A=B" = "x"',
            f'{S}:2: apps.blender.env."A=B": a variable\'s name is made of letters, digits and _',
        ),
        (
            '[apps.blender]\nenv.X = { prepend = "a", unset = true }',
            f'{S}:2: apps.blender.env.X: must be text, or a table of "prepend" and "append", or {{ unset = true }}',
        ),
        (
            '[apps.blender]\nenv.X = { perpend = "a" }',
            f'{S}:2: apps.blender.env.X: unknown key "perpend"; did you mean "prepend"?',
        ),
        ("[apps.blender]\nenv.X = 1", f"{S}:2: apps.blender.env.X: must be a table, not 1"),
        (
            '[apps.blender]\nenv.X = "{roots.prod}"',
            f'{S}:2: apps.blender.env.X: unknown root "prod"; none is known',
        ),
        (
            '[apps.blender]\nenv.X = "v{revision}"',
            f'{S}:2: apps.blender.env.X: {{revision}} is only in "file" and "new_file"',
        ),
        (
            '[apps."Bl ender"]\nargs = []',
            f'{S}:1: apps."Bl ender": a name here is made of small letters, digits and -, at most 64 of them',
        ),
        ('[actions.a]\ntitle = "A"', f'{S}:1: actions.a: needs "kind"; known: launch, open, page'),
        (
            '[actions.a]\nkind = "play"\nmedia = "latest-preview"',
            f'{S}:2: actions.a.kind: kind "play" is not known to this version; known: launch, open, page',
        ),
        ('[actions.a]\nkind = "page"', f'{S}:1: actions.a: needs "title"'),
        (
            f'[actions.a]\nkind = "page"\ntitle = "{"x" * 81}"',
            f"{S}:3: actions.a.title: must be one line of 1 to 80 characters",
        ),
        (
            '[actions.a]\nkind = "page"\ntitle = "A"\nfolder = "x"',
            f'{S}:4: actions.a: "folder" belongs to kind open, this is kind page',
        ),
        (
            '[actions.a]\nkind = "page"\ntitle = "A"\nlimit = 2',
            f'{S}:4: actions.a: "limit" belongs to kind launch or open, this is kind page',
        ),
        (
            '[actions.a]\nkind = "page"\ntitle = "A"\nentity_types = ["asset",\n"shto"]',
            f'{S}:5: actions.a.entity_types: unknown entity type "shto"; did you mean "shot"?',
        ),
        (
            '[actions.a]\nkind = "page"\ntitle = "A"\nroles = ["boss"]',
            f'{S}:4: actions.a.roles: unknown role "boss"; known: admin, manager, supervisor, user, vendor, client',
        ),
        ('[actions.a]\nkind = "page"\ntitle = "A"\najax = 1', f"{S}:4: actions.a.ajax: must be true or false, not 1"),
        (
            '[actions.review]\ntitle = "R"\nkind = "launch"\napp = ["rv",\n"rvv"]',
            f'{S}:5: actions.review.app: unknown application "rvv"; did you mean "rv"?',
        ),
        ('[actions.a]\ntitle = "A"\nkind = "launch"', f'{S}:1: actions.a: needs "app"'),
        (
            '[actions.a]\ntitle = "A"\nkind = "launch"\napp = []',
            f"{S}:4: actions.a.app: must name at least one application",
        ),
        (f"{LAUNCH}limit = 0", f"{S}:5: actions.a.limit: must be from 1 to 500, not 0"),
        (f"{LAUNCH}limit = 501", f"{S}:5: actions.a.limit: must be from 1 to 500, not 501"),
        (
            f'{LAUNCH}selection = "every"',
            f'{S}:5: actions.a.selection: unknown value "every"; known: one, first, each, all',
        ),
        (f'{LAUNCH}open = "any"', f'{S}:5: actions.a.open: unknown value "any"; known: newest, next-revision, choose'),
        (
            f'{LAUNCH}file = "/mnt/prod/{{entity.name}}"',
            f"{S}:5: actions.a.file: must begin with {{roots.NAME}} and a slash",
        ),
        (
            f'{ROOT}{LAUNCH}file = "{{roots.prod}}-old/x"',
            f"{S}:7: actions.a.file: must begin with {{roots.NAME}} and a slash",
        ),
        (
            f'{ROOT}{LAUNCH}file = "{{roots.pord}}/x"',
            f'{S}:7: actions.a.file: unknown root "pord"; did you mean "prod"?',
        ),
        (
            f'{ROOT}{LAUNCH}file = "{{roots.prod}}/{{entity.nmae}}"',
            f"{S}:7: actions.a.file: Unknown name 'entity.nmae' in '{{roots.prod}}/{{entity.nmae}}'. "
            'Did you mean "entity.name"?',
        ),
        (
            f'{ROOT}{LAUNCH}file = "{{roots.prod}}/x"\nwhen_missing = "ask"',
            f'{S}:8: actions.a.when_missing: must be {{ copy = "…" }}, "empty" or "fail"',
        ),
        (
            f'{ROOT}{LAUNCH}file = "{{roots.prod}}/x"\nwhen_missing = {{ copy = "/x" }}',
            f"{S}:8: actions.a.when_missing.copy: must begin with {{roots.NAME}} and a slash",
        ),
        (f'{LAUNCH}when_missing = "empty"', f'{S}:5: actions.a.when_missing: is for actions with a "file"'),
        (OPEN, f'{S}:1: actions.a: needs exactly one of "folder" and "url"'),
        (
            f'{ROOT}{OPEN}folder = "{{roots.prod}}/x"\nurl = "https://x.example"',
            f'{S}:3: actions.a: needs exactly one of "folder" and "url"',
        ),
        (
            f'{OPEN}url = "https://{{project.code}}.example/"',
            f"{S}:4: actions.a.url: must begin with https:// or http:// and a host that is written out",
        ),
        (
            f'{OPEN}url = "file:///etc/passwd"',
            f"{S}:4: actions.a.url: must begin with https:// or http:// and a host that is written out",
        ),
        (
            f'{OPEN}url = "https://x.example"\nselection = "all"',
            f'{S}:5: actions.a.selection: "all" is not possible for kind open; known: one, first, each',
        ),
        ("[actoins.a]", f'{S}:1: unknown table "actoins"; did you mean "actions"?'),
        ('[desk]\nbrowser = ["x"]', f"{S}:1: desk: belongs to each person: it goes into her own config.toml"),
        (
            '[projects."Big Buck"]\nstudio.name = "x"',
            f'{S}:2: projects."Big Buck": unknown key "studio"; known: roots, apps, actions',
        ),
        (
            '[projects."Big Buck"]\napps.blender.version = "x"',
            f'{S}:2: projects."Big Buck".apps.blender.version: "x" is no range of versions, as in ">=4.2,<5"',
        ),
        ("projects = 1", f"{S}:1: projects: must be a table"),
        ("[projects]\nx = 1", f"{S}:2: projects.x: must be a table"),
        ("[machines]\nx = 1", f"{S}:1: machines: must be written as [[machines]]"),
        (
            "[[machines]]\napps.rv.args = []",
            f'{S}:1: machines: needs match = {{ hostname = "…", os = "…" }}, or one of the two',
        ),
        (
            '[[machines]]\nmatch = { hostnam = "x" }',
            f'{S}:2: machines.match: unknown key "hostnam"; did you mean "hostname"?',
        ),
        (
            '[[machines]]\nmatch = { os = "beos" }',
            f'{S}:2: machines.match.os: unknown OS "beos"; known: linux, windows, macos',
        ),
        (
            '[[machines]]\nmatch = { os = "windows" }\napps.rv.args = "x"',
            f'{S}:3: machines.apps.rv.args: must be a list, not "x"',
        ),
        (
            '[studio]\nrequires = ">=99"\nfuture = "unknown"',
            f"{S}:2: studio.requires: this file needs kitsu-launcher >=99, this is 0.1.0: update it",
        ),
        ("[studio]\nname = \n", f"{S}:2: not TOML: Invalid value"),
        ('[studio]\nname = "\udcff"', f"{S}:2: not TOML: the text is not UTF-8"),
        ("x = " + "[" * 5000, f"{S}: cannot be read: it has more than 32 tables or lists within each other"),
        ("a." * 40 + "b = 1", f"{S}: cannot be read: it has more than 32 tables or lists within each other"),
        ("#" * 1_000_001, f"{S}: cannot be read: it is larger than 1,000,000 bytes"),
    ],
)
def test_an_error_names_file_line_key_and_what_would_be_right(configured: Machine, studio: str, told: str) -> None:
    """Real: files on disk, the whole loader."""
    assert configured.errors(studio) == [told]


def test_all_errors_are_told_at_once_in_the_order_of_their_lines(configured: Machine) -> None:
    """Real: files on disk. A key that is wrong in one way hides nothing of the keys beside it."""
    assert configured.errors(
        """\
[studio]
nme = "x"
servers = ["http://a.example", 7]
port = 1
[roots]
prod = { linux = "prod", mark = "x" }
[apps.blender]
vresion = "4"
env.PATH = { prepend = "{roots.pord}/bin" }
env."A-B" = 1
args = ["{revision}"]
[actions.review]
titel = "Review"
kind = "launch"
app = ["rv", "rvv"]
limit = 0
selection = "al"
file = "/mnt/{entity.name}"
[actions.folder]
title = "F"
kind = "open"
[projects.x]
actions.review.limit = -1
[[machines]]
match = { os = "macos" }
apps.mpv.many = "yes"
"""
    ) == [
        f'{S}:2: studio: unknown key "nme"; did you mean "name"?',
        f'{S}:3: studio.servers: "http://a.example" is not encrypted; '
        "write https://, or say insecure = true for this server",
        f"{S}:3: studio.servers: must be a table, not 7",
        f"{S}:4: studio.port: must be from 1024 to 65535, not 1",
        f'{S}:6: roots.prod: unknown key "mark"; did you mean "marker"?',
        f'{S}:6: roots.prod.linux: "prod" must be a whole path, beginning with /',
        f'{S}:8: apps.blender: unknown key "vresion"; did you mean "version"?',
        f'{S}:9: apps.blender.env.PATH.prepend: unknown root "pord"; did you mean "prod"?',
        f"{S}:10: apps.blender.env.A-B: must be a table, not 1",
        f'{S}:11: apps.blender.args: {{revision}} is only in "file" and "new_file"',
        f'{S}:12: actions.review: needs "title"',
        f'{S}:13: actions.review: unknown key "titel"; did you mean "title"?',
        f'{S}:15: actions.review.app: unknown application "rvv"; did you mean "rv"?',
        f"{S}:16: actions.review.limit: must be from 1 to 500, not 0",
        f'{S}:17: actions.review.selection: unknown value "al"; known: one, first, each, all',
        f"{S}:18: actions.review.file: must begin with {{roots.NAME}} and a slash",
        f'{S}:19: actions.folder: needs exactly one of "folder" and "url"',
        f"{S}:23: projects.x.actions.review.limit: must be from 1 to 500, not -1",
        f'{S}:26: machines.apps.mpv.many: must be true or false, not "yes"',
    ]


def test_a_file_that_can_be_no_file_is_not_waited_for(configured: Machine) -> None:
    """Real: a named pipe in the file's place; opening one for reading waits for a writer."""
    import os

    configured.write(studio="")
    configured.studio_file.unlink()
    os.mkfifo(configured.studio_file)
    assert configured.errors() == [f"{S}: cannot be read: it is no file"]


WORDS = """studio roots apps actions projects machines desk match prod blender a env kind title app file folder url
    copy when_missing limit selection servers origins api keys users_may requires version args find check argv linux"""
NAMES = st.sampled_from(WORDS.split())
LEAVES = (
    st.sampled_from(
        ["{roots.prod}/x", "rv", "https://a.example", ">=1", "each", "env:KEY", "{x", "apps.*.args", *KINDS]
    )
    | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=5)
    | st.integers(-(2**63), 2**63 - 1)
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["1979-05-27", "nan", "inf", "07:32:00"]).map(lambda text: Literally(text))
)


class Literally(str):
    """A value that TOML writes without quotes."""


VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5), max_leaves=25
)


def toml(value: object) -> str:
    """A value as TOML writes it inline."""
    import json

    if isinstance(value, dict):
        return f"{{ {', '.join(f'{json.dumps(key)} = {toml(item)}' for key, item in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(toml(item) for item in value)}]"
    return str(value) if isinstance(value, Literally) else json.dumps(value, ensure_ascii=False)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(NAMES, VALUES, max_size=6),
    st.dictionaries(NAMES, VALUES, max_size=3),
    st.dictionaries(st.sampled_from(["studio", "x"]), VALUES),
)
def test_no_table_makes_load_raise(
    configured: Machine, studio: dict[str, object], user: dict[str, object], machine: dict[str, object]
) -> None:
    """Real: files on disk with generated tables; whatever they say, there is a configuration and a list of problems."""
    files = [
        "\n".join(f"{toml(key)} = {toml(value)}" for key, value in table.items()) for table in (studio, user, machine)
    ]
    configured.write(files[0], user=files[1], machine=files[2])
    loaded = configured.load()
    assert loaded.config.apps["blender"].title
    assert all("\n" not in str(problem) for problem in loaded.problems)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    action=st.dictionaries(NAMES, VALUES, max_size=6),
    app=st.dictionaries(NAMES, VALUES, max_size=6),
    root=st.dictionaries(NAMES, VALUES, max_size=4),
)
def test_no_entry_makes_load_raise(
    configured: Machine, action: dict[str, object], app: dict[str, object], root: dict[str, object]
) -> None:
    """Real: files on disk; the generated tables stand where entries belong."""
    for kind in KINDS:
        entry = {"kind": kind, "title": "A", **action}
        configured.write(f"actions.a = {toml(entry)}\napps.blender = {toml(app)}\nroots.prod = {toml(root)}\n")
        assert configured.load().config.apps["mpv"].title == "mpv"
