"""Applications on macOS: started in a session of their own, watched by kqueue and no thread, outliving the daemon."""

import asyncio

# Not typed as what it is: mypy looks at this file for Linux too, whose `select` has no kqueue.
import select as _select
import struct
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from launcher.system.posix.environment import OWN, Leaks, cleaned
from launcher.system.posix.process import end, look_again, start, watch_by_thread

__all__ = ["birth", "clean_environment", "end", "lives", "start", "started", "watch", "watch_again"]

select: Any = _select
LEAKS = Leaks(
    session=frozenset(
        {
            # Launch Services and launchd: whose process this is. An application would pass for ours.
            *("__CFBundleIdentifier", "LaunchInstanceID", "XPC_SERVICE_NAME", "XPC_FLAGS"),
            # Python's own launcher on macOS, in a virtual environment: every other Python would run from it.
            "__PYVENV_LAUNCHER__",
        }
    ),
    lists=frozenset({"PATH", "PYTHONPATH", "XDG_DATA_DIRS", "DYLD_LIBRARY_PATH", "DYLD_FRAMEWORK_PATH"}),
    libraries="DYLD_LIBRARY_PATH",
)
BASIC_INFO, INFO_BYTES = 3, 136
"""PROC_PIDTBSDINFO, and the size of its struct proc_bsdinfo (xnu `bsd/sys/proc_info.h`)."""
STATUS_AT, PID_AT, START_AT = 4, 12, 120
ZOMBIE = 5


def clean_environment(environ: Mapping[str, str], own: Path | None = OWN) -> dict[str, str]:
    """`environ` as the person's login has it: nothing of a bundle, a virtual environment or this program leaks."""
    return cleaned(environ, own, LEAKS)


def watch(process: subprocess.Popen[bytes], loop: asyncio.AbstractEventLoop, ended: Callable[[int], None]) -> None:
    """Call `ended` in the loop, once, with the exit code; negative: the signal that ended it."""
    try:
        queue = _end_of(process.pid)
    except OSError:
        # It has ended already, and the kernel tells of living ones only; or there are too many descriptors.
        watch_by_thread(process, loop, ended)
    else:
        _when_readable(queue, loop, lambda: ended(process.wait()))


def birth(pid: int) -> str:
    """What tells a process from a later one of the same pid: its start, in seconds and microseconds since 1970.

    Raises: OSError when there is no such process.
    """
    return started(_info(pid), pid)


def started(info: bytes, pid: int) -> str:
    """When a process started, by what libproc tells of it. Raises: ProcessLookupError when that is of no living one."""
    status, found = (struct.unpack_from("<I", info, at)[0] for at in (STATUS_AT, PID_AT))
    if found != pid or status == ZOMBIE:
        raise ProcessLookupError(f"no process {pid}")
    seconds, microseconds = struct.unpack_from("<QQ", info, START_AT)
    return f"{seconds}.{microseconds:06}"


def lives(pid: int, born: str) -> bool:
    """Whether the process that `birth` described still runs."""
    try:
        return birth(pid) == born
    except OSError:
        return False


def watch_again(pid: int, born: str, loop: asyncio.AbstractEventLoop, ended: Callable[[], None]) -> bool:
    """Watch what an earlier daemon started; False if it has ended meanwhile. Its exit code is not to be had."""
    try:
        queue = _end_of(pid)
    except OSError:
        if not lives(pid, born):
            return False
        look_again(lambda: lives(pid, born), loop, ended)
        return True
    if not lives(pid, born):
        # A stranger with its number.
        queue.close()
        return False
    _when_readable(queue, loop, ended)
    return True


def _end_of(pid: int) -> Any:
    """A kqueue, which becomes readable when a process ends. Raises: OSError, also where there is no such process."""
    queue = select.kqueue()
    event = select.kevent(
        pid,
        filter=select.KQ_FILTER_PROC,
        flags=select.KQ_EV_ADD | select.KQ_EV_ONESHOT,
        fflags=select.KQ_NOTE_EXIT,
    )
    try:
        queue.control([event], 0)
    except OSError:
        queue.close()
        raise
    return queue


def _when_readable(queue: Any, loop: asyncio.AbstractEventLoop, then: Callable[[], None]) -> None:
    def told() -> None:
        loop.remove_reader(queue.fileno())
        queue.close()
        then()

    loop.add_reader(queue.fileno(), told)


def _info(pid: int) -> bytes:
    """What libproc tells of a process. Raises: OSError when there is no such one, or it may not be looked at."""
    import ctypes

    buffer = ctypes.create_string_buffer(INFO_BYTES)
    ask = ctypes.CDLL(None, use_errno=True).proc_pidinfo
    if ask(pid, BASIC_INFO, ctypes.c_uint64(0), buffer, INFO_BYTES) != INFO_BYTES:
        raise ProcessLookupError(ctypes.get_errno(), f"no process {pid}")
    return buffer.raw
