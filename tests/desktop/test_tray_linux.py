"""The tray in real panels: what is seen on the screen, and what a click in it starts."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from launcher.icon import Sign
from tests.support.desktop import started, wait_until
from tests.support.needs import needs
from tests.support.panels import Session, keys_to
from tests.support.sample import Make, SampleStudio

SNI = ("xfce4-panel", "lxqt-panel")
EVERY = (*SNI, "trayer")
pytestmark = [needs("Xvfb", "openbox", "xdotool", "import", "dbus-daemon")]


def begun(make_studio: Make, session: Session, log_in: bool = True) -> SampleStudio:
    """A studio whose daemon belongs to the session."""
    env = {name: session.environment[name] for name in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS")}
    return make_studio(env={**env, "WAYLAND_DISPLAY": ""}, log_in=log_in)


def ends_at_once(studio: SampleStudio) -> float:
    """How long the daemon takes to end, in seconds."""
    before = time.monotonic()
    assert studio.daemon.stop() == 0
    return time.monotonic() - before


@pytest.mark.parametrize("panel", EVERY)
def test_the_icon_is_seen_and_says_how_all_stands(make_studio: Make, session: Session, panel: str) -> None:
    """Real: Xvfb, panel, daemon, sample Kitsu."""
    session.start(panel)
    studio = begun(make_studio, session, log_in=False)

    icon = session.wait_for_icon(Sign.NEEDS_YOU)
    studio.log_in()
    session.wait_for_icon(Sign.WELL)

    assert icon.size >= 16
    assert ends_at_once(studio) < 5
    wait_until(lambda: session.icon() is None, 10, "the icon is gone with its daemon")


@pytest.mark.parametrize("panel", SNI)
def test_an_application_is_started_from_the_menu(make_studio: Make, session: Session, panel: str) -> None:
    """Real: Xvfb, panel, daemon, sample Kitsu, a program; mouse and keyboard."""
    session.start(panel)
    studio = begun(make_studio, session)
    icon = session.wait_for_icon(Sign.WELL)

    session.press(icon, 3)
    wait_until(lambda: "Fox/Modeling" in str(session.menu(studio.daemon.pid)), 10, "her tasks are in the menu")
    time.sleep(1)  # the panel's own redrawing
    menu = session.menu(studio.daemon.pid)
    task = next(label for label, _below in menu[2][1] if "SH010" in label)  # type: ignore[misc]
    for key in keys_to(menu, "My tasks", task, "Open"):
        session.display.key(key)
        time.sleep(0.3)  # a submenu opens

    launch = wait_until(lambda: next(iter(studio.launches()), None), 10, "a launch")
    assert launch["title"] == "Open"
    studio.settled(launch["id"], "done")
    (note,) = studio.notes()
    assert note["argv"] == [str(studio.prod / "FT/shots/SQ010/SH010/SH010_v001.txt")]
    assert note["env"]["KITSU_TASK_ID"] == studio.task("SH010")


@pytest.mark.parametrize("panel", EVERY)
def test_a_panel_that_starts_later_and_again_shows_the_icon(make_studio: Make, session: Session, panel: str) -> None:
    """Real: Xvfb, panel, daemon."""
    studio = begun(make_studio, session)
    assert session.icon() is None

    session.start(panel)
    session.wait_for_icon(Sign.WELL)
    session.end_panel()
    wait_until(lambda: session.icon() is None, 10, "the panel is gone")
    session.start(panel)
    session.wait_for_icon(Sign.WELL)

    assert ends_at_once(studio) < 5


def test_a_click_on_the_icon_opens_the_dashboard_in_a_tray_without_menus(make_studio: Make, session: Session) -> None:
    """Real: Xvfb, trayer, daemon, the command that is her browser."""
    session.start("trayer")
    studio = begun(make_studio, session)
    icon = session.wait_for_icon(Sign.WELL)

    session.press(icon, 1)

    (url,) = wait_until(studio.opened, 10, "a page was opened")
    assert url.startswith(f"http://127.0.0.1:{studio.port}/enter/")


def test_a_running_application_is_shown_as_busy(make_studio: Make, session: Session, tmp_path: Path) -> None:
    """Real: Xvfb, xfce4-panel, daemon, a program that runs for a while."""
    session.start("xfce4-panel")

    def before(home: Path) -> None:
        notes = home / "notes"
        notes.write_text("#!/bin/sh\nexec sleep 600\n")

    env = {name: session.environment[name] for name in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS")}
    studio = make_studio(env={**env, "WAYLAND_DISPLAY": ""}, before=before)
    session.wait_for_icon(Sign.WELL)

    launch = studio.launched(studio.send(studio.form()))

    session.wait_for_icon(Sign.BUSY)
    assert session.menu(studio.daemon.pid)[0][0] == "1 launch is running"
    pid = studio.settled(launch, "running")["processes"][0]["pid"]
    os.kill(pid, 15)
    wait_until(lambda: (seen := session.icon()) and seen.sign is not Sign.BUSY, 10, "it is busy no more")


def test_log_out_and_quit_by_the_menu(make_studio: Make, session: Session) -> None:
    """Real: a session bus, daemon, sample Kitsu; items chosen by the calls that a panel makes."""
    studio = begun(make_studio, session)
    pid = studio.daemon.pid

    def first() -> str:
        return session.menu(pid)[0][0]

    wait_until(lambda: first() == "All is well", 10, "she is seen as logged in")
    session.choose(pid, "Log out Mika Fox")
    wait_until(lambda: first() == "Log in to Kitsu…", 10, "she is logged out")
    session.choose(pid, "Quit")

    assert studio.daemon.process.wait(10) == 0
    assert studio.log_lines("ERROR") == []


def test_what_could_not_be_done_is_said_in_the_menu(make_studio: Make, session: Session) -> None:
    """Real: a session bus and a daemon, which as a trial must not start at login."""
    studio = begun(make_studio, session)
    pid = studio.daemon.pid
    wait_until(lambda: "Start at login" in str(session.menu(pid)), 10, "whether it starts at login is known")

    session.choose(pid, "Start at login")

    wait_until(lambda: session.menu(pid)[0][0] not in ("All is well", "Log in to Kitsu…"), 10, "it is told")
    session.choose(pid, "Dashboard")
    wait_until(lambda: session.menu(pid)[0][0] == "All is well", 10, "it is told once")


def test_a_kitsu_that_does_not_answer_is_shown(make_studio: Make, session: Session) -> None:
    """Real: Xvfb, xfce4-panel, daemon; a sample Kitsu that has an error of its own."""
    session.start("xfce4-panel")
    studio = begun(make_studio, session)
    session.wait_for_icon(Sign.WELL)

    click = studio.form("open", studio.task("SH020"))
    studio.studio.tables["tasks"] = None  # type: ignore[assignment]  # from now on it answers 500
    studio.clicked(click, "failed", "refused")

    session.wait_for_icon(Sign.AWAY)
    assert session.menu(studio.daemon.pid)[0][0] == "Kitsu does not answer"


def test_without_any_panel_the_daemon_is_complete(make_studio: Make, session: Session) -> None:
    """Real: Xvfb, a bus without a panel, daemon, sample Kitsu, a program."""
    studio = begun(make_studio, session)

    launch = studio.clicked(studio.form())

    assert launch["state"] == "done"
    assert len(studio.notes()) == 1
    assert studio.log_lines("ERROR") == []
    assert ends_at_once(studio) < 5


@pytest.mark.parametrize("without", ["DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "both"])
def test_without_a_bus_or_a_display_the_daemon_is_complete(make_studio: Make, session: Session, without: str) -> None:
    """Real: daemon, sample Kitsu, a program; addresses where nobody answers."""
    env = {name: session.environment[name] for name in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS")}
    nowhere = {"DISPLAY": ":4711", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}
    lost = {name: nowhere[name] for name in nowhere if without in (name, "both")}
    studio = make_studio(env={**env, **lost})

    assert studio.clicked(studio.form())["state"] == "done"
    assert studio.log_lines("ERROR") == []
    assert ends_at_once(studio) < 5


def test_who_holds_the_port_is_said_in_the_menu_until_it_is_free(make_studio: Make, session: Session) -> None:
    """Real: Xvfb, xfce4-panel, daemon; this test's own process holds the port."""
    session.start("xfce4-panel")
    studio = begun(make_studio, session, log_in=False)
    studio.daemon.stop()
    with socket.create_server(("127.0.0.1", studio.port)) as squatter:
        argv = [sys.executable, "-m", "launcher", "serve", "--port", str(studio.port)]
        with started(argv, env=studio.daemon.env, stderr=subprocess.DEVNULL) as process:
            session.wait_for_icon(Sign.NEEDS_YOU)
            lines = [label for label, _below in session.menu(process.pid)[:2]]
            squatter.close()
            wait_until(lambda: "Port" not in session.menu(process.pid)[0][0], 10, "the port is ours")

    assert lines == [
        f"Port {studio.port} is taken on 127.0.0.1; Kitsu Launcher needs it.",
        f"127.0.0.1:{studio.port}: held by {Path('/proc/self/comm').read_text().strip()}, process {os.getpid()}",
    ]
