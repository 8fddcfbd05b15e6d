"""What a person's own file may set, and that it is left out whole where anything in it is not hers."""

import pytest

from launcher.config.schema import OpenAction
from launcher.model import Project
from tests.support.configured import Machine

U = "config/config.toml"
NOT_HERS = "is not a person's to set; hers are apps.NAME.executable, desk, and what studio.users_may lists"
STUDIO = """\
[studio]
users_may = ["apps.*.args", "apps.blender.env", "actions.a"]
[actions.a]
title = "A"
kind = "launch"
app = "mpv"
"""


@pytest.mark.parametrize(
    ("user", "told"),
    [
        ("[apps.blender]\nversion = '>=3'", f"{U}:2: apps.blender.version: {NOT_HERS}"),
        ("[apps.blender.find]\nlinux = ['/x']", f"{U}:2: apps.blender.find.linux: {NOT_HERS}"),
        ("[studio]\nkeys = []", f"{U}:2: studio.keys: {NOT_HERS}"),
        ("[roots.prod]\nlinux = '/home/me'", f"{U}:2: roots.prod.linux: {NOT_HERS}"),
        ("[actions.mine]\nkind = 'page'", f"{U}:2: actions.mine.kind: {NOT_HERS}"),
        ("[projects.x]\napps.mpv.args = []", f"{U}:2: projects.x.apps.mpv.args: {NOT_HERS}"),
        ("[[machines]]\nmatch = { os = 'linux' }", f"{U}:1: machines: {NOT_HERS}"),
        ("[actions.a]\nscript = 'x'", f"{U}:2: actions.a.script: {NOT_HERS}"),
        ("[desk]\nbrowsr = ['x']", f'{U}:2: desk: unknown key "browsr"; did you mean "browser"?'),
        ("[desk]\nbrowser = 'x'", f'{U}:2: desk.browser: must be a list, not "x"'),
        ("desk = 1", f"{U}:1: desk: must be a table"),
        (
            "[apps.blendr]\nexecutable = '/x'",
            f'{U}:1: apps.blendr: unknown application "blendr"; did you mean "blender"?',
        ),
        (
            "[apps.mppv]\nargs = []",
            f'{U}:1: apps.mppv: unknown application "mppv"; did you mean "mpv"?',
        ),
        (
            "[apps.blender]\nexecutable = 'blender'",
            f'{U}:2: apps.blender.executable: "blender" must be a whole path on this machine',
        ),
        (
            "[apps.blender]\nexecutable = 'C:/blender.exe'",
            f'{U}:2: apps.blender.executable: "C:/blender.exe" must be a whole path on this machine',
        ),
        ("[apps.mpv]\nargs = [1]", f"{U}:2: apps.mpv.args: must be text in quotes, not 1"),
        ("[actions.a]\nlimit = 0", f"{U}:2: actions.a.limit: must be from 1 to 500, not 0"),
        ("x = ", f"{U}:1: not TOML: Invalid value"),
    ],
)
def test_a_persons_file_with_an_error_is_left_out_whole_and_says_so(configured: Machine, user: str, told: str) -> None:
    """Real: files on disk. The good line in the same file does not count either."""
    good = "" if "desk" in user or user.startswith("x") else "\n[desk]\nbrowser = ['firefox']\n"
    loaded = configured.write(STUDIO, user=user + good).load()
    assert [str(problem).replace(f"{configured.home}/", "") for problem in loaded.problems] == [
        told,
        f"{U}: is left out whole until this is repaired",
    ]
    assert loaded.problems[1].warning
    assert loaded.config.desk.browser == ()
    assert loaded.config.actions["a"].title == "A"


def test_what_the_studio_allows_counts(configured: Machine) -> None:
    """Real: files on disk. A grant of a table is one of everything below it."""
    loaded = configured.write(
        STUDIO,
        user="""\
[apps.mpv]
args = ["--fs"]
[apps.blender]
env.PATH = { append = "/home/me/bin" }
executable = "/opt/b/blender"
[actions.a]
title = "Mine"
limit = 3
[desk]
browser = ["firefox", "--new-window"]
""",
    ).load()
    assert loaded.problems == ()
    assert [part.text for part in loaded.config.apps["mpv"].args] == ["--fs"]
    assert loaded.config.apps["blender"].env["PATH"].append.text == "/home/me/bin"
    assert loaded.config.apps["blender"].user_executable == "/opt/b/blender"
    assert (loaded.config.actions["a"].title, loaded.config.actions["a"].limit) == ("Mine", 3)
    assert loaded.config.desk.browser == ("firefox", "--new-window")


def test_a_persons_file_counts_without_any_studio_file(configured: Machine) -> None:
    """Real: files on disk."""
    loaded = configured.write(user="[desk]\nbrowser = ['firefox']\n").load()
    assert loaded.config.desk.browser == ("firefox",)


def test_a_mistake_that_only_a_production_brings_out_drops_the_persons_file_there(configured: Machine) -> None:
    """Real: files on disk. The person's key is right for the kind that this production replaces."""
    loaded = configured.write(
        """\
[studio]
users_may = ["actions.a"]
[roots]
prod = { linux = "/p" }
[actions.a]
title = "A"
kind = "page"
[projects.bbb.actions.a]
kind = "open"
folder = "{roots.prod}/x"
""",
        user='[actions.a]\ntitle = "Mine"\npage = "debug"\n',
    ).load()
    assert loaded.problems == ()
    assert loaded.config.actions["a"].title == "Mine"
    action = loaded.for_project(Project("1", "Bunny", "bbb", "short")).actions["a"]
    assert isinstance(action, OpenAction)
    assert (action.title, action.folder.text) == ("A", "{roots.prod}/x")
