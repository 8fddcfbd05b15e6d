"""Applications on macOS: what they inherit, and how they are watched.

kqueue and libproc are macOS's own: here kqueue is played by a pidfd, which becomes readable at the same moment, and
libproc by bytes built from xnu's `bsd/sys/proc_info.h`. All else is real: processes, exit codes, the loop.
"""

import asyncio
import os
import select
import subprocess
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from launcher.system.linux import process as linux
from launcher.system.macos import process
from tests.support.mac import basic_info

OWN = Path("/Applications/Kitsu Launcher.app/Contents/Frameworks")
NOTHING = {"PATH": os.environ["PATH"]}

CLEANED = {
    "what Launch Services and launchd say of this very process": (
        {
            "__CFBundleIdentifier": "org.kitsu-launcher.KitsuLauncher", "XPC_SERVICE_NAME": "org.kitsu-launcher",
            "XPC_FLAGS": "0x0", "LaunchInstanceID": "1", "__CF_USER_TEXT_ENCODING": "0x1F5:0:0",
            "SECURITYSESSIONID": "1",
        },
        {"__CF_USER_TEXT_ENCODING": "0x1F5:0:0", "SECURITYSESSIONID": "1"},
    ),
    "Python's launcher in a virtual environment": ({"__PYVENV_LAUNCHER__": "/x/bin/python", "A": "1"}, {"A": "1"}),
    "the loader's paths into the bundle": (
        {"DYLD_LIBRARY_PATH": f"{OWN}:/opt/vfx/lib", "DYLD_FRAMEWORK_PATH": str(OWN)},
        {"DYLD_LIBRARY_PATH": "/opt/vfx/lib"},
    ),
    "the person's own, which PyInstaller keeps": (
        {"DYLD_LIBRARY_PATH": str(OWN), "DYLD_LIBRARY_PATH_ORIG": "/opt/vfx/lib"},
        {"DYLD_LIBRARY_PATH": "/opt/vfx/lib"},
    ),
    "the bundle's own variables and ours": (
        {"_PYI_ARCHIVE_FILE": "/x", "_MEIPASS2": "/x", "KITSU_LAUNCHER_KEY": "k", "TCL_LIBRARY": f"{OWN}/tcl"},
        {},
    ),
    "a login's environment stays as it is": (
        {"HOME": "/Users/ada", "PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": "/x", "TMPDIR": "/var/folders/a/b/T/"},
        {"HOME": "/Users/ada", "PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": "/x", "TMPDIR": "/var/folders/a/b/T/"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CLEANED)
def test_nothing_of_the_bundle_leaks(case: str) -> None:
    before, after = CLEANED[case]

    assert process.clean_environment(before, OWN) == after


class Queue:
    """select.kqueue for one process's end, by Linux's pidfd."""

    asked: list[SimpleNamespace] = []  # noqa: RUF012

    def __init__(self) -> None:
        self._pidfd = -1

    def control(self, events: list[SimpleNamespace], most: int) -> list[object]:
        (event,) = events
        self.asked.append(event)
        self._pidfd = os.pidfd_open(event.ident)
        if select.select([self._pidfd], [], [], 0)[0]:
            os.close(self._pidfd)
            raise ProcessLookupError(3, "No such process")  # xnu knows no zombies here
        return []

    def fileno(self) -> int:
        return self._pidfd

    def close(self) -> None:
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1


@pytest.fixture
def mac(monkeypatch: pytest.MonkeyPatch) -> list[SimpleNamespace]:
    """macOS's kqueue, and its libproc by /proc; with what kqueue was asked."""
    Queue.asked = []
    fake = SimpleNamespace(
        kqueue=Queue,
        kevent=lambda ident, **how: SimpleNamespace(ident=ident, **how),
        KQ_FILTER_PROC=-5,
        KQ_EV_ADD=0x1,
        KQ_EV_ONESHOT=0x10,
        KQ_NOTE_EXIT=0x8000_0000,
    )
    monkeypatch.setattr(process, "select", fake)

    def info_by_proc(pid: int) -> bytes:
        if not linux.lives(pid, linux.birth(pid)):
            raise ProcessLookupError(3, "no process")
        return basic_info(pid, int(linux.birth(pid).rpartition("/")[2]))

    monkeypatch.setattr(process, "_info", info_by_proc)
    return Queue.asked


def test_what_libproc_tells_is_read() -> None:
    assert len(basic_info(1)) == process.INFO_BYTES
    assert process.started(basic_info(731), 731) == "1700000000.000042"
    with pytest.raises(ProcessLookupError):
        process.started(basic_info(731), 732)
    with pytest.raises(ProcessLookupError):
        process.started(basic_info(731, status=5), 731)


async def run_to_its_end(child: "subprocess.Popen[bytes]") -> int:
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()
    process.watch(child, loop, ended.set_result)
    return await asyncio.wait_for(ended, 10)


@pytest.mark.parametrize(("script", "code"), [("sleep 0.1; exit 7", 7), ("sleep 0.1; kill -9 $$", -9)])
async def test_the_exit_code_is_told_without_a_thread(mac: list[SimpleNamespace], script: str, code: int) -> None:
    """Real: sh."""
    threads = threading.active_count()
    child = process.start(["sh", "-c", script], NOTHING, Path("/"), subprocess.DEVNULL)

    ended = asyncio.ensure_future(run_to_its_end(child))
    await asyncio.sleep(0)
    assert threading.active_count() == threads
    assert await ended == code
    assert mac == [SimpleNamespace(ident=child.pid, filter=-5, flags=0x11, fflags=0x8000_0000)]


async def test_what_has_ended_before_it_is_watched_is_told_all_the_same(mac: list[SimpleNamespace]) -> None:
    """Real: sh, which waits for nobody."""
    child = process.start(["sh", "-c", "exit 3"], NOTHING, Path("/"), subprocess.DEVNULL)
    await asyncio.to_thread(os.waitid, os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    assert await run_to_its_end(child) == 3


async def test_what_is_watched_leaves_no_descriptor_behind(mac: list[SimpleNamespace]) -> None:
    """Real: /proc/self/fd."""
    before = set(os.listdir("/proc/self/fd"))

    for _ in range(3):
        await run_to_its_end(process.start(["sleep", "0.05"], NOTHING, Path("/"), subprocess.DEVNULL))

    assert set(os.listdir("/proc/self/fd")) == before


def grandchild(seconds: str) -> int:
    shell = f"sleep {seconds} >/dev/null 2>&1 & echo $!"
    return int(subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True).stdout)


async def test_what_an_earlier_daemon_started_is_watched_on(mac: list[SimpleNamespace]) -> None:
    """Real: a grandchild, which is nobody's child here."""
    pid, loop = grandchild("0.5"), asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()
    born = process.birth(pid)

    assert process.lives(pid, born)
    assert process.watch_again(pid, born, loop, lambda: ended.set_result(None))

    await asyncio.wait_for(ended, 10)
    assert not process.lives(pid, born)


async def test_a_stranger_with_an_old_number_is_not_watched(mac: list[SimpleNamespace]) -> None:
    """Real: a living process whose start is another, and one that is gone."""
    loop, before = asyncio.get_running_loop(), set(os.listdir("/proc/self/fd"))

    assert not process.watch_again(os.getpid(), "1.000000", loop, lambda: None)
    pid = grandchild("0.1")
    born = process.birth(pid)
    await asyncio.sleep(0.4)
    assert not process.watch_again(pid, born, loop, lambda: None)
    assert set(os.listdir("/proc/self/fd")) == before


async def test_where_kqueue_takes_no_more_one_looks_again(
    mac: list[SimpleNamespace], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real: a grandchild; a kqueue that cannot be had."""

    def none() -> Queue:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(process.select, "kqueue", none)
    monkeypatch.setattr("launcher.system.posix.process.LOOK_AGAIN_S", 0.05)
    pid, loop = grandchild("0.3"), asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()

    assert process.watch_again(pid, process.birth(pid), loop, lambda: ended.set_result(None))

    await asyncio.wait_for(ended, 10)
