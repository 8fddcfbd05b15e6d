"""Daemons that answer nothing, and places that answer nothing: nobody waits for them longer than was asked."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from launcher.running import Session
from launcher.system.linux import daemons as linux
from launcher.system.posix import daemons
from tests.support.daemon import Daemon
from tests.support.desktop import wait_until
from tests.support.fuse import Mount

HANG = """
import asyncio, gc, os, threading, time
def hang():
    while not os.path.exists(os.environ["HANG"]):
        time.sleep(0.05)
    for one in gc.get_objects():
        if isinstance(one, asyncio.AbstractEventLoop) and one.is_running():
            one.call_soon_threadsafe(time.sleep, 600)
    os.rename(os.environ["HANG"], os.environ["HANG"] + ".done")
if os.environ.get("HANG"):
    threading.Thread(target=hang, daemon=True).start()
"""


@pytest.fixture
def looping(start_daemon: Callable[..., Daemon], tmp_path: Path) -> Daemon:
    """A daemon whose event loop never comes back from what it does, while its threads and signals go on."""
    (tmp_path / "sitecustomize.py").write_text(HANG)
    hang = tmp_path / "hang"
    daemon = start_daemon(env={"PYTHONPATH": f"{tmp_path}:{os.getcwd()}", "HANG": str(hang)})
    hang.touch()
    wait_until(lambda: Path(f"{hang}.done").exists(), 10, "the hang")
    hang.with_name("hang.done").unlink()
    return daemon


def test_a_daemon_whose_loop_hangs_is_ended_and_another_one_starts(looping: Daemon) -> None:
    """Real: a daemon that neither the door nor SIGTERM ends in time, and the two commands."""
    began = time.monotonic()

    done = looping.cli("replace", "begin", "--wait", "1", check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert looping.process.wait(5) == -signal.SIGKILL
    assert time.monotonic() - began < 10
    assert looping.cli("replace", "end").stderr == ""
    assert looping.ask("GET", "/door/ping")["pid"] != looping.pid
    looping.cli("quit", "--force")


def test_a_daemon_whose_loop_hangs_is_left_by_quit(looping: Daemon) -> None:
    """Real: `quit` without `--force`; SIGTERM is not even sent."""
    done = looping.cli("quit", "--wait", "1", check=False)

    assert done.returncode == 1
    assert looping.process.poll() is None
    looping.cli("quit", "--wait", "0", "--force")


def test_a_home_that_hangs_holds_up_nobody_elses_start(
    home: Path, tmp_path: Path, mount: Callable[[Path, Path], Mount], start_daemon: Callable[..., Daemon]
) -> None:
    """Real: two sessions; the home and the folder of one lie on a FUSE mount that hangs, as dead NFS does."""
    other = start_daemon(home=home)
    other.stop()
    (tmp_path / "volume").mkdir()
    (tmp_path / "hers").mkdir()
    hung = mount(tmp_path / "volume", tmp_path / "hers")
    place = {**other.env, "KITSU_LAUNCHER_HOME": str(hung.point)}
    hers = Session(os.getuid(), place, cwd=str(hung.point), groups=(os.getgid(),))
    well = Session(os.getuid(), dict(other.env), ("--port", "0"), groups=(os.getgid(),), cwd="/")
    hung.hang()
    began = time.monotonic()

    failed = daemons.begin_again([hers, well], 5, linux.MANAGER, lambda one: False)

    assert time.monotonic() - began < 12
    assert failed == [hers]
    assert other.ask("GET", "/door/ping")
    hung.wake()
    other.cli("quit")
