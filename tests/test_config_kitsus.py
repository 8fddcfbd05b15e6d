"""`app = "kitsu"` and `file = "kitsu"` in the configuration: what they go with, and what they do not."""

import pytest

from launcher.config.schema import KITSU, LaunchAction
from launcher.plan import rules
from tests.support.configured import Machine

S = "machine/studio.toml"


def studio(lines: str, more: str = "") -> str:
    return f"""\
[roots]
prod = {{ linux = "/mnt/prod" }}
[actions.a]
title = "A"
kind = "launch"
{lines}
{more}"""


@pytest.mark.parametrize(
    "lines",
    [
        'app = "kitsu"\nfile = "kitsu"',
        'app = ["kitsu"]',
        'app = "blender"\nfile = "kitsu"\nwhen_missing = "empty"\nopen = "next-revision"\nselection = "each"',
        'app = "kitsu"\nfile = "kitsu"\nwhen_missing = { copy = "{roots.prod}/x.blend" }\nopen = "choose"',
        'app = "blender"\n[[actions.a.when]]\ntask_types = ["Layout"]\napp = "kitsu"\nfile = "kitsu"',
    ],
)
def test_what_kitsu_names_goes_with_the_rest(configured: Machine, lines: str) -> None:
    """Real: a file on disk. No application is called so when they are looked for ahead of time."""
    loaded = configured.write(studio(lines)).load()

    assert loaded.problems == ()
    action = loaded.config.actions["a"]
    assert isinstance(action, LaunchAction)
    assert KITSU not in rules.apps(action)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('app = ["kitsu", "blender"]', 'actions.a.app: "kitsu" stands alone: Kitsu names the application'),
        (
            'app = "kitsu"\nfile = "kitsu"\nselection = "all"',
            'actions.a.selection: "all" is not possible with file = "kitsu"; known: one, first, each',
        ),
        (
            'app = "kitsu"\nfile = "kitsu"\nnew_file = "{roots.prod}/a_v{revision}.blend"',
            'actions.a.new_file: is for actions with a "file" that has {revision}',
        ),
        ('app = "kitsu"\nfile = "kitsu/x"', "actions.a.file: must begin with {roots.NAME} and a slash"),
    ],
)
def test_what_is_wrong_is_told(configured: Machine, lines: str, told: str) -> None:
    """Real: a file on disk; the text that people read."""
    loaded = configured.write(studio(lines)).load()

    assert [str(problem).partition(": ")[2] for problem in loaded.problems] == [told]


def test_no_application_is_called_kitsu(configured: Machine) -> None:
    """Real: a file on disk; the text that people read."""
    more = '[apps.kitsu]\ntitle = "K"\nexecutable = "/usr/bin/k"'

    loaded = configured.write(studio('app = "blender"', more)).load()

    assert [str(problem).partition(": ")[2] for problem in loaded.problems] == [
        'apps.kitsu: "kitsu" is no application: as an action\'s "app" it lets Kitsu name one'
    ]
