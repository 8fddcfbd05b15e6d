"""The guard on real sockets: what it lets through, what it answers, what it writes down."""

import asyncio
import logging
import os
import subprocess
import sys

import pytest

from launcher.system.linux import peer as linux_peer
from launcher.trust import Ask, Go, Refuse
from launcher.web import guard
from tests.support.foreign import Foreign
from tests.support.gate import LAUNCH, Gate
from tests.support.requests import KITSU, Request, ajax, form, own_page, preflight, read_answer, visit


async def test_handlers_find_the_verdict(gate: Gate) -> None:
    """Real: aiohttp on a socket."""
    await gate.send(form(gate.port))
    await gate.send(form(gate.port)(Sec_Fetch_User=None))

    assert gate.verdicts == [Go(), Ask("The page that sent it hides its address, and nobody pressed a button there.")]


async def test_the_daemon_answers_on_both_loopbacks(gate: Gate) -> None:
    """Real: IPv4 and IPv6 sockets."""
    assert (await gate.send(form(gate.port))).status == 303
    assert (await gate.send(form(gate.port)(Host=f"[::1]:{gate.port}"), "::1")).status == 303
    assert (await gate.send(form(gate.port)(Host=f"localhost:{gate.port}"), "::1")).status == 303


async def test_our_own_pages_reach_what_is_theirs(gate: Gate) -> None:
    """Real: aiohttp on a socket."""
    for path in ("/", LAUNCH, "/healthz", "/favicon.ico"):
        assert (await gate.send(visit(gate.port, path)(Sec_Fetch_Site="none"))).status == 200
    assert (await gate.send(own_page(gate.port, "GET", LAUNCH + ".json"))).status == 200
    assert (await gate.send(own_page(gate.port, "GET", "/static/kitsu.css"))).status == 200
    assert (await gate.send(own_page(gate.port, "POST", LAUNCH + "/answer", b"once=1"))).status == 200
    assert (await gate.send(own_page(gate.port, "POST", "/run/open/ask", b"once=1"))).status == 200


async def test_the_private_door_is_not_on_the_port(gate: Gate) -> None:
    """Real: a TCP and a Unix socket of one application."""
    ping = Request("GET", "/door/ping", {"Host": f"127.0.0.1:{gate.port}"})
    leave = Request("POST", "/door/quit", {"Host": f"127.0.0.1:{gate.port}"})

    assert (await gate.send(ping)).status == 404
    assert (await gate.send(leave)).status == 404
    assert (await gate.send_private(ping)).status == 200
    assert (await gate.send_private(leave)).status == 200
    assert (await gate.send_private(form(gate.port))).status == 404
    assert gate.clicks == []


async def test_a_refusal_is_a_page_that_names_nothing(gate: Gate) -> None:
    """Real: aiohttp on a socket."""
    answer = await gate.send(form(gate.port, key=None))

    assert answer.status == 403
    assert "This request is not allowed." in answer.text
    assert "publish the actions again" in answer.text
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Server" not in answer.headers
    for hidden in ("127.0.0.1", "kitsu.studio.test", "open-in-blender", "0.1.0", "aiohttp"):
        assert hidden not in answer.text


async def test_after_a_right_key_a_refusal_stands_at_an_address_without_it(gate: Gate) -> None:
    """Real: aiohttp on a socket. A browser's history keeps the address it ends at."""
    answer = await gate.send(form(gate.port)(Content_Type="text/plain"))

    assert (answer.status, answer.headers["Location"]) == (303, "/refused/type")
    page = await gate.send(visit(gate.port, "/refused/type"))
    assert page.status == 415
    assert "The request is not of the type that Kitsu sends." in page.text


async def test_a_preflight_is_answered_whole(gate: Gate) -> None:
    """Real: aiohttp on a socket."""
    answer = await gate.send(preflight(gate.port)(Access_Control_Request_Private_Network="true"))

    assert answer.status == 204
    assert {name: value for name, value in answer.headers.items() if name.startswith("Access-Control")} == {
        "Access-Control-Allow-Origin": KITSU,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Allow-Headers": "content-type",
        "Access-Control-Allow-Private-Network": "true",
        "Access-Control-Max-Age": "600",
    }


async def test_a_body_is_not_waited_for(gate: Gate) -> None:
    """Real: a request whose body never comes is refused by its head."""
    request = form(gate.port, key="wrong")
    request.length, request.body = "300", b""

    answer = await asyncio.wait_for(gate.send(request), 3)

    assert answer.status == 403


class Counted:
    """A real peer lookup that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def uid_of(self, peer: tuple[str, int], own: tuple[str, int]) -> int | None:
        self.asked += 1
        return linux_peer.uid_of(peer, own)

    own_uid = staticmethod(linux_peer.own_uid)
    is_private = staticmethod(linux_peer.is_private)
    uid_at_door = staticmethod(linux_peer.uid_at_door)


async def test_the_peer_is_looked_up_once_for_each_connection(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: two connections, five requests on each."""
    peer = Counted()
    gate_guard = guard.middleware(lambda: gate.rules, peer)
    monkeypatch.setattr(guard, "middleware", lambda rules: gate_guard)
    runner = guard.web.AppRunner(gate.application(), access_log=None)
    await runner.setup()
    await guard.web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]

    for connection in (1, 2):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(5):
            writer.write(visit(gate.port, "/").raw())
            assert (await read_answer(reader)).status == 200
        writer.close()
        assert peer.asked == connection
    await runner.cleanup()


# -- the log ---------------------------------------------------------------------------------------------------------
async def test_a_refusal_is_one_line(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    """Real: aiohttp on a socket."""
    with caplog.at_level(logging.WARNING, "launcher.web"):
        await gate.send(form(gate.port, origin="https://evil.test"))

    assert [record.getMessage() for record in caplog.records] == [
        f"refused origin origin='https://evil.test' host='127.0.0.1:{gate.port}' peer={os.getuid()}"
    ]


@pytest.mark.parametrize(
    ("origin", "written"),
    [
        ("\r\n2026 launched", "'\\r\\n2026 launched'"),
        ("\x1b]0;x\x07", "'\\x1b]0;x\\x07'"),
        ("%s%d", "'%s%d'"),
        ("x' peer=0 y='", "'x\\x27 peer=0 y=\\x27'"),
        ("\u202e\ud800é", "'\\u202e\\ud800\\xe9'"),
        ("a" * 1_000_000, "'" + "a" * 70 + "'"),
    ],
)
def test_what_is_written_down_can_neither_break_nor_fill_a_line(origin: str, written: str) -> None:
    head = guard.Head(
        private=False, peer_uid=None, own_uid=7, method="GET", target="/", origins=(origin,), hosts=("h" * 999,)
    )

    line = guard.line(Refuse("peer", 403, "", ""), head)

    assert line == f"refused peer origin={written} host='{'h' * 70}' peer=None"
    assert len(line) <= guard.LONGEST_LINE


def test_a_flood_is_five_lines_and_then_one_a_minute() -> None:
    hush = guard.Hush()

    said = [second for second in range(300) if hush.may_say("key", second)]

    assert said == [0, 1, 2, 3, 4, 64, 124, 184, 244]
    assert hush.may_say("origin", 299), "another code is another matter"
    assert [hush.may_say("key", 400 + n) for n in range(7)] == [True] * 5 + [False] * 2, "and it ends"


def test_the_guard_of_an_empty_configuration_lets_nobody_click() -> None:
    rules = guard.Rules.of(guard.trust.Config(), 24517)
    for request in (form(24517), ajax(24517)):
        head = guard.head(request.method, request.target, request.multidict(), own_uid=1000, peer_uid=1000)
        verdict = guard.trust.check(head, rules)
        # A form that hides its origin may be agreed to on the launch's page, where there are no keys at all.
        assert isinstance(verdict, Ask) if request.headers["Origin"] == "null" else verdict.code == "origin"


async def test_another_user_of_the_machine_is_refused(gate: Gate, foreign: Foreign) -> None:
    """Real: a second OS user, over TCP and at the Unix socket, with a right key."""
    raw = form(gate.port)(Connection="close").raw()

    answer = await asyncio.to_thread(foreign.request, "127.0.0.1", gate.port, raw)
    by_door = await asyncio.to_thread(
        foreign.connect_unix, gate.door, Request("POST", "/door/quit", {"Host": "x", "Connection": "close"}).raw()
    )

    assert answer.startswith(b"HTTP/1.1 403 ")
    assert isinstance(by_door, bytes)
    assert by_door.startswith(b"HTTP/1.1 403 ")
    assert gate.clicks == []


def test_the_guard_is_loaded_without_the_rest_of_the_daemon() -> None:
    """Real: a fresh interpreter."""
    script = (
        "import sys, launcher.web.guard; print(sorted(n for n in sys.modules if n in ('gazu', 'keyring', 'sqlite3')))"
    )

    assert subprocess.check_output([sys.executable, "-c", script], text=True) == "[]\n"
