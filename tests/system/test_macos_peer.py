"""Whose process is at the other end, on macOS: bytes as its kernel writes them (`tests/support/mac.py`)."""

import os
import socket
import struct

import pytest

from launcher.system.macos import peer
from launcher.system.posix.peer import packed
from tests.support.mac import (
    CONNECTED,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    IPV4,
    IPV6,
    LISTEN,
    NO_FDREF,
    TIME_WAIT,
    Ends,
    connection,
    inpcb,
    padded,
    table,
    table_of_this_machine,
    tcpcb,
)

ADA, EVE = 501, 502
CLIENT, DAEMON = ("127.0.0.1", 50_123), ("127.0.0.1", 24_517)
CLIENT6, DAEMON6 = ("::1", 50_123), ("::1", 24_517)


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


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_real_connections_in_a_macs_table_are_known(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """Real: connections of this machine and their states, by the kernel; the table is written as a Mac writes it."""
    monkeypatch.setattr(peer, "_table", table_of_this_machine)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listening:
        client = socket.create_connection(listening.getsockname()[:2])
        with listening.accept()[0] as accepted:
            ends = accepted.getpeername(), accepted.getsockname()
            assert peer.uid_of(*ends) == os.getuid()
            client.shutdown(socket.SHUT_WR)
            assert peer.uid_of(*ends) == os.getuid(), "it may still read"
            client.close()
            assert peer.uid_of(*ends) is None
