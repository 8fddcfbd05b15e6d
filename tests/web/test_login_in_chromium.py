"""Logging in on a click's page, in a real browser."""

import asyncio

import pytest
from playwright.async_api import Browser, BrowserContext, expect

from launcher.demo.studio import EMAIL, PASSWORD
from launcher.model import State
from tests.support.axe import violations
from tests.support.face import needs_chromium
from tests.support.logins import Desk
from tests.web.test_in_chromium import FAINT, SMALL

pytestmark = needs_chromium


async def test_she_logs_in_by_the_keyboard_and_the_tab_closes_itself(fox_desk: Desk, context: BrowserContext):
    """Real: Chromium, the sample Kitsu, a started process. A wrong password first; what she typed stays."""
    launch = await fox_desk.mika()
    await fox_desk.waits(launch)
    kitsu = await context.new_page()
    await kitsu.goto(fox_desk.face.url())
    async with context.expect_page() as opening:
        await kitsu.evaluate("url => { window.open(url) }", fox_desk.face.url(launch))
    tab = await opening.value
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))

    await expect(tab.get_by_label("Kitsu password")).to_be_focused()
    await tab.keyboard.type("not it")
    await tab.wait_for_timeout(1_200)  # the page has been asked for again twice
    await expect(tab.get_by_label("Kitsu password")).to_have_value("not it")
    await tab.keyboard.press("Enter")
    await expect(tab.get_by_role("alert").first).to_contain_text("Wrong e-mail or password.")
    await expect(tab.get_by_label("E-mail")).to_have_value(EMAIL)
    await expect(tab.get_by_label("Kitsu password")).to_be_focused()
    await expect(tab.get_by_label("Kitsu password")).to_have_value("")

    async with asyncio.timeout(10):
        closed = asyncio.ensure_future(tab.wait_for_event("close"))
        await tab.keyboard.type(PASSWORD)
        await tab.keyboard.press("Enter")
        await closed
    await fox_desk.settled(launch, State.RUNNING, State.DONE)
    assert complaints == []


async def test_without_javascript_the_form_works_and_is_not_loaded_away(fox_desk: Desk, chromium: Browser):
    """Real: Chromium without scripts."""
    context = await chromium.new_context(java_script_enabled=False)
    launch = await fox_desk.mika()
    await fox_desk.waits(launch)
    page = await context.new_page()
    await page.goto(fox_desk.face.url(launch))
    await page.get_by_label("Kitsu password").fill(PASSWORD)
    await page.wait_for_timeout(2_500)
    await page.get_by_role("button", name="Log in").click()

    await expect(page.get_by_role("heading", level=1)).not_to_have_text("Log in to Kitsu", timeout=10_000)
    await fox_desk.settled(launch, State.RUNNING, State.DONE)
    await context.close()


@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_forms_fit_and_axe_finds_nothing(fox_desk: Desk, chromium: Browser, width: int, scheme: str):
    """Real: Chromium, axe-core; the click's page, after a wrong try too, the dashboard's form and the end."""
    context = await chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    launch = await fox_desk.mika()
    await fox_desk.waits(launch)
    page = await context.new_page()
    await page.goto(fox_desk.face.parts.sessions.enter_url("/account"))
    await expect(page.get_by_role("heading", level=1)).to_have_text("Account")
    await page.get_by_role("link", name="Log in").click()
    await expect(page.get_by_label("E-mail")).to_be_focused()
    for path in ("account/login", "login/done", launch.url[1:], launch.url[1:]):
        await page.goto(fox_desk.face.url() + path)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert await page.evaluate(FAINT) == [], (path, scheme)
        assert await page.evaluate(SMALL) == [], (path, width)
        assert await violations(page) == [], (path, scheme, width)
        if path == launch.url[1:]:
            await page.get_by_label("Kitsu password").fill("no")
            await page.get_by_role("button", name="Log in").click()
            await expect(page.get_by_role("alert").first).to_contain_text("Wrong e-mail or password.")
    await context.close()
