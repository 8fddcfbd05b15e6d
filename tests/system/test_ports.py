"""Who holds a port: the real machine's answer, and other systems' tables as they give them."""

import os
import socket
import struct
from pathlib import Path

import pytest

from launcher.system import Holder
from launcher.system.linux import ports
from launcher.system.macos import ports as macos
from launcher.system.windows import ports as windows
from tests.support.foreign import Foreign


@pytest.mark.parametrize(
    ("listens", "asked"),
    [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::1", "::1"), ("::", "::1"), ("::", "127.0.0.1")],
)
def test_ones_own_program_is_named(listens: str, asked: str) -> None:
    """Real: a socket of this process, for one address and for all of them."""
    family = socket.AF_INET6 if ":" in listens else socket.AF_INET
    with socket.create_server((listens, 0), family=family, dualstack_ipv6=listens == "::") as server:
        held = ports.holder(asked, server.getsockname()[1])

    assert held == Holder(program=Path("/proc/self/comm").read_text().strip(), pid=os.getpid())


def test_of_another_user_the_name_is_told(foreign: Foreign) -> None:
    """Real: a second OS user."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    foreign.squat_tcp("127.0.0.1", port)

    held = ports.holder("127.0.0.1", port)

    assert held
    assert held.user in ("nobody", "kitsu-other")
    assert (held.program, held.pid) == ("", 0)


def test_where_nobody_listens_nobody_is_named() -> None:
    """Real: a port that is bound, and not listened at."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert ports.holder("127.0.0.1", bound.getsockname()[1]) is None


def test_windows_table() -> None:
    """Exact: MIB_TCPTABLE_OWNER_PID with a connection, a listener elsewhere, and ours."""
    port = socket.htons(24517)
    home, everywhere = socket.inet_aton("127.0.0.1"), bytes(4)
    rows = [
        (5, home, port, home, 1, 11),  # established
        (2, socket.inet_aton("10.0.0.1"), port, everywhere, 0, 12),
        (2, home, 80, everywhere, 0, 13),
        (2, everywhere, port, everywhere, 0, 14),
    ]
    table = struct.pack("<I", len(rows)) + b"".join(struct.pack("<I4sI4sII", *row) for row in rows)

    assert windows.listener(table, "127.0.0.1", 24517) == 14
    assert windows.listener(table, "127.0.0.1", 24518) is None
    six = struct.pack("<I", 1) + struct.pack(
        "<16sII16sIIII", socket.inet_pton(socket.AF_INET6, "::1"), 0, port, bytes(16), 0, 0, 2, 15
    )
    assert windows.listener(six, "::1", 24517) == 15


def test_lsof_on_macos() -> None:
    """Exact: what is asked, and what is made of its answer."""
    assert macos.question("::1", 24517) == [
        *("/usr/sbin/lsof", "-nP", "-iTCP@[::1]:24517", "-sTCP:LISTEN", "-Fpc"),
    ]
    assert macos.told("p731\ncPython\nf5\np800\ncother\n") == Holder(program="Python", pid=731)
    assert macos.told("") is None
