"""The list of other revisions in a real browser: 3, 40 and 5,000 files, both themes, narrow and wide; its search."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.axe import violations
from tests.support.face import needs_chromium
from tests.support.sample import Make, SampleStudio
from tests.web.test_findings_in_chromium import shoot

pytestmark = needs_chromium
MORE = """
[actions.choose]
title = "Open in Notes"
kind = "launch"
app = "notes"
file = "{roots.prod}/{entity.name}_animation_v{revision:03}_{*}.txt"
new_file = "{roots.prod}/{entity.name}_animation_v{revision:03}_{person.initials}.txt"
open = "choose"
"""
HOSTILE = "SH010_animation_v002_<img src=x onerror=alert(1)>.txt"
HIDDEN = "SH010_animation_v001_rtl\u202egpj.txt"


def filled(make_studio: Make, count: int) -> SampleStudio:
    """A studio whose shot has so many working files, of which two have names of somebody who means no good."""
    studio = make_studio(more=MORE)
    names = [f"SH010_animation_v{number:03}_{'kd' if number % 3 else 'mf'}.txt" for number in range(3, count + 1)]
    for number, name in enumerate([HIDDEN, HOSTILE, *names]):
        file = studio.prod / name
        file.touch()
        os.truncate(file, 137 ** (number % 4 + 1))
        os.utime(file, (1_790_000_000 + 3_600 * number, 1_790_000_000 + 3_600 * number))
    return studio


async def opened(page: Page, studio: SampleStudio, launch: str, rest: str = "") -> list[str]:
    """The page, and all that its scripts complain of."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(f"http://127.0.0.1:{studio.port}/launches/{launch}{rest}")
    return complaints


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("count", [3, 40])
async def test_the_question_and_the_list_can_be_read_by_everybody(
    make_studio: Make, chromium: Browser, theme: str, count: int
):
    """Real: Chromium, axe, a daemon, files on disk; a narrow window and a wide one."""
    studio = filled(make_studio, count)
    launch = studio.clicked(studio.form("choose"))["id"]
    for width in (400, 1100):
        context = await chromium.new_context(color_scheme=theme, viewport={"width": width, "height": 900})
        page = await context.new_page()
        for name, rest in (("question", ""), ("files", "/files")):
            complaints = await opened(page, studio, launch, rest)
            await expect(page.locator(".file").nth(2)).to_be_visible()
            await expect(page.get_by_role("button", name="Open", exact=False).first).to_be_enabled()
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert await violations(page) == []
            assert complaints == []
            await shoot(page, f"{name}-{count}-{theme}-{width}")
        await context.close()


async def test_five_thousand_files_are_searched_as_she_types(make_studio: Make, chromium: Browser):
    """Real: Chromium, a daemon, 5,000 files on disk; the fold opens where it has what she looks for."""
    studio = filled(make_studio, 5_000)
    launch = studio.clicked(studio.form("choose"))["id"]
    context = await chromium.new_context(viewport={"width": 1100, "height": 900})
    page = await context.new_page()
    complaints = await opened(page, studio, launch, "/files")
    rows = page.locator("[data-file]:visible")

    assert await rows.count() == 200
    await shoot(page, "files-5000") if os.environ.get("KITSU_TEST_PICTURES") else None
    await page.get_by_label("Find").fill("v043 kd")
    await expect(page.locator("#found")).to_have_text("1 of 5000")
    await expect(rows).to_have_count(1)
    await page.get_by_label("Find").fill("v9999")
    await expect(page.locator("#found")).to_have_text("0 of 5000")
    await page.get_by_label("Find").fill("")
    await expect(rows).to_have_count(200)
    await page.get_by_label("Find").fill("v043 kd")
    await page.get_by_role("button", name="Open SH010_animation_v043_kd.txt", exact=True).click()

    await expect(page.get_by_role("heading", level=1)).to_contain_text("Notes")
    assert studio.settled(launch)["processes"][0]["argv"][-1] == str(studio.prod / "SH010_animation_v043_kd.txt")
    assert complaints == []
    await context.close()


async def test_a_choice_on_the_questions_page_is_one_press(make_studio: Make, chromium: Browser):
    """Real: Chromium, the held button, the page that follows its launch; names that would be markup or turn text."""
    studio = filled(make_studio, 3)
    launch = studio.clicked(studio.form("choose"))["id"]
    context = await chromium.new_context(viewport={"width": 1100, "height": 900})
    page = await context.new_page()
    await opened(page, studio, launch)

    await expect(page.get_by_text(r"SH010_animation_v001_rtl\u{202e}gpj.txt")).to_be_visible()
    await expect(page.get_by_text("Its name cannot be sent by a page: rename it.")).to_be_visible()
    await page.get_by_role("button", name=f"Open: {HOSTILE}", exact=True).click()

    assert Path(studio.settled(launch, "done")["processes"][0]["argv"][-1]).name == HOSTILE
    await context.close()
