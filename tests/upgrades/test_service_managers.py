"""Daemons that a service manager keeps: told apart by their control group, stopped and started by its own commands.

No systemd runs where these tests do, and no launchd: what is said to them is compared word for word.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from launcher.running import Keeper, Running, Session
from launcher.system.linux import daemons as linux
from launcher.system.linux import process
from launcher.system.macos import daemons as macos
from launcher.system.posix import daemons
from tests.support.daemon import Daemon
from tests.support.sample import Make, SampleStudio

UNIT = "/user.slice/user-1000.slice/user@1000.service/app.slice/kitsu-launcher.service"


@pytest.mark.parametrize(
    ("groups", "arguments", "keeper"),
    [
        (f"0::{UNIT}\n", (), Keeper.UNIT),
        (f"1:name=systemd:{UNIT}\n0::{UNIT}\n", ("--no-tray",), Keeper.UNIT),
        (f"0::{UNIT}\n", ("--restart",), Keeper.SUPERVISOR),
        ("0::/user.slice/user-1000.slice/session-3.scope\n", (), Keeper.NOBODY),
        ("0::/user.slice/not-kitsu-launcher.service\n", (), Keeper.NOBODY),
        (f"0::{UNIT}/below\n", (), Keeper.NOBODY),
        ("0::/\n", (), Keeper.NOBODY),
    ],
)
def test_who_keeps_a_daemon(groups: str, arguments: tuple[str, ...], keeper: Keeper) -> None:
    """/proc/PID/cgroup as Linux writes it: unified, and with systemd's own hierarchy."""
    assert linux._keeper(groups, arguments) is keeper


def test_what_systemd_is_told() -> None:
    """No job of it is waited for: it may hang as anything else of hers."""
    zoe = Session(1000, {"HOME": "/home/zoe"}, keeper=Keeper.UNIT)

    assert linux.MANAGER.stop(zoe) == [["/usr/bin/systemctl", "--user", "--no-block", "stop", "kitsu-launcher.service"]]
    assert linux.MANAGER.start(zoe) == [
        ["/usr/bin/systemctl", "--user", "daemon-reload"],
        ["/usr/bin/systemctl", "--user", "--no-block", "start", "kitsu-launcher.service"],
    ]
    assert linux.MANAGER.around(zoe) == [
        ["/usr/bin/systemd-run", "--user", "--scope", "--quiet", "--collect", "--"],
    ]


def test_what_launchd_is_told() -> None:
    """`kill` ends it well: KeepAlive does not start it again. `bootstrap` fails where it is known."""
    zoe = Session(501, {"HOME": "/Users/zoe"}, keeper=Keeper.UNIT)
    label = "org.kitsu-launcher.KitsuLauncher"

    assert macos.MANAGER.stop(zoe) == [["/bin/launchctl", "kill", "SIGTERM", f"gui/501/{label}"]]
    assert macos.MANAGER.start(zoe) == [
        ["/bin/launchctl", "bootstrap", "gui/501", f"/Users/zoe/Library/LaunchAgents/{label}.plist"],
        ["/bin/launchctl", "kickstart", f"gui/501/{label}"],
    ]
    assert macos.MANAGER.around(zoe) == []


@pytest.fixture
def studio(make_studio: Make) -> SampleStudio:
    """A studio whose daemon has ended; whatever is started in its place is ended by the test."""
    one = make_studio()
    one.daemon.stop()
    return one


def session(daemon: Daemon, keeper: Keeper) -> Session:
    return Session(os.getuid(), dict(daemon.env), ("--no-tray", "--port", "0"), keeper, "/", (os.getgid(),))


def serving(daemon: Daemon) -> list[str]:
    """The command lines of all daemons in this home."""
    found = []
    for one in linux.found(False):
        if one.session.environ.get("KITSU_LAUNCHER_HOME") == str(daemon.home):
            found.append(Path(f"/proc/{one.pid}/cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def test_a_unit_is_started_by_its_manager_alone(studio: SampleStudio) -> None:
    """Real: a manager's command, here a program that starts a daemon with an option of its own and ends at once."""
    begin = f"exec setsid {sys.executable} -m launcher serve --no-tray --port 0 --port 0 </dev/null >/dev/null 2>&1 &"
    started = ["/bin/sh", "-c", f"cd {os.getcwd()}; KITSU_LAUNCHER_HOME={studio.home} {begin}"]
    manager = daemons.Manager(lambda one: [], lambda one: [["/nowhere"], started], lambda one: [])

    failed = daemons.begin_again([session(studio.daemon, Keeper.UNIT)], 20, manager, lambda one: False)

    assert failed == []
    (line,) = serving(studio.daemon)
    assert line.endswith("--port 0 --port 0 ")
    studio.daemon.cli("quit")


def test_where_its_manager_cannot_it_is_started_as_any_other(studio: SampleStudio) -> None:
    """Real: a command that fails, two beginnings that do as well, and one that works: `env`, as systemd-run."""
    around = [["/nowhere"], ["/bin/false"], ["/usr/bin/env", "AROUND=1"]]
    manager = daemons.Manager(lambda one: [], lambda one: [["/bin/false"]], lambda one: around)

    failed = daemons.begin_again([session(studio.daemon, Keeper.UNIT)], 20, manager, lambda one: False)

    assert failed == []
    assert any("--restart" in line for line in serving(studio.daemon)), "nobody else would start it after a crash"
    pid = int((studio.home / "run" / "lock").read_text())
    assert b"AROUND=1" in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    studio.daemon.cli("quit")


def test_one_that_cannot_start_is_told_in_time(studio: SampleStudio) -> None:
    """Real: a daemon whose home cannot be used, and a manager that hangs."""
    (studio.home / "run").rename(studio.home / "away")
    (studio.home / "run").write_text("no folder")
    manager = daemons.Manager(lambda one: [], lambda one: [], lambda one: [["/bin/sleep"]])
    began = time.monotonic()
    one = session(studio.daemon, Keeper.NOBODY)

    assert daemons.begin_again([one], 3, manager, lambda one: False) == [one]
    assert time.monotonic() - began < 8


def test_a_process_that_became_another_program_is_not_killed() -> None:
    """Real: a process that was listed as ours and runs `sleep` by the time the signal comes; its number is the same."""
    with subprocess.Popen(["/bin/sleep", "60"]) as other:
        one = Running(other.pid, process.birth(other.pid), 1, False, Session(os.getuid(), groups=(os.getgid(),)))

        linux.end([one], hard=False)
        linux.end([one], hard=True)

        assert other.poll() is None
        other.kill()


def test_a_later_process_of_the_same_number_is_not_killed() -> None:
    """Real: a daemon's program, which was born at another time than the one that was listed."""
    argv = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(argv) as other:
        one = Running(other.pid, "another boot/1", 1, False, Session(os.getuid(), groups=(os.getgid(),)))

        linux.end([one], hard=True)

        assert other.poll() is None
        other.kill()


def arguments_of_mac(argv: list[str], environ: list[str]) -> bytes:
    """KERN_PROCARGS2's answer (xnu `bsd/kern/kern_sysctl.c`)."""
    path = b"/Applications/Kitsu Launcher.app/Contents/MacOS/kitsu-launcher\0\0\0\0"
    texts = b"".join(text.encode() + b"\0" for text in [*argv, *environ])
    return len(argv).to_bytes(4, sys.byteorder) + path + texts + b"\0stack_guard=1\0"


def test_what_a_mac_tells_of_a_process() -> None:
    """Bytes and text as macOS' kernel and `ps` give them; no Mac was asked."""
    argv = ["/Applications/Kitsu Launcher.app/Contents/MacOS/kitsu-launcher", "serve", ""]
    answer = arguments_of_mac(argv, ["HOME=/Users/zoe", "EMPTY=", "A=b=c"])

    assert macos.said(answer)[0] == argv
    assert macos.said(answer)[1].items() >= {"HOME": "/Users/zoe", "EMPTY": "", "A": "b=c"}.items()
    assert macos.said(answer[:-14])[0] == argv, "an environment that is hidden from others"
    assert macos.listed("    1     0     0     0\n  502     1   501   501\n  503   502     0   501\n") == [
        (1, 0, 0),
        (502, 1, 501),
    ]
