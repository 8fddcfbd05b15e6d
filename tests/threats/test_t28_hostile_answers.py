"""T28: whatever a server answers, the person reads a sentence, and the next request works."""

import asyncio
import gzip
import json
import resource
import time
import zlib

import aiohttp
import pytest
from aiohttp import web

from launcher.errors import LauncherError
from launcher.kitsu import client as client_module
from launcher.kitsu.client import LARGEST_BYTES, Client
from launcher.kitsu.failures import KitsuError
from launcher.kitsu.selection import Vocabulary, tasks
from tests.kitsu.test_client import serving
from tests.kitsu.test_reading import full
from tests.support.sample import SampleStudio

ID = "00000000-0000-4000-8000-000000000000"
NO_JSON = "Kitsu answered with something that is no JSON."


class Hostile:
    """A server that answers one thing under /api/data/bad, and a good task elsewhere."""

    def __init__(self, answer: web.StreamResponse | bytes) -> None:
        self.answer = answer

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/bad"):
            assert isinstance(self.answer, bytes)
            return web.Response(body=self.answer, content_type="application/json")
        return web.json_response(full())


async def asked(handler: Hostile) -> LauncherError:
    """The error of the bad answer; the next request on the same client works."""
    async with serving(handler) as api:
        client = await Client.connect(api, "", access_token="t")
        try:
            with pytest.raises(LauncherError) as caught:
                await client.get("data/bad")
            assert isinstance(await client.get("data/good"), dict)
        finally:
            await client.close()
    return caught.value


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 60_000,
        b'{"a":' * 60_000,
        b"9" * 5_000,
        b'{"id": ' + b"9" * 5_000 + b"}",
        b"1e999",
        b"NaN",
        b"-Infinity",
        b'"\\ud800"',
        b'{"name": "\\uDFFF"}',
        b"\xff\xfe\x00",
        b"",
        b"{",
        b'{"a": 1} trailing',
    ],
    ids=lambda body: f"{len(body)} bytes {body[:9]!r}",
)
async def test_a_body_that_is_no_sound_json_is_told(body: bytes) -> None:
    """Real: a server on loopback."""
    error = await asked(Hostile(body))

    assert isinstance(error, KitsuError)
    assert error.problem == NO_JSON


async def stream(request: web.Request, chunk: bytes, count: int, **headers: str) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json", **headers})
    await response.prepare(request)
    try:
        for _ in range(count):
            await response.write(chunk)
    except (ConnectionError, asyncio.CancelledError):
        pass
    return response


async def test_a_body_of_a_gigabyte_is_cut_off() -> None:
    """Real: a server on loopback that would send 1 GB; it is stopped near the limit."""
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        if not request.path.endswith("/bad"):
            return web.json_response({})
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        for _ in range(1024):
            await response.write(b" " * 1024 * 1024)
            sent += 1
        return response

    async with serving(endless) as api:
        client = await Client.connect(api, "", access_token="t")
        with pytest.raises(LauncherError) as caught:
            await client.get("data/bad")
        assert await client.get("data/good") == {}
        await client.close()

    assert caught.value.problem == "Kitsu answered with more than 32 MiB."
    assert sent < 64


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_zip_bomb_is_cut_off_before_it_fills_the_memory(encoding: str) -> None:
    """Real: a body of 1 MB that unpacks to 1 GB."""
    packed = _bomb(encoding)
    assert len(packed) < 2_000_000

    async def bomb(request: web.Request) -> web.StreamResponse:
        if not request.path.endswith("/bad"):
            return web.json_response({})
        return await stream(request, packed, 1, **{"Content-Encoding": encoding})

    async with serving(bomb) as api:
        client = await Client.connect(api, "", access_token="t")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with pytest.raises(LauncherError) as caught:
            await client.get("data/bad")
        grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert await client.get("data/good") == {}
        await client.close()

    assert caught.value.code in ("kitsu", "kitsu-away")
    assert grown_kib < 10 * LARGEST_BYTES // 1024


def _bomb(encoding: str) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31 if encoding == "gzip" else 15)
    block = b" " * 1024 * 1024
    return b"".join([*(packer.compress(block) for _ in range(1024)), packer.flush()])


async def test_a_body_that_trickles_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: a server that sends one byte now and then; with a shorter patience."""
    monkeypatch.setattr(client_module, "TIMEOUT", aiohttp.ClientTimeout(total=0.5))

    async def trickle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        for _ in range(100):
            await response.write(b" ")
            await asyncio.sleep(0.05)
        return response

    begun = time.monotonic()
    async with serving(trickle) as api:
        client = await Client.connect(api, "", access_token="t")
        with pytest.raises(LauncherError) as caught:
            await client.get("data/bad")
        await client.close()

    assert caught.value.problem.endswith("it did not answer in time.")
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize(
    "answer", [None, [], 7, "x", {}, {"entity": {}}, {"task_type": {"for_entity": 3}}, [None], {"id": []}]
)
@pytest.mark.parametrize("count", [1, 9])
async def test_wrong_types_where_tasks_are_asked_for_are_told(answer: object, count: int) -> None:
    """Real: a server that answers everything by one wrong thing, asked by `/full` and by lists."""

    async def wrong(_: web.Request) -> web.Response:
        return web.json_response(answer)

    async with serving(wrong) as api:
        client = await Client.connect(api, "", access_token="t")
        try:
            ids = [f"{n:08}-0000-4000-8000-000000000000" for n in range(count)]
            with pytest.raises(KitsuError) as caught:
                await tasks(client, Vocabulary(client, bot=False), ids)
        finally:
            await client.close()

    assert caught.value.problem.startswith("Kitsu answered with ")
    assert caught.value.exit_code == 1


@pytest.mark.parametrize(
    "answer", [None, [], 7, {}, {"access_token": 7}, {"access_token": "a"}, {"access_token": "a", "refresh_token": "ü"}]
)
async def test_a_login_answered_without_tokens_is_told(answer: object) -> None:
    """Real: a server that answers 200 to a login, and not as Kitsu does."""

    async def wrong(_: web.Request) -> web.Response:
        return web.json_response(answer)

    async with serving(wrong) as api:
        client = await Client.connect(api, "")
        with pytest.raises(KitsuError) as caught:
            await client.login("a@b.example", "p", {})
        await client.close()

    assert caught.value.problem.startswith("Kitsu answered the login without ")


@pytest.mark.parametrize(
    "answer", [None, [], 7, "x", {}, {"access_token": None}, {"access_token": 7}, {"access_token": "a\r\nb: c"}]
)
async def test_a_refresh_answered_without_a_token_is_told(answer: object) -> None:
    """Real: a server that answers 200 to a refresh, and not as Kitsu does."""
    headers = []

    async def wrong(request: web.Request) -> web.Response:
        headers.append(request.headers)
        return web.json_response(answer)

    async with serving(wrong) as api:
        client = await Client.connect(api, "", refresh_token="r")
        with pytest.raises(LauncherError):
            await client.get("data/x")
        await client.close()

    assert not any("b" in one for one in headers)


async def test_a_compressed_answer_of_a_usual_size_is_read() -> None:
    """Real: a server that packs its answers, as Kitsu's web server does."""
    body = gzip.compress(json.dumps([full()] * 500).encode())

    async def packed(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json", headers={"Content-Encoding": "gzip"})

    async with serving(packed) as api:
        client = await Client.connect(api, "", access_token="t")
        answer = await client.get("data/x")
        await client.close()

    assert isinstance(answer, list)
    assert len(answer) == 500


def test_whatever_kitsu_answers_a_click_it_is_told_on_its_page_and_the_next_click_works(
    sample_studio: SampleStudio,
) -> None:
    """Real: daemon, sockets, sample Kitsu, pages."""
    for number, answer in enumerate(
        (
            b"[" * 60_000,
            b"9" * 5_000,
            b'{"entity": {"name": "\\ud800"}}',
            b"{}",
            b"[]",
            b"null",
            b'{"id": 7, "entity": [], "project": "x"}',
            b"<html><script>alert(1)</script>",
            b" " * (LARGEST_BYTES + 1),
        )
    ):
        task = sample_studio.shot(f"SH{number}")
        sample_studio.kitsu.instead = answer
        launch = sample_studio.clicked(sample_studio.form("title", task))
        page = sample_studio.send(sample_studio.page(launch["url"]))

        assert launch["state"] == "failed"
        assert launch["error"]["problem"].startswith("Kitsu answered with ")
        assert "<script>alert" not in page.text
        sample_studio.kitsu.instead = None
        assert sample_studio.clicked(sample_studio.form("title", task))["state"] == "done"

    assert not sample_studio.log_lines(" ERROR ")
