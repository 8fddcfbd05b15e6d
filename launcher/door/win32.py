"""Whose process is it: security identifiers (SIDs) by ctypes. Below `system`, because the hand-off asks too."""

# Not typed as what it is: mypy looks at this file for Linux too, where ctypes has no WinDLL.
import ctypes as _ctypes
from typing import Any

ctypes: Any = _ctypes
QUERY_LIMITED_INFORMATION = 0x1000
TOKEN_QUERY = 0x8
TOKEN_USER = 1


def library(name: str) -> Any:
    """A DLL of the system; `error` tells what its last call said."""
    return ctypes.WinDLL(name, use_last_error=True)


def error() -> OSError:
    """What the last call of a library said."""
    found: OSError = ctypes.WinError(ctypes.get_last_error())
    return found


def own_sid() -> str:
    """This user's SID, such as `S-1-5-21-…-1001`. Raises: OSError."""
    kernel = library("kernel32")
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    return _sid_of_process(kernel.GetCurrentProcess())


def sid_of(pid: int) -> str | None:
    """The SID of a process's user; None where this user may not know it."""
    kernel = library("kernel32")
    kernel.OpenProcess.restype = ctypes.c_void_p
    process = kernel.OpenProcess(QUERY_LIMITED_INFORMATION, False, pid)
    if not process:
        return None
    try:
        return _sid_of_process(process)
    except OSError:
        return None
    finally:
        kernel.CloseHandle(ctypes.c_void_p(process))


def _sid_of_process(process: int) -> str:
    kernel, security = library("kernel32"), library("advapi32")
    token = ctypes.c_void_p()
    if not security.OpenProcessToken(ctypes.c_void_p(process), TOKEN_QUERY, ctypes.byref(token)):
        raise error()
    try:
        # A TOKEN_USER: a pointer to the SID, its attributes, and the SID itself, 68 bytes at most.
        buffer, needed = ctypes.create_string_buffer(128), ctypes.c_uint32()
        if not security.GetTokenInformation(token, TOKEN_USER, buffer, len(buffer), ctypes.byref(needed)):
            raise error()
        text = ctypes.c_wchar_p()
        if not security.ConvertSidToStringSidW(ctypes.c_void_p.from_buffer(buffer), ctypes.byref(text)):
            raise error()
        sid = str(text.value)
        kernel.LocalFree(text)
        return sid
    finally:
        kernel.CloseHandle(token)


def server_of(pipe: int) -> int | None:
    """The process that serves a pipe, asked at the client's end; None where the system does not tell."""
    return _process(library("kernel32").GetNamedPipeServerProcessId, pipe)


def client_of(pipe: int) -> int | None:
    """The process at a pipe's other end, asked at the server's; None where the system does not tell."""
    return _process(library("kernel32").GetNamedPipeClientProcessId, pipe)


def _process(function: Any, pipe: int) -> int | None:
    pid = ctypes.c_uint32()
    return int(pid.value) if function(ctypes.c_void_p(pipe), ctypes.byref(pid)) else None
