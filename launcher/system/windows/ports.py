"""Who holds a port on Windows: the system's table of listening sockets, which names the process."""

import socket
import struct
from pathlib import PureWindowsPath
from typing import Any

from launcher.door import win32
from launcher.system import Holder
from launcher.system.windows import peer

LISTENING = 2
QUERY_LIMITED_INFORMATION = 0x1000


def holder(host: str, port: int) -> Holder | None:
    """Who listens there; None where that cannot be told."""
    pid = listener(peer.table(peer.IPV6 if ":" in host else peer.IPV4), host, port)
    return Holder(program=_program(pid), pid=pid) if pid else None


def listener(table: bytes, host: str, port: int) -> int | None:
    """The process that listens at an address, in a table as Windows gives it; None where none does."""
    six = ":" in host
    packed = socket.inet_pton(socket.AF_INET6 if six else socket.AF_INET, host)
    layout = peer.ROW6 if six else peer.ROW4
    (count,) = struct.unpack_from("<I", table)
    for number in range(min(count, (len(table) - 4) // layout.size)):
        row = layout.unpack_from(table, 4 + number * layout.size)
        here, here_port, state, pid = (row[0], row[2], row[6], row[7]) if six else (row[1], row[2], row[0], row[5])
        # The upper half of a port's field is undefined; zeros are whoever listens everywhere.
        if here_port & 0xFFFF == socket.htons(port) and here in (packed, bytes(len(packed))) and state == LISTENING:
            return int(pid)
    return None


def _program(pid: int) -> str:
    """The name of a process's program; empty where this user may not know it."""
    ctypes: Any = win32.ctypes
    kernel = win32.library("kernel32")
    kernel.OpenProcess.restype = ctypes.c_void_p
    process = kernel.OpenProcess(QUERY_LIMITED_INFORMATION, False, pid)
    if not process:
        return ""
    try:
        buffer, size = ctypes.create_unicode_buffer(1024), ctypes.c_uint32(1024)
        done = kernel.QueryFullProcessImageNameW(ctypes.c_void_p(process), 0, buffer, ctypes.byref(size))
        return PureWindowsPath(buffer.value).name if done else ""
    finally:
        kernel.CloseHandle(ctypes.c_void_p(process))
