"""The dashboard in a real browser: entered, read, pressed, followed, and looked at by axe."""

import sys
import time
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from launcher.model import Sender, State
from tests.support.artist import TASKS
from tests.support.axe import violations
from tests.support.face import Face, needs_chromium
from tests.support.launching import settled
from tests.web.test_dashboard import ABSENT, opened
from tests.web.test_in_chromium import FAINT, SMALL
from tests.web.test_in_chromium import STATES as OTHER_STATES
from tests.web.test_in_chromium import address as other_address

pytestmark = needs_chromium
PAGES = ["", "tasks", "launches", "applications", "configuration", "account", "help"]


async def entered(face: Face, context: BrowserContext, path: str = "") -> Page:
    """A page of the dashboard, in a browser that has come in by an entrance. What its script complains of is kept."""
    page = await context.new_page()
    page.complaints = []  # type: ignore[attr-defined]
    page.on("console", lambda message: page.complaints.append(message.text))  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.complaints.append(str(error)))  # type: ignore[attr-defined]
    await page.goto(face.parts.sessions.enter_url())
    if path:
        await page.goto(face.url() + path)
    return page


def filled(face: Face) -> str:
    """Launches of every sort; the path of one with a log."""
    face.in_state(State.FAILED, ABSENT)
    face.in_state(State.ASKS)
    opened(face, face.in_state(State.DONE), ended=time.time(), exit_code=-11)
    running = face.in_state(State.RUNNING)
    opened(face, running)
    return running.url[1:] + "/log"


# -- coming in -------------------------------------------------------------------------------------------------------
async def test_an_entrance_leads_to_the_dashboard_and_stays_in_no_address(face: Face, context: BrowserContext):
    """Real: Chromium, the cookie. Loaded again and in a second tab it is still there."""
    page = await entered(face, context)

    await expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    assert page.url == face.url()
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    second = await context.new_page()
    await second.goto(face.url() + "launches")
    await expect(second.get_by_role("heading", level=1)).to_have_text("Launches")
    assert page.complaints == []  # type: ignore[attr-defined]


async def test_the_navigation_leads_everywhere_by_the_keyboard_alone(face: Face, context: BrowserContext):
    """Real: Chromium; Tab and Enter only."""
    page = await entered(face, context)
    for number, name in enumerate(
        ["Overview", "My tasks", "Launches", "Applications", "Configuration", "Account", "Help"], 1
    ):
        for _ in range(number):
            await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.textContent") == name
        assert "3px" in await page.evaluate("getComputedStyle(document.activeElement).outline")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text(name)


# -- live ------------------------------------------------------------------------------------------------------------
async def test_a_launch_is_followed_without_loading_the_page_again(face: Face, context: BrowserContext):
    """Real: Chromium, the launch. The keyboard's place and an open fold elsewhere stay."""
    launch = face.in_state(State.RUNNING)
    opened(face, launch)
    page = await entered(face, context, "launches")
    await page.evaluate("window.same = true")
    again = page.get_by_role("button", name="Run again")
    await again.focus()

    face.launches.update(launch, state=State.DONE)
    await expect(page.locator(".row .chip")).to_have_text("Done", timeout=4_000)
    assert await again.evaluate("button => button === document.activeElement")
    await expect(page.locator("#said")).to_have_text("Open in Blender: Done")

    newer = face.in_state(State.FAILED, ABSENT)
    await expect(page.locator(".row")).to_have_count(2, timeout=12_000)
    assert await page.locator(".row").first.get_attribute("data-key") == newer.id
    assert await again.last.evaluate("button => button === document.activeElement")
    assert await page.evaluate("window.same")
    assert page.complaints == []  # type: ignore[attr-defined]


async def test_a_page_asks_each_second_while_something_runs_and_else_seldom(face: Face, context: BrowserContext):
    """Real: Chromium. Every request ends at once."""
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = await entered(face, context, "launches")
    await page.wait_for_timeout(3_500)
    quiet = len([url for url in asked if url.endswith(".json")])
    launch = face.in_state(State.RUNNING)
    await page.reload()
    asked.clear()
    await page.wait_for_timeout(3_500)
    busy = len([url for url in asked if url.endswith(".json")])
    face.launches.update(launch, state=State.DONE)

    assert quiet == 0
    assert 2 <= busy <= 4


async def test_a_page_does_not_ask_while_nobody_sees_it(face: Face, context: BrowserContext):
    """Real: Chromium."""
    await context.add_init_script("Object.defineProperty(document, 'hidden', { get: () => true })")
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    face.in_state(State.RUNNING)
    page = await entered(face, context, "launches")
    await page.wait_for_timeout(2_500)

    assert not [url for url in asked if url.endswith(".json")]


async def test_seven_open_dashboards_leave_the_next_click_its_connection(face: Face, context: BrowserContext):
    """Real: Chromium, which has six connections to one address."""
    face.in_state(State.RUNNING)
    pages = [await entered(face, context, "launches") for _ in range(7)]

    began = time.monotonic()
    await pages[0].goto(face.url() + "help")

    assert time.monotonic() - began < 2


async def test_a_session_that_has_ended_is_told(face: Face, context: BrowserContext):
    """Real: Chromium, a daemon that has forgotten its sessions."""
    face.in_state(State.RUNNING)
    page = await entered(face, context)
    face.parts.sessions._open.clear()

    await expect(page.get_by_role("heading", level=1)).to_have_text("Kitsu Launcher runs", timeout=5_000)


# -- buttons ---------------------------------------------------------------------------------------------------------
async def test_a_launch_is_run_again_by_its_button(face: Face, artist: str, context: BrowserContext):
    """Real: Chromium, the sample Kitsu, a started process."""
    (server,) = face.parts.loaded().config.studio.servers
    (person,) = await face.parts.accounts.people(server)
    first = face.parts.run.own("sample", [TASKS[0]], Sender.DASHBOARD, person=person, server=f"http://{artist}")
    await settled(face.launches, first, State.DONE)
    face.launches._begun[False].clear()
    page = await entered(face, context, "launches")

    await page.get_by_role("button", name="Run again").click()

    await expect(page.locator("#said")).to_have_text("Open in Sample: it begins again.")
    await expect(page.locator(".row")).to_have_count(2)
    await expect(page.locator(".row .chip").first).to_have_text("Done", timeout=5_000)


async def test_what_went_wrong_is_told_beside_the_button(face: Face, context: BrowserContext):
    """Real: Chromium; nobody is logged in."""
    face.in_state(State.FAILED, ABSENT)
    page = await entered(face, context, "launches")

    await page.get_by_role("button", name="Run again").click()

    await expect(page.get_by_role("alert")).to_contain_text("You are not logged in to https://kitsu.studio.test here")


async def test_an_executable_is_written_by_the_keyboard_and_what_is_wrong_is_told_in_place(
    face: Face, context: BrowserContext, home: Path
):
    """Real: Chromium, the file. What was typed stays while the page is asked for again."""
    page = await entered(face, context, "applications")
    card = page.locator("#app-krita")
    await card.get_by_text("Use this executable…").focus()
    await page.keyboard.press("Enter")
    field = card.get_by_label("Whole path of Krita")
    await field.focus()
    await page.keyboard.type("/nowhere/krita")
    await page.keyboard.press("Enter")

    await expect(card.get_by_role("alert")).to_contain_text("This program cannot be used, so nothing was written.")
    await expect(card.get_by_role("alert")).to_contain_text("/nowhere/krita: ")
    await expect(field).to_have_value("/nowhere/krita")
    assert not (home / "config" / "config.toml").exists()

    await field.fill(sys.executable)
    await page.keyboard.press("Enter")
    await expect(page.locator("#said")).to_have_text("krita: this program is used now.")
    assert sys.executable in (home / "config" / "config.toml").read_text()
    await expect(card.get_by_text("your own choice")).to_be_visible(timeout=15_000)
    assert page.complaints == [
        "Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"
    ]  # type: ignore[attr-defined]


async def test_without_javascript_every_page_is_whole_and_its_forms_work(face: Face, chromium: Browser, home: Path):
    """Real: Chromium without scripts."""
    context = await chromium.new_context(java_script_enabled=False)
    log = filled(face)
    page = await entered(face, context)
    for path in [*PAGES, log]:
        await page.goto(face.url() + path)
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await page.goto(face.url() + "applications")
    if await page.get_by_text("Looking at the programs").count():
        await page.wait_for_timeout(6_000)
        await page.reload()
    card = page.locator("#app-krita")
    await card.get_by_text("Use this executable…").click()
    await card.get_by_label("Whole path of Krita").fill(sys.executable)
    await card.get_by_role("button", name="Use it").click()

    assert page.url == face.url() + "applications#app-krita"
    assert sys.executable in (home / "config" / "config.toml").read_text()
    await context.close()


async def test_the_search_leaves_the_launches_that_fit(face: Face, context: BrowserContext):
    """Real: Chromium."""
    filled(face)
    page = await entered(face, context, "launches")

    await page.get_by_label("Find").fill("not installed")

    await expect(page.locator(".row:visible")).to_have_count(1)
    await expect(page.locator("#found")).to_have_text("1 of 4")
    await page.wait_for_timeout(1_500)
    await expect(page.locator(".row:visible")).to_have_count(1)


# -- how it looks, and how it is read aloud --------------------------------------------------------------------------
@pytest.mark.parametrize("width", [400, 1600])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_fits_its_window_and_axe_finds_nothing(face: Face, chromium: Browser, width: int, scheme: str):
    """Real: Chromium, axe-core. No sideways scrolling; contrast as WCAG AA wants it; buttons of 44 px at least."""
    context = await chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    paths = [*PAGES, filled(face)]
    page = await entered(face, context)
    for path in paths:
        await page.goto(face.url() + path)
        await expect(page.get_by_text("Looking at the programs")).to_have_count(0, timeout=15_000)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert await page.evaluate(FAINT) == [], (path, scheme)
        assert await page.evaluate(SMALL) == [], (path, width)
        assert await violations(page) == [], (path, scheme, width)
    await page.goto(face.url() + "applications")
    await page.locator("summary").first.click()
    assert await violations(page) == []
    await context.close()


async def test_axe_would_find_something(context: BrowserContext):
    """Real: Chromium, axe-core."""
    page = await context.new_page()
    await page.set_content('<html lang="en"><title>x</title><main><h1>x</h1><img src="x"><input></main>')

    assert [line.partition(":")[0] for line in await violations(page)] == ["image-alt", "label"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_on_the_other_pages_either(face: Face, chromium: Browser, scheme: str):
    """Real: Chromium, axe-core; launches in every state, the question of a link, refusals, the closed door."""
    context = await chromium.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    await context.add_init_script("window.close = () => {}")
    page = await context.new_page()
    for state in OTHER_STATES:
        await page.goto(other_address(face, state))
        await page.wait_for_timeout(50)
        assert await violations(page) == [], (state, scheme)
    await context.close()
