"""A plan's steps are done in order; what was started is followed to its end; every failure is told whole."""

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from launcher import execute
from launcher.execute import Ended, Hands, Taken, carry_out, follow_earlier, outcome
from launcher.filesystem import Folder
from launcher.launches import Launch, Launches, Process
from launcher.model import (
    Copy,
    LeaveNote,
    MakeFolder,
    OpenFolder,
    OpenUrl,
    Plan,
    ShowPage,
    Start,
    State,
    Step,
    WriteContext,
)
from launcher.opennote import STALE_S, Standing
from launcher.opennotes import OpenNotes
from launcher.paths import Folders
from launcher.system.linux.process import birth
from tests.support.desktop import wait_until
from tests.support.launching import TASK, click, python, settled, start


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "prod"
    folder.mkdir()
    (folder / "t.blend").write_text("template")
    return folder


async def carried_out(launches: Launches, hands: Hands, *steps: object) -> Launch:
    launch = launches.begin(click(), "Open in Blender")
    await carry_out(Plan(steps), launch, launches, hands)  # type: ignore[arg-type]
    return launch


async def ended(launches: Launches, hands: Hands, *steps: object) -> Launch:
    launch = await carried_out(launches, hands, *steps)
    await settled(launches, launch, State.DONE, State.FAILED)
    return launch


async def test_all_steps_of_a_click_are_done(launches: Launches, folders: Folders, hands: Hands, root: Path) -> None:
    """Real: files, a Python that reads them as an application would."""
    work, context = root / "shots" / "SH030", folders.launches / "x" / "context.json"
    step = python(f"print(open({str(work / 'SH030_v001.blend')!r}).read(), open({str(context)!r}).read())")

    launch = await carried_out(
        launches,
        hands,
        MakeFolder(work, root),
        Copy(root / "t.blend", work / "SH030_v001.blend", root),
        WriteContext(context, {"task": "é", "frames": [1, 2]}),
        step,
    )

    assert launch.state is State.RUNNING
    await settled(launches, launch, State.DONE, State.FAILED)
    assert launch.state is State.DONE
    assert launch.error is None
    assert launches.log_text(launch).startswith("template {\n")
    assert json.loads(context.read_text()) == {"task": "é", "frames": [1, 2]}
    assert stat.S_IMODE(context.stat().st_mode) == 0o600
    assert stat.S_IMODE(context.parent.stat().st_mode) == 0o700


async def test_a_process_is_kept_with_all_that_people_ask_of_it(launches: Launches, hands: Hands) -> None:
    """Real: a Python."""
    before = time.time()
    step = python("import sys; sys.exit(0)", application="Blender 4.2.3")

    launch = await ended(launches, hands, step)

    (process,) = launch.processes
    assert (process.application, process.argv, process.task_ids) == ("Blender 4.2.3", step.argv, (TASK,))
    assert (process.file, process.exit_code, process.log) == (None, 0, str(launches.log_path(launch)))
    assert process.ended is not None
    assert before <= process.started <= process.ended <= time.time()
    assert stat.S_IMODE(Path(process.log).stat().st_mode) == 0o600


async def test_the_application_has_exactly_its_environment(
    launches: Launches, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real: a Python that prints its environment."""
    monkeypatch.setenv("KITSU_LAUNCHER_KEY", "secret")
    code = "import json, os; print(json.dumps(dict(os.environ)))"
    step = start(sys.executable, "-I", "-c", code, env={"KITSU_TASK_ID": TASK, "LC_ALL": "C.UTF-8"})

    launch = await ended(launches, hands, step)

    assert json.loads(launches.log_text(launch)) == {"KITSU_TASK_ID": TASK, "LC_ALL": "C.UTF-8"}


def test_the_base_environment_is_read_anew_and_clean(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITSU_LAUNCHER_KEY", "secret")
    monkeypatch.setenv("STUDIO", "one")
    first = hands.environment()
    monkeypatch.setenv("STUDIO", "two")

    assert (first["STUDIO"], hands.environment()["STUDIO"]) == ("one", "two")
    assert "KITSU_LAUNCHER_KEY" not in first


async def test_an_error_exit_tells_code_output_and_next_step(launches: Launches, hands: Hands) -> None:
    """Real: a Python that fails."""
    step = python("for i in range(20): print('line', i)\nprint('\\x1b[31mno licence')\nraise SystemExit(3)")

    launch = await ended(launches, hands, step)

    command = " ".join(step.argv).replace("\n", "\\n")
    lines = "".join(f"         line {number}\n" for number in range(13, 20))
    assert launch.state is State.FAILED
    assert isinstance(launch.error, Ended)
    assert str(launch.error) == (
        "Sample 1.0: it ended with exit code 3, 0 s after its start.\n"
        f"  tried  {command}\n"
        f"{lines}"
        "         \\x1b[31mno licence\n"
        f"  next   All that it printed: `kitsu-launcher log {launch.id[:8]}`."
    )
    assert launch.processes[0].exit_code == 3


async def test_a_crash_is_told_by_the_name_of_its_signal(launches: Launches, hands: Hands) -> None:
    """Real: a Python that kills itself."""
    launch = await ended(launches, hands, python("import os; os.kill(os.getpid(), 9)"))

    assert launch.state is State.FAILED
    assert launch.error
    assert launch.error.problem == "Sample 1.0: it crashed with signal 9 (SIGKILL), 0 s after its start."
    assert launch.processes[0].exit_code == -9


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (0, "it ended with exit code 0"),
        (255, "it ended with exit code 255"),
        (-11, "it crashed with signal 11 (SIGSEGV)"),
        (-999, "it crashed with signal 999 (unknown)"),
    ],
)
def test_an_outcome_in_words(code: int, text: str) -> None:
    assert outcome(code) == text


async def test_an_early_error_is_marked(launches: Launches) -> None:
    """Real: a Python that fails at once."""
    launch = await ended(launches, Hands(tuple), python("raise SystemExit(1)"))

    assert launch.early


@pytest.mark.parametrize("code", ["import time; time.sleep(0.6); raise SystemExit(1)", "raise SystemExit(0)"])
async def test_a_late_error_and_a_good_end_are_not_early(
    launches: Launches, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real: a Python. What counts as early is made short, so that the test is."""
    monkeypatch.setattr(execute, "EARLY_S", 0.5)

    launch = await ended(launches, Hands(tuple), python(code))

    assert not launch.early


async def test_one_launch_of_several_processes_is_done_when_the_last_has_ended(
    launches: Launches, hands: Hands, tmp_path: Path
) -> None:
    """Real: two Pythons, one of which waits for a file."""
    wait = f"import os, time\nwhile not os.path.exists({str(tmp_path / 'go')!r}): time.sleep(0.02)"
    launch = await carried_out(
        launches, hands, python("print('one')", "One 1"), python(f"{wait}\nprint('two')", "Two 2")
    )
    async with asyncio.timeout(10):
        while launch.processes[0].ended is None:
            await launches.wait(launch, launch.version, 1)
    assert launch.state is State.RUNNING
    (tmp_path / "go").touch()

    await settled(launches, launch, State.DONE)

    assert launches.log_text(launch) == "== One 1\none\n== Two 2\ntwo\n"
    assert [Path(process.log).name for process in launch.processes] == [f"{launch.id}.log", f"{launch.id}-2.log"]


async def test_the_first_error_of_several_processes_is_the_launchs(launches: Launches, hands: Hands) -> None:
    """Real: three Pythons."""
    slow = "import time; time.sleep({}); raise SystemExit({})"

    launch = await ended(
        launches,
        hands,
        python(slow.format(0.6, 9), "Slow 1"),
        python(slow.format(0, 4), "Quick 1"),
        python("", "Good 1"),
    )

    assert launch.state is State.FAILED
    assert launch.error
    assert launch.error.problem == "Quick 1: it ended with exit code 4, 0 s after its start."
    assert [process.exit_code for process in launch.processes] == [9, 4, 0]


async def test_a_page_is_done_at_once(launches: Launches, hands: Hands) -> None:
    launch = await carried_out(launches, hands, ShowPage("debug", {"a": 1}))

    assert launch.state is State.DONE
    assert launch.processes == ()


async def test_a_plan_without_steps_is_done(launches: Launches, hands: Hands) -> None:
    assert (await carried_out(launches, hands)).state is State.DONE


async def test_a_failing_step_names_what_was_made_before(launches: Launches, hands: Hands, root: Path) -> None:
    """Real: folders and files; a program that is not there."""
    work = root / "shots" / "SH030"

    launch = await carried_out(
        launches,
        hands,
        MakeFolder(work, root),
        Copy(root / "t.blend", work / "x.blend", root),
        start("/opt/gone/blender", str(work / "x.blend")),
    )

    assert launch.state is State.FAILED
    assert str(launch.error) == (
        "/opt/gone/blender is not there any more, or the interpreter its first line names is missing.\n"
        "  tried  /opt/gone/blender: No such file or directory\n"
        f"         {root}/shots: was made before, and stays\n"
        f"         {root}/shots/SH030: was made before, and stays\n"
        f"         {root}/shots/SH030/x.blend: was made before, and stays\n"
        "  next   Click again: what is installed is looked up anew. `kitsu-launcher apps` lists it."
    )
    assert (work / "x.blend").read_text() == "template"
    assert launch.processes == ()


async def test_after_a_failing_step_nothing_more_is_done(launches: Launches, hands: Hands, root: Path) -> None:
    launch = await carried_out(launches, hands, start("/opt/gone/blender"), MakeFolder(root / "later", root))

    assert launch.state is State.FAILED
    assert not (root / "later").exists()


async def test_what_was_started_before_a_failing_step_goes_on_and_is_followed(launches: Launches, hands: Hands) -> None:
    """Real: a Python, and a program that is not there."""
    launch = await carried_out(launches, hands, python("import time; time.sleep(0.3)"), start("/opt/gone/blender"))
    assert launch.state is State.FAILED

    async with asyncio.timeout(10):
        while launch.processes[0].ended is None:
            await launches.wait(launch, launch.version, 1)

    assert launch.processes[0].exit_code == 0
    assert launch.state is State.FAILED


async def test_a_file_that_somebody_made_meanwhile_is_left_to_who_prepares_again(
    launches: Launches, hands: Hands, root: Path
) -> None:
    (root / "x.blend").write_text("a day's work")

    with pytest.raises(Taken):
        await carried_out(launches, hands, Copy(root / "t.blend", root / "x.blend", root), python(""))

    (launch,) = launches.recent()
    assert launch.state is State.PREPARING
    assert launch.processes == ()
    assert (root / "x.blend").read_text() == "a day's work"


async def test_taken_after_something_was_started_is_a_failure(launches: Launches, hands: Hands, root: Path) -> None:
    """Preparing once more would start the first one twice."""
    (root / "x.blend").write_text("a day's work")

    launch = await carried_out(launches, hands, python(""), Copy(root / "t.blend", root / "x.blend", root))

    assert launch.state is State.FAILED
    assert isinstance(launch.error, Taken)


async def test_a_disk_that_takes_no_log_is_a_warning(launches: Launches, folders: Folders, hands: Hands) -> None:
    """Real: a file where the folder of logs should be."""
    folders.logs.rmdir()
    folders.logs.write_text("")

    launch = await ended(launches, hands, python("print('lost')"))

    assert launch.state is State.DONE
    assert launch.public()["warnings"] == [f"The output of the application is not kept: {folders.logs}: File exists."]


async def test_a_context_file_that_cannot_be_written_is_told(
    launches: Launches, folders: Folders, hands: Hands
) -> None:
    """Real: a folder in the file's place."""
    path = folders.launches / "x" / "context.json"
    path.mkdir(parents=True)

    launch = await carried_out(launches, hands, WriteContext(path, {}), python(""))

    assert str(launch.error) == (
        "The file that tells the application its task could not be written.\n"
        f"  tried  {path}: Is a directory\n"
        "  next   Free some space in your home, then click again."
    )
    assert [entry.name for entry in path.parent.iterdir()] == ["context.json"]


async def test_a_name_that_is_no_text_still_makes_a_context_file(
    launches: Launches, folders: Folders, hands: Hands
) -> None:
    path = folders.launches / "x" / "context.json"

    await carried_out(launches, hands, WriteContext(path, {"name": "a\ud800"}))

    assert json.loads(path.read_text()) == {"name": "a\ud800"}


def opener(folder: Path, name: str, script: str) -> tuple[str, ...]:
    tool = folder / name
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    return (str(tool),)


async def test_an_address_is_opened_and_the_launch_is_done(launches: Launches, tmp_path: Path) -> None:
    """Real: a program as the person's browser."""
    browser = opener(tmp_path, "browser", f'echo "$@" > {tmp_path}/seen')

    launch = await carried_out(launches, Hands(lambda: browser), OpenUrl("https://kitsu.example/x?a=b&c=d"))

    assert launch.state is State.DONE
    assert (tmp_path / "seen").read_text() == "https://kitsu.example/x?a=b&c=d\n"


async def test_a_folder_is_opened_without_its_links(
    launches: Launches, hands: Hands, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real: a program as xdg-open."""
    opener(tmp_path, "xdg-open", f'echo "$@" > {tmp_path}/seen')
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":99")
    (root / "real").mkdir()
    (root / "shots").symlink_to("real")

    launch = await carried_out(launches, hands, OpenFolder(root / "shots", root))

    assert launch.state is State.DONE
    assert (tmp_path / "seen").read_text() == f"{root}/real\n"


async def test_an_opener_that_fails_is_told(launches: Launches, tmp_path: Path) -> None:
    """Real: a program that fails as xdg-open does without any browser."""
    browser = opener(tmp_path, "browser", "exit 3")

    launch = await carried_out(launches, Hands(lambda: browser), OpenUrl("https://kitsu.example/"))

    assert launch.state is State.FAILED
    assert str(launch.error) == (
        "The desktop could not open https://kitsu.example/: it ended with exit code 3.\n"
        "  next   Open it by hand, and try `xdg-open` with it in a terminal: there it says more."
    )


async def test_an_opener_that_becomes_the_browser_is_not_waited_for(
    launches: Launches, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real: a program that does not end. The patience is made short, so that the test is."""
    monkeypatch.setattr(execute, "OPENER_S", 0.2)
    browser = opener(tmp_path, "browser", f"echo $$ > {tmp_path}/pid; exec sleep 1")

    launch = await carried_out(launches, Hands(lambda: browser), OpenUrl("https://kitsu.example/"))

    assert launch.state is State.DONE
    pid = int((tmp_path / "pid").read_text())
    # It is still reaped when it ends: else its entry would stay.
    await asyncio.wait_for(asyncio.to_thread(wait_until_gone, Path(f"/proc/{pid}")), 10)


async def test_steps_that_wait_for_a_disk_do_not_stop_other_clicks(
    launches: Launches, hands: Hands, root: Path
) -> None:
    """Real: a copy of 200 MB, while the loop counts."""
    with (root / "big").open("wb") as file:
        file.truncate(200_000_000)
    ticks = 0

    async def count() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.001)
            ticks += 1

    counting = asyncio.create_task(count())
    await carried_out(launches, hands, Copy(root / "big", root / "x.blend", root))
    counting.cancel()

    assert ticks > 10


def wait_until_gone(path: Path) -> None:
    while path.exists():
        time.sleep(0.05)


def sleeper(seconds: str) -> int:
    """A process that is nobody's child here, as one that an earlier daemon started."""
    shell = f"sleep {seconds} >/dev/null 2>&1 & echo $!"
    return int(subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True).stdout)


def earlier(folders: Folders, pid: int, born: str) -> str:
    """A launch that an earlier daemon left running; answers its id."""
    launches = Launches(folders)
    launch = launches.begin(click(), "Open in Blender")
    process = Process("Blender 4.2.3", ("blender",), pid, None, (TASK,), "/nowhere.log", time.time(), born)
    launches.update(launch, state=State.RUNNING, processes=(process,))
    launches.close()
    return launch.id


async def test_what_an_earlier_daemon_started_runs_on_and_is_followed(folders: Folders, hands: Hands) -> None:
    """Real: SQLite, a process of nobody."""
    pid = sleeper("0.6")
    launch_id = earlier(folders, pid, birth(pid))
    launches = Launches(folders)

    follow_earlier(launches, hands)

    launch = launches.resolve(launch_id)
    assert launch.state is State.RUNNING
    await settled(launches, launch, State.DONE)
    assert launch.public()["warnings"] == ["Its exit code is not known: the launcher was restarted while it ran."]
    assert launch.processes[0].exit_code is None
    assert launch.processes[0].ended
    launches.close()


@pytest.mark.parametrize("gone", ["no such process", "another process of the same number"])
async def test_what_ended_meanwhile_is_done(folders: Folders, hands: Hands, gone: str) -> None:
    """Real: SQLite, /proc."""
    launch_id = earlier(folders, 4_194_303 if gone == "no such process" else os.getpid(), "boot/1")
    launches = Launches(folders)

    follow_earlier(launches, hands)

    launch = launches.resolve(launch_id)
    assert launch.state is State.DONE
    assert launch.public()["warnings"] == ["The launcher was not running when it ended: its exit code is not known."]
    launches.close()


async def test_an_application_that_is_killed_later_is_told(launches: Launches, hands: Hands) -> None:
    """Real: a sleeping program that the test kills."""
    launch = await carried_out(launches, hands, start("sleep", "60"))
    os.kill(launch.processes[0].pid, signal.SIGTERM)

    await settled(launches, launch, State.FAILED)

    assert launch.error
    assert launch.error.problem == "Sample 1.0: it crashed with signal 15 (SIGTERM), 0 s after its start."


# -- programs that give their file to one that runs already -----------------------------------------------------------
SINGLE = """
import os, socket, sys, time
place, then = sys.argv[1], sys.argv[2]
other = socket.socket(socket.AF_UNIX)
try:
    other.connect(place)
except OSError:
    with socket.socket(socket.AF_UNIX) as mine:
        mine.bind(place + ".part")
        mine.listen()
        os.rename(place + ".part", place)
        print(mine.accept()[0].makefile().readline(), end="", flush=True)
        time.sleep(float(sys.argv[4]))
        sys.exit(0)
other.sendall(f"opened {sys.argv[3]}\\n".encode())
sys.exit(int(then))
"""
"""Like Photoshop: the first one stays, every other gives it its file and ends. Here the first ends after that."""


async def test_a_file_that_a_running_instance_takes_is_opened_there(
    launches: Launches, hands: Hands, tmp_path: Path
) -> None:
    """Real: two processes of a program that has one instance, and the socket between them."""
    first = await carried_out(launches, hands, await instance(tmp_path))
    second = await handed(launches, hands, await instance(tmp_path, "0", "/prod/b.psd"))
    await settled(launches, first, State.DONE)

    assert (second.state, second.error, second.early, second.handed_to) == (State.DONE, None, False, "Single 1.0")
    assert launches.log_text(first) == "opened /prod/b.psd\n"


async def test_a_file_that_a_running_instance_has_taken_is_open_until_that_one_ends(
    launches: Launches, hands: Hands, root: Path, tmp_path: Path
) -> None:
    """Real: files, two processes of a program that has one instance and stays a while after it got the file."""
    # As one that has run for longer than a second start takes: its end is no handing over.
    running = replace(await instance(tmp_path, stays_s=1.0), hands_over=False)
    first = await carried_out(launches, hands, running)
    second = await handed(launches, hands, await instance(tmp_path, "0", "/prod/b.psd"), noted(root))
    assert (second.state, second.handed_to) == (State.DONE, "Single 1.0")
    assert first.state is State.RUNNING

    assert notes(root) == [".SH030_v001.blend.kitsu-open"]
    await settled(launches, first, State.DONE)
    await asyncio.to_thread(wait_until, lambda: not notes(root), 5, "the end of the note")


async def test_the_note_of_a_file_that_an_unknown_instance_has_taken_lies_until_it_is_stale(
    launches: Launches, hands: Hands, root: Path, tmp_path: Path
) -> None:
    """Real: files, a program that the person has started herself, and one that gives its file to it."""
    own = await instance(tmp_path)
    child = await asyncio.create_subprocess_exec(*own.argv, stdout=asyncio.subprocess.DEVNULL)
    file = root / "SH030_v001.blend"

    await handed(launches, hands, await instance(tmp_path, "0", str(file)), noted(root))
    await child.wait()

    assert notes(root) == [".SH030_v001.blend.kitsu-open"]
    assert hands.notes.look([file])[file].standing is Standing.OPEN
    late = OpenNotes(clock=lambda: time.time() + STALE_S + 1)
    assert late.look([file])[file].standing is Standing.STALE


async def test_one_that_ends_with_an_error_meanwhile_is_a_crash(
    launches: Launches, hands: Hands, tmp_path: Path
) -> None:
    """Real: two processes of a program that has one instance; the second fails although it reached the first."""
    first = await carried_out(launches, hands, await instance(tmp_path))
    second = await handed(launches, hands, await instance(tmp_path, "3", "/prod/b.psd"))
    await settled(launches, first, State.DONE)

    assert (second.state, second.early, second.handed_to) == (State.FAILED, True, "")
    assert second.error is not None
    assert second.error.problem == "Single 1.0: it ended with exit code 3, 0 s after its start."


async def instance(folder: Path, then: str = "", file: str = "", stays_s: float = 0) -> Start:
    """The first instance, which stays for so long after it got a file; or one more once that one listens."""
    place = folder / "instance"
    async with asyncio.timeout(10):
        while then and not place.exists():  # noqa: ASYNC110  # another process makes it
            await asyncio.sleep(0.02)
    step = start(sys.executable, "-I", "-c", SINGLE, str(place), then, file, str(stays_s))
    return replace(step, hands_over=True, application="Single 1.0")


async def handed(launches: Launches, hands: Hands, step: Start, *before: Step) -> Launch:
    """A second click, until its application has ended."""
    launch = launches.begin(click("open-another"), "Open another")
    await carry_out(Plan((*before, step)), launch, launches, hands)
    await settled(launches, launch, State.DONE, State.FAILED)
    return launch


# -- notes beside open files -----------------------------------------------------------------------------------------


def noted(root: Path, name: str = "SH030_v001.blend", **more: object) -> LeaveNote:
    return LeaveNote(root / name, root, "Ana Rossi", "Sample 1.0", **more)  # type: ignore[arg-type]


def notes(root: Path) -> list[str]:
    return sorted(path.name for path in root.glob(".*.kitsu-open"))


def opening(root: Path, seconds: float, name: str = "SH030_v001.blend") -> Start:
    """An application that has the file open for so long."""
    return replace(python(f"import time; time.sleep({seconds})"), file=root / name)


async def test_a_note_lies_there_until_the_application_ends(launches: Launches, hands: Hands, root: Path) -> None:
    """Real: files, a Python."""
    launch = await carried_out(launches, hands, noted(root), opening(root, 0.3))

    assert notes(root) == [".SH030_v001.blend.kitsu-open"]
    assert [note.file for note in launch.processes[0].notes] == [str(root / "SH030_v001.blend")]
    await settled(launches, launch, State.DONE)
    await asyncio.to_thread(wait_until, lambda: not notes(root), 5, "the end of the note")


@pytest.mark.parametrize(
    ("name", "opened"), [("SH030_v001.blend", ""), ("SH030_v001", "/stage/SH030.xstage")], ids=["a file", "a folder"]
)
async def test_a_note_stays_as_long_as_one_of_two_applications_has_its_file_open(
    launches: Launches, hands: Hands, root: Path, name: str, opened: str
) -> None:
    """Real: files, two Pythons of one launch on one file or scene; the one that came with the note ends first."""
    both = (opening(root, 0, name + opened), opening(root, 0.8, name + opened))
    launch = await carried_out(launches, hands, noted(root, name), *both)
    await asyncio.to_thread(wait_until, lambda: launch.processes[0].ended, 5, "the end of the first")
    await asyncio.sleep(0.1)

    assert notes(root) == [f".{name}.kitsu-open"]
    await settled(launches, launch, State.DONE)
    await asyncio.to_thread(wait_until, lambda: not notes(root), 5, "the end of the note")


async def test_each_applications_note_goes_with_it(launches: Launches, hands: Hands, root: Path) -> None:
    """Real: files, two Pythons of one launch on two files."""
    steps = (noted(root, "a"), opening(root, 0, "a"), noted(root, "b"), opening(root, 0.8, "b"))
    launch = await carried_out(launches, hands, *steps)

    await asyncio.to_thread(wait_until, lambda: notes(root) == [".b.kitsu-open"], 5, "the end of the first note")
    await settled(launches, launch, State.DONE)
    await asyncio.to_thread(wait_until, lambda: not notes(root), 5, "the end of the second note")


async def test_a_note_of_what_was_not_started_is_taken_away(launches: Launches, hands: Hands, root: Path) -> None:
    """Real: files, a program that is not there."""
    launch = await carried_out(launches, hands, noted(root), start("/nowhere/blender"))

    assert launch.state is State.FAILED
    assert notes(root) == []


async def test_a_note_that_somebody_else_left_first_stops_the_launch_before_anything_starts(
    launches: Launches, hands: Hands, root: Path
) -> None:
    """Real: files, the notes of another daemon. The note of another file of the same launch goes again."""
    await OpenNotes().leave(noted(root, "b"))

    with pytest.raises(Taken):
        await carried_out(launches, hands, noted(root, "a"), noted(root, "b"), opening(root, 1, "a"))

    assert notes(root) == [".b.kitsu-open"]


async def test_a_note_that_cannot_be_left_only_warns(
    launches: Launches, hands: Hands, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real: a Python; the disk's answer when it is full."""

    def full(self: Folder, name: str) -> int:
        raise OSError(28, "No space left on device", name)

    monkeypatch.setattr(Folder, "new_file", full)

    launch = await ended(launches, hands, noted(root), opening(root, 0))

    assert launch.state is State.DONE
    assert launch.plan
    assert launch.plan.warnings == (
        f"Nobody is told that you have SH030_v001.blend open: {root}/.SH030_v001.blend.kitsu-open: "
        "No space left on device.",
    )


async def test_the_next_daemon_takes_away_the_notes_of_what_ended_meanwhile(
    launches: Launches, hands: Hands, folders: Folders, root: Path
) -> None:
    """Real: a note, and a journal that knows of it."""
    left, _why = await OpenNotes().leave(noted(root))
    gone = Process(
        "Sample 1.0", ("sample",), 2**22 + 1, str(root / "x"), (TASK,), "log", 1.0, "no birth", notes=(left,)
    )
    launch = launches.begin(click(), "Open in Sample")
    launches.update(launch, state=State.RUNNING, processes=(gone,))

    follow_earlier(launches, hands)

    assert launch.state is State.DONE
    await asyncio.to_thread(wait_until, lambda: not notes(root), 5, "the end of the note")
