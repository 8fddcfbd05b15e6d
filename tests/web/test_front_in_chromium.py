"""Her tasks and this program's own buttons in a real browser: searched, pressed, looked at by axe."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from launcher.model import Sender, State
from tests.support.artist import STUDIO, TASKS
from tests.support.axe import violations
from tests.support.face import Face, needs_chromium
from tests.support.launching import settled
from tests.web.test_dashboard_in_chromium import entered
from tests.web.test_in_chromium import FAINT, SMALL

pytestmark = needs_chromium


def task_rows(page: Page):
    return page.locator(".row.task:visible")


async def test_a_task_is_opened_by_its_button(face: Face, artist: str, context: BrowserContext):
    """Real: Chromium, the sample Kitsu, a started process. The page goes on by itself."""
    page = await entered(face, context)

    await page.get_by_role("button", name="Open in Sample: SQ010/SH020/Animation").click()

    await expect(page.locator("#said")).to_have_text("Open in Sample: it begins.")
    (launch,) = face.launches.recent()
    assert (launch.click.sender, launch.click.task_ids) == (Sender.DASHBOARD, (TASKS[3],))
    await settled(face.launches, launch, State.DONE)
    await expect(page.get_by_role("link", name="Open in Sample: it begins.")).to_have_attribute("href", launch.url)
    await expect(page.locator(".launches .chip")).to_have_text("Done", timeout=5_000)
    assert page.complaints == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", ["", "tasks"])
async def test_tasks_are_found_by_the_keyboard_alone(face: Face, artist: str, context: BrowserContext, path: str):
    """Real: Chromium, the sample Kitsu: `/`, words, Tab, Enter; Escape shows all again."""
    page = await entered(face, context, path)
    await expect(task_rows(page)).to_have_count(5)

    await page.keyboard.press("/")
    await page.keyboard.type("sh030 sample")
    await expect(task_rows(page)).to_have_count(1)
    await expect(page.locator("#found")).to_have_text("1 of 5")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.ariaLabel") == "Open in Sample: SQ010/SH030/Animation"
    await page.keyboard.press("/")
    await page.keyboard.press("Escape")

    await expect(task_rows(page)).to_have_count(5)
    assert page.url == face.url() + path
    assert await page.evaluate("document.activeElement.id") == "find"
    await page.keyboard.type("a/b")
    await expect(page.get_by_label("Find")).to_have_value("a/b")


async def test_the_first_page_shows_a_few_tasks_and_finds_all(
    face: Face, artist: str, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
):
    """Real: Chromium, the sample Kitsu with sixty tasks. Asked for again, what was found stays found."""
    few = STUDIO.tables["tasks"]
    many = {
        key.replace(key[:2], f"{n:02x}", 1): {**row, "id": key.replace(key[:2], f"{n:02x}", 1)}
        for n in range(12)
        for key, row in few.items()
    }
    monkeypatch.setitem(STUDIO.tables, "tasks", many)
    running = face.in_state(State.RUNNING)
    page = await entered(face, context)

    await expect(task_rows(page)).to_have_count(8)
    await page.get_by_label("Find").fill("lantern")
    await expect(task_rows(page)).to_have_count(12)
    await page.wait_for_timeout(2_500)
    await expect(task_rows(page)).to_have_count(12)
    await expect(page.get_by_role("link", name="Show all 60 tasks")).to_be_hidden()
    await page.get_by_label("Find").fill("")
    await expect(task_rows(page)).to_have_count(8)
    await page.get_by_role("link", name="Show all 60 tasks").click()
    await expect(task_rows(page)).to_have_count(60)
    face.launches.update(running, state=State.DONE)


async def test_without_javascript_tasks_are_searched_and_opened(face: Face, artist: str, chromium: Browser):
    """Real: Chromium without scripts, the sample Kitsu, a started process."""
    context = await chromium.new_context(java_script_enabled=False)
    page = await entered(face, context, "tasks")
    await page.get_by_label("Find").fill("lantern")
    await page.get_by_role("button", name="Search").click()
    await expect(task_rows(page)).to_have_count(1)

    await page.get_by_role("button", name="Open in Sample: Props/Lantern/Modeling").click()

    assert page.url == face.url()
    (launch,) = face.launches.recent()
    await settled(face.launches, launch, State.DONE)
    await page.reload()
    await expect(page.locator(".launches .chip")).to_have_text("Done")
    await context.close()


async def test_start_at_login_is_switched_and_told(
    face: Face, context: BrowserContext, home: Path, monkeypatch: pytest.MonkeyPatch
):
    """Real: Chromium, the desktop's files in a folder of the test."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "xdg"))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    page = await entered(face, context)

    await page.get_by_role("button", name="Start at login").click()

    await expect(page.get_by_role("button", name="Do not start at login")).to_be_visible()
    assert (home / "xdg" / "autostart" / "kitsu-launcher.desktop").exists()
    assert await page.evaluate("document.activeElement.textContent") == "Switch off"


async def test_quit_wants_a_second_press(face: Face, context: BrowserContext):
    """Real: Chromium; what would end the daemon is only counted."""
    page = await entered(face, context)
    await expect(page.get_by_role("button", name="Quit now")).to_be_hidden()

    await page.get_by_text("Quit Kitsu Launcher…").click()
    await page.get_by_role("button", name="Quit now").click()

    await expect(page.get_by_role("heading", level=1)).to_have_text("Kitsu Launcher has ended")
    assert await page.evaluate("getComputedStyle(document.querySelector('main')).display") == "grid"
    assert await violations(page) == []
    await page.wait_for_timeout(1_700)
    assert face.stopped == [True]


async def test_a_language_is_chosen_by_its_form(face: Face, context: BrowserContext, home: Path):
    """Real: Chromium, her file."""
    page = await entered(face, context, "configuration")

    await page.get_by_label("Language of pages, menus and notices").select_option("English")
    await page.get_by_role("button", name="Use this language").click()

    await expect(page.locator("#speak")).to_have_value("en")
    await expect(page.locator(".setting", has_text="desk.language")).to_contain_text("config.toml")
    assert (home / "config" / "config.toml").read_text() == '[desk]\nlanguage = "en"\n'


@pytest.mark.parametrize("width", [400, 1600])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_her_tasks_fit_every_window_and_axe_finds_nothing(
    face: Face, artist: str, chromium: Browser, monkeypatch: pytest.MonkeyPatch, width: int, scheme: str
):
    """Real: Chromium, axe-core, the sample Kitsu: a late task, a question, a click that waits for a login."""
    late = next(iter(STUDIO.tables["tasks"].values()))
    monkeypatch.setitem(late, "due_date", "2020-01-01T00:00:00")
    face.in_state(State.ASKS)
    face.launches.update(face.launch(), waiting_for=f"http://{artist}")
    context = await chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    page = await entered(face, context)
    for path in ("", "tasks"):
        await page.goto(face.url() + path)
        await expect(page.get_by_text("late: it was due on 2020-01-01")).to_be_visible()
        for fold in await page.locator("summary").all():
            await fold.click()
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert await page.evaluate(FAINT) == [], (path, scheme)
        assert await page.evaluate(SMALL) == [], (path, width)
        assert await violations(page) == [], (path, scheme, width)
    await context.close()
