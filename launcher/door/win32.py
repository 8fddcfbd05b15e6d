"""Whose process is it: security identifiers (SIDs) by ctypes. Below `system`, because the hand-off asks too."""

# Not typed as what it is: mypy looks at this file for Linux too, where ctypes has no WinDLL.
import ctypes as _ctypes
import struct
from typing import Any

ctypes: Any = _ctypes
QUERY_LIMITED_INFORMATION = 0x1000
TOKEN_QUERY = 0x8
TOKEN_USER = 1
FILE_OBJECT, OWNER_INFORMATION = 1, 0x1
ATTRIBUTES = struct.Struct("I4xQI4x")
"""SECURITY_ATTRIBUTES: length, descriptor, whether children inherit the handle."""
SYSTEMS = frozenset({"S-1-5-18", "S-1-5-32-544"})
"""The machine itself, and its administrators."""


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
        return sid_of_token(token.value)
    finally:
        kernel.CloseHandle(token)


def sid_of_token(token: int) -> str:
    """The SID of the user that a token stands for. Raises: OSError."""
    kernel, security = library("kernel32"), library("advapi32")
    # A TOKEN_USER: a pointer to the SID, its attributes, and the SID itself, 68 bytes at most.
    buffer, needed = ctypes.create_string_buffer(128), ctypes.c_uint32()
    asked = (ctypes.c_void_p(token), TOKEN_USER, buffer, len(buffer), ctypes.byref(needed))
    if not security.GetTokenInformation(*asked):
        raise error()
    text = ctypes.c_wchar_p()
    if not security.ConvertSidToStringSidW(ctypes.c_void_p.from_buffer(buffer), ctypes.byref(text)):
        raise error()
    sid = str(text.value)
    kernel.LocalFree(text)
    return sid


def owner_of(path: str) -> str | None:
    """The SID of the user whose a file is; None where Windows does not tell."""
    security, kernel = library("advapi32"), library("kernel32")
    owner, descriptor, text = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_wchar_p()
    wanted = (ctypes.byref(owner), None, None, None, ctypes.byref(descriptor))
    if security.GetNamedSecurityInfoW(path, FILE_OBJECT, OWNER_INFORMATION, *wanted):
        return None
    try:
        if not owner.value or not security.ConvertSidToStringSidW(owner, ctypes.byref(text)):
            return None
        sid = str(text.value)
        kernel.LocalFree(text)
        return sid
    finally:
        kernel.LocalFree(descriptor)


def attributes(descriptor: int) -> Any:
    """SECURITY_ATTRIBUTES: a descriptor, for a handle that no child inherits."""
    return ctypes.create_string_buffer(ATTRIBUTES.pack(ATTRIBUTES.size, descriptor, 0))


def server_of(pipe: int) -> int | None:
    """The process that serves a pipe, asked at the client's end; None where the system does not tell."""
    return _process(library("kernel32").GetNamedPipeServerProcessId, pipe)


def client_of(pipe: int) -> int | None:
    """The process at a pipe's other end, asked at the server's; None where the system does not tell."""
    return _process(library("kernel32").GetNamedPipeClientProcessId, pipe)


def _process(function: Any, pipe: int) -> int | None:
    pid = ctypes.c_uint32()
    return int(pid.value) if function(ctypes.c_void_p(pipe), ctypes.byref(pid)) else None
