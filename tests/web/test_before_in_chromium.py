"""What the artist sees of the studio's programs, in a real browser: that one is asked, and what it says."""

import os
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from launcher.model import State
from tests.support.artist import TASKS
from tests.support.axe import violations
from tests.support.face import Face, needs_chromium
from tests.support.launching import settled
from tests.support.requests import form
from tests.support.sample import program
from tests.web.test_whole_way import fields

pytestmark = needs_chromium
SAYS = "Ana Ruiz works on SH010 until 5 pm. Ask her on <b>chat</b>, or take SH020 instead."
WAITS = f"""#!/bin/bash
while [ ! -e "$0.go" ]; do sleep 0.05; done
printf '%s' '{{"cancel": "{SAYS}"}}'
echo "asked the lock server at 10.1.2.3" >&2
"""


@pytest.fixture
def lock(face: Face, home: Path, artist: str) -> Path:
    """A program that waits until `lock.sh.go` is there, and then says no."""
    tools = home / "prod" / "tools"
    tools.mkdir(parents=True)
    program(tools / "lock.sh", WAITS)
    file = home / "machine" / "studio.toml"
    text = file.read_text().replace(
        'args = ["-c", "pass"]', 'args = ["-c", "pass"]\nbefore = ["{roots.prod}/tools/lock.sh"]'
    )
    file.write_text(f'{text}\n[roots]\nprod = {{ linux = "{home}/prod" }}\n')
    assert face.parts.loaded().problems == ()
    return tools / "lock.sh"


async def clicked(face: Face, artist: str, context: BrowserContext, *tasks: str) -> Page:
    """The page of a click on these tasks."""
    target = (await face.send(form(face.port, "sample")(body=fields(artist, *tasks)))).headers["Location"]
    page = await context.new_page()
    await page.goto(f"http://127.0.0.1:{face.port}{target}")
    return page


async def pictured(page: Page, name: str) -> None:
    """Where `PICTURES` names a folder, a picture of the page for people to look at."""
    assert await violations(page) == []
    if folder := os.environ.get("PICTURES"):
        await page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


async def test_she_sees_what_is_asked_and_then_its_sentence(
    face: Face, artist: str, context: BrowserContext, lock: Path
) -> None:
    """Real: Chromium, the sample Kitsu, a shell script that is asked."""
    page = await clicked(face, artist, context, TASKS[0])
    await expect(page.get_by_role("heading", level=1)).to_have_text("Asking lock.sh …")
    await expect(page.get_by_text("A program of your studio is asked first; it may say no.")).to_be_visible()
    await pictured(page, "asking")

    lock.with_name("lock.sh.go").touch()

    await expect(page.get_by_role("heading", level=1)).to_have_text(SAYS)
    await expect(page.get_by_text("A program of your studio says so. Do as it asks, then click again.")).to_be_visible()
    await expect(page.get_by_text("asked the lock server at 10.1.2.3")).to_be_visible()
    await pictured(page, "cancelled")
    (launch,) = face.launches.recent()
    assert (launch.state, launch.processes) == (State.REFUSED, ())


async def test_the_question_names_them_before_any_is_run(
    face: Face, artist: str, context: BrowserContext, lock: Path
) -> None:
    """Real: Chromium, the sample Kitsu; two tasks, so that it asks; no is the answer."""
    page = await clicked(face, artist, context, *TASKS[:2])

    await expect(page.get_by_text(f"ask lock.sh before Sample starts, for 20 s at most: {lock}")).to_have_count(2)
    await pictured(page, "question")
    await page.get_by_role("button", name="No").click()

    (launch,) = face.launches.recent()
    await settled(face.launches, launch, State.REFUSED)
    assert not face.launches.before_log(launch).exists()
