"""Notices at real programs that show them: what arrives, what is seen on the screen, and where a click on one leads."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.desktop.test_tray_linux import begun
from tests.support.desktop import started, wait_until
from tests.support.needs import needs
from tests.support.notified import SERVERS, Notified
from tests.support.sample import Make, SampleStudio, program

pytestmark = [needs("Xvfb", "openbox", "xdotool", "import", "dbus-daemon")]
NULL = subprocess.DEVNULL
BOTH = "Open – SQ010/SH010/Animation"


def staying(studio: SampleStudio, seconds: str = "600") -> None:
    """From now on its program runs for a while."""
    program(studio.home / "notes", f"#!/bin/sh\nexec sleep {seconds}\n")


def failing(studio: SampleStudio) -> None:
    """From now on its program is gone."""
    (studio.home / "notes").unlink()


@pytest.mark.parametrize("server", SERVERS)
def test_one_notice_tells_what_opens_and_then_that_it_is_open(
    make_studio: Make, notified: Notified, server: str
) -> None:
    """Real: Xvfb, what shows notices, daemon, sample Kitsu, a program that runs for a while."""
    notified.start(server)
    studio = begun(make_studio, notified.session)
    staying(studio)

    launch = studio.launched(studio.send(studio.ajax()))

    first = notified.wait_for("Opening Notes")
    assert (first.title, first.replaces, first.hints["urgency"]) == (BOTH, 0, ("y", 0))
    wait_until(notified.seen, 10, "it is on the screen")
    second = notified.wait_for("Notes is open.", 15)
    assert (second.title, second.replaces > 0) == (BOTH, True)
    assert len(notified.told) == 2
    assert studio.opened() == []
    os.kill(studio.settled(launch, "running")["processes"][0]["pid"], 15)
    assert studio.log_lines("ERROR") == []


@pytest.mark.parametrize("server", SERVERS)
def test_a_click_on_what_failed_opens_its_page(make_studio: Make, notified: Notified, server: str) -> None:
    """Real: Xvfb, what shows notices, the mouse, daemon, sample Kitsu, the command that is her browser."""
    notified.start(server)
    studio = begun(make_studio, notified.session)
    failing(studio)

    launch = studio.clicked(studio.ajax(), "failed")

    told = notified.wait_for("not ")
    assert told.body.replace("&lt;", "<") == f"{launch['error']['problem'][:140]}\n{launch['error']['next'][:110]}"
    assert (told.actions, told.hints["urgency"], told.stays_ms) == (["default", "Show"], ("y", 1), 0)
    assert studio.opened() == []
    notified.press(server)
    assert wait_until(studio.opened, 10, "its page") == [f"http://127.0.0.1:{studio.port}/launches/{launch['id']}"]
    assert studio.log_lines("ERROR") == []


def test_a_crash_after_the_start_takes_the_place_of_what_it_opened(make_studio: Make, notified: Notified) -> None:
    """Real: dunst, daemon, the command line, a program that is killed after a while."""
    notified.start("dunst")
    studio = begun(make_studio, notified.session)
    staying(studio)
    launch = studio.launched(studio.send(studio.form()))
    notified.wait_for("Notes is open.", 15)

    os.kill(studio.settled(launch, "running")["processes"][0]["pid"], 11)

    told = notified.wait_for("it crashed with signal 11 (SIGSEGV)")
    assert told.replaces > 0
    assert told.hints["urgency"] == ("y", 1)
    assert studio.opened() == []


def test_a_terminal_tells_itself_and_a_later_crash_is_a_notice(make_studio: Make, notified: Notified) -> None:
    """Real: dunst, daemon, the command line, a program."""
    notified.start("dunst")
    studio = begun(make_studio, notified.session)
    staying(studio)
    studio.daemon.cli("run", "open", "--task", studio.task())
    (launch,) = studio.launches()

    os.kill(studio.settled(launch["id"], "running")["processes"][0]["pid"], 11)

    notified.wait_for("it crashed")
    assert len(notified.told) == 1


@pytest.mark.parametrize("name", ["<b>bold</b><a href='https://evil.example'>x</a>", "a\nb\u202egpj.exe", "y" * 10_000])
@pytest.mark.parametrize("server", SERVERS)
def test_names_of_others_are_shown_as_they_are(make_studio: Make, notified: Notified, server: str, name: str) -> None:
    """Real: what shows notices, daemon, sample Kitsu with a shot of this name."""
    notified.start(server)
    studio = begun(make_studio, notified.session)
    failing(studio)

    studio.clicked(studio.ajax("title", studio.shot(name)), "failed")

    told = wait_until(lambda: notified.told[-1] if notified.told else None, 10, "a notice")
    wait_until(notified.seen, 10, "it is on the screen")
    assert len(told.title) <= 63
    assert told.title.isprintable()
    assert "<" not in told.body


def test_a_page_in_front_tells_it_and_no_notice_says_it_again(make_studio: Make, notified: Notified) -> None:
    """Real: dunst, daemon; the requests of a page that is in front of her, and none from one that is not."""
    notified.start("dunst")
    studio = begun(make_studio, notified.session)
    failing(studio)

    seen = studio.clicked(studio.form(), "failed")
    assert studio.send(studio.page(f"/launches/{seen['id']}")).status == 200
    unseen = studio.clicked(studio.form("title"), "failed")

    wait_until(lambda: notified.told, 10, "a notice")
    assert [told.title.partition(" – ")[0] for told in notified.told] == [unseen["title"]]


def test_what_waits_for_her_or_is_to_be_read_opens_its_page(make_studio: Make, notified: Notified) -> None:
    """Real: dunst, daemon, sample Kitsu; AJAX clicks, after which she has no tab."""
    notified.start("dunst")
    studio = begun(make_studio, notified.session)

    asks = studio.clicked(studio.ajax("open", studio.task("SH010"), studio.task("SH020")), "asks")
    wait_until(lambda: len(studio.opened()) == 1, 10, "the question's page")
    reads = studio.clicked(studio.ajax("known"), "done")
    wait_until(lambda: len(studio.opened()) == 2, 10, "the page to read")

    pages = [f"http://127.0.0.1:{studio.port}/launches/{launch['id']}" for launch in (asks, reads)]
    assert studio.opened() == pages
    assert notified.told == []


def test_a_login_that_is_needed_is_told_where_no_browser_shows_it(make_studio: Make, notified: Notified) -> None:
    """Real: dunst, daemon, a form whose tab is hidden: nothing asks for its page. Gone once she has logged in."""
    notified.start("dunst")
    studio = begun(make_studio, notified.session, log_in=False)

    launch = studio.launched(studio.send(studio.form("title")))
    told = notified.wait_for("it goes on once you have logged in")
    studio.log_in()
    studio.settled(launch, "done")

    assert (told.title, told.body) == ("Log in to Kitsu", "Title: it goes on once you have logged in.")
    wait_until(lambda: len(notified.withdrawn) == 1, 10, "the notice is taken away")
    assert len(notified.told) == 1


def test_no_more_than_five_notices_are_there_at_a_time(make_studio: Make, notified: Notified) -> None:
    """Real: dunst, daemon, sample Kitsu; eight clicks that fail."""
    notified.start("dunst")
    studio = begun(make_studio, notified.session)
    failing(studio)

    for number in range(8):
        studio.clicked(studio.ajax("title", studio.shot(f"N{number}")), "failed")

    wait_until(lambda: (len(notified.told), len(notified.withdrawn)) == (8, 3), 10, "three are taken away")
    assert len(set(notified.withdrawn)) == 3


def test_who_has_no_terminal_is_told_by_a_notice_why_no_page_opens(make_studio: Make, notified: Notified) -> None:
    """Real: dunst, daemon, this test's process at its port; the command as a desktop's menu starts it, and links."""
    notified.start("dunst")
    studio = begun(make_studio, notified.session, log_in=False)
    studio.daemon.stop()
    env, port = studio.daemon.env, studio.port
    name = Path("/proc/self/comm").read_text().strip()
    with (
        socket.create_server(("127.0.0.1", port)),
        started([sys.executable, "-m", "launcher", "serve", "--no-tray", "--port", str(port)], env=env, stderr=NULL),
    ):
        wait_until(lambda: (studio.home / "run" / "door").exists(), 20, "the door")
        for line in ([], ["kitsu-launcher://open"], ["kitsu-launcher://open"]):
            argv = [sys.executable, "-m", "launcher", *line]
            assert subprocess.run(argv, env=env, stdin=NULL, stderr=NULL, timeout=60, check=False).returncode == 3
        told = notified.wait_for("is taken")

    assert (told.title, told.actions) == ("Kitsu Launcher", [])
    assert told.body == (
        f"Port {port} is taken on 127.0.0.1; Kitsu Launcher needs it.\n"
        f"127.0.0.1:{port}: held by {name}, process {os.getpid()}"
    )
    assert len(notified.told) == 1
    assert studio.opened() == []


def test_the_last_day_of_a_login_is_told_once_and_leads_to_the_page_of_accounts(
    make_studio: Make, notified: Notified
) -> None:
    """Real: dunst, the mouse, daemon, the command that is her browser. Only the token's end is the sample Kitsu's."""
    notified.start("dunst")
    studio = begun(make_studio, notified.session, log_in=False)
    studio.kitsu.lasts_s = 24 * 3600 + 2

    studio.log_in()

    told = notified.wait_for("log in again", 15)
    assert (told.title, told.body) == ("Kitsu Launcher", "The login of Mika Fox ends in 23 hours: log in again.")
    notified.press("dunst")
    (url,) = wait_until(studio.opened, 10, "her page")
    assert url.startswith(f"http://127.0.0.1:{studio.port}/enter/")
    assert len(notified.told) == 1


def test_a_bus_that_ends_takes_nothing_of_the_daemon_with_it(make_studio: Make, notified: Notified) -> None:
    """Real: dunst, daemon; the session's bus ends."""
    notified.start("dunst")
    studio = begun(make_studio, notified.session)
    failing(studio)
    studio.clicked(studio.ajax(), "failed")
    wait_until(lambda: notified.told, 10, "a notice")

    notified.session.end_bus()
    launch = studio.clicked(studio.ajax("title"), "failed")

    page = f"http://127.0.0.1:{studio.port}/launches/{launch['id']}"
    assert wait_until(studio.opened, 10, "without notices, its page") == [page]
    assert studio.log_lines("ERROR") == []


def test_one_who_shows_notices_may_come_later_and_be_another(make_studio: Make, notified: Notified) -> None:
    """Real: a bus without anybody, then dunst, then xfce4-notifyd; the command that is her browser."""
    studio = begun(make_studio, notified.session)
    failing(studio)
    first = studio.clicked(studio.ajax(), "failed")
    page = f"http://127.0.0.1:{studio.port}/launches/{first['id']}"
    assert wait_until(studio.opened, 10, "without notices, its page") == [page]

    notified.start("dunst")
    studio.clicked(studio.ajax("title"), "failed")
    wait_until(lambda: len(notified.told) == 1, 10, "a notice")
    notified.session.end_panel()
    notified.start("xfce4-notifyd")
    studio.clicked(studio.ajax("open", studio.task("SH020")), "failed")

    wait_until(lambda: len(notified.told) == 2, 10, "another notice")
    assert studio.opened() == [page]
    assert len(studio.log_lines("no notices")) == 1
    assert studio.log_lines("ERROR") == []


def test_without_a_bus_or_by_her_wish_there_are_none_and_pages_tell(make_studio: Make, notified: Notified) -> None:
    """Real: dunst, daemon, her own configuration."""
    notified.start("dunst")

    def quiet(home: Path) -> None:
        with (home / "config" / "config.toml").open("a") as file:
            file.write("desk.notices = false\n")

    env = {name: notified.session.environment[name] for name in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS")}
    studio = make_studio(env=env, before=quiet)
    failing(studio)

    launch = studio.clicked(studio.ajax(), "failed")

    page = f"http://127.0.0.1:{studio.port}/launches/{launch['id']}"
    assert wait_until(studio.opened, 10, "its page") == [page]
    assert notified.told == []
