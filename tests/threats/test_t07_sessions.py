"""T7: a stolen, planted or forged session cookie; another port that sends it, another user who replays it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from playwright.async_api import BrowserContext, expect

from launcher import trust
from launcher.model import State
from tests.support.face import Face, at_home, cookie, needs_chromium
from tests.support.foreign import Foreign
from tests.support.requests import Request, own_page, send, visit

PAGES = ["/state", "/tasks", "/launches", "/applications", "/configuration", "/account", "/account/login", "/help"]
ANSWERS = ["/dashboard.json", "/tasks.json", "/launches.json", "/applications.json"]
BUTTONS = [
    f"/dashboard/{name}" for name in ("run", "again", "folder", "executable", "logout", "autostart", "language", "quit")
]


def every(face: Face) -> list[Request]:
    """Each address that shows data or does something, asked rightly but for its cookie."""
    log = face.in_state(State.DONE).url + "/log"
    return [
        *(visit(face.port, path)(Sec_Fetch_Site="same-origin") for path in [*PAGES, log]),
        *(own_page(face.port, "GET", path) for path in [*ANSWERS, log + ".json"]),
        *(own_page(face.port, "POST", path, b"form=x") for path in [*BUTTONS, "/account/login"]),
    ]


def told(text: str) -> bool:
    """Whether it is the refusal of a page that was not entered, and nothing else."""
    return trust.REASONS["session"][1] in text and "Open in Blender" not in text


@pytest.mark.parametrize("sent", [None, "", "kitsu-launcher-PORT=", "kitsu-launcher-PORT=" + "A" * 22, "x=y; =;;"])
async def test_without_a_session_or_with_a_forged_one_nothing_is_shown_or_done(face: Face, sent: str | None):
    """Real: the port."""
    for request in every(face):
        answer = await face.send(request(Cookie=sent and sent.replace("PORT", str(face.port))))
        assert (answer.status, told(answer.text)) == (403, True), request.target
        assert "Set-Cookie" not in answer.headers


async def test_the_front_page_without_a_session_says_how_to_enter_and_nothing_else(face: Face):
    """Real: the port."""
    face.in_state(State.DONE)

    page = await face.send(visit(face.port, "/")(Sec_Fetch_Site="none"))

    assert page.status == 200
    assert "<h1>Kitsu Launcher runs</h1>" in page.text
    for data in ("Open in Blender", "SQ010", "Lunar Pictures", "/launches"):
        assert data not in page.text


@pytest.mark.parametrize("site", ["same-site", "cross-site", None, "x"])
async def test_another_port_that_has_the_cookie_sent_gets_nothing(face: Face, site: str | None):
    """Real: the port, a living session. Cookies know no ports; browsers say where a request comes from."""
    here = cookie(face)
    for request in every(face):
        answer = await face.send(request(Cookie=here, Sec_Fetch_Site=site))
        assert answer.status in (403,), request.target
        assert "Open in Blender" not in answer.text
    front = await face.send(visit(face.port, "/")(Cookie=here, Sec_Fetch_Site=site))
    assert "<h1>Kitsu Launcher runs</h1>" in front.text


async def test_a_planted_cookie_beside_ours_changes_nothing(face: Face):
    """Real: the port. Another port set one of our name, with a longer path, so that it comes first."""
    here = cookie(face)
    planted = f"kitsu-launcher-{face.port}=planted"

    assert (await face.send(at_home(face, "/launches", f"{planted}; {here}"))).status == 200
    assert (await face.send(at_home(face, "/launches", planted))).status == 403


async def test_a_form_without_its_session_s_value_does_nothing(face: Face):
    """Real: the port, a living session, the right origin; another session's value too."""
    here, other = cookie(face), cookie(face)
    session = face.parts.sessions.find([other])
    assert session
    for path in BUTTONS:
        for body in (b"", b"form=x", f"form={session.form_value}".encode()):
            answer = await face.send(own_page(face.port, "POST", path, body)(Cookie=here))
            assert answer.status == 403
            assert "earlier session" in answer.text
    assert face.launches.recent() == []


async def test_another_user_who_has_the_cookie_gets_what_every_stranger_gets(face: Face, foreign: Foreign):
    """Real: a second OS user with the whole living cookie, and with a whole entrance."""
    here = cookie(face)
    entrance = face.parts.sessions.enter_url()
    stranger = await asyncio.to_thread(
        foreign.request, "127.0.0.1", face.port, visit(face.port, "/healthz")(Connection="close").raw()
    )
    requests = [
        at_home(face, "/launches", here),
        visit(face.port, "/enter/" + entrance.rpartition("/")[2])(Sec_Fetch_Site="none"),
    ]
    for request in requests:
        raw = request(Connection="close").raw()
        answer = await asyncio.to_thread(foreign.request, "127.0.0.1", face.port, raw)
        assert answer.partition(b"\r\n\r\n")[2] == stranger.partition(b"\r\n\r\n")[2]
        assert answer.startswith(b"HTTP/1.1 403")
    mine = await send(visit(face.port, "/enter/" + entrance.rpartition("/")[2])(Sec_Fetch_Site="none").raw(), face.port)
    assert mine.status == 303, "the other user has not used it up"


# -- in a real browser -----------------------------------------------------------------------------------------------
@dataclass
class Other:
    """A page on another port of this machine, which keeps every Cookie header that it is sent."""

    port: int = 0
    cookies: list[str] = field(default_factory=list)

    async def page(self, request: web.Request) -> web.Response:
        self.cookies.append(request.headers.get("Cookie", ""))
        return web.Response(text="<title>other</title>", content_type="text/html")


@pytest.fixture
async def other() -> AsyncIterator[Other]:
    """It listens on 127.0.0.1."""
    made = Other()
    app = web.Application()
    app.router.add_get("/", made.page)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.port = runner.addresses[0][1]
    yield made
    await runner.cleanup()


@needs_chromium
async def test_a_page_of_another_port_is_sent_the_cookie_and_can_do_nothing_with_it(
    face: Face, context: BrowserContext, other: Other
):
    """Real: Chromium, with a living session, and a page on another port of 127.0.0.1 that fetches, posts and leads."""
    face.in_state(State.DONE)
    page = await context.new_page()
    await page.goto(face.parts.sessions.enter_url())
    await expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    assert await page.evaluate("document.cookie") == ""

    evil = await context.new_page()
    await evil.goto(f"http://127.0.0.1:{other.port}/")
    assert f"kitsu-launcher-{face.port}=" in other.cookies[-1], "cookies know no ports"
    fetched = await evil.evaluate(
        """async (url) => {
            const read = [];
            for (const path of ['', 'launches', 'launches.json', 'dashboard.json'])
                for (const mode of ['cors', 'no-cors'])
                    try { read.push(await (await fetch(url + path, { mode, credentials: 'include' })).text()) }
                    catch { read.push('') }
            return read
        }""",
        face.url(),
    )
    assert set(fetched) == {""}
    await evil.evaluate("url => { location = url }", face.url() + "launches")
    await expect(evil.get_by_role("heading", level=1)).to_have_text(trust.REASONS["session"][1])
    assert "Open in Blender" not in await evil.content()

    await evil.goto(f"http://127.0.0.1:{other.port}/")
    await evil.evaluate("url => { location = url }", face.url())
    await evil.get_by_role("link", name="Open the dashboard").click()
    await expect(evil.get_by_role("heading", level=1)).to_have_text("Overview")
