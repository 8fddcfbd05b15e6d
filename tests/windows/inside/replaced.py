"""One version takes another's place, in a real Windows Python. Run by `test_under_wine`."""

import ctypes
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher import door, itself, knock, replacing
from launcher.door import win32
from launcher.errors import LauncherError
from launcher.system.windows import daemons, processes, sessions

SUSPEND_RESUME = 0x0800


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of its own; whatever runs there is ended."""
    monkeypatch.setenv(door.ENV_HOME, str(tmp_path))
    yield tmp_path
    command("quit", "--force", "--wait", "2")


def command(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        itself.command(*arguments), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90, check=False
    )


def pid(not_this: int = 0) -> int:
    """The daemon that answers; 0 for none."""
    try:
        answer = knock.request("GET", "/door/ping", start=False)
    except LauncherError:
        return 0
    return int(str(answer["pid"])) if isinstance(answer, dict) else 0


def serve(home: Path, *options: str) -> int:
    """Start one, and wait until it answers; its number."""
    with (home / "log").open("ab") as file:
        argv = itself.command("serve", "--no-tray", "--port", "0", *options)
        subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if found := pid():
            return found
        time.sleep(0.1)
    raise AssertionError("no daemon answers")


def test_begin_ends_daemon_and_supervisor_and_end_starts_both(home: Path) -> None:
    """Real: processes, the pipe, two runs of the command; in between nothing starts."""
    first = serve(home, "--restart")
    assert sorted(one.supervises for one in daemons.found(False)) == [False, True]

    begun = command("replace", "begin")

    assert (begun.returncode, begun.stderr) == (0, "")
    assert (pid(), daemons.found(False)) == (0, [])
    assert json.loads((home / "run" / "replacing.json").read_text()) == {"top": itself.top()}
    refused = command("serve")
    assert refused.returncode == 1
    assert pid() == 0
    done = command("replace", "end")
    assert (done.returncode, done.stderr) == (0, "")
    assert pid() not in (0, first)
    assert sorted(one.supervises for one in daemons.found(False)) == [False, True]
    assert not list((home / "run").glob("*.json"))


def test_one_that_hangs_is_left_by_quit_and_ended_by_begin(home: Path) -> None:
    """Real: a daemon whose threads Windows holds; TerminateProcess."""
    held = serve(home)
    kernel = win32.library("kernel32")
    kernel.OpenProcess.restype = ctypes.c_void_p
    handle = ctypes.c_void_p(kernel.OpenProcess(SUSPEND_RESUME, False, held))
    assert win32.library("ntdll").NtSuspendProcess(handle) == 0

    assert command("quit", "--wait", "1").returncode == 1
    assert [one.pid for one in daemons.found(False)] == [held]
    begun = command("replace", "begin", "--wait", "1")

    assert (begun.returncode, begun.stderr) == (0, "")
    assert daemons.found(False) == []
    assert command("replace", "end").returncode == 0
    assert pid() not in (0, held)


def test_its_own_command_line_and_program_are_told(tmp_path: Path) -> None:
    """Real: the list of processes, and what Windows tells of one, quotes and blanks as they were."""
    words = ["-c", "import time; time.sleep(30)", "a b", 'q"uote', "", "é日"]
    other = subprocess.Popen([sys.executable, *words], stdin=subprocess.DEVNULL)
    try:
        assert processes.arguments(other.pid)[1:] == words
        assert (other.pid, os.getpid()) in list(processes.every())
        assert processes.is_ours(other.pid, sys.executable)
        assert not processes.is_ours(other.pid, str(tmp_path / "python.exe"))
        assert not processes.terminate(other.pid, "another birth")
        assert other.poll() is None
    finally:
        other.kill()


def test_everybodys_are_the_systems(home: Path) -> None:
    """Real: this user, whom wine makes an administrator; what is no installation is refused first."""
    assert not sessions.is_system()
    assert daemons.may_for_everybody() in (True, False)
    assert command("replace", "begin", "--everybody").returncode in (2, 3)


def test_a_note_of_somebody_elses_holds_nobody_up(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: a file where everybody's is kept, whose owner Windows tells: it counts only from the system's own."""
    shared = home / "ProgramData"
    monkeypatch.setenv("PROGRAMDATA", str(shared))
    (shared / "Kitsu Launcher").mkdir(parents=True)
    note = shared / "Kitsu Launcher" / replacing.NAME
    note.write_bytes(replacing.text(itself.top()))

    assert replacing.under_way() is (win32.owner_of(str(note)) in win32.SYSTEMS)


def test_a_folder_for_the_systems_own_takes_the_place_of_anybodys(home: Path) -> None:
    """Real: CreateDirectory with a descriptor; wine keeps owners and rights only as far as Linux does."""
    shared = home / "shared"
    assert daemons.private(shared) == ""
    (shared / "planted").touch()

    assert daemons.private(shared) == ""

    (aside,) = home.glob("shared.*")
    assert ((aside / "planted").exists(), list(shared.iterdir())) == (True, [])


def test_a_program_is_begun_in_a_session_as_whoever_is_logged_in_there(home: Path) -> None:
    """Real: WTSQueryUserToken, CreateEnvironmentBlock, CreateProcessAsUser; wine knows one session and one user."""
    here = processes.session_of(os.getpid())
    note = home / "it is"
    script = f"import os; open({str(note)!r}, 'w', encoding='utf-8').write(os.environ['USERNAME'])"

    handle = sessions.run(here, [sys.executable, "-c", script])

    assert handle
    assert sessions.user_of(here) == win32.own_sid()
    sessions.end(handle, 20)
    assert note.read_text("utf-8") == os.environ["USERNAME"]
