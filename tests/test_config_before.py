"""`before` in the configuration: both ways to write it, what is wrong in it, and whose it is to set."""

import pytest

from launcher.config.load import Loaded
from launcher.config.schema import Before, LaunchAction
from launcher.config.template import parse
from tests.support.configured import Machine

S, U = "machine/studio.toml", "config/config.toml"
NOT_HERS = "is not a person's to set; hers are apps.NAME.executable, desk, and what studio.users_may lists"
LOCK = "{roots.prod}/tools/lock.py"


def told_by(loaded: Loaded, configured: Machine) -> list[str]:
    return [str(problem).removeprefix(f"{configured.home}/") for problem in loaded.problems]


def studio(before: str, more: str = "") -> str:
    return f"""\
[studio]
users_may = ["actions.*"]
[roots]
prod = {{ linux = "/mnt/prod" }}
[actions.a]
title = "A"
kind = "launch"
app = "blender"
before = {before}
{more}"""


def test_a_plain_path_and_a_table(configured: Machine) -> None:
    """Real: a file on disk."""
    table = f'run = ["{{roots.prod}}/{{project.code}}/py", "{LOCK}", "--shot={{entity.name}}"], seconds = 90'
    text = f'["{LOCK}", {{ {table} }}]'

    loaded = configured.write(studio(text)).load()

    assert loaded.problems == ()
    action = loaded.config.actions["a"]
    assert isinstance(action, LaunchAction)
    assert action.before == (
        Before(run=(parse(LOCK),), seconds=20),
        Before(run=(parse("{roots.prod}/{project.code}/py"), parse(LOCK), parse("--shot={entity.name}")), seconds=90),
    )


@pytest.mark.parametrize(
    ("before", "told"),
    [
        (f'"{LOCK}"', f'actions.a.before: must be a list, not "{LOCK}"'),
        ("[1]", "actions.a.before: must be a table, not 1"),
        ('["/usr/bin/lock"]', "actions.a.before.run: must begin with {roots.NAME} and a slash"),
        ('["lock.py"]', "actions.a.before.run: must begin with {roots.NAME} and a slash"),
        ('["{roots.prod}x/lock"]', "actions.a.before.run: must begin with {roots.NAME} and a slash"),
        ('["{roots.tools}/lock"]', 'actions.a.before.run: unknown root "tools"; known: prod'),
        (
            '["{roots.prod}/{entity.name|or:project.name}/lock"]',
            "actions.a.before.run: a program is chosen by roots and project alone, not by entity.name",
        ),
        ("[{ run = [] }]", "actions.a.before.run: must name a program"),
        ("[{ seconds = 3 }]", 'actions.a.before: needs "run"'),
        (f'[{{ run = "{LOCK}" }}]', f'actions.a.before.run: must be a list, not "{LOCK}"'),
        (f'[{{ run = ["{LOCK}"], seconds = 0 }}]', "actions.a.before.seconds: must be from 1 to 300, not 0"),
        (f'[{{ run = ["{LOCK}"], seconds = 301 }}]', "actions.a.before.seconds: must be from 1 to 300, not 301"),
        (f'[{{ run = ["{LOCK}"], seconds = "3" }}]', 'actions.a.before.seconds: must be a whole number, not "3"'),
        (f'[{{ run = ["{LOCK}"], second = 3 }}]', 'actions.a.before: unknown key "second"; did you mean "seconds"?'),
        (
            f'[{{ run = ["{LOCK}", "{{revision}}"] }}]',
            'actions.a.before.run: {revision} is only in "file" and "new_file"',
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(configured: Machine, before: str, told: str) -> None:
    """Real: a file on disk."""
    loaded = configured.write(studio(before)).load()

    assert told_by(loaded, configured) == [f"{S}:9: {told}"]


def test_other_kinds_have_none(configured: Machine) -> None:
    """Real: a file on disk."""
    more = f"""[actions.b]
title = "B"
kind = "open"
url = "https://wiki.example/"
before = ["{LOCK}"]
"""
    loaded = configured.write(studio("[]", more)).load()

    assert told_by(loaded, configured) == [f'{S}:14: actions.b: "before" belongs to kind launch, this is kind open']


def test_no_persons_file_sets_it_whatever_the_studio_allows(configured: Machine) -> None:
    """Real: two files on disk; the studio allows everything of actions, but this is never among it."""
    loaded = configured.write(studio("[]"), user=f'[actions.a]\nbefore = ["{LOCK}"]\n').load()

    assert told_by(loaded, configured)[:1] == [f"{U}:2: actions.a.before: {NOT_HERS}"]
    action = loaded.config.actions["a"]
    assert isinstance(action, LaunchAction)
    assert action.before == ()


def test_the_studio_cannot_even_allow_it(configured: Machine) -> None:
    """Real: a file on disk."""
    text = studio("[]").replace('"actions.*"', '"actions.a.before"')

    loaded = configured.write(text).load()

    assert told_by(loaded, configured) == [
        f"{S}:2: studio.users_may: before decides which code runs; only the studio's file sets it"
    ]
