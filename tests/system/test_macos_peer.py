"""Whose process is at the other end, on macOS: bytes as its kernel writes them.

Built from Apple's headers, field by field (xnu `bsd/netinet/in_pcb.h`, `bsd/netinet/tcp_var.h`, `bsd/sys/socketvar.h`,
`bsd/sys/ucred.h`; all of the first three under `#pragma pack(4)`), in the order of `bsd/netinet/in_pcblist.c`.
"""

import socket
import struct

import pytest

from launcher.system.macos import peer
from launcher.system.posix.peer import packed

ADA, EVE = 501, 502
ESTABLISHED, LISTEN, FIN_WAIT_1, FIN_WAIT_2, TIME_WAIT = 4, 1, 6, 9, 10
IPV4, IPV6 = 0x1, 0x2
CONNECTED, NO_FDREF = 0x2, 0x1
CLIENT, DAEMON = ("127.0.0.1", 50_123), ("127.0.0.1", 24_517)
CLIENT6, DAEMON6 = ("::1", 50_123), ("::1", 24_517)

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
    uid: int = ADA,
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


def uid(found: bytes, client: Ends = CLIENT, daemon: Ends = DAEMON) -> int | None:
    return peer.uid_in(found, packed(*client), packed(*daemon))


def test_the_records_have_the_sizes_that_are_known_of_real_ones() -> None:
    """From programs that read the table at fixed places: 384 bytes a connection up to macOS 12, 408 since, and 208 more
    for TCP; its owner's process stands 172 bytes after its beginning, the port at 18."""
    assert (len(connection(CLIENT, DAEMON, newer=False)), len(connection(CLIENT, DAEMON))) == (384 + 208, 408 + 208)
    assert struct.unpack_from("<i", connection(CLIENT, DAEMON), 104 + 68) == (731,)
    assert struct.unpack_from("!H", connection(CLIENT, DAEMON), 18) == (50_123,)


@pytest.mark.parametrize("newer", [False, True])
@pytest.mark.parametrize(
    ("client", "daemon", "protocols"),
    [(CLIENT, DAEMON, IPV4), (CLIENT6, DAEMON6, IPV6), (CLIENT, DAEMON, IPV4 | IPV6)],
    ids=["IPv4", "IPv6", "both"],
)
def test_the_user_at_the_clients_end_is_told(client: Ends, daemon: Ends, protocols: int, newer: bool) -> None:
    """Both ends of one connection stand in the table: the daemon's own is another user's here."""
    found = table(
        connection(daemon, ("0.0.0.0" if protocols & IPV4 else "::", 0), ADA, LISTEN, protocols, 0, newer),
        connection(daemon, client, ADA, ESTABLISHED, protocols, newer=newer),
        connection(client, daemon, EVE, ESTABLISHED, protocols, newer=newer),
        connection(client, (daemon[0], 24_518), ADA, ESTABLISHED, protocols, newer=newer),
    )

    assert uid(found, client, daemon) == EVE


@pytest.mark.parametrize("state", [FIN_WAIT_1, FIN_WAIT_2])
def test_a_client_that_has_said_all_is_still_known(state: int) -> None:
    assert uid(table(connection(CLIENT, DAEMON, ADA, state))) == ADA


@pytest.mark.parametrize(
    "one",
    [
        connection(CLIENT, DAEMON, ADA, TIME_WAIT),
        connection(CLIENT, DAEMON, ADA, ESTABLISHED, state=CONNECTED | NO_FDREF),
        connection(CLIENT, DAEMON, ADA, LISTEN),
        connection(DAEMON, CLIENT, ADA),
        connection(("127.0.0.2", 50_123), DAEMON, ADA),
        connection(CLIENT, ("127.0.0.1", 9), ADA),
        connection(CLIENT, DAEMON, ADA, protocols=IPV6),
        connection(CLIENT6, DAEMON6, ADA, protocols=IPV6),
    ],
    ids=["time-wait", "closed by its process", "listening", "our own end", "another address", "another port",
         "another protocol", "IPv6"],
)  # fmt: skip
def test_what_is_not_the_clients_open_end_is_unknown(one: bytes) -> None:
    assert uid(table(one)) is None


def test_an_empty_table_knows_nobody() -> None:
    assert uid(table()) is None
    assert uid(b"") is None


def test_where_two_users_seem_to_have_one_end_nobody_is_told() -> None:
    assert uid(table(connection(CLIENT, DAEMON, ADA), connection(CLIENT, DAEMON, EVE))) is None
    assert uid(table(connection(CLIENT, DAEMON, ADA), connection(CLIENT, DAEMON, ADA))) == ADA


def test_a_connection_without_a_socket_is_nobodys() -> None:
    records = (inpcb(CLIENT, DAEMON, IPV4), tcpcb(ESTABLISHED))

    assert uid(table(b"".join(padded(record) for record in records))) is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda found: found[: 24 + 104 + 60],
        lambda found: found[:24] + struct.pack("<II", 0, 0x10) + found[32:],
        lambda found: found[:24] + struct.pack("<II", 40, 0x10) + found[32:],
        lambda found: found[:24] + struct.pack("<II", 1 << 31, 0x10) + found[32:],
        lambda found: found.replace(struct.pack("<II", 104, 0x1), struct.pack("<II", 60, 0x1)),
    ],
    ids=["cut off", "no length", "short", "endless", "a shorter socket"],
)
def test_a_table_of_another_form_is_refused(damage: object) -> None:
    with pytest.raises(ValueError, match="another form"):
        uid(damage(table(connection(CLIENT, DAEMON, ADA))))  # type: ignore[operator]


def test_where_the_kernel_tells_nothing_the_user_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: what comes of the whole way where the system call fails."""

    def fails() -> bytes:
        raise OSError(1, "sysctl")

    monkeypatch.setattr(peer, "_table", fails)

    assert peer.uid_of(CLIENT, DAEMON) is None
    assert peer.uid_of(("localhost", 1), DAEMON) is None


def test_the_whole_way_from_the_sockets_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """An IPv6 socket names itself with flow and scope; an IPv4 client's comes mapped."""
    rows = table(connection(CLIENT, DAEMON, ADA), connection(CLIENT6, DAEMON6, EVE, protocols=IPV6))
    monkeypatch.setattr(peer, "_table", lambda: rows)

    assert peer.uid_of(CLIENT, DAEMON) == ADA
    assert peer.uid_of(("::1", 50_123, 0, 0), ("::1", 24_517, 0, 0)) == EVE  # type: ignore[arg-type]


def credentials(version: int, user: int, groups: int) -> bytes:
    """struct xucred, NGROUPS = 16."""
    return struct.pack("<IIh2x16I", version, user, groups, *range(16))


def test_the_user_at_the_private_door() -> None:
    """76 bytes of LOCAL_PEERCRED."""
    assert peer.CREDENTIALS.size == 76
    assert peer.uid_of_credentials(credentials(0, EVE, 1)) == EVE
    assert peer.uid_of_credentials(credentials(0, 0, 16)) == 0


@pytest.mark.parametrize("answer", [b"", credentials(1, ADA, 1), credentials(0, ADA, 17), credentials(0, ADA, -1)])
def test_credentials_of_another_form_are_nobodys(answer: bytes) -> None:
    assert peer.uid_of_credentials(answer) is None


def test_a_system_without_such_credentials_tells_nobody() -> None:
    """Real: a Unix socket of Linux, which knows no such option."""

    class Transport:
        def get_extra_info(self, name: str) -> object:
            return here

    here, there = socket.socketpair()
    with here, there:
        assert peer.uid_at_door(Transport()) is None  # type: ignore[arg-type]
