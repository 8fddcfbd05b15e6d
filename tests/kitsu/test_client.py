"""Reaching Kitsu: each way it can fail has its own sentence. Servers on loopback, a test authority's certificates."""

import asyncio
import contextlib
import datetime
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import trustme
from aiohttp import web

from launcher.errors import LauncherError
from launcher.kitsu.answers import LoginError
from launcher.kitsu.client import Client
from launcher.kitsu.failures import KitsuAway, KitsuError

NETWORK = "Check the network and the VPN; ask whether Kitsu is down."
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture
def authority(tmp_path: Path) -> tuple[trustme.CA, str]:
    """A private authority, and its PEM file."""
    ca = trustme.CA()
    pem = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(pem))
    return ca, str(pem)


def tls(ca: trustme.CA, *names: str, **more: datetime.datetime) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate for these names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*(names or ("127.0.0.1",)), **more).configure_cert(context)
    return context


@contextlib.asynccontextmanager
async def serving(handler: Handler, context: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Real: an aiohttp server on loopback that answers everything by one handler."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context, shutdown_timeout=0.1)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield f"{'https' if context else 'http'}://127.0.0.1:{port}/api"
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def raw(answer: bytes) -> AsyncIterator[str]:
    """Real: a server that answers these bytes to whatever comes, then hangs up."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            await reader.read(10)
            writer.write(answer)
            await writer.drain()
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}/api"


async def asked(api: str, ca_file: str = "", path: str = "data/x") -> object:
    """What one request gives."""
    client = await Client.connect(api, ca_file, access_token="t")
    try:
        return await client.get(path)
    finally:
        await client.close()


async def failure(api: str, ca_file: str = "", path: str = "data/x") -> LauncherError:
    """The error of one request."""
    with pytest.raises(LauncherError) as caught:
        await asked(api, ca_file, path)
    return caught.value


async def fine(_: web.Request) -> web.Response:
    return web.json_response({"fine": True})


async def test_a_private_authority_is_trusted_by_the_ca_file(authority: tuple[trustme.CA, str]) -> None:
    """Real: TLS on loopback."""
    ca, pem = authority
    async with serving(fine, tls(ca)) as api:
        assert await asked(api, pem) == {"fine": True}


async def test_an_unknown_authority_is_told(authority: tuple[trustme.CA, str]) -> None:
    """Real: TLS on loopback, without the authority's file."""
    ca, _ = authority
    async with serving(fine, tls(ca)) as api:
        error = await failure(api)

    assert isinstance(error, KitsuAway)
    assert error.problem == (f"{api} cannot be reached: nobody that this machine trusts has signed its certificate.")
    assert error.next_step == "Install the studio's authority on this machine, or set studio.ca_file to its PEM file."


def days(count: int) -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=count)


@pytest.mark.parametrize(
    ("names", "more", "what", "then"),
    [
        (
            ("127.0.0.1",),
            {"not_before": days(-9), "not_after": days(-2)},
            "its certificate has expired",
            "Ask IT to renew Kitsu's certificate; check this machine's clock too.",
        ),
        (
            ("127.0.0.1",),
            {"not_before": days(2), "not_after": days(9)},
            "its certificate is not valid yet",
            "Check this machine's clock; else ask IT to look at Kitsu's certificate.",
        ),
        (
            ("kitsu.example",),
            {},
            "its certificate does not name this address",
            "Use the host name that the certificate names, or ask IT.",
        ),
    ],
)
async def test_a_certificate_that_does_not_count_is_told_by_its_fault(
    authority: tuple[trustme.CA, str], names: tuple[str, ...], more: dict[str, datetime.datetime], what: str, then: str
) -> None:
    """Real: TLS on loopback with a certificate that expired, begins later, or is another's."""
    ca, pem = authority
    async with serving(fine, tls(ca, *names, **more)) as api:
        error = await failure(api, pem)

    assert (error.problem, error.next_step) == (f"{api} cannot be reached: {what}.", then)


async def test_another_host_name_is_told(authority: tuple[trustme.CA, str]) -> None:
    """Real: TLS on loopback, reached by the name localhost."""
    ca, pem = authority
    async with serving(fine, tls(ca, "kitsu.example")) as api:
        error = await failure(api.replace("127.0.0.1", "localhost"), pem)

    assert error.problem.endswith("cannot be reached: its certificate belongs to another host.")


async def test_plain_http_where_https_is_configured_is_told(authority: tuple[trustme.CA, str]) -> None:
    """Real: an http server."""
    async with serving(fine) as api:
        error = await failure(api.replace("http:", "https:"))

    assert error.problem.endswith("cannot be reached: it does not speak TLS.")
    assert error.next_step == "Check the port in studio.servers; only http may answer there."


async def test_a_refused_handshake_is_told(authority: tuple[trustme.CA, str]) -> None:
    """Real: a TLS server that wants a certificate of the client's."""
    ca, pem = authority
    context = tls(ca)
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    ca.configure_trust(context)
    async with serving(fine, context) as api:
        error = await failure(api, pem)

    assert error.problem == f"{api} cannot be reached: it broke off the TLS handshake."


async def test_https_where_http_is_configured_is_told(authority: tuple[trustme.CA, str]) -> None:
    """Real: a TLS server, which hangs up on plain http."""
    ca, pem = authority
    async with serving(fine, tls(ca)) as api:
        error = await failure(api.replace("https:", "http:"), pem)

    assert error.exit_code == 5


async def test_a_ca_file_that_is_none_is_told(tmp_path: Path) -> None:
    """Real: files that are no certificates."""
    (tmp_path / "empty.pem").write_text("nothing")
    for path in (tmp_path / "empty.pem", tmp_path / "absent.pem"):
        error = await failure("https://127.0.0.1:1/api", str(path))
        assert error.problem == "The studio's certificate authority cannot be read."
        assert error.next_step == "Set studio.ca_file to a PEM file that everybody may read."


async def test_a_host_that_nobody_knows_is_told() -> None:
    """Real: the resolver, asked for a name that never exists (RFC 6761)."""
    error = await failure("https://kitsu.invalid/api")

    assert error.problem == "https://kitsu.invalid/api cannot be reached: no such host is known."
    assert error.next_step == "Check the network and the VPN; ask whether Kitsu is down, or correct studio.servers."


async def test_a_port_where_nothing_listens_is_told(unused_tcp_port: int) -> None:
    """Real: a closed port."""
    error = await failure(f"http://127.0.0.1:{unused_tcp_port}/api")

    assert str(error).splitlines()[0] == (
        f"http://127.0.0.1:{unused_tcp_port}/api cannot be reached: nothing listens there."
    )
    assert error.next_step == NETWORK


async def test_a_server_that_accepts_and_is_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: a socket that is never read; with a shorter patience."""
    import aiohttp

    from launcher.kitsu import client

    monkeypatch.setattr(client, "TIMEOUT", aiohttp.ClientTimeout(total=0.3))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error = await failure(f"http://127.0.0.1:{silent.getsockname()[1]}/api")

    assert error.problem.endswith("cannot be reached: it did not answer in time.")
    assert error.next_step == NETWORK


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (b"", "it hung up before it answered"),
        (b"SSH-2.0-OpenSSH_9\r\n", "what it answered is not HTTP"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{",
            "it hung up before it answered",
        ),
    ],
)
async def test_a_server_that_speaks_something_else_is_told(answer: bytes, what: str) -> None:
    """Real: a socket that answers bytes."""
    async with raw(answer) as place:
        error = await failure(f"http://{place}")

    assert error.problem == f"http://{place} cannot be reached: {what}."


@pytest.mark.parametrize(
    ("status", "content_type", "body", "code", "problem"),
    [
        (200, "text/html", "<html>", "kitsu", "{api} is not the address of Kitsu's API."),
        (404, "text/html", "<html>", "unknown", "Kitsu does not know this."),
        (403, "application/json", '{"message": "no"}', "forbidden", "Kitsu does not allow this."),
        (400, "application/json", '{"message": "Malformed ID."}', "kitsu", "Kitsu did not accept the request."),
        (
            401,
            "application/json",
            '{"msg": "x"}',
            "login",
            "You are not logged in to {api} any more: Kitsu does not know the login any more.",
        ),
        (
            422,
            "application/json",
            '{"msg": "Not enough segments"}',
            "login",
            "You are not logged in to {api} any more: Kitsu does not know the login any more.",
        ),
        (500, "text/html", "<pre>secret trace", "kitsu-away", "{api} has an error of its own."),
        (502, "text/html", "<html>", "kitsu-away", "{api} has an error of its own."),
        (503, "application/json", "{}", "kitsu-away", "{api} has an error of its own."),
        (504, "application/json", "[]", "kitsu-away", "{api} has an error of its own."),
    ],
)
async def test_each_status_has_its_sentence(
    status: int, content_type: str, body: str, code: str, problem: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Real: a server on loopback. Nothing of the body reaches the log, neither ours nor gazu's."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, content_type=content_type, text=body)

    with caplog.at_level("DEBUG"):
        async with serving(answer) as api:
            error = await failure(api)

    origin = api.removesuffix("/api") if status == 200 else api
    assert (error.code, error.problem) == (code, problem.format(api=origin))
    assert "secret trace" not in caplog.text + str(error)


async def test_a_wrong_api_address_is_told_at_the_login(authority: tuple[trustme.CA, str]) -> None:
    """Real: a web server that knows no API: 404, and a page for everything."""

    async def page(request: web.Request) -> web.Response:
        return web.Response(content_type="text/html", text="<html>", status=404 if request.method == "POST" else 200)

    async with serving(page) as api:
        client = await Client.connect(api, "")
        with pytest.raises(KitsuError) as caught:
            await client.login("a@b.example", "p", {})
        await client.close()

    assert str(caught.value) == (
        f"{api} is not the address of Kitsu's API.\n"
        f"  tried  {api}: 404, and no JSON\n"
        '  next   Check studio.servers; the API mostly is at ORIGIN/api, and `api = "…"` sets another address.'
    )


@pytest.mark.parametrize(
    ("has_page", "next_step"),
    [
        (True, "This Kitsu logs people in by Okta: log in by the browser instead."),
        (
            False,
            "This Kitsu logs people in by Okta, and has no page by which the browser could log Kitsu Launcher in: ask "
            "whoever looks after Kitsu to install one (packaging/zou-plugin), or set a password of its own in your "
            "Kitsu profile and log in with that.",
        ),
    ],
)
async def test_a_wrong_password_where_people_log_in_elsewhere_says_so(has_page: bool, next_step: str) -> None:
    """Real: a server that answers as a Kitsu with SAML does."""

    async def kitsu(request: web.Request) -> web.Response:
        if request.path.endswith("/config"):
            return web.json_response({"saml_enabled": True, "saml_idp_name": "Okta"})
        return web.json_response({"login": False, "message": "Wrong email or password."}, status=400)

    async with serving(kitsu) as api:
        client = await Client.connect(api, "")
        with pytest.raises(LauncherError) as caught:
            await client.login("a@b.example", "p", {}, has_page=has_page)
        await client.close()

    assert str(caught.value) == f"Wrong e-mail or password.\n  next   {next_step}"


async def test_a_code_by_e_mail_is_sent_once_when_it_is_asked_for() -> None:
    """Real: a server that answers as a Kitsu whose account prefers codes by e-mail."""
    asked_for = []

    async def kitsu(request: web.Request) -> web.Response:
        asked_for.append(request.path_qs)
        if request.method == "GET":
            return web.json_response({"success": True})
        kinds = {"two_factor_authentication_enabled": ["email_otp"], "preferred_two_factor_authentication": "email_otp"}
        wrong = "email_otp" in await request.json()
        return web.json_response({"wrong_OTP": True} if wrong else {"missing_OTP": True, **kinds}, status=400)

    async with serving(kitsu) as api:
        client = await Client.connect(api, "")
        for second in ({}, {"email_otp": "000000"}):
            with pytest.raises(LoginError) as caught:
                await client.login("a+b@c.example", "p", second)
            assert caught.value.needs[0] == "email_otp"
        await client.close()

    assert [path for path in asked_for if "otp" in path] == ["/api/auth/email-otp?email=a%2Bb@c.example"]


async def test_a_connection_is_used_again() -> None:
    """Real: a server that counts the connections it got from ten requests in a row."""
    peers = set()

    async def count(request: web.Request) -> web.Response:
        peers.add(request.transport.get_extra_info("peername"))  # type: ignore[union-attr]
        return web.json_response([])

    async with serving(count) as api:
        client = await Client.connect(api, "", access_token="t")
        for _ in range(10):
            await client.get("data/x")
        await client.close()

    assert len(peers) == 1


async def test_only_eight_requests_are_under_way_at_once() -> None:
    """Real: a server that counts what is under way while thirty are asked."""
    now, most = 0, 0

    async def count(_: web.Request) -> web.Response:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.02)
        now -= 1
        return web.json_response([])

    async with serving(count) as api:
        client = await Client.connect(api, "", access_token="t")
        await asyncio.gather(*(client.get("data/x") for _ in range(30)))
        await client.close()

    assert most == 8
