"""Which OS user is at the other end of a connection, on macOS: the kernel's table of TCP connections, by sysctl.

`netstat` reads the same table. Each of its connections is a few records that begin with their length and kind; fields
are found at their offsets in Apple's headers (xnu `bsd/netinet/in_pcb.h`, `tcp_var.h`, `bsd/sys/socketvar.h`: the
structures that end in `_n`, packed to 4 bytes). Whatever does not look exactly so is unknown, and refused.
"""

import socket
import struct
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

from launcher.system.posix.peer import Address, is_private, own_uid, packed  # noqa: E402  # after the line for mypy

if TYPE_CHECKING:
    import asyncio

__all__ = ["is_private", "own_uid", "uid_at_door", "uid_in", "uid_of", "uid_of_credentials"]

TABLE = b"net.inet.tcp.pcblist_n"
SOCKET, INPCB, TCPCB = 0x1, 0x10, 0x20
"""Kinds of records: the socket with its owner, its addresses, the state of its connection."""
GENERATION_BYTES = 24
"""What stands before the first and after the last connection; it has no kind."""
SHORTEST = {SOCKET: 68, INPCB: 80, TCPCB: 40}
"""Up to the last field that is read."""
PORTS_AT, PROTOCOLS_AT, FOREIGN_AT, LOCAL_AT = 16, 44, 48, 64
STATE_AT, UID_AT, TCP_STATE_AT = 26, 64, 36
NO_PROCESS = 0x1
"""SS_NOFDREF: whoever had this end has closed it, or is gone."""
IPV4, IPV6 = 0x1, 0x2
OPEN_STATES = frozenset({4, 6, 9})
"""ESTABLISHED, and FIN_WAIT1 and 2: a client may have said all it has to say."""
LOCAL_LEVEL, PEER_CREDENTIALS = 0, 1
"""SOL_LOCAL and LOCAL_PEERCRED (`bsd/sys/un.h`)."""
CREDENTIALS = struct.Struct("<IIh2x16I")
"""struct xucred (`bsd/sys/ucred.h`): version, user, number of groups, groups."""


def uid_at_door(transport: "asyncio.BaseTransport") -> int | None:
    """The user at the other end of a private door's connection; None where the kernel does not tell."""
    connection: socket.socket = transport.get_extra_info("socket")
    try:
        return uid_of_credentials(connection.getsockopt(LOCAL_LEVEL, PEER_CREDENTIALS, CREDENTIALS.size))
    except OSError:
        return None


def uid_of_credentials(answer: bytes) -> int | None:
    """The user in a struct xucred; None where it is of another form than ours."""
    if len(answer) != CREDENTIALS.size:
        return None
    version, uid, groups, *_ = CREDENTIALS.unpack(answer)
    return int(uid) if version == 0 and 0 <= groups <= 16 else None


def uid_of(peer: tuple[str, int], own: tuple[str, int]) -> int | None:
    """The user whose process holds the other end of a TCP connection on this machine; None where that is unknown.

    `peer` and `own` are the two ends as the accepted socket names them.
    """
    try:
        ends = (packed(*peer[:2]), packed(*own[:2]))
        return uid_in(_table(), *ends)
    except (OSError, ValueError):
        return None


def uid_in(table: bytes, peer: Address, own: Address) -> int | None:
    """The user whose open connection runs from `peer` to `own`, in a table as macOS gives it; None if not exactly one.

    Raises: ValueError if it is of another form than ours.
    """
    uids = set()
    for found in _connections(table):
        (state,) = struct.unpack_from("<H", found[SOCKET], STATE_AT)
        (uid,) = struct.unpack_from("<I", found[SOCKET], UID_AT)
        (tcp_state,) = struct.unpack_from("<i", found[TCPCB], TCP_STATE_AT)
        is_open = tcp_state in OPEN_STATES and not state & NO_PROCESS
        # Its own end is our peer, its foreign one our own.
        if is_open and _end(found[INPCB], LOCAL_AT, peer) == peer and _end(found[INPCB], FOREIGN_AT, own) == own:
            uids.add(int(uid))
    return uids.pop() if len(uids) == 1 else None


def _connections(table: bytes) -> Iterator[dict[int, bytes]]:
    """The records of each connection, by kind; that of its TCP state comes last."""
    at, found = GENERATION_BYTES, dict[int, bytes]()
    while at + 8 <= len(table):
        length, kind = struct.unpack_from("<II", table, at)
        if length == GENERATION_BYTES:
            return
        record = table[at : at + length]
        if length < SHORTEST.get(kind, 8) or len(record) != length:
            raise ValueError("the kernel's table of connections has another form")
        if kind == INPCB:
            found = {}
        found[kind] = record
        if kind == TCPCB and SOCKET in found and INPCB in found:
            yield found
            found = {}
        at += (length + 7) & ~7


def _end(record: bytes, at: int, like: Address) -> Address | None:
    """One end of a connection, as an address of the same length as `like`; None if it is of the other protocol."""
    four = len(like[0]) == 4
    if not record[PROTOCOLS_AT] & (IPV4 if four else IPV6):
        return None
    foreign, local = struct.unpack_from("!HH", record, PORTS_AT)
    # An IPv4 address stands in the last four bytes of an IPv6 one's place.
    return record[at + 12 if four else at : at + 16], local if at == LOCAL_AT else foreign


def _table() -> bytes:
    """All TCP connections. Raises: OSError."""
    import ctypes

    ask = ctypes.CDLL(None, use_errno=True).sysctlbyname
    for _ in range(3):
        size = ctypes.c_size_t()
        # Asked for its size, the kernel adds an eighth; the table may have grown by more between two calls.
        if not ask(TABLE, None, ctypes.byref(size), None, ctypes.c_size_t(0)):
            buffer = ctypes.create_string_buffer(size.value)
            if not ask(TABLE, buffer, ctypes.byref(size), None, ctypes.c_size_t(0)):
                return buffer.raw[: size.value]
    raise OSError(ctypes.get_errno(), "sysctl net.inet.tcp.pcblist_n")
