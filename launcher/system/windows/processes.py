"""Every process of a Windows machine: its program, its command line, its session, and its end. By ctypes."""

import os
import sys
from collections.abc import Iterator
from pathlib import PureWindowsPath

from launcher.door import win32
from launcher.system.windows import process

assert sys.platform == "win32"  # noqa: S101  # for mypy, which looks at this file for Linux too

SNAP_PROCESSES, INVALID_HANDLE = 0x2, 2**64 - 1
ENTRY_BYTES, PID_AT, PARENT_AT = 568, 8, 32
"""PROCESSENTRY32W of 64-bit Windows (tlhelp32.h)."""
COMMAND_LINE = 60
"""ProcessCommandLineInformation: a UNICODE_STRING and its characters; since Windows 8.1."""
BASIC, BASIC_BYTES, PARAMETERS_AT, LINE_AT = 0, 48, 0x20, 0x70
"""ProcessBasicInformation, which names the PEB; in that the parameters, in those the command line: of 64 bit."""
QUERY_LIMITED_INFORMATION, QUERY_INFORMATION, READ_MEMORY, TERMINATE = 0x1000, 0x400, 0x10, 0x1
LONGEST = 32_768


def every() -> Iterator[tuple[int, int]]:
    """The number of each process, and of its parent. Raises: OSError."""
    ctypes, kernel = win32.ctypes, win32.library("kernel32")
    kernel.CreateToolhelp32Snapshot.restype = ctypes.c_void_p
    snapshot = kernel.CreateToolhelp32Snapshot(SNAP_PROCESSES, 0)
    if snapshot in (None, INVALID_HANDLE):
        raise win32.error()
    try:
        entry = ctypes.create_string_buffer(ENTRY_BYTES)
        ctypes.memmove(entry, ENTRY_BYTES.to_bytes(4, "little"), 4)
        more = kernel.Process32FirstW(ctypes.c_void_p(snapshot), entry)
        while more:
            pid, parent = (int.from_bytes(entry.raw[at : at + 4], "little") for at in (PID_AT, PARENT_AT))
            yield pid, parent
            more = kernel.Process32NextW(ctypes.c_void_p(snapshot), entry)
    finally:
        kernel.CloseHandle(ctypes.c_void_p(snapshot))


def is_ours(pid: int, program: str) -> bool:
    """Whether a process runs that program, as Windows names its file; the file may have another name by now."""
    path = _path(pid)
    return bool(path) and PureWindowsPath(os.path.realpath(path)) == PureWindowsPath(os.path.realpath(program))


def _path(pid: int) -> str:
    """The file of its program; empty where this user may not know it."""
    ctypes, kernel = win32.ctypes, win32.library("kernel32")
    held = _held(pid, QUERY_LIMITED_INFORMATION)
    if not held:
        return ""
    try:
        text, size = ctypes.create_unicode_buffer(LONGEST), ctypes.c_uint32(LONGEST)
        done = kernel.QueryFullProcessImageNameW(ctypes.c_void_p(held), 0, text, ctypes.byref(size))
        return str(text.value) if done else ""
    finally:
        kernel.CloseHandle(ctypes.c_void_p(held))


def arguments(pid: int) -> list[str]:
    """The command line of a process, as a program reads it; empty where Windows does not tell."""
    ctypes, kernel = win32.ctypes, win32.library("kernel32")
    held = _held(pid, QUERY_LIMITED_INFORMATION)
    if not held:
        return []
    try:
        buffer = ctypes.create_string_buffer(2 * LONGEST + 16)
        ask = win32.library("ntdll").NtQueryInformationProcess
        status = ask(ctypes.c_void_p(held), COMMAND_LINE, buffer, len(buffer), None)
    finally:
        kernel.CloseHandle(ctypes.c_void_p(held))
    if status:
        return split(_read_line(pid))
    length, at = int.from_bytes(buffer.raw[:2], "little"), int.from_bytes(buffer.raw[8:16], "little")
    return split(ctypes.string_at(at, length).decode("utf-16-le", "replace"))


def _read_line(pid: int) -> str:
    """The same out of the process's own memory, where it is kept at its start: what wine 8 and Windows 7 have."""
    held = _held(pid, QUERY_INFORMATION | READ_MEMORY)
    if not held:
        return ""
    try:
        basic = win32.ctypes.create_string_buffer(BASIC_BYTES)
        ask = win32.library("ntdll").NtQueryInformationProcess
        if ask(win32.ctypes.c_void_p(held), BASIC, basic, BASIC_BYTES, None):
            return ""
        block = int.from_bytes(basic.raw[8:16], "little")
        parameters = int.from_bytes(_memory(held, block + PARAMETERS_AT, 8), "little")
        text = _memory(held, parameters + LINE_AT, 16)
        length, at = int.from_bytes(text[:2], "little"), int.from_bytes(text[8:], "little")
        return _memory(held, at, length).decode("utf-16-le", "replace")
    except OSError:
        return ""
    finally:
        win32.library("kernel32").CloseHandle(win32.ctypes.c_void_p(held))


def _memory(held: int, at: int, size: int) -> bytes:
    """Bytes of another process. Raises: OSError."""
    ctypes, buffer = win32.ctypes, win32.ctypes.create_string_buffer(size)
    read = win32.library("kernel32").ReadProcessMemory
    if not read(ctypes.c_void_p(held), ctypes.c_void_p(at), buffer, ctypes.c_size_t(size), None):
        raise win32.error()
    return bytes(buffer.raw)


def split(line: str) -> list[str]:
    """A command line's words, by Windows' own rules."""
    ctypes, shell, count = win32.ctypes, win32.library("shell32"), win32.ctypes.c_int()
    if not line:
        return []
    shell.CommandLineToArgvW.restype = ctypes.POINTER(ctypes.c_wchar_p)
    words = shell.CommandLineToArgvW(line, ctypes.byref(count))
    found = [str(words[number]) for number in range(count.value)]
    win32.library("kernel32").LocalFree(words)
    return found


def session_of(pid: int) -> int:
    """The number of the session that a process runs in."""
    number = win32.ctypes.c_uint32()
    win32.library("kernel32").ProcessIdToSessionId(pid, win32.ctypes.byref(number))
    return int(number.value)


def terminate(pid: int, birth: str) -> bool:
    """End a process at once, where it is still the same; whether Windows did it."""
    ctypes, kernel = win32.ctypes, win32.library("kernel32")
    held = _held(pid, TERMINATE | QUERY_LIMITED_INFORMATION)
    if not held:
        return False
    try:
        # Held, its number stays its own.
        return process.lives(pid, birth) and bool(kernel.TerminateProcess(ctypes.c_void_p(held), 1))
    finally:
        kernel.CloseHandle(ctypes.c_void_p(held))


def _held(pid: int, access: int) -> int:
    kernel = win32.library("kernel32")
    kernel.OpenProcess.restype = win32.ctypes.c_void_p
    return int(kernel.OpenProcess(access, False, pid) or 0)
