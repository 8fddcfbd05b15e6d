"""axe-core in a page: what a screen reader, a keyboard or a weak eye would stumble over."""

from functools import cache
from importlib import resources

from playwright.async_api import Page

EVERYTHING = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}


@cache
def source() -> str:
    """axe-core itself, as the package that carries it ships it."""
    return (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


async def violations(page: Page) -> list[str]:
    """What axe finds wrong, one line each: the rule, and the elements."""
    await page.evaluate(source())
    found = await page.evaluate("options => axe.run(document, options)", EVERYTHING)
    return [
        f"{one['id']}: {' | '.join(node['html'][:120] for node in one['nodes'][:4])}" for one in found["violations"]
    ]
