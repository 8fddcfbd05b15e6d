"""The daemon is started again after a crash, and never after `quit`."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from launcher import supervise
from tests.support.daemon import Daemon
from tests.support.desktop import wait_until
from tests.support.sample import Make, SampleStudio


@pytest.mark.parametrize(
    ("pause_s", "lived_s", "then"),
    [(0, 0.1, 1), (1, 0.1, 2), (2, 59, 4), (32, 3, 60), (60, 3, 60), (60, 60, 1), (0, 3600, 1)],
)
def test_the_pause_doubles_until_one_has_lived_a_minute(pause_s: float, lived_s: float, then: float) -> None:
    """Pure."""
    assert supervise.next_pause(pause_s, lived_s) == then


def ends_with(codes: list[int], tmp_path: Path) -> tuple[int, int]:
    """Supervise a small real program that ends with these codes one after the other; its last code, and the starts."""
    count = tmp_path / "count"
    count.write_text("")
    script = (
        "import os, sys\n"
        f"path, codes = {str(count)!r}, {codes!r}\n"
        "open(path, 'a').write('x')\n"
        "code = codes[len(open(path).read()) - 1]\n"
        "os.kill(os.getpid(), -code) if code < 0 else sys.exit(code)\n"
    )
    code = supervise.run([sys.executable, "-I", "-c", script], os.environ, lambda end: None)
    return code, len(count.read_text())


@pytest.mark.parametrize(
    ("codes", "code", "starts"),
    [([0], 0, 1), ([2], 2, 1), ([1, 0], 0, 2), ([-9, -11, 0], 0, 3), ([1, 2], 2, 2)],
)
def test_it_is_started_again_until_it_ends_well_or_another_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, codes: list[int], code: int, starts: int
) -> None:
    """Real: processes that end by themselves and by signals."""
    monkeypatch.setattr(supervise, "FIRST_PAUSE_S", 0.02)

    assert ends_with(codes, tmp_path) == (code, starts)


def test_what_ends_at_once_each_time_is_started_ever_more_rarely(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Real: six starts with pauses of 0.05, 0.1, 0.2, 0.2 and 0.2 s."""
    monkeypatch.setattr(supervise, "FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(supervise, "LONGEST_PAUSE_S", 0.2)
    began = time.monotonic()

    assert ends_with([1, 1, 1, 1, 1, 0], tmp_path) == (0, 6)
    assert time.monotonic() - began >= 0.75


@pytest.fixture
def supervised(make_studio: Make) -> Iterator[tuple[SampleStudio, "subprocess.Popen[bytes]"]]:
    """A studio whose daemon runs under `serve --restart`, as at login."""
    studio = make_studio()
    studio.daemon.stop()
    process = subprocess.Popen(
        [sys.executable, "-m", "launcher", "serve", "--restart", "--no-tray", "--port", str(studio.port)],
        env=studio.daemon.env,
        stdin=subprocess.DEVNULL,
    )
    wait_until(lambda: pid_of(studio.daemon), 20, "the daemon")
    yield studio, process
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.terminate()
        process.wait(15)
    process.kill()


def pid_of(daemon: Daemon) -> int:
    """The daemon that answers at the door now; 0 for none."""
    with contextlib.suppress(Exception):
        return int(daemon.ask("GET", "/door/ping")["pid"])
    return 0


def test_a_good_click_within_ten_seconds_of_a_kill(
    supervised: tuple[SampleStudio, "subprocess.Popen[bytes]"],
) -> None:
    """Real: `kill -9`, another daemon of the same command, an AJAX click of the sample Kitsu, a started program."""
    studio, process = supervised
    first = pid_of(studio.daemon)
    began = time.monotonic()

    os.kill(first, signal.SIGKILL)
    second = wait_until(lambda: pid_of(studio.daemon) not in (0, first) and pid_of(studio.daemon), 10, "another one")
    studio.log_in()  # without a keyring the login lives in the daemon's memory
    launch = studio.clicked(studio.ajax("open"), "done", "running")

    assert time.monotonic() - began < 10
    assert launch["error"] is None
    wait_until(studio.notes, 10, "the program")
    assert process.poll() is None
    assert second != first


def test_after_quit_nothing_starts_again(supervised: tuple[SampleStudio, "subprocess.Popen[bytes]"]) -> None:
    """Real: the command `quit`."""
    studio, process = supervised

    studio.daemon.cli("quit")

    assert process.wait(10) == 0
    assert pid_of(studio.daemon) == 0


def test_what_is_told_to_end_ends_its_daemon(supervised: tuple[SampleStudio, "subprocess.Popen[bytes]"]) -> None:
    """Real: SIGTERM to the one that watches, as a session's end sends it."""
    studio, process = supervised
    daemon = pid_of(studio.daemon)

    process.terminate()

    assert process.wait(10) == 0
    assert not Path(f"/proc/{daemon}").exists()


def test_a_second_one_leaves_the_first_alone(supervised: tuple[SampleStudio, "subprocess.Popen[bytes]"]) -> None:
    """Real: two at login, as where systemd and the desktop both start one."""
    studio, _process = supervised
    first = pid_of(studio.daemon)

    second = studio.daemon.cli("serve", "--restart", "--no-tray", check=False)

    assert second.returncode == 2
    assert pid_of(studio.daemon) == first


def test_what_is_killed_between_two_starts_starts_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: told to end while the pause lasts."""
    told: list[Callable[[], None]] = []
    monkeypatch.setattr(supervise, "next_pause", lambda pause_s, lived_s: told[0]() or 30.0)

    assert supervise.run([sys.executable, "-I", "-c", "raise SystemExit(1)"], os.environ, told.append) == 0
