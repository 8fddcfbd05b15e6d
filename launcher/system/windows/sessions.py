"""The sessions of a Windows machine: who is logged in there, and a program begun in one of them. By ctypes.

Only SYSTEM gets the token of a session (WTSQueryUserToken); an administrator's installer runs as SYSTEM for that
(deferred, without impersonation). What is begun has the person's own token and environment.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from launcher.door import win32

assert sys.platform == "win32"  # noqa: S101  # for mypy, which looks at this file for Linux too

SYSTEM = "S-1-5-18"
PRIVATE = "O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;GR;;;WD)"
"""Windows' language (SDDL): all for SYSTEM and administrators, reading for everybody, inherited by nobody above."""
UNICODE_ENVIRONMENT, NO_WINDOW, NEW_GROUP = 0x400, 0x0800_0000, 0x200
STILL_WAITING = 0x102
STARTUP_BYTES, DESKTOP_AT, INFORMATION_BYTES = 104, 16, 24
"""STARTUPINFOW with its lpDesktop, and PROCESS_INFORMATION, of 64-bit Windows."""
DESKTOP = "winsta0\\default"


def is_system() -> bool:
    """Whether this process is the machine's own."""
    return win32.own_sid() == SYSTEM


def make_private(folder: Path) -> bool:
    """Make a folder that only SYSTEM and administrators may write; False where there is something already."""
    ctypes, kernel = win32.ctypes, win32.library("kernel32")
    pointer = ctypes.c_void_p()
    convert = win32.library("advapi32").ConvertStringSecurityDescriptorToSecurityDescriptorW
    if not convert(PRIVATE, 1, ctypes.byref(pointer), None):
        raise win32.error()
    try:
        attributes = win32.attributes(pointer.value)
        return bool(kernel.CreateDirectoryW(str(folder), attributes))
    finally:
        kernel.LocalFree(pointer)


def user_of(session: int) -> str | None:
    """The SID of whoever is logged in to a session; None where nobody is, or this user may not know."""
    token = _token(session)
    if not token:
        return None
    try:
        return win32.sid_of_token(token)
    except OSError:
        return None
    finally:
        close(token)


def run(session: int, argv: Sequence[str]) -> int:
    """Begin a program of ours in a session, as the person there; a handle of its process, 0 where that cannot be."""
    ctypes = win32.ctypes
    token = _token(session)
    if not token:
        return 0
    environment = ctypes.c_void_p()
    userenv = win32.library("userenv")
    try:
        if not userenv.CreateEnvironmentBlock(ctypes.byref(environment), ctypes.c_void_p(token), False):
            return 0
        return _created(token, subprocess.list2cmdline(argv), argv[0], environment)
    finally:
        if environment.value:
            userenv.DestroyEnvironmentBlock(environment)
        close(token)


def _created(token: int, line: str, program: str, environment: Any) -> int:
    ctypes = win32.ctypes
    desktop = ctypes.create_unicode_buffer(DESKTOP)
    startup, told = ctypes.create_string_buffer(STARTUP_BYTES), ctypes.create_string_buffer(INFORMATION_BYTES)
    ctypes.memmove(startup, STARTUP_BYTES.to_bytes(4, "little"), 4)
    ctypes.memmove(ctypes.addressof(startup) + DESKTOP_AT, ctypes.addressof(desktop).to_bytes(8, "little"), 8)
    done = win32.library("advapi32").CreateProcessAsUserW(
        ctypes.c_void_p(token),
        program,
        ctypes.create_unicode_buffer(line),
        None,
        None,
        False,  # no handle of ours is inherited
        UNICODE_ENVIRONMENT | NO_WINDOW | NEW_GROUP,
        environment,
        str(Path(program).parent),
        startup,
        told,
    )
    if not done:
        return 0
    process, thread = (int.from_bytes(told.raw[at : at + 8], "little") for at in (0, 8))
    close(thread)
    return process


def stays(process: int, patience_s: float) -> bool:
    """Whether a process still runs after that time. Its handle is given back."""
    waited = win32.library("kernel32").WaitForSingleObject(win32.ctypes.c_void_p(process), int(patience_s * 1000))
    close(process)
    return int(waited) == STILL_WAITING


def end(process: int, patience_s: float) -> None:
    """Wait for a process, and end it where that takes longer: it runs from files that are to be replaced."""
    kernel = win32.library("kernel32")
    kernel.WaitForSingleObject(win32.ctypes.c_void_p(process), int(patience_s * 1000))
    kernel.TerminateProcess(win32.ctypes.c_void_p(process), 1)
    close(process)


def close(handle: int) -> None:
    """Give a handle back."""
    win32.library("kernel32").CloseHandle(win32.ctypes.c_void_p(handle))


def _token(session: int) -> int:
    token = win32.ctypes.c_void_p()
    done = win32.library("wtsapi32").WTSQueryUserToken(session, win32.ctypes.byref(token))
    return int(token.value or 0) if done else 0
