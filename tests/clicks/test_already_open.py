"""A file that is open already: two daemons with two homes on one project folder, and what their notes come to."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, expect

from launcher.opennote import STALE_S
from tests.support.daemon import Daemon
from tests.support.desktop import wait_until
from tests.support.face import needs_chromium
from tests.support.needs import needs
from tests.support.two_homes import TwoHomes

FILE, NOTE = "SH010_v001.txt", ".SH010_v001.txt.kitsu-open"
BLENDER = """
[actions.blender]
title = "Open in Blender"
kind = "launch"
app = "blender"
file = "{roots.prod}/{entity.name}_v{revision:03}.blend"
"""


def reasons(launch: dict[str, Any]) -> list[str]:
    assert launch["state"] == "asks", launch
    return list(launch["question"]["reasons"])


def kept(home: Path, launch: str) -> str:
    """The state in which a daemon's journal has a launch."""
    with contextlib.closing(sqlite3.connect(home / "state" / "launches.sqlite")) as journal:
        rows = journal.execute("SELECT record FROM launches WHERE id = ?", (launch,)).fetchall()
    return json.loads(rows[0][0])["state"] if rows else ""


def together(*clicks: Callable[[], dict[str, Any]]) -> list[dict[str, Any]]:
    """Do several clicks at the same moment."""
    start, came = threading.Barrier(len(clicks)), [{} for _ in clicks]

    def do(number: int) -> None:
        start.wait()
        came[number] = clicks[number]()

    threads = [threading.Thread(target=do, args=(number,)) for number in range(len(clicks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return came


def test_a_colleague_is_asked_as_long_as_the_file_is_open(two_homes: TwoHomes) -> None:
    """Real: two daemons, a started program."""
    both = two_homes
    first = both.click(both.ana.daemon)
    assert first["state"] == "running", first
    assert both.notes() == [NOTE]
    assert f"leave a note beside {both.prod / FILE} that you have it open" in first["steps"]

    asked = both.click(both.bob)

    since = time.strftime("%H:%M", time.localtime((both.prod / NOTE).stat().st_mtime))
    person = json.loads((both.prod / NOTE).read_text())["person"]
    assert reasons(asked) == [f"{person} has {FILE} open already: in Stay on {socket.gethostname()}, since {since}."]
    assert asked["question"]["choices"] == ["next", "anyway"]
    assert reasons(both.click(both.ana.daemon, "also")) == [f"{FILE} is open here already, in Stay, since {since}."]

    both.end_all()
    wait_until(lambda: not both.notes(), 10, "the end of the note")
    again = both.click(both.bob, "also")
    assert again["state"] in ("running", "done"), again


def test_no_opens_nothing_next_copies_and_anyway_opens_the_same(two_homes: TwoHomes) -> None:
    """Real: two daemons, started programs."""
    both = two_homes
    both.click(both.ana.daemon)
    (both.prod / FILE).write_text("her work")

    refused = both.answer(both.bob, both.click(both.bob), yes=False)
    assert refused["state"] == "refused"
    assert both.notes() == [NOTE]

    following = both.answer(both.bob, both.click(both.bob, "also"), choose="next")
    assert following["state"] == "running", following
    assert following["processes"][0]["file"] == str(both.prod / "SH010_v002.txt")
    assert (both.prod / "SH010_v002.txt").read_text() == "her work"
    assert both.notes() == [NOTE, ".SH010_v002.txt.kitsu-open"]

    asked = both.click(both.ana.daemon, "also")
    before = (both.prod / ".SH010_v002.txt.kitsu-open").read_text()
    anyway = both.answer(both.ana.daemon, asked, choose="anyway")
    assert anyway["state"] == "running", anyway
    assert anyway["processes"][0]["file"] == str(both.prod / "SH010_v002.txt")
    assert (both.prod / ".SH010_v002.txt.kitsu-open").read_text() == before

    both.end_all()
    wait_until(lambda: not both.notes(), 10, "the end of the notes")


@needs_chromium
async def test_the_page_asks_with_a_button_for_each_answer(two_homes: TwoHomes, context: BrowserContext) -> None:
    """Real: two daemons, a form's click, Chromium, a started program."""
    both = two_homes
    await asyncio.to_thread(both.click, both.bob)
    launch = await asyncio.to_thread(both.ana.clicked, both.ana.form("also"), "asks")
    page = await context.new_page()
    await page.goto(f"http://127.0.0.1:{both.ana.port}/launches/{launch['id']}")

    assert await page.get_by_role("button").all_inner_texts() == ["Open as the next revision", "Open it anyway", "No"]
    await expect(page.get_by_text(reasons(launch)[0], exact=True)).to_be_visible()
    await page.get_by_role("button", name="Open as the next revision").click()

    running = await asyncio.to_thread(both.ana.settled, launch["id"], "running")
    assert running["processes"][0]["file"] == str(both.prod / "SH010_v002.txt")


@pytest.mark.parametrize("exists", [True, False], ids=["of a file", "of a first file"])
def test_of_two_simultaneous_clicks_exactly_one_opens_unasked(two_homes: TwoHomes, exists: bool) -> None:
    """Real: two daemons, five times each."""
    both = two_homes
    for number in range(5):
        task = both.ana.shot(f"SH9{number}0")
        if exists:
            (both.prod / f"SH9{number}0_v001.txt").write_text("work")

        def click(daemon: Daemon, task: str = task) -> dict[str, Any]:
            wish = {"action": "stay", "tasks": [task], "server": both.ana.origin}
            return both.settled(daemon, daemon.ask("POST", "/door/run", wish)["id"])

        came = together(lambda: click(both.ana.daemon), lambda: click(both.bob))

        assert sorted(one["state"] for one in came) == ["asks", "running"], came
        (asked,) = (one for one in came if one["state"] == "asks")
        assert "open already" in asked["question"]["reasons"][0]
        assert asked["processes"] == []
        daemon = both.bob if came[1] is asked else both.ana.daemon
        both.answer(daemon, asked, yes=False)


def test_of_two_simultaneous_clicks_at_one_daemon_exactly_one_opens_unasked(two_homes: TwoHomes) -> None:
    """Real: one daemon, two actions on one file, five times."""
    both = two_homes
    for number in range(5):
        task = both.ana.shot(f"SH8{number}0")

        def click(action: str, task: str = task) -> dict[str, Any]:
            daemon = both.ana.daemon
            wish = {"action": action, "tasks": [task], "server": both.ana.origin}
            return both.settled(daemon, daemon.ask("POST", "/door/run", wish)["id"])

        came = together(lambda: click("stay"), lambda: click("also"))

        assert sorted(one["state"] for one in came) == ["asks", "running"], came
        both.answer(both.ana.daemon, next(one for one in came if one["state"] == "asks"), yes=False)


def test_two_who_answer_next_at_the_same_moment_never_share_a_revision(two_homes: TwoHomes) -> None:
    """Real: two daemons."""
    both = two_homes
    both.click(both.ana.daemon)
    questions = [(both.bob, both.click(both.bob)), (both.ana.daemon, both.click(both.ana.daemon, "also"))]

    came = together(*(lambda d=d, q=q: both.answer(d, q, choose="next") for d, q in questions))  # type: ignore[misc]

    opened = [one["processes"][0]["file"] for one in came if one["state"] == "running"]
    assert len(set(opened)) == len(opened) >= 1
    assert all(one["state"] in ("running", "asks") for one in came), came


@pytest.mark.parametrize(
    ("lay", "why"),
    [
        (lambda path: path.write_bytes(os.urandom(300)), "is not readable"),
        (lambda path: path.write_text('{"person": 5, "host": [], "application": {}, "since": 1}'), "is not readable"),
        (lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), 1_000_000_000), "is too long"),
        (lambda path: path.symlink_to("/etc/passwd"), "is a link"),
        (lambda path: path.mkdir(), "is no file"),
        (os.mkfifo, "is no file"),
    ],
    ids=["garbage", "wrong types", "1 GB", "link", "folder", "pipe"],
)
def test_a_bad_note_only_warns(two_homes: TwoHomes, lay: Callable[[Path], None], why: str) -> None:
    """Real: files of every sort, a daemon, a started program."""
    both = two_homes
    (both.prod / FILE).write_text("work")
    lay(both.prod / NOTE)

    launch = both.click(both.ana.daemon)

    assert launch["state"] == "running", launch
    assert launch["warnings"] == [f"Whether somebody has {FILE} open is not known: {NOTE} beside it {why}."]
    assert both.notes() == [NOTE]


def test_a_stale_note_only_warns_and_is_taken_over_by_one(two_homes: TwoHomes) -> None:
    """Real: a note that nobody has touched for eleven minutes, as of a machine that lost its power; two daemons."""
    both = two_homes
    both.click(both.ana.daemon)
    left = (both.prod / NOTE).read_text()
    both.end_all()
    wait_until(lambda: not both.notes(), 10, "the end of the note")
    (both.ana.home / "end").unlink()
    (both.prod / NOTE).write_text(left)
    then = time.time() - STALE_S - 10
    os.utime(both.prod / NOTE, (then, then))

    came = together(lambda: both.click(both.ana.daemon, "also"), lambda: both.click(both.bob, "also"))

    assert sorted(one["state"] for one in came) == ["asks", "running"], came
    (running,) = (one for one in came if one["state"] == "running")
    heard = time.strftime("%H:%M", time.localtime(then))
    person = json.loads(left)["person"]
    assert running["warnings"] == [
        f"{person} had {FILE} open in Stay on {socket.gethostname()}, from where nothing has been heard since {heard}."
    ]
    assert (both.prod / NOTE).read_text() != left


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_only_warns(two_homes: TwoHomes) -> None:
    """Real: a folder that takes nothing new, a daemon, a started program."""
    both = two_homes
    (both.prod / FILE).write_text("work")
    both.prod.chmod(0o555)
    try:
        launch = both.click(both.ana.daemon)
    finally:
        both.prod.chmod(0o755)

    assert launch["state"] == "running", launch
    assert launch["warnings"] == [
        f"Nobody is told that you have {FILE} open: {both.prod / NOTE}: Permission denied.",
        "If SQ010/SH010 is renamed in Kitsu, this folder will not be found again: "
        f"{both.prod / '.kitsu-launcher.json'}: Permission denied.",
    ]


def test_a_root_without_notes_is_left_clean_and_asks_nobody(two_homes: TwoHomes) -> None:
    """Real: two daemons, started programs."""
    both = two_homes
    for home in (both.ana.home, both.home):
        file = home / "machine" / "studio.toml"
        file.write_text(file.read_text().replace('marker = ".prod"', 'marker = ".prod", notes = false'))

    assert both.click(both.ana.daemon)["state"] == "running"
    assert both.click(both.bob)["state"] == "running"
    assert both.notes() == []


def test_an_application_that_cannot_be_started_leaves_no_note(two_homes: TwoHomes) -> None:
    """Real: a program that is no program."""
    both = two_homes
    (both.ana.home / "stay").write_bytes(b"\x7fELF no program")

    assert both.click(both.ana.daemon)["state"] == "failed"

    # Told at once; the note goes a moment later.
    wait_until(lambda: both.notes() == [], 5, "the note to go")


# -- Blender itself --------------------------------------------------------------------------------------------------


@pytest.fixture
def opened(two_homes: TwoHomes, blend: Path) -> Iterator[tuple[TwoHomes, int]]:
    """Real: a Blender with its window, started by Ana's daemon on a scene of the shared folder; its pid."""
    both = two_homes
    for home in (both.ana.home, both.home):
        file = home / "machine" / "studio.toml"
        file.write_text(file.read_text() + BLENDER)
    shutil.copy(blend, both.prod / "SH010_v001.blend")
    launch = both.click(both.ana.daemon, "blender")
    assert launch["state"] == "running", launch
    pid = launch["processes"][0]["pid"]
    # Written by a thread of its own a moment later.
    wait_until(lambda: kept(both.ana.home, launch["id"]) == "running", 5, "the launch in the journal")
    yield both, pid
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


BLEND_NOTE = ".SH010_v001.blend.kitsu-open"


@needs("blender")
def test_a_blender_that_is_killed_leaves_no_note(opened: tuple[TwoHomes, int]) -> None:
    """Real: Blender, killed; two daemons."""
    both, pid = opened
    assert both.notes() == [BLEND_NOTE]
    assert "SH010_v001.blend open already: in Blender " in reasons(both.click(both.bob, "blender"))[0]

    os.kill(pid, signal.SIGKILL)

    wait_until(lambda: not both.notes(), 10, "the end of the note")


@needs("blender")
def test_the_next_daemon_goes_on_with_the_note_of_a_blender_that_runs(opened: tuple[TwoHomes, int]) -> None:
    """Real: Blender; a daemon that is killed, and the next one."""
    both, pid = opened
    both.ana.daemon.stop(signal.SIGKILL)
    assert both.notes() == [BLEND_NOTE]
    both.ana.daemon = both.ana.start()
    both.ana.log_in()

    assert "SH010_v001.blend is open here already, in Blender " in reasons(both.click(both.ana.daemon, "blender"))[0]
    assert "SH010_v001.blend open already: in Blender " in reasons(both.click(both.bob, "blender"))[0]
    os.kill(pid, signal.SIGKILL)

    wait_until(lambda: not both.notes(), 10, "the end of the note")


@needs("blender")
def test_the_next_daemon_takes_away_the_note_of_a_blender_that_ended_meanwhile(opened: tuple[TwoHomes, int]) -> None:
    """Real: Blender and its daemon, both killed; the next daemon."""
    both, pid = opened
    both.ana.daemon.stop(signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)
    assert both.notes() == [BLEND_NOTE]

    both.ana.daemon = both.ana.start()

    wait_until(lambda: not both.notes(), 10, "the end of the note")
