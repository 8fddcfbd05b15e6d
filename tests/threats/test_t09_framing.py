"""T9: our pages show in no frame, and a yes that is given too early counts for nothing."""

import pytest
from aiohttp import web
from playwright.async_api import BrowserContext, expect

from launcher.model import State
from tests.support.face import Face, needs_chromium
from tests.support.requests import TASK, visit


@pytest.mark.parametrize("dest", ["iframe", "frame", "embed", "object", "fencedframe"])
async def test_every_page_in_a_frame_is_refused(face: Face, dest: str):
    """Real: the socket; with the headers that a browser sends for a frame."""
    launch = face.in_state(State.ASKS)
    for target in (launch.url, "/", f"/run/open-in-blender?task={TASK}"):
        answer = await face.send(visit(face.port, target)(Sec_Fetch_Dest=dest))

        assert answer.status == 403
        assert "Yes, do it" not in answer.text


@pytest.mark.parametrize(
    "target", ["launch", "/", f"/run/open-in-blender?task={TASK}", "/healthz", "/static/kitsu.css"]
)
async def test_every_answer_forbids_frames(face: Face, target: str):
    """Real: the socket. For browsers that send no Sec-Fetch-Dest."""
    launch = face.in_state(State.ASKS)

    answer = await face.send(visit(face.port, launch.url if target == "launch" else target)(Sec_Fetch_Site="none"))

    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"


@needs_chromium
async def test_a_browser_shows_nothing_of_ours_in_a_frame(face: Face, context: BrowserContext, aiohttp_server):
    """Real: Chromium, a page of another origin that frames a question."""
    launch = face.in_state(State.ASKS)

    async def evil(request: web.Request) -> web.Response:
        return web.Response(text=f'<iframe src="{face.url(launch)}"></iframe>', content_type="text/html")

    app = web.Application()
    app.router.add_get("/", evil)
    server = await aiohttp_server(app)
    page = await context.new_page()
    await page.goto(str(server.make_url("/")))
    await page.wait_for_timeout(500)

    assert len(page.frames) == 2
    for frame in page.frames:
        assert "Yes, do it" not in await frame.content()


@needs_chromium
async def test_an_early_click_is_ignored_and_the_button_lives_after_700_ms(face: Face, context: BrowserContext):
    """Real: Chromium. A double click on a page before ours would hit the button with its second half."""
    launch = face.in_state(State.ASKS)
    page = await context.new_page()
    await page.goto(face.url(launch), wait_until="commit")
    yes = page.get_by_role("button", name="Yes, do it")
    await expect(yes).to_be_disabled()

    box = await yes.bounding_box()
    assert box
    await page.mouse.dblclick(box["x"] + 5, box["y"] + 5)
    await page.wait_for_timeout(200)
    assert launch.state is State.ASKS

    await expect(yes).to_be_enabled(timeout=1_500)
    assert launch.state is State.ASKS


@needs_chromium
async def test_the_button_waits_anew_whenever_the_window_comes_back(face: Face, context: BrowserContext):
    """Real: Chromium; the events of a window that loses and gets the focus."""
    page = await context.new_page()
    await page.goto(face.url(face.in_state(State.ASKS)))
    yes = page.get_by_role("button", name="Yes, do it")
    await expect(yes).to_be_enabled()

    began = await page.evaluate(
        """() => { window.dispatchEvent(new Event('blur')); window.dispatchEvent(new Event('focus'));
        return performance.now() }"""
    )
    await expect(yes).to_be_disabled()
    await expect(yes).to_be_enabled()

    assert await page.evaluate("performance.now()") - began >= 690


@needs_chromium
async def test_the_button_stays_dead_while_the_window_is_not_in_front(face: Face, context: BrowserContext):
    """Real: Chromium; a document that says it has no focus."""
    await context.add_init_script("document.hasFocus = () => false")
    page = await context.new_page()
    await page.goto(face.url(face.in_state(State.ASKS)))
    await page.wait_for_timeout(1_500)

    await expect(page.get_by_role("button", name="Yes, do it")).to_be_disabled()


@needs_chromium
async def test_the_button_is_held_back_when_a_question_comes_while_the_page_is_open(
    face: Face, context: BrowserContext
):
    """Real: Chromium. The page was in front for long; the question is new."""
    launch = face.in_state(State.PREPARING)
    page = await context.new_page()
    await page.goto(face.url(launch))
    await page.wait_for_timeout(1_000)

    face.launches.ask(launch, ["why"])

    yes = page.get_by_role("button", name="Yes, do it")
    await expect(yes).to_be_disabled()
    await expect(yes).to_be_enabled(timeout=2_000)


@needs_chromium
async def test_without_javascript_the_button_is_not_there_for_as_long(face: Face, chromium):
    """Real: Chromium without scripts."""
    context = await chromium.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(face.url(face.in_state(State.ASKS)))

    held = page.locator("noscript button")
    assert await held.evaluate("button => getComputedStyle(button).animationDuration") == "0.7s"
    await expect(held).to_be_visible()
    await context.close()
