"""Applications on Linux: started in a session of their own, watched without a thread, outliving the daemon."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from launcher.system.posix.environment import OWN, Leaks, cleaned
from launcher.system.posix.process import end, look_again, start, watch_by_thread

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

__all__ = ["birth", "clean_environment", "descriptor", "end", "lives", "start", "watch", "watch_again"]

LEAKS = Leaks(
    session=frozenset(
        {
            *("INVOCATION_ID", "JOURNAL_STREAM", "NOTIFY_SOCKET", "SYSTEMD_EXEC_PID", "WATCHDOG_PID", "WATCHDOG_USEC"),
            *("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID"),
        }
    ),
    lists=frozenset({"PATH", "PYTHONPATH", "XDG_DATA_DIRS", "LD_LIBRARY_PATH"}),
    libraries="LD_LIBRARY_PATH",
)
"""A child that believed what systemd tells a service about itself would answer in the daemon's name."""


def clean_environment(environ: Mapping[str, str], own: Path | None = OWN) -> dict[str, str]:
    """`environ` as the person's login has it: nothing of a bundle, a virtual environment or this program leaks."""
    return cleaned(environ, own, LEAKS)


def watch(process: subprocess.Popen[bytes], loop: asyncio.AbstractEventLoop, ended: Callable[[int], None]) -> None:
    """Call `ended` in the loop, once, with the exit code; negative: the signal that ended it."""
    try:
        pidfd = descriptor(process.pid)
    except OSError:
        # Linux before 5.3, or a Python that was built for it, as on Rocky 8.
        watch_by_thread(process, loop, ended)
    else:
        _when_readable(pidfd, loop, lambda: ended(process.wait()))


def birth(pid: int) -> str:
    """What tells a process from a later one of the same pid: the boot, and its start in ticks since then.

    Raises: OSError when there is no such process.
    """
    return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()}/{int(_stat(pid)[19])}"


def _stat(pid: int) -> list[bytes]:
    """What /proc tells of a process after its name: state is field 3, start time field 22 (proc(5)).

    The name, in parentheses, may itself hold spaces and parentheses.
    """
    return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()


def lives(pid: int, born: str) -> bool:
    """Whether the process that `birth` described still runs."""
    try:
        # Z: it has ended, and only waits for whoever adopted it.
        return birth(pid) == born and _stat(pid)[0] != b"Z"
    except OSError:
        return False


def watch_again(pid: int, born: str, loop: asyncio.AbstractEventLoop, ended: Callable[[], None]) -> bool:
    """Watch what an earlier daemon started; False if it has ended meanwhile. Its exit code is not to be had."""
    if not lives(pid, born):
        return False
    try:
        pidfd = descriptor(pid)
    except OSError:
        look_again(lambda: lives(pid, born), loop, ended)
        return True
    if not lives(pid, born):
        # It ended between the two: what was opened may be a stranger with its number.
        os.close(pidfd)
        return False
    _when_readable(pidfd, loop, ended)
    return True


def descriptor(pid: int) -> int:
    """A descriptor (pidfd) of a process. Raises: OSError, also where Linux has none."""
    if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
        raise OSError("this Python has no pidfd_open")
    return os.pidfd_open(pid)


def _when_readable(pidfd: int, loop: asyncio.AbstractEventLoop, then: Callable[[], None]) -> None:
    """A process's descriptor becomes readable when it ends."""

    def told() -> None:
        loop.remove_reader(pidfd)
        os.close(pidfd)
        then()

    loop.add_reader(pidfd, told)
