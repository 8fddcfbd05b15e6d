"""What the doctor hears from a Kitsu: real servers on loopback, real TLS, clocks that are wrong."""

import datetime
import email.utils
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trustme
from aiohttp import web
from keyring.backend import KeyringBackend

from launcher.config.schema import Server, Studio
from launcher.doctor import kitsu
from launcher.doctor.finding import Level, bad, warning
from launcher.kitsu.accounts import Accounts
from launcher.kitsu.tokens import NoKeyring
from tests.kitsu.test_client import authority as authority
from tests.kitsu.test_client import serving, tls
from tests.support.secret_service import MemoryKeyring
from tests.support.zou import Zou


@asynccontextmanager
async def told(server: Server, ca_file: str = "") -> AsyncIterator[list]:
    """What the doctor finds of one Kitsu, with nobody logged in."""
    studio = Studio(servers=(server,), ca_file=ca_file)
    accounts = Accounts(lambda: studio, {})
    yield await kitsu.look([server], accounts, ca_file)
    await accounts.close()


def at(api: str) -> Server:
    return Server(origins=(api.removesuffix("/api"),), api=api, insecure=True)


def clocked(seconds: float, asked: list | None = None):
    """A Kitsu whose clock is wrong by so many seconds."""

    async def answer(request: web.Request) -> web.Response:
        if asked is not None:
            asked.append(request)
        time = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
        date = email.utils.format_datetime(time, usegmt=True)
        return web.json_response({"api": "Zou", "version": "1.0.97"}, headers={"Date": date})

    return answer


@pytest.mark.parametrize(
    ("seconds", "level"), [(0, Level.GOOD), (-100, Level.WARNING), (100, Level.WARNING), (4000, Level.BAD)]
)
async def test_a_clock_is_compared_with_the_answers_date(memory_keyring: MemoryKeyring, seconds: int, level: Level):
    """Real: a server that tells another time; nothing of a person is sent."""
    asked: list[web.Request] = []
    async with serving(clocked(seconds, asked)) as api, told(at(api)) as found:
        by_key = {one.key: one for one in found}

    assert by_key["kitsu"].details == (api, "Zou 1.0.97")
    assert by_key["clock"].level is level
    assert by_key["login"].level is Level.WARNING
    assert [request.path for request in asked] == ["/api/"]
    assert "Authorization" not in asked[0].headers


async def test_a_kitsu_that_is_away_is_told_once(memory_keyring: MemoryKeyring):
    async with told(at("http://127.0.0.1:9/api")) as found:
        pass

    assert [(one.key, one.level, one.title) for one in found] == [
        ("kitsu", Level.BAD, "http://127.0.0.1:9/api cannot be reached: nothing listens there.")
    ]
    assert found[0].cure == "Check the network and the VPN; ask whether Kitsu is down."


async def test_a_certificate_of_nobody_known_is_told(memory_keyring: MemoryKeyring, authority: tuple[trustme.CA, str]):
    """Real: TLS on loopback, with and without the studio's authority."""
    ca, ca_file = authority
    async with serving(clocked(0), tls(ca, "127.0.0.1")) as api:
        async with told(at(api)) as strange:
            pass
        async with told(at(api), ca_file) as trusted:
            pass

    assert strange[0].title == f"{api} cannot be reached: nobody that this machine trusts has signed its certificate."
    assert strange[0].level is Level.BAD
    assert trusted[0].level is Level.GOOD


async def test_what_is_no_kitsu_is_told(memory_keyring: MemoryKeyring):
    async def page(request: web.Request) -> web.Response:
        return web.Response(text="<html>", content_type="text/html")

    async def elsewhere(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "https://evil.test/"})

    async def broken(request: web.Request) -> web.Response:
        return web.Response(status=503)

    titles = []
    for answer in (page, elsewhere, broken):
        async with serving(answer) as api, told(at(api)) as found:
            titles.append(found[0].title.replace(api.removesuffix("/api"), "KITSU"))

    assert titles == [
        "KITSU is not the address of Kitsu's API.",
        "KITSU/api is not the address of Kitsu's API.",
        "KITSU/api has an error of its own.",
    ]


@pytest.mark.parametrize(
    "date", ["yesterday", f"Mon, 01 Jan {'9' * 20} 00:00:00 GMT", "Mon, 01 Jan 2026 00:00:00 +9999999"]
)
async def test_a_date_that_is_none_says_nothing_of_the_clock(memory_keyring: MemoryKeyring, date: str):
    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"version": 7}, headers={"Date": date})

    async with serving(answer) as api, told(at(api)) as found:
        assert [one.key for one in found] == ["kitsu", "login"]


async def test_a_studio_without_a_kitsu_is_told():
    accounts = Accounts(Studio, {})

    assert await kitsu.look([], accounts, "") == [
        bad("kitsu", "The studio file names no Kitsu.", "Set `studio.servers` to Kitsu's address.")
    ]


async def test_a_real_zou_answers_with_its_version(memory_keyring: MemoryKeyring, zou: Zou):
    """Real: Zou."""
    async with told(at(zou.url)) as found:
        by_key = {one.key: one for one in found}

    assert by_key["kitsu"].level is Level.GOOD
    assert by_key["kitsu"].details[1].startswith("Zou 1.")
    assert by_key["clock"].level is Level.GOOD
    assert by_key["login"] == warning(
        "login",
        f"Nobody is logged in to {zou.url} here.",
        "Run `kitsu-launcher login`, or log in on the dashboard.",
    )


async def test_a_real_keyring_is_told_by_its_name(secret_service: KeyringBackend):
    """Real: gnome-keyring on a bus of its own."""
    assert await Accounts(Studio, {}).keyring() == "SecretService Keyring"


async def test_without_a_keyring_the_reason_is_told(monkeypatch: pytest.MonkeyPatch):
    """Real: keyring's own backend for machines that have none."""
    import keyring
    import keyring.backends.fail

    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())
    try:
        with pytest.raises(NoKeyring, match="this machine has no keyring"):
            await Accounts(Studio, {}).keyring()
    finally:
        keyring.set_keyring(before)
