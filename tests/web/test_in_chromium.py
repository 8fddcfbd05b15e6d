"""Our pages in a real browser: what the script does, and how it looks."""

import asyncio
import time

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from launcher.errors import NotFoundHere
from launcher.launches import Launch
from launcher.model import Plan, State
from tests.support.face import EVIL, EVIL_SHOWN, Face, needs_chromium, plan, task
from tests.support.requests import TASK

pytestmark = needs_chromium
ABSENT = NotFoundHere(
    "Blender >=4.2,<5 is not installed here.",
    tried=["/opt/blender-4.1.1/blender   4.1.1, too old", f"/usr/bin/{'x' * 200}"],
    next_step="Install Blender 4.2, or set apps.blender.executable in ~/.config/kitsu-launcher/config.toml",
)


async def opened(context: BrowserContext, face: Face, launch: Launch) -> Page:
    """A launch's page as the first of its tab, as after a click in Kitsu. Whatever its script complains of is kept."""
    page = await context.new_page()
    page.complaints = []  # type: ignore[attr-defined]
    page.on("console", lambda message: page.complaints.append(message.text))  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.complaints.append(str(error)))  # type: ignore[attr-defined]
    await page.goto(face.url(launch))
    return page


# -- following a launch ----------------------------------------------------------------------------------------------
async def test_a_page_tells_what_has_become_of_its_launch_and_is_never_loaded_again(
    face: Face, context: BrowserContext
):
    """Real: Chromium, the sockets, the launch."""
    launch = face.launch()
    page = await opened(context, face, launch)
    await page.evaluate("window.same = true")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Preparing: Open in Blender")

    face.launches.update(launch, waiting_for="https://kitsu.studio.test")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Log in to Kitsu")
    await expect(page.get_by_role("status").first).to_contain_text("Log in to Kitsu")

    face.launches.update(launch, waiting_for="", state=State.FAILED, error=ABSENT)
    await expect(page.get_by_role("heading", level=1)).to_have_text(ABSENT.problem)
    await expect(page).to_have_title("Failed: Open in Blender – SQ010/SH030/Animation")
    await expect(page.get_by_text("Install Blender 4.2, or set")).to_be_visible()
    assert await page.evaluate("window.same")
    assert await page.evaluate("history.length") <= 2  # about:blank of the test's own tab, and the page
    assert page.complaints == []  # type: ignore[attr-defined]


async def test_a_page_closes_itself_once_the_launch_has_begun(face: Face, context: BrowserContext):
    """Real: Chromium closes a tab that a page opened."""
    launch = face.in_state(State.PREPARING)
    kitsu = await context.new_page()
    await kitsu.goto(face.url())
    async with context.expect_page() as opening:
        await kitsu.evaluate("url => { window.open(url) }", face.url(launch))
    tab = await opening.value
    await expect(tab.get_by_role("heading", level=1)).to_have_text("Opening Blender 4.2.3")

    async with asyncio.timeout(5):
        closed = asyncio.ensure_future(tab.wait_for_event("close"))
        face.launches.update(launch, state=State.RUNNING)
        await closed


async def test_a_page_that_finds_its_launch_begun_closes_at_once(face: Face, context: BrowserContext):
    """Real: Chromium."""
    launch = face.in_state(State.RUNNING)
    kitsu = await context.new_page()
    await kitsu.goto(face.url())

    closed = asyncio.Event()
    context.on("page", lambda tab: tab.on("close", lambda _: closed.set()))
    await kitsu.evaluate("url => { window.open(url) }", face.url(launch))

    async with asyncio.timeout(5):
        await closed.wait()


async def test_a_page_that_may_not_close_says_so_and_goes_on_telling(face: Face, context: BrowserContext):
    """Real: Chromium; closing is switched off."""
    await context.add_init_script("window.close = () => {}")
    launch = face.in_state(State.RUNNING)
    page = await opened(context, face, launch)
    await expect(page.get_by_text("You can close this tab.")).to_be_visible()

    face.launches.update(launch, state=State.DONE)

    await expect(page.get_by_role("heading", level=1)).to_have_text("Blender 4.2.3 has ended")


async def test_a_page_opened_for_an_early_exit_stays_while_the_other_applications_run(
    face: Face, context: BrowserContext
):
    """Real: Chromium, the launch."""
    await context.add_init_script("window.close = () => { window.closes = true }")
    launch = face.in_state(State.RUNNING)
    face.launches.update(launch, error=ABSENT, early=True)
    page = await opened(context, face, launch)

    await expect(page.get_by_role("heading", level=1)).to_have_text(ABSENT.problem)
    await page.wait_for_timeout(1_200)
    assert not await page.evaluate("window.closes")


@pytest.mark.parametrize("state", [State.REFUSED, State.FAILED])
async def test_a_page_with_a_reason_stays(face: Face, context: BrowserContext, state: State):
    """Real: Chromium."""
    await context.add_init_script("window.close = () => { window.closes = true }")
    page = await opened(context, face, face.in_state(state, ABSENT))
    await page.wait_for_timeout(1_200)

    assert not await page.evaluate("window.closes")


async def test_a_page_does_not_ask_while_nobody_sees_it(face: Face, context: BrowserContext):
    """Real: Chromium. Six open pages that ask would use up its connections to us."""
    await context.add_init_script("Object.defineProperty(document, 'hidden', { get: () => true })")
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = await opened(context, face, face.launch())
    await page.wait_for_timeout(1_500)

    assert not [url for url in asked if url.endswith(".json")]


async def test_a_daemon_that_is_gone_is_told(face: Face, context: BrowserContext):
    """Real: Chromium; its requests end as if nobody listened."""
    page = await opened(context, face, face.launch())
    await page.route("**/*.json", lambda route: route.abort("connectionrefused"))

    await expect(page.get_by_text("Kitsu Launcher does not answer.")).to_be_visible(timeout=8_000)

    await page.unroute_all()
    await expect(page.get_by_text("Kitsu Launcher does not answer.")).to_be_hidden()


# -- the question ----------------------------------------------------------------------------------------------------
async def test_a_question_is_answered_by_the_keyboard_alone(face: Face, context: BrowserContext):
    """Real: Chromium, the question. The tab's history does not grow, so that it can still close itself."""
    launch = face.in_state(State.ASKS)
    page = await opened(context, face, launch)
    await expect(page.get_by_role("button", name="Yes, do it")).to_be_enabled()
    length = await page.evaluate("history.length")

    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.textContent") == "Yes, do it"
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.textContent") == "No"
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("heading", level=1)).to_have_text("Nothing was started: the answer was no.")
    assert launch.state is State.REFUSED
    assert await page.evaluate("history.length") == length
    assert page.url == face.url(launch)


async def test_a_question_shows_the_plan_its_reasons_and_how_long_it_waits(face: Face, context: BrowserContext):
    """Real: Chromium, the question. Each thing stands there once: first why, then what to know, then the plan."""
    launch = face.in_state(State.ASKS)
    page = await opened(context, face, launch)

    assert launch.question
    assert launch.plan
    assert await page.locator(".said li").all_text_contents() == list(launch.question.reasons)
    assert await page.locator(".lines li").all_text_contents() == [launch.lines[0]]
    assert await page.locator(".reasons").count() == bool(launch.plan.warnings) + bool(launch.plan.left_out)
    await expect(page.get_by_text("nobody pressed a button there.")).to_be_visible()
    await expect(page.locator("#clock")).to_have_text("in 1:58", timeout=5_000)


async def test_an_answer_that_came_too_late_is_told(face: Face, context: BrowserContext):
    """Real: Chromium; the question was answered elsewhere."""
    launch = face.in_state(State.ASKS)
    page = await opened(context, face, launch)
    yes = page.get_by_role("button", name="Yes, do it")
    await expect(yes).to_be_enabled()
    await page.locator("[name=once]").evaluate("input => { input.value = 'used' }")

    await yes.click()

    await expect(page.get_by_role("alert")).to_have_text("This answer was given already, or came too late.")
    assert launch.state is State.ASKS


async def test_without_javascript_a_question_can_be_answered(face: Face, chromium: Browser):
    """Real: Chromium without scripts."""
    context = await chromium.new_context(java_script_enabled=False)
    launch = face.in_state(State.ASKS)
    page = await context.new_page()
    await page.goto(face.url(launch))
    assert await page.locator("meta[http-equiv=refresh]").count() == 0

    await expect(page.get_by_role("button", name="Yes, do it")).to_have_count(1)
    await expect(page.get_by_role("button", name="Yes, do it")).to_be_enabled()
    await page.get_by_role("button", name="No").click()

    await expect(page.get_by_role("heading", level=1)).to_have_text("Nothing was started: the answer was no.")
    await context.close()


async def test_without_javascript_a_page_loads_itself_again(face: Face, chromium: Browser):
    """Real: Chromium without scripts."""
    context = await chromium.new_context(java_script_enabled=False)
    launch = face.launch()
    page = await context.new_page()
    await page.goto(face.url(launch))

    face.launches.update(launch, state=State.FAILED, error=ABSENT)

    await expect(page.get_by_role("heading", level=1)).to_have_text(ABSENT.problem, timeout=6_000)
    await context.close()


async def test_an_action_s_address_leads_by_two_buttons_to_a_launch(face: Face, context: BrowserContext):
    """Real: Chromium, the guard's same-origin rules, the launch, which waits for a login."""
    page = await context.new_page()
    await page.goto(f"http://127.0.0.1:{face.port}/run/open-in-blender?task={TASK}")
    await expect(page).to_have_title("Open in Blender – 1 task?")
    assert face.launches.recent() == []

    await page.get_by_role("button", name="Show me").click()

    await expect(page.get_by_role("heading", level=1)).to_have_text("Log in to Kitsu")
    assert page.url == face.url(face.launches.recent()[0])


# -- the debug page --------------------------------------------------------------------------------------------------
async def test_a_template_name_is_copied_by_one_click(face: Face, context: BrowserContext):
    """Real: Chromium's clipboard."""
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = await opened(context, face, face.debug([task()]))

    await page.get_by_role("button", name="{entity.name}").click()

    await expect(page.locator("#said")).to_have_text("Copied {entity.name}")
    await expect(page.locator("button.copied")).to_have_text("{entity.name}")
    assert await page.evaluate("navigator.clipboard.readText()") == "{entity.name}"
    assert page.complaints == []  # type: ignore[attr-defined]


async def test_a_template_name_is_copied_where_the_clipboard_is_refused(face: Face, context: BrowserContext):
    """Real: Chromium's older way, by a selection; what was copied is pasted by the keyboard."""
    await context.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('refused'))")
    page = await opened(context, face, face.debug([task()]))
    button = page.get_by_role("button", name="{task_type.name}")

    await button.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#said")).to_have_text("Copied {task_type.name}")
    assert await button.evaluate("button => button === document.activeElement")

    await page.get_by_label("Find").focus()
    await page.keyboard.press("Control+V")
    await expect(page.get_by_label("Find")).to_have_value("{task_type.name}")


async def test_the_search_leaves_what_fits(face: Face, context: BrowserContext):
    """Real: Chromium."""
    page = await opened(context, face, face.debug([task(1), task(2)]))
    leaves = page.locator(".leaf:visible")
    before = await leaves.count()
    await expect(page.locator(".tree > details").nth(1)).not_to_have_attribute("open", "")

    await page.get_by_label("Find").fill("ENTITY.name")

    await expect(leaves).to_have_count(2)
    total = await page.locator(".leaf").count()
    await expect(page.locator("#hits")).to_have_text(f"2 of {total}")

    await page.get_by_label("Find").fill("sh0020 {entity.name}")
    await expect(leaves).to_have_count(1)

    await page.get_by_label("Find").fill("")
    await expect(leaves).to_have_count(before)
    await expect(page.locator("#hits")).to_have_text("")


async def test_a_page_that_becomes_the_debug_page_stays_and_can_be_searched(face: Face, context: BrowserContext):
    """Real: Chromium. As after every click: the page is there before Kitsu has answered."""
    await context.add_init_script("window.close = () => { window.closes = true }")
    launch, known = face.launch("Debug"), face.debug([task()])
    page = await opened(context, face, launch)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Preparing: Debug")

    face.launches.update(launch, plan=known.plan, lines=known.lines, state=State.DONE)

    await page.get_by_label("Find").fill("entity.name")
    await expect(page.locator(".leaf:visible")).to_have_count(1)
    assert not await page.evaluate("window.closes")


async def test_every_known_value_has_its_template_name(face: Face, context: BrowserContext):
    """Real: Chromium."""
    launch = face.debug([task()])
    page = await opened(context, face, launch)

    shown = await page.locator(".leaf button").all_text_contents()

    assert launch.plan
    (step,) = launch.plan.steps
    leaves = step.content["tree"][0]["leaves"]  # type: ignore[union-attr]
    assert shown == [f"{{{leaf['name']}}}" for leaf in leaves]
    assert {"{entity.name}", "{project.fps}", "{frame_in}", "{roots.prod}", "{entity.data.notes}"} <= set(shown)


async def test_the_debug_page_tells_what_each_action_would_do_and_how_the_click_came(
    face: Face, context: BrowserContext
):
    """Real: Chromium."""
    launch = face.debug([task()], [("open-in-blender", "Open in Blender", plan()), ("nuke", "Open in Nuke", ABSENT)])
    page = await opened(context, face, launch)

    await page.get_by_text("Open in Blender").click()
    await expect(page.get_by_text("start Blender 4.2.3: /opt/blender-4.2.3/blender -Y /mnt/prod")).to_be_visible()
    await page.get_by_text("Open in Nuke").click()
    await expect(page.get_by_text(ABSENT.problem)).to_be_visible()
    await expect(page.locator("dl")).to_contain_text("artist@studio.example")


async def test_fifty_tasks_are_rendered_and_searched_quickly(face: Face, context: BrowserContext):
    """Real: Chromium. 2,500 leaves; generous times, for a busy machine."""
    launch = face.debug([task(number) for number in range(50)])

    began = time.monotonic()
    page = await opened(context, face, launch)
    assert time.monotonic() - began < 5
    assert await page.locator(".leaf").count() > 2_000
    assert await page.locator(".leaf:visible").count() < 100

    took = await page.evaluate(
        """() => { const search = document.querySelector('#search'); search.value = 'sh0490';
        const began = performance.now(); search.dispatchEvent(new Event('input')); return performance.now() - began }"""
    )
    assert took < 1_000
    await expect(page.locator("#hits")).to_contain_text("of")


# -- how it looks ----------------------------------------------------------------------------------------------------
STATES = ["preparing", "login", "asks", "refused", "running", "failed", "debug", "odd", "offer", "home", "absent"]


def address(face: Face, state: str) -> str:
    """A page in this state."""
    if state == "offer":
        return f"{face.url()}run/open-in-blender?task={TASK}"
    if state == "home":
        return face.url()
    if state == "absent":
        return f"{face.url()}launches/{'0' * 32}"
    if state == "debug":
        return face.url(face.debug([task(), task(2, "W" * 300)], [("nuke", "Open in Nuke", ABSENT)]))
    if state == "odd":
        launch = face.launch(EVIL * 20, (EVIL * 20,))
        face.launches.update(launch, plan=Plan(()), state=State.FAILED, error=ABSENT)
        return face.url(launch)
    if state == "login":
        launch = face.launch()
        face.launches.update(launch, waiting_for="https://kitsu.studio.test")
        return face.url(launch)
    return face.url(face.in_state(State(state), ABSENT if state in ("refused", "failed") else None))


@pytest.mark.parametrize("width", [400, 1600])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_fits_its_window_can_be_read_and_touched(
    face: Face, chromium: Browser, width: int, scheme: str
):
    """Real: Chromium. No sideways scrolling; contrast as WCAG AA wants it; buttons of 44 px at least."""
    context = await chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    await context.add_init_script("window.close = () => {}")
    page = await context.new_page()
    for state in STATES:
        await page.goto(address(face, state))
        await page.wait_for_timeout(50)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, state
        assert await page.evaluate(FAINT) == [], (state, scheme)
        assert await page.evaluate(SMALL) == [], (state, width)
        dark = await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(23, 21, 19)"
        assert dark is (scheme == "dark")
    await context.close()


FAINT = """() => {
  const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => {
    const linear = (v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = rgb.slice(0, 3).map((v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (; element; element = element.parentElement) {
      const color = numbers(getComputedStyle(element).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
  };
  const faint = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.checkVisibility() || element.disabled) continue;
    const [a, b] = [light(numbers(getComputedStyle(element).color)), light(ground(element))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) faint.push([element.outerHTML.slice(0, 80), (a + 0.05) / (b + 0.05)]);
  }
  return faint;
}"""
"""Texts whose contrast with what is behind them is below 4.5:1. A button that is held back may be faint."""

SMALL = """() => [...document.querySelectorAll('button, a.button, summary, input:not([type=hidden])')]
  .filter((element) => element.checkVisibility())
  .map((element) => [element.textContent, element.getBoundingClientRect()])
  .filter(([, box]) => box.height < 44 || box.width < 44).map(([text, box]) => [text, box.width, box.height])"""


async def test_nothing_moves_for_who_wants_no_motion(face: Face, chromium: Browser):
    """Real: Chromium."""
    context = await chromium.new_context(reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(face.url(face.launch()))

    assert await page.evaluate("document.getAnimations().length") == 0
    await context.close()


async def test_the_focus_can_be_seen(face: Face, context: BrowserContext):
    """Real: Chromium."""
    page = await opened(context, face, face.in_state(State.FAILED, ABSENT))

    await page.keyboard.press("Tab")

    focused = "getComputedStyle(document.activeElement).outline"
    assert "3px" in await page.evaluate(focused)
    assert "solid" in await page.evaluate(focused)


async def test_odd_names_are_shown_and_not_obeyed(face: Face, context: BrowserContext):
    """Real: Chromium."""
    launch = face.launch(EVIL, (EVIL,))
    face.launches.update(launch, state=State.FAILED, error=ABSENT)
    page = await opened(context, face, launch)

    await expect(page.locator(".subject")).to_have_text(EVIL_SHOWN)
    assert await page.title() != "owned"
    assert page.complaints == []  # type: ignore[attr-defined]
