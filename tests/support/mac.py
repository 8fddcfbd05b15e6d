"""What a Mac's kernel says, built from Apple's headers field by field: connections, as real ones are here; processes.

xnu `bsd/netinet/in_pcb.h`, `bsd/netinet/tcp_var.h`, `bsd/sys/socketvar.h`, all under `#pragma pack(4)`, in the order of
`bsd/netinet/in_pcblist.c`.
"""

import socket
import struct
from pathlib import Path

ESTABLISHED, LISTEN, FIN_WAIT_1, FIN_WAIT_2, TIME_WAIT = 4, 1, 6, 9, 10
IPV4, IPV6 = 0x1, 0x2
CONNECTED, NO_FDREF = 0x2, 0x1
LINUX_STATES = {0x01: ESTABLISHED, 0x04: FIN_WAIT_1, 0x05: FIN_WAIT_2, 0x06: TIME_WAIT, 0x0A: LISTEN}

Ends = tuple[str, int]


def padded(record: bytes) -> bytes:
    return record.ljust((len(record) + 7) & ~7, b"\0")


def generation(count: int) -> bytes:
    """struct xinpgen."""
    return struct.pack("<IIQQ", 24, count, 7, 9)


def address(host: str) -> bytes:
    """struct in_addr_4in6, or in6_addr."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.inet_pton(family, host).rjust(16, b"\0")


def inpcb(local: Ends, foreign: Ends, protocols: int) -> bytes:
    """struct xinpcb_n: 100 bytes, before macOS 13 and since."""
    head = struct.pack("<IIQ", 0, 0x10, 0xABCD) + struct.pack("!HH", foreign[1], local[1])
    middle = struct.pack("<QQiIBBBx", 0xEF01, 3, 0x800, 0, protocols, 64, 6)
    tail = struct.pack("<BxxxBxxxiHhII", 0, 0, 0, 0, 0, 0xCAFE, 0)
    return with_length(head + middle + address(foreign[0]) + address(local[0]) + tail)


def xsocket(uid: int, state: int, *, newer: bool) -> bytes:
    """struct xsocket_n; macOS 13 added its last fields."""
    head = (
        struct.pack("<IIQ", 0, 0x1, 0x1234) + struct.pack("<hxxIhH", 1, 4, 0, state) + struct.pack("<Qii", 0xABCD, 6, 2)
    )
    queues = struct.pack("<hhhhHxxiI", 0, 0, 0, 0, 0, 0, 0)
    owner = struct.pack("<Iii", uid, 731, 731)
    return with_length(head + queues + owner + (struct.pack("<QIIiiI", 1, 0, 0, 1, 0, 0) if newer else b""))


def tcpcb(state: int) -> bytes:
    """struct xtcpcb_n: 204 bytes."""
    return with_length(struct.pack("<IIQi4ii", 0, 0x20, 0, 0, 0, 0, 0, 0, state).ljust(204, b"\1"))


def other(kind: int, size: int) -> bytes:
    """What is not read: struct xsockbuf_n, xsockstat_n."""
    return with_length(struct.pack("<II", 0, kind).ljust(size, b"\1"))


def with_length(record: bytes) -> bytes:
    return struct.pack("<I", len(record)) + record[4:]


def connection(
    local: Ends,
    foreign: Ends,
    uid: int = 501,
    tcp_state: int = ESTABLISHED,
    protocols: int = IPV4,
    state: int = CONNECTED,
    newer: bool = True,
) -> bytes:
    records = (
        inpcb(local, foreign, protocols),
        xsocket(uid, state, newer=newer),
        other(0x2, 32),
        other(0x4, 32),
        other(0x8, 136),
        tcpcb(tcp_state),
    )
    return b"".join(padded(record) for record in records)


def table(*connections: bytes) -> bytes:
    """All of it: whoever counts 16 or 32 connections has one that looks like a kind."""
    return generation(16) + b"".join(connections) + generation(32)


def basic_info(pid: int, seconds: int = 1_700_000_000, microseconds: int = 42, status: int = 2) -> bytes:
    """struct proc_bsdinfo (xnu `bsd/sys/proc_info.h`)."""
    head = struct.pack("<12I", 0, status, 0, pid, 1, 501, 20, 501, 20, 501, 20, 0)
    names = b"Maya".ljust(16, b"\0") + b"Maya".ljust(32, b"\0")
    return head + names + struct.pack("<5Ii2Q", 3, pid, 0, 0, 0, 0, seconds, microseconds)


def table_of_this_machine() -> bytes:
    """All connections of this Linux machine, as a Mac would tell of them."""
    rows = []
    for name, protocols in (("tcp", IPV4), ("tcp6", IPV6)):
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            fields = line.split()
            local, foreign = map(_ends, fields[1:3])
            state = CONNECTED if fields[9] != "0" else NO_FDREF
            tcp_state = LINUX_STATES.get(int(fields[3], 16), 0)
            rows.append(connection(local, foreign, int(fields[7]), tcp_state, protocols, state))
    return table(*rows)


def _ends(text: str) -> Ends:
    address, port = text.split(":")
    packed = b"".join(struct.pack("=I", int(address[at : at + 8], 16)) for at in range(0, len(address), 8))
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed), int(port, 16)
