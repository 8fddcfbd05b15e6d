"""`launches` and `log` as a person and a program read them."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from launcher.cli.launches import details, table
from launcher.errors import NotFoundHere
from launcher.launches import Launch, Launches, Process
from launcher.model import Json, LeftOut, Plan, State
from launcher.paths import Folders
from tests.support.daemon import Daemon
from tests.support.launching import TASK, Clock, click

BEGAN = 1_760_000_000.0
WHEN = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(BEGAN))


def process(title: str, log: str = "/nowhere.log", **changes: object) -> Process:
    argv, file = ("/opt/blender", "/p/SH030.blend"), "/p/SH030.blend"
    return Process(title, argv, 4711, file, (TASK,), log, BEGAN, **changes)  # type: ignore[arg-type]


@pytest.fixture
def known(folders: Folders) -> Launches:
    """Launches of one moment, on a clock that stands."""
    return Launches(folders, Clock(), Clock(BEGAN))


def failed(known: Launches) -> Launch:
    launch = known.begin(click(), "Open in Blender")
    known.update(
        launch,
        state=State.FAILED,
        person="Ada Byron",
        tasks=("SQ010/SH030/Animation", "SQ010/SH040/Animation"),
        plan=Plan((), (LeftOut("SQ010/SH050/Layout", "no Animation task"),), ("The file is from 4.1.",)),
        lines=("make the folder /p", "start Blender 4.2.3"),
        processes=(process("Blender 4.2.3", ended=BEGAN + 3, exit_code=-11), process("Krita 5", ended=None)),
        error=NotFoundHere("It is gone.", tried=["/a", "/b"], next_step="Click again."),
    )
    return launch


def test_the_table_has_one_line_for_each_launch(known: Launches) -> None:
    first = failed(known)
    second = known.begin(click("debug"), "Debug")

    assert table([launch.public() for launch in known.recent()]) == (
        "TIME                 ID        STATE      ACTION           TASKS"
        "                                         APPLICATION             EXIT\n"
        f"{WHEN}  {second.id[:8]}  preparing  debug\n"
        f"{WHEN}  {first.id[:8]}  failed     open-in-blender  SQ010/SH030/Animation, SQ010/SH040/Animation"
        "  Blender 4.2.3, Krita 5  -11"
    )


def test_an_empty_table_says_what_to_do() -> None:
    assert table([]) == "Nothing was launched yet. Click an action in Kitsu, or use `kitsu-launcher run`."


def test_a_long_cell_is_cut(known: Launches) -> None:
    known.update(known.begin(click(), "A"), tasks=("x" * 200,))

    lines = table([launch.public() for launch in known.recent()]).splitlines()

    assert lines[1].endswith("x" * 47 + "…")


def test_one_launch_is_shown_whole(known: Launches) -> None:
    launch = failed(known)

    assert details(launch.public()) == (
        "Open in Blender: failed\n"
        f"  id        {launch.id}\n"
        f"  time      {WHEN}\n"
        "  person    Ada Byron\n"
        "  tasks     SQ010/SH030/Animation\n"
        "            SQ010/SH040/Animation\n"
        "  left out  SQ010/SH050/Layout: no Animation task\n"
        "  warning   The file is from 4.1.\n"
        "  steps     make the folder /p\n"
        "            start Blender 4.2.3\n"
        "  process   Blender 4.2.3: ended with -11\n"
        "            Krita 5: runs, pid 4711\n"
        "  error     It is gone.\n"
        "  tried     /a\n"
        "            /b\n"
        "  next      Click again."
    )


def test_an_unknown_exit_code_is_told(known: Launches) -> None:
    launch = known.begin(click(), "Open in Blender")
    known.update(launch, state=State.RUNNING, processes=(process("Blender 4.2.3", ended=BEGAN),))

    assert details(launch.public()).splitlines()[-1] == "  process   Blender 4.2.3: ended, exit code not known"


def test_names_from_kitsu_cannot_write_to_the_terminal(known: Launches) -> None:
    launch = known.begin(click(), "A\x1b]0;x\x07")
    known.update(launch, person="\x1b[2J", tasks=("a\nb\u202e",))
    public: list[dict[str, Json]] = [launch.public()]

    assert all(line.isprintable() for line in [*table(public).splitlines(), *details(public[0]).splitlines()])
    assert "A\\x1b]0;x\\x07: preparing" in details(public[0])


@pytest.fixture
def daemon(home: Path, start_daemon: Callable[[], Daemon]) -> Daemon:
    """A daemon whose journal knows one launch, and its log, from yesterday."""
    folders = Folders(*(home / name for name in ("machine", "config", "state", "cache", "run")))
    earlier = Launches(folders, now=lambda: time.time() - 86_400)
    launch = earlier.begin(click(), "Open in Blender")
    log = earlier.log_path(launch)
    log.write_text("Blender 4.2.3\n\x1b[31mread blend\n")
    done = process("Blender 4.2.3", str(log), ended=BEGAN, exit_code=0)
    earlier.update(launch, state=State.DONE, processes=(done,))
    earlier.update(earlier.begin(click("debug"), "Debug"), state=State.DONE)
    earlier.close()
    return start_daemon()


def test_the_commands_show_what_an_earlier_daemon_did(daemon: Daemon) -> None:
    """Real: the command, the daemon, the private door, SQLite."""
    page, blender = json.loads(daemon.cli("launches", "--json").stdout)
    prefix = blender["id"][:8]

    assert (page["action"], blender["action"]) == ("debug", "open-in-blender")
    assert daemon.cli("launches").stdout.splitlines()[2].endswith("open-in-blender         Blender 4.2.3  0")
    assert daemon.cli("launches", prefix).stdout.splitlines()[1] == f"  id        {blender['id']}"
    assert json.loads(daemon.cli("launches", prefix, "--json").stdout) == blender
    assert daemon.cli("log", prefix).stdout == "Blender 4.2.3\n\\x1b[31mread blend\n"

    nothing = daemon.cli("log", page["id"][:8], check=False)
    assert (nothing.returncode, nothing.stdout) == (4, "")
    assert nothing.stderr == (
        f"Launch {page['id'][:8]} has no log.\n  next   See what it did: `kitsu-launcher launches {page['id'][:8]}`.\n"
    )


@pytest.mark.parametrize("odd", ["zzzz", "../healthz", "a/b?c#d", "é"])
def test_an_id_that_names_no_launch_ends_with_4(daemon: Daemon, odd: str) -> None:
    """Real: the command, the daemon."""
    for command in ("launches", "log"):
        done = daemon.cli(command, odd, check=False)

        unknown = f'No launch begins with "{odd}".'
        short = f'"{odd}" is too short for the id of a launch.'
        assert done.returncode == 4
        assert done.stderr == (
            f"{short if len(odd) < 4 else unknown}\n"
            "  next   Run `kitsu-launcher launches` and take an id from its list.\n"
        )
