"""T24: another OS user of the machine at the port and at the private door."""

import asyncio
from collections.abc import Callable

import pytest

from launcher.system.linux import peer as linux_peer
from launcher.system.macos import peer as mac_peer
from launcher.web import guard
from tests.support.foreign import Foreign
from tests.support.gate import LAUNCH, Gate
from tests.support.mac import table_of_this_machine
from tests.support.requests import Request, ajax, form, own_page, send, visit
from tests.support.sample import SampleStudio


async def test_whatever_another_user_sends_is_refused(
    gate: Gate, foreign: Foreign, caplog: pytest.LogCaptureFixture
) -> None:
    """Real: a second OS user's connections, IPv4 and IPv6, with Kitsu's own bytes and a right key."""
    requests = [
        form(gate.port),
        ajax(gate.port),
        visit(gate.port, "/"),
        visit(gate.port, LAUNCH),
        own_page(gate.port, "GET", LAUNCH + ".json"),
        own_page(gate.port, "POST", LAUNCH + "/answer", b"once=1"),
        visit(gate.port, "/healthz"),
        Request("GET", "/door/ping", {"Host": "x"}),
    ]
    answers = set()
    for request in requests:
        for host in ("127.0.0.1", "::1"):
            raw = request(Connection="close").raw()
            answer = await asyncio.to_thread(foreign.request, host, gate.port, raw)
            answers.add((answer.split(b"\r\n")[0], answer.partition(b"\r\n\r\n")[2]))

    assert len(answers) == 1, "each gets the same answer"
    assert answers.pop()[0] == b"HTTP/1.1 403 Forbidden"
    assert gate.clicks == []
    lines = [record.getMessage() for record in caplog.records if record.name == "launcher.web"]
    assert len(lines) == guard.LINES_A_MINUTE
    assert all(line.startswith("refused peer ") and line.endswith(f"peer={foreign.uid}") for line in lines)


async def test_whoever_cannot_be_told_is_refused(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: this user's request, on a machine whose kernel tells nothing."""
    monkeypatch.setattr(linux_peer, "SOCK_DIAG", 31)
    monkeypatch.setattr(linux_peer, "_row", lambda table, peer, own: None)

    assert (await send(form(gate.port).raw(), gate.port)).status == 403
    assert gate.clicks == []


async def test_another_user_at_the_private_door_is_refused(gate: Gate, foreign: Foreign) -> None:
    """Real: a second OS user at a Unix socket whose mode somebody has loosened."""
    raw = Request("POST", "/door/quit", {"Host": "localhost", "Connection": "close"}).raw()

    answer = await asyncio.to_thread(foreign.connect_unix, gate.door, raw)

    assert isinstance(answer, bytes)
    assert answer.startswith(b"HTTP/1.1 403 ")
    gate.door.parent.chmod(0o700)
    assert await asyncio.to_thread(foreign.connect_unix, gate.door, raw) == "Permission denied"


def test_at_a_whole_daemon_another_user_gets_nothing(sample_studio: SampleStudio, foreign: Foreign) -> None:
    """Real: a second OS user; a daemon with somebody logged in; each of its addresses, with all that is secret."""
    launch = sample_studio.clicked(sample_studio.form("title")(Sec_Fetch_User=None))
    port, task = sample_studio.port, sample_studio.task("SH020")
    once = sample_studio.send(sample_studio.page(launch["url"])).text.partition('name="once" value="')[2][:32]
    requests = [
        sample_studio.form("title", task),
        sample_studio.ajax("title", task),
        sample_studio.page(f"/run/title?task={task}"),
        sample_studio.page(launch["url"]),
        own_page(port, "GET", f"{launch['url']}.json"),
        own_page(port, "POST", f"{launch['url']}/answer", f"once={once}&answer=yes".encode()),
        *map(sample_studio.page, ("/", "/healthz", "/favicon.ico", "/static/kitsu.js", "/refused/key", "/door/ping")),
        Request("POST", "/door/quit", {"Host": f"127.0.0.1:{port}"}),
    ]
    with sample_studio.untouched():
        answers = {
            foreign.request(host, port, request(Connection="close").raw()).partition(b"\r\nDate")[0]
            for request in requests
            for host in ("127.0.0.1", "::1")
        }
        door = foreign.connect_unix(sample_studio.daemon.door, requests[-1](Connection="close").raw())

    assert len(answers) == 1
    assert answers.pop().startswith(b"HTTP/1.1 403 ")
    assert door == "Permission denied"
    assert len(sample_studio.log_lines("refused peer ")) == guard.LINES_A_MINUTE
    assert sample_studio.settled(launch["id"], "asks")["processes"] == []


def test_what_another_user_sends_that_is_not_even_http_fills_no_log(
    sample_studio: SampleStudio, foreign: Foreign
) -> None:
    """Real: a second OS user."""
    for _ in range(30):
        assert b"This is not a request." in foreign.request("127.0.0.1", sample_studio.port, b"\x16\x03\x01\r\n\r\n")

    assert len(sample_studio.log_lines("refused http ")) == guard.LINES_A_MINUTE
    assert sample_studio.clicked(sample_studio.form())["state"] == "done"


@pytest.fixture
def on_a_mac(monkeypatch: pytest.MonkeyPatch) -> None:
    """Peers are told by macOS's own module, from a table of this machine's connections as a Mac writes it."""
    monkeypatch.setattr(mac_peer, "_table", table_of_this_machine)
    for name in ("uid_of", "uid_at_door", "is_private", "own_uid"):
        monkeypatch.setattr(linux_peer, name, getattr(mac_peer, name))


@pytest.mark.usefixtures("on_a_mac")
async def test_on_a_mac_another_user_is_refused_and_she_is_not(gate: Gate, foreign: Foreign) -> None:
    """Real: the guard, a second OS user's connections and this user's, IPv4 and IPv6."""
    for host in ("127.0.0.1", "::1"):
        raw = form(gate.port)(Connection="close").raw()
        answer = await asyncio.to_thread(foreign.request, host, gate.port, raw)
        assert answer.startswith(b"HTTP/1.1 403 ")
        assert gate.clicks == []

    assert (await send(form(gate.port).raw(), gate.port)).status != 403
    assert len(gate.clicks) == 1


@pytest.mark.parametrize("damage", [lambda table: b"", lambda table: table[:-40], lambda table: b"\xff" * 4096])
@pytest.mark.usefixtures("on_a_mac")
async def test_on_a_mac_whoever_cannot_be_told_is_refused(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, damage: Callable[[bytes], bytes]
) -> None:
    """Real: the guard, this user's own request; a kernel that tells nothing, or something other than it used to."""
    monkeypatch.setattr(mac_peer, "_table", lambda: damage(table_of_this_machine()))

    assert (await send(form(gate.port).raw(), gate.port)).status == 403
    assert gate.clicks == []


@pytest.mark.usefixtures("on_a_mac")
async def test_on_a_mac_nobody_comes_in_by_the_door_whose_user_is_not_told(gate: Gate) -> None:
    """Real: the guard at a Unix socket, on a system that has no LOCAL_PEERCRED: this one."""
    raw = Request("POST", "/door/quit", {"Host": "localhost", "Connection": "close"}).raw()
    reader, writer = await asyncio.open_unix_connection(gate.door)
    writer.write(raw)

    assert (await reader.read()).startswith(b"HTTP/1.1 403 ")
    writer.close()
