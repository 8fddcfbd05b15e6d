"""A program that is asked something, on Windows: in a job, which is ended as a whole. Fulfils `system.Runner`."""

import contextlib
import subprocess
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from launcher.door import win32
from launcher.system import Ran
from launcher.system.following import followed
from launcher.system.refusals import not_an_argument
from launcher.system.windows.process import program_of, refused

NO_WINDOW, SUSPENDED = 0x0800_0000, 0x0000_0004
"""CREATE_NO_WINDOW: a console program must not flash a black window.
CREATE_SUSPENDED: it runs once it is in its job, or what it starts at once would not be."""


def run(
    argv: Sequence[str], env: Mapping[str, str], cwd: Path, timeout_s: float, limit_bytes: int, stop: threading.Event
) -> Ran:
    """As `system.Runner`."""
    program = program_of(argv[0], env)
    try:
        child = subprocess.Popen(
            [program, *argv[1:]],
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            creationflags=NO_WINDOW | SUSPENDED,
        )
    except OSError as error:
        raise refused(error, program, cwd) from error
    except ValueError as error:
        raise not_an_argument(program) from error
    job = _in_a_job(child)

    def kill() -> None:
        win32.library("kernel32").TerminateJobObject(job, 1)
        with contextlib.suppress(OSError):  # it has ended meanwhile; and where it could not be put into the job
            child.kill()

    try:
        return followed(child, _ready, kill, timeout_s, limit_bytes, stop)
    finally:
        win32.library("kernel32").CloseHandle(job)


def _in_a_job(child: subprocess.Popen[bytes]) -> Any:
    """A job with the program in it, and all that it will start; only now it runs."""
    kernel, process = win32.library("kernel32"), win32.ctypes.c_void_p(int(child._handle))  # type: ignore[attr-defined]
    kernel.CreateJobObjectW.restype = win32.ctypes.c_void_p
    job = win32.ctypes.c_void_p(kernel.CreateJobObjectW(None, None))
    # Where that is refused, as inside a job of an old Windows, at least the program itself can be ended.
    kernel.AssignProcessToJobObject(job, process)
    win32.library("ntdll").NtResumeProcess(process)
    return job


def _ready(pipes: Collection[int], wait_s: float) -> list[int]:
    """Windows lets nobody wait for a pipe that was not opened for it: looked at, and once more after `wait_s`."""
    found = [pipe for pipe in pipes if _readable(pipe)]
    if not found and wait_s:
        time.sleep(wait_s)
        found = [pipe for pipe in pipes if _readable(pipe)]
    return found


def _readable(pipe: int) -> bool:
    import msvcrt

    ctypes = win32.ctypes
    there = ctypes.c_uint32()
    handle = ctypes.c_void_p(msvcrt.get_osfhandle(pipe))  # type: ignore[attr-defined]
    if win32.library("kernel32").PeekNamedPipe(handle, None, 0, None, ctypes.byref(there), None):
        return bool(there.value)
    return True  # at its end: reading tells so
