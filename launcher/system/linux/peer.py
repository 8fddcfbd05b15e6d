"""Which OS user is at the other end of a connection. Linux only.

The kernel's sock_diag answers for one connection in 0.01 ms. /proc/net/tcp takes 2 to 5 ms, because reading it walks
the kernel's whole table of connections; it serves where sock_diag is not built in.
"""

import socket
import struct
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

assert sys.platform == "linux"  # noqa: S101  # for mypy, which looks at this file for other systems too

from launcher.system.posix.peer import Address, is_private, own_uid, packed  # noqa: E402  # after the line for mypy

__all__ = ["by_proc", "is_private", "own_uid", "uid_at_door", "uid_of", "uid_of_socket"]

SOCK_DIAG = 4
SOCK_DIAG_BY_FAMILY = 20
REQUEST = 1
ERROR = 2
TCP = 6
OPEN_STATES = frozenset({1, 4, 5})
"""ESTABLISHED, and FIN_WAIT1 and 2: a client may have said all it has to say. Of others the kernel knows no owner."""
MAPPED = b"\0" * 10 + b"\xff\xff"
PATIENCE_S = 1.0


def uid_at_door(transport: "asyncio.BaseTransport") -> int | None:
    """The user at the other end of a private door's connection; None where the kernel does not tell."""
    return uid_of_socket(transport.get_extra_info("socket"))


def uid_of_socket(connection: socket.socket) -> int | None:
    """The user at the other end of a Unix socket; None where the kernel does not tell."""
    try:
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    except OSError:
        return None
    uid: int = struct.unpack("3i", credentials)[1]
    return uid if uid >= 0 else None


def uid_of(peer: tuple[str, int], own: tuple[str, int]) -> int | None:
    """The user whose process holds the other end of a TCP connection on this machine; None where that is unknown.

    `peer` and `own` are the two ends as the accepted socket names them.
    """
    try:
        ends = (packed(*peer[:2]), packed(*own[:2]))
    except (OSError, ValueError):
        return None
    try:
        return _by_sock_diag(*ends)
    except OSError:
        return by_proc(*ends)


def _by_sock_diag(peer: Address, own: Address) -> int | None:
    """The kernel's own answer (sock_diag(7), inet_diag_req_v2).

    Raises: OSError where the kernel has no sock_diag.
    """
    family = socket.AF_INET6 if len(peer[0]) == 16 else socket.AF_INET
    ends = struct.pack("!HH", peer[1], own[1]) + peer[0].ljust(16, b"\0") + own[0].ljust(16, b"\0")
    # Any interface, no cookie, any state.
    question = struct.pack("=BBBxI", family, TCP, 0, 0xFFFFFFFF) + ends + struct.pack("=III", 0, 0xFFFFFFFF, 0xFFFFFFFF)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, SOCK_DIAG) as kernel:
        kernel.settimeout(PATIENCE_S)
        kernel.send(struct.pack("=IHHII", 16 + len(question), SOCK_DIAG_BY_FAMILY, REQUEST, 1, 0) + question)
        answer = kernel.recv(4096)
    (kind,) = struct.unpack_from("=H", answer, 4)
    if kind == ERROR:
        (number,) = struct.unpack_from("=i", answer, 16)
        if number == -2:  # ENOENT: there is no such connection
            return None
        raise OSError(-number, "sock_diag")
    state = answer[17]
    uid, inode = struct.unpack_from("=II", answer, 16 + 4 + 48 + 12)
    # The kernel may answer with a listening socket of that port: its ends are others.
    same = answer[20:24] == ends[:4]
    return uid if same and state in OPEN_STATES and inode else None


def by_proc(peer: Address, own: Address) -> int | None:
    """The same from /proc/net/tcp and tcp6."""
    if len(peer[0]) == 16:
        return _row("/proc/net/tcp6", peer, own)
    uid = _row("/proc/net/tcp", peer, own)
    # A socket that speaks both protocols stands in the other table, with an address mapped to IPv6.
    return _row("/proc/net/tcp6", (MAPPED + peer[0], peer[1]), (MAPPED + own[0], own[1])) if uid is None else uid


def _row(table: str, peer: Address, own: Address) -> int | None:
    try:
        with open(table, "rb", buffering=1 << 20) as file:
            rows = file.read()
    except OSError:
        return None
    # Its other end is our peer's own end: the peer's address stands first in its row.
    ends = f" {_hex(peer)} {_hex(own)} ".encode()
    at = rows.find(ends)
    while at >= 0:
        state, _, _, _, uid, _, inode = rows[at + len(ends) : rows.find(b"\n", at)].split()[:7]
        if int(state, 16) in OPEN_STATES and inode != b"0":
            return int(uid)
        at = rows.find(ends, at + 1)
    return None


def _hex(end: Address) -> str:
    """An address as /proc writes it: 32-bit words in this machine's byte order."""
    words = struct.unpack(f"={len(end[0]) // 4}I", end[0])
    return "".join(f"{word:08X}" for word in words) + f":{end[1]:04X}"
