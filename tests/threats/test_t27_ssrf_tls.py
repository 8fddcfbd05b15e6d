"""T27: no request leaves the configured Kitsu, and nothing turns TLS off."""

import inspect
import socket
from pathlib import Path
from urllib.parse import quote

import pytest
import trustme
from aiohttp import web

from launcher.config.schema import Server, Studio
from launcher.errors import LauncherError, Refused
from launcher.kitsu import client as client_module
from launcher.kitsu.accounts import Accounts
from launcher.kitsu.client import Client
from launcher.kitsu.failures import KitsuAway, KitsuError
from tests.kitsu.test_client import fine, serving, tls
from tests.support.sample import SampleStudio
from tests.support.secret_service import MemoryKeyring

REDIRECTS = [301, 302, 303, 307, 308]


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("path", ["data/tasks/x/full", "auth/login", "auth/refresh-token"])
async def test_a_redirect_elsewhere_is_not_followed(status: int, path: str) -> None:
    """Real: two servers on loopback; the evil one counts what reaches it."""
    reached = []

    async def evil(request: web.Request) -> web.Response:
        reached.append(request.headers)
        return web.json_response({"access_token": "stolen"})

    async with serving(evil) as elsewhere:

        async def kitsu(request: web.Request) -> web.Response:
            return web.Response(status=status, headers={"Location": f"{elsewhere}/{path}"})

        async with serving(kitsu) as api:
            client = await Client.connect(api, "", refresh_token="r" if "refresh" in path else "", access_token="")
            with pytest.raises(LauncherError) as caught:
                await (client.login("a@b.example", "secret", {}) if "login" in path else client.get(path))
            await client.close()

    assert reached == []
    assert "secret" not in str(caught.value)
    assert caught.value.problem == f"{api} is not the address of Kitsu's API."


async def test_a_redirect_to_the_same_kitsu_is_not_followed_either() -> None:
    """Real: a server that sends everything to its own login page."""
    asked = []

    async def kitsu(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=302, headers={"Location": "/login"})

    async with serving(kitsu) as api:
        client = await Client.connect(api, "", access_token="t")
        with pytest.raises(KitsuError) as caught:
            await client.get("data/x")
        await client.close()

    assert asked == ["/api/data/x"]
    assert str(caught.value) == (
        f"{api} is not the address of Kitsu's API.\n"
        f"  tried  {api}: 302, it sends us elsewhere: /login\n"
        '  next   Check studio.servers; the API mostly is at ORIGIN/api, and `api = "…"` sets another address.'
    )


@pytest.mark.parametrize(
    "api",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://kitsu.example@evil.example/api",
        "file:///etc/passwd",
        "http://kitsu.example/api",
        "https://kitsu.example:8443/api",
        "https://kitsu.example.evil.example/api",
    ],
)
async def test_only_a_configured_kitsu_is_ever_asked(api: str, memory_keyring: MemoryKeyring, tmp_path: Path) -> None:
    """No request is sent: the server is refused by its configuration before a connection exists."""
    real = Server(origins=("https://kitsu.example",), api="https://kitsu.example/api")
    accounts = Accounts(lambda: Studio(servers=(real,)), {})

    with pytest.raises(Refused) as caught:
        await accounts.login(Server(origins=(api,), api=api, insecure=True), "a@b.example", "secret")

    assert str(caught.value) == (
        f"{api} is not a Kitsu of this studio.\n  next   Add it to studio.servers in the studio file."
    )


async def test_a_link_inside_an_answer_is_never_followed() -> None:
    """Real: the guard of the session itself, asked for an address of another origin."""
    reached = []

    async def evil(request: web.Request) -> web.Response:
        reached.append(request.path)
        return web.json_response({})

    async with serving(evil) as elsewhere, serving(fine) as api:
        client = await Client.connect(api, "", access_token="t")
        with pytest.raises(KitsuError):
            await client._session.get(f"{elsewhere}/x")
        await client.close()

    assert reached == []


async def test_a_wrong_authority_gets_neither_password_nor_token(tmp_path: Path) -> None:
    """Real: a man in the middle on loopback with an authority of his own; he sees no request."""
    reached = []

    async def middle(request: web.Request) -> web.Response:
        reached.append(request.path)
        return web.json_response({})

    studio, his = trustme.CA(), trustme.CA()
    pem = tmp_path / "studio.pem"
    studio.cert_pem.write_to_path(str(pem))
    async with serving(middle, tls(his)) as api:
        client = await Client.connect(api, str(pem), access_token="t")
        with pytest.raises(KitsuAway):
            await client.login("a@b.example", "secret", {})
        with pytest.raises(KitsuAway):
            await client.get("data/x")
        await client.close()

    assert reached == []


@pytest.mark.parametrize("name", ["PYTHONHTTPSVERIFY", "GAZU_VERIFY", "KITSU_LAUNCHER_INSECURE", "SSL_NO_VERIFY"])
async def test_no_environment_variable_turns_tls_off(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: TLS on loopback by an authority that nobody trusts."""
    monkeypatch.setenv(name, "0" if "PYTHON" in name else "1")
    async with serving(fine, tls(trustme.CA())) as api:
        client = await Client.connect(api, "", access_token="t")
        with pytest.raises(KitsuAway):
            await client.get("data/x")
        await client.close()


def test_nothing_in_the_client_can_turn_tls_off() -> None:
    """The source itself."""
    source = inspect.getsource(client_module)

    assert not any(word in source for word in ("CERT_NONE", "ssl=False", "check_hostname", "_create_unverified"))


@pytest.mark.parametrize(
    "named",
    ["127.0.0.1:{port}", "{host}@127.0.0.1:{port}", "file:///etc/passwd", "169.254.169.254", "{host}.evil.test"],
)
@pytest.mark.parametrize("ajax", [False, True])
def test_a_click_that_names_another_server_is_refused_and_nobody_is_asked(
    sample_studio: SampleStudio, named: str, ajax: bool
) -> None:
    """Real: daemon, sockets, sample Kitsu, which is asked for no data; the evil server hears nothing at all."""
    with socket.create_server(("127.0.0.1", 0)) as evil:
        evil.settimeout(0.3)
        server = named.format(host=sample_studio.host, port=evil.getsockname()[1])
        click = sample_studio.ajax() if ajax else sample_studio.form()
        body = click.body.replace(quote(sample_studio.host, safe="").encode(), quote(server, safe="").encode())
        launch = sample_studio.clicked(click(body=body.replace(sample_studio.host.encode(), server.encode())))
        with pytest.raises(TimeoutError):
            evil.accept()

    assert (launch["state"], launch["error"]["code"]) == ("refused", "server")
    assert launch["error"]["problem"] == f"The click comes from the Kitsu at {server}, which is not configured."
    assert sample_studio.kitsu.looked_up == []
    assert sample_studio.notes() == []
