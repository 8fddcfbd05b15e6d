"""Which OS user is at the other end of a connection, on Windows: by the process that holds it.

Windows tells for each TCP connection its process (GetExtendedTcpTable), and for a pipe the one at its other end. Of a
process that this user may not look at nothing is known, and it is refused.
"""

import os
import socket
import struct
from functools import cache
from typing import TYPE_CHECKING, Any

from launcher.door import win32

if TYPE_CHECKING:
    import asyncio

TABLE_OWNER_PID_ALL = 5
INSUFFICIENT_BUFFER = 122
IPV4, IPV6 = 2, 23
"""AF_INET and AF_INET6 as Windows numbers them."""
OPEN_STATES = frozenset({5, 6, 7})
"""ESTABLISHED, and FIN_WAIT1 and 2: a client may have said all it has to say."""
ROW4 = struct.Struct("<I4sI4sII")
"""MIB_TCPROW_OWNER_PID: state, local address and port, remote address and port, process."""
ROW6 = struct.Struct("<16sII16sIIII")
"""MIB_TCP6ROW_OWNER_PID: local address, scope, port; remote address, scope, port; state, process."""
MAPPED = b"\0" * 10 + b"\xff\xff"

Address = tuple[bytes, int]
"""Packed IP address, of 4 or 16 bytes, and port."""


@cache
def own_uid() -> str:
    """This process's user, as a SID."""
    return win32.own_sid()


def is_private(transport: "asyncio.BaseTransport") -> bool:
    """Whether a connection came by the private door: only that one is a pipe."""
    return transport.get_extra_info("pipe") is not None


def uid_at_door(transport: "asyncio.BaseTransport") -> str | None:
    """The user at the other end of the private door's pipe; None where Windows does not tell."""
    pid = win32.client_of(transport.get_extra_info("pipe").fileno())
    return win32.sid_of(pid) if pid else None


def uid_of(peer: tuple[str, int], own: tuple[str, int]) -> str | None:
    """The user whose process holds the other end of a TCP connection on this machine; None where that is unknown.

    `peer` and `own` are the two ends as the accepted socket names them.
    """
    try:
        ends = (_packed(*peer[:2]), _packed(*own[:2]))
    except (OSError, ValueError):
        return None
    pid = _holder(*ends)
    # What holds both ends is this process itself, and needs no leave to look.
    return own_uid() if pid == os.getpid() else win32.sid_of(pid) if pid else None


def _packed(host: str, port: int) -> Address:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.inet_pton(family, host.partition("%")[0]), port


def _holder(peer: Address, own: Address) -> int | None:
    if len(peer[0]) == 16:
        return holder_in(table(IPV6), peer, own)
    found = holder_in(table(IPV4), peer, own)
    # A socket that speaks both protocols stands in the other table, with an address mapped to IPv6.
    mapped = (MAPPED + peer[0], peer[1]), (MAPPED + own[0], own[1])
    return holder_in(table(IPV6), *mapped) if found is None else found


def holder_in(table: bytes, peer: Address, own: Address) -> int | None:
    """The process whose connection runs from `peer` to `own`, in a table as Windows gives it; None where none does."""
    ports = (_port(peer[1]), _port(own[1]))
    (count,) = struct.unpack_from("<I", table)
    six = len(peer[0]) == 16
    layout = ROW6 if six else ROW4
    for number in range(min(count, (len(table) - 4) // layout.size)):
        row = layout.unpack_from(table, 4 + number * layout.size)
        if six:
            here, _, here_port, there, _, there_port, state, pid = row
        else:
            state, here, here_port, there, there_port, pid = row
        # The upper half of a port's field is undefined.
        same_ports = (here_port & 0xFFFF, there_port & 0xFFFF) == ports
        if same_ports and (here, there) == (peer[0], own[0]) and state in OPEN_STATES and pid:
            return int(pid)
    return None


def _port(number: int) -> int:
    """A port as it stands in the table: in network order."""
    return socket.htons(number)


def table(family: int) -> bytes:
    """All TCP connections of one protocol; empty of rows where Windows does not tell."""
    ctypes: Any = win32.ctypes
    ask = win32.library("iphlpapi").GetExtendedTcpTable
    size = ctypes.c_uint32(32_768)
    for _ in range(5):
        # It may have grown between two calls.
        buffer = ctypes.create_string_buffer(size.value)
        answer = ask(buffer, ctypes.byref(size), False, family, TABLE_OWNER_PID_ALL, 0)
        if answer == 0:
            return bytes(buffer.raw)
        if answer != INSUFFICIENT_BUFFER:
            break
    return b"\0\0\0\0"
