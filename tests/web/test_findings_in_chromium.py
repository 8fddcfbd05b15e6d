"""What is wrong, in a real browser: looked at by axe, in both themes, narrow and wide."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.support.axe import violations
from tests.support.face import Face, needs_chromium
from tests.web.test_dashboard_in_chromium import entered

pytestmark = needs_chromium
GONE = '\n[actions.gone]\ntitle = "Comp"\nkind = "launch"\napp = "gone"\n[apps.gone]\ntitle = "Gone"\n'


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1200])
async def test_what_is_wrong_can_be_read_by_everybody(face: Face, chromium: Browser, theme: str, width: int):
    """Real: Chromium, axe, a machine where things are wrong; on the first page it comes by itself."""
    file = face.parts.folders.machine / "studio.toml"
    file.write_text(file.read_text() + GONE)
    context = await chromium.new_context(color_scheme=theme, viewport={"width": width, "height": 900})
    page = await entered(face, context)
    await expect(page.get_by_role("heading", name="Wrong on this machine")).to_be_visible(timeout=20_000)
    await expect(page.get_by_text("Gone is not installed here")).to_be_visible()
    front = await violations(page)
    await shoot(page, f"front-{theme}-{width}")

    await page.get_by_role("link", name="Everything that was checked").click()

    await expect(page.get_by_role("heading", name="This machine", exact=True)).to_be_visible()
    await expect(page.locator(".row").first).to_contain_text("Broken")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert front + await violations(page) == []
    await shoot(page, f"state-{theme}-{width}")


async def shoot(page, name: str) -> None:
    """A picture for people, where KITSU_TEST_PICTURES names a folder."""
    if folder := os.environ.get("KITSU_TEST_PICTURES"):
        await page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
