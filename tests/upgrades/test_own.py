"""A person's own daemon makes room for another version of its program, and comes back: `replace` and `quit`."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.system.linux import process
from tests.support.daemon import Daemon
from tests.support.desktop import wait_until
from tests.support.sample import Make, SampleStudio, program


@pytest.fixture
def studio(make_studio: Make) -> Iterator[SampleStudio]:
    """A studio with a running daemon; whatever was started in its place is ended."""
    one = make_studio()
    yield one
    one.daemon.cli("quit", "--force", "--wait", "2", check=False)


def pid_of(daemon: Daemon) -> int:
    """The daemon that answers at the door now; 0 for none."""
    with contextlib.suppress(Exception):
        return int(daemon.ask("GET", "/door/ping")["pid"])
    return 0


def variable(pid: int, name: str) -> str:
    """What a process was started with."""
    words = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return next((os.fsdecode(word).partition("=")[2] for word in words if word.startswith(f"{name}=".encode())), "")


def test_begin_ends_it_and_end_starts_another_as_it_was(studio: SampleStudio) -> None:
    """Real: two runs of the command; another daemon with the same home, environment, folder and arguments."""
    first = studio.daemon.pid

    begun = studio.daemon.cli("replace", "begin", check=False)

    assert (begun.returncode, begun.stdout, begun.stderr) == (0, "", "")
    assert studio.daemon.process.wait(5) == 0
    assert pid_of(studio.daemon) == 0
    done = studio.daemon.cli("replace", "end", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    second = pid_of(studio.daemon)
    assert second not in (0, first)
    assert variable(second, "KITSU_LAUNCHER_HOME") == str(studio.daemon.home)
    assert os.readlink(f"/proc/{second}/cwd") == os.getcwd()
    assert os.getsid(second) == second, "it outlives the installer"
    assert Path(f"/proc/{second}/cmdline").read_bytes().split(b"\0")[4:7] == [b"serve", b"--port", b"0"]
    assert not list((studio.daemon.home / "run").glob("*.json")), "nothing is remembered any more"


def test_what_runs_nowhere_is_neither_ended_nor_started(studio: SampleStudio) -> None:
    """Real: both commands where no daemon runs; it takes no time."""
    studio.daemon.stop()
    began = time.monotonic()

    assert studio.daemon.cli("replace", "begin").stderr == ""
    assert studio.daemon.cli("replace", "end").stderr == ""

    assert time.monotonic() - began < 5
    assert pid_of(studio.daemon) == 0


def test_between_the_two_nothing_starts_and_says_why(studio: SampleStudio) -> None:
    """Real: `serve`, its supervisor, a command and the hand-off, each while programs are being swapped."""
    studio.daemon.cli("replace", "begin")
    told = "Kitsu Launcher is being updated.\n  next   Wait a minute, then click again.\n"

    for arguments in (["serve"], ["serve", "--restart"], ["open", "kitsu-launcher://open"], ["launches"]):
        done = studio.daemon.cli(*arguments, check=False)
        assert (done.returncode, done.stderr) == (1, told), arguments
    link = [sys.executable, "-I", "-S", "launcher/link.py", "kitsu-launcher://open"]
    done = subprocess.run(link, env=studio.daemon.env, capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stderr) == (
        1,
        "kitsu-launcher: is being updated: wait a minute, then click again\n",
    )

    # One that nobody ended is forgotten.
    note = studio.daemon.home / "run" / "replacing.json"
    os.utime(note, (time.time() - 601, time.time() - 601))
    assert studio.daemon.cli("launches", "--json").stdout == "[]\n"


def test_its_supervisor_ends_too_and_is_started_again(studio: SampleStudio) -> None:
    """Real: `serve --restart` and its daemon, both stopped by SIGSTOP: they are killed, and nobody starts another."""
    studio.daemon.stop()
    argv = [sys.executable, "-m", "launcher", "serve", "--restart", "--no-tray", "--port", "0"]
    supervisor = subprocess.Popen(argv, env=studio.daemon.env, stdin=subprocess.DEVNULL)
    daemon = wait_until(lambda: pid_of(studio.daemon), 20, "the daemon")
    born = process.birth(daemon)
    supervisor.send_signal(signal.SIGSTOP)
    os.kill(daemon, signal.SIGSTOP)

    assert studio.daemon.cli("replace", "begin", "--wait", "1").stderr == ""

    assert supervisor.wait(5) == -signal.SIGKILL
    assert not process.lives(daemon, born)
    assert studio.daemon.cli("replace", "end").stderr == ""
    again = pid_of(studio.daemon)
    above = int(Path(f"/proc/{again}/stat").read_text().rpartition(")")[2].split()[1])
    assert b"--restart" in Path(f"/proc/{above}/cmdline").read_bytes()


def test_started_applications_go_on(studio: SampleStudio) -> None:
    """Real: a click that starts a program which stays, a whole replacement, and the launch that follows it still."""
    program(studio.home / "notes", "#!/bin/sh\nexec sleep 300\n")
    launch = studio.clicked(studio.ajax("open"), "running")
    pid = launch["processes"][0]["pid"]

    studio.daemon.cli("replace", "begin")
    studio.daemon.cli("replace", "end")

    (now,) = studio.daemon.launches()
    assert (now["id"], now["state"], now["processes"][0]["ended"]) == (launch["id"], "running", None)
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: studio.daemon.launches()[0]["state"] == "done", 10, "its end, seen by the new daemon")
