"""T24: another OS user of the machine at the port and at the private door."""

import asyncio

import pytest

from launcher.system.linux import peer as linux_peer
from launcher.web import guard
from tests.support.foreign import Foreign
from tests.support.gate import LAUNCH, Gate
from tests.support.requests import Request, ajax, form, own_page, send, visit


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
