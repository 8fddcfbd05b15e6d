"""Real clicks in Chromium and Firefox: what the artist sees of tabs, pages and windows."""

import shlex
import time
from pathlib import Path

import pytest

from launcher.config.template import NAMES
from tests.support.browsers import Browser
from tests.support.desktop import wait_until
from tests.support.kitsu_page import KitsuPage
from tests.support.needs import needs
from tests.support.requests import KEY
from tests.support.studio import SAMPLE_ACTION, WORKING_FILE, Studio

BLENDER = f"""
[actions.blender]
title = "Open in Blender"
kind = "launch"
app = "blender"
file = "{WORKING_FILE}.blend"
when_missing = "empty"
"""
FAILS = """
[actions.fails]
title = "Open what is missing"
kind = "launch"
app = "sample"
file = "{roots.prod}/nowhere/{entity.name}_v{revision:03}.txt"
"""


@pytest.fixture(params=["http", "https"])
def kitsu(request: pytest.FixtureRequest, studio: Studio) -> KitsuPage:
    """Each test that takes this runs with Kitsu's page on http and on https."""
    return studio.kitsu if request.param == "http" else studio.secure


@needs("blender")
def test_a_click_opens_blender_its_tab_closes_and_kitsu_is_in_front_again(
    studio: Studio, kitsu: KitsuPage, browser: Browser
):
    """Real: both browsers, a key press, http and https pages, Zou, the daemon, Blender with its window."""
    studio.write(BLENDER)

    studio.press(browser, kitsu, studio.form_page(kitsu, "blender", "Animation SH010"))

    studio.display.wait_for_window("^SQ01/SH010/Animation – Lab Short · Blender", 40)
    # Blender may have covered the browser, which then hides its pages, before the tab asked a last time: the artist
    # comes back to it, and the window's title tells which tab is in front.
    studio.display.focus(studio.display.windows()[0])
    studio.display.wait_for_window("^Kitsu stand-in 0", 10)
    launch = studio.latest()
    assert (launch["state"], launch["error"]) == ("running", None)


def test_a_page_that_failed_stays_and_says_why(studio: Studio, browser: Browser):
    """Real: both browsers, a key press, Zou, the daemon."""
    studio.write(FAILS)

    studio.press(browser, studio.kitsu, studio.form_page(studio.kitsu, "fails", "Animation SH010"))

    window = studio.display.wait_for_window("^Failed: Open what is missing – SQ01/SH010/Animation")
    assert studio.latest()["error"]["problem"] == "There is no working file of SQ01/SH010/Animation yet."
    stays(studio, window, "Failed: Open what is missing")


def stays(studio: Studio, window: int, title: str) -> None:
    """Assert that the page is still in front after it has asked the daemon again several times."""
    end = time.monotonic() + 2
    wait_until(lambda: time.monotonic() > end or not studio.display.title(window).startswith(title), 5, "two seconds")
    assert studio.display.title(window).startswith(title)


def test_a_question_is_answered_by_the_keyboard_and_its_tab_closes(studio: Studio, browser: Browser):
    """Real: both browsers, key presses, an https page that hides its origin, no key in the studio file."""
    studio.write(SAMPLE_ACTION, studio="")
    page = studio.form_page(studio.secure, "sample", "Animation SH010", key=None)

    studio.press(browser, studio.secure, page)
    window = studio.display.wait_for_window(r"^Open in Sample\? – SQ01/SH010/Animation")
    asked = studio.latest()
    assert asked["state"] == "asks"
    assert asked["question"]["reasons"] == [
        "The page that sent it hides its address, and this studio's actions have no key."
    ]
    assert studio.applications() == []
    stays(studio, window, "Open in Sample?")  # the yes counts only after a moment
    answered = time.time()
    studio.display.key("Tab")
    studio.display.key("Return")

    studio.answers(1)
    studio.secure.wait("focus", since=answered)
    assert studio.wait(asked["id"], "running")["error"] is None
    assert studio.display.find("^Kitsu stand-in") == window


def test_a_page_that_hides_its_origin_is_refused_where_the_studio_says_so(studio: Studio, browser: Browser):
    """Real: both browsers, a key press, an https page, a right key, `null_origin = "refuse"`."""
    studio.write(SAMPLE_ACTION, studio='keys = ["file:studio.key"]\nnull_origin = "refuse"')

    studio.press(browser, studio.secure, studio.form_page(studio.secure, "sample", "Animation SH010"))

    studio.display.wait_for_window("^This studio takes no clicks from pages that hide their address.")
    assert studio.daemon.ask("GET", "/door/launches") == []


def test_an_ajax_click_starts_without_a_tab(studio: Studio, kitsu: KitsuPage, browser: Browser):
    """Real: both browsers, a key press, a preflight, http and https pages, Zou, the daemon, a started program."""
    studio.write(SAMPLE_ACTION + "ajax = true")

    pressed = studio.press(browser, kitsu, studio.ajax_page(kitsu, "sample", "Animation SH010"))

    told = kitsu.wait("click", "answer", since=pressed)
    assert told.value
    assert told.value["status"] == 202
    (started,) = studio.answers()
    assert started["env"]["KITSU_ENTITY_NAME"] == "SH010"
    assert studio.opened() == []
    assert "hidden" not in [one.name for one in kitsu.told]


def test_an_ajax_click_that_fails_opens_its_page_in_the_browser(studio: Studio, browser: Browser):
    """Real: both browsers, a key press; the daemon opens the page in the very browser that Kitsu is open in."""
    studio.write(FAILS + "ajax = true")
    studio.show(browser, studio.kitsu, studio.ajax_page(studio.kitsu, "fails", "Animation SH010"))
    studio.use_browser(as_command(browser, studio.home / "bin" / "real-browser"))  # its session bus is known only now

    studio.display.key("Return")

    window = studio.display.wait_for_window("^Failed: Open what is missing – SQ01/SH010/Animation")
    stays(studio, window, "Failed: Open what is missing")


def as_command(browser: Browser, path: Path) -> Path:
    """A command that opens an address in this running browser."""
    wanted = ("HOME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY")
    lines = [f"export {name}={shlex.quote(browser.environment[name])}\n" for name in wanted]
    path.write_text("#!/bin/sh\n" + "".join(lines) + f'exec {shlex.join(browser.command())} "$1"\n')
    path.chmod(0o755)
    return path


def test_the_debug_page_stays_and_has_every_name_but_no_key_and_no_cookie(studio: Studio, browser: Browser):
    """Real: both browsers, a key press, a shot of Zou with data of its own."""
    studio.write(SAMPLE_ACTION + '[actions.known]\ntitle = "What is known"\nkind = "page"\n')

    studio.press(browser, studio.kitsu, studio.form_page(studio.kitsu, "known", "Animation SH030"))

    window = studio.display.wait_for_window("^What is known – SQ01/SH030/Animation")
    stays(studio, window, "What is known")
    page = studio.page(studio.latest()["id"])
    names = [name for name in NAMES if name != "revision"]
    own = ["entity.data.camera_lens", "entity.data.handles", "project.data.colorspace", "roots.prod"]
    assert [name for name in (*names, *own) if f"{{{name}}}" not in page] == []
    assert [value for value in ("3840x2160", "35mm", "ACEScg", studio.artist.email) if value not in page] == []
    assert KEY not in page
    assert "access_token" not in page.lower()
    file = studio.prod / "LS" / "shots" / "SQ01" / "SH030" / "animation" / "SH030_v001.txt"
    assert f"start Sample for the new file {file}: {studio.home}/bin/sample" in page
