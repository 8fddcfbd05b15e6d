"""The tray's own thread on Windows. Run by `test_under_wine` with a display."""

import threading
import time
from dataclasses import replace

import pystray
from PIL import Image

from launcher.door.win32 import library
from launcher.icon import Sign
from launcher.system import Notice
from launcher.system.waking import woken
from launcher.system.windows import tray
from launcher.system.windows.trayicon import NIN_BALLOONUSERCLICK, WM_ENDSESSION, WM_QUERYENDSESSION, Icon, units
from launcher.tray import LoggedIn, OwnTask, Snapshot, TrayView

MIKA = LoggedIn("Mika & Fox", "mika@fox.example", "https://kitsu.example")


def test_pystray_puts_an_icon_into_the_tray() -> None:
    """Real: pystray's win32 backend, a window that gets the tray's messages."""
    icon = pystray.Icon("kitsu-launcher", Image.new("RGBA", (32, 32), "#3465a4"), "Kitsu Launcher")
    seen: list[bool] = []

    def shown(icon: pystray.Icon) -> None:
        icon.visible = True
        seen.append(icon.visible)
        icon.stop()

    thread = threading.Thread(target=lambda: icon.run(shown), daemon=True)
    thread.start()
    thread.join(30)
    assert type(icon).__module__ == "pystray._win32"
    assert seen == [True]
    assert not thread.is_alive()


def test_our_icon_follows_the_daemon_and_ends_with_it() -> None:
    """Real: wine's taskbar, two threads."""
    task = OwnTask("SH010", "t1", "p1", "https://kitsu.example", (("open", "Open"),))
    view, stop = TrayView(Snapshot(people=(MIKA,))), threading.Event()
    shown = Icon(view, stop)
    seen: list[object] = []

    def follow() -> None:
        time.sleep(1)
        view.show(replace(view.snapshot(), tasks=(task,), logins=("https://kitsu.example",), autostart=True))
        time.sleep(1)
        seen.extend([shown._sign, shown.title, str(shown.menu), bool(shown._icon_handle)])
        view.show(replace(view.snapshot(), language="fr"))
        time.sleep(0.5)
        seen.extend([shown.title, str(shown.menu)])
        stop.set()

    threading.Thread(target=follow).start()
    with woken(view.changed, stop, shown.wake):
        shown.show()

    assert seen[0] is Sign.NEEDS_YOU
    assert seen[1] == "Kitsu Launcher: Log in to Kitsu…"
    assert "SH010 =>\n            Open" in str(seen[2])
    assert "Log out Mika && Fox" in str(seen[2])
    assert seen[3] is True
    assert seen[4] == "Kitsu Launcher\N{NO-BREAK SPACE}: Se connecter à Kitsu…"
    assert str(seen[5]).splitlines()[-1].strip() == "Quitter"


def test_the_end_of_the_session_ends_the_daemon_and_is_never_forbidden() -> None:
    """Real: messages of Windows to the icon's window. Without an answer of 1 nobody could log off."""
    view, stop = TrayView(), threading.Event()
    shown = Icon(view, stop)
    answers: list[int] = []

    def log_off() -> None:
        time.sleep(1)
        answers.append(library("user32").SendMessageW(shown._hwnd, WM_QUERYENDSESSION, 0, 0))
        library("user32").SendMessageW(shown._hwnd, WM_ENDSESSION, 0, 0)  # somebody else has forbidden it
        answers.append(stop.is_set())
        library("user32").SendMessageW(shown._hwnd, WM_ENDSESSION, 1, 0)

    threading.Thread(target=log_off).start()
    with woken(view.changed, stop, shown.wake):
        shown.show()

    assert answers == [1, False]


def test_a_click_and_an_item_are_pressed() -> None:
    """Real: the window's own messages; the menu's items as pystray calls them."""
    view, stop, heard = TrayView(Snapshot(people=(MIKA,), autostart=False)), threading.Event(), list[str]()
    view.when_pressed(heard.append)
    shown = Icon(view, stop)

    def click() -> None:
        time.sleep(1)
        library("user32").SendMessageW(shown._hwnd, 0x400 + 11, 0, 0x202)  # pystray's message, left button
        _handle, items = shown._menu_handle
        items[-1](shown)
        stop.set()

    threading.Thread(target=click).start()
    with woken(view.changed, stop, shown.wake):
        shown.show()

    assert heard == ["dashboard", "quit"]


def test_a_notice_is_the_icons_and_a_click_on_it_is_pressed() -> None:
    """Real: wine's taskbar, its balloon's window; the message that Windows sends for a click on one."""
    view, stop, heard = TrayView(Snapshot(people=(MIKA,))), threading.Event(), list[str]()
    view.when_pressed(heard.append)
    shown = Icon(view, stop)
    seen: list[object] = []
    text = "\U0001f98a" * 200 + "never shown"  # two units of UTF-16 each: more than Windows takes

    def tell() -> None:
        time.sleep(1)
        user32 = library("user32")
        user32.SendMessageW(shown._hwnd, 0x400 + 11, 0, NIN_BALLOONUSERCLICK)  # no notice yet: nothing to open
        for key in ("first", "second"):
            view.tell(Notice(key, "Open – SH010 <b>&\u00e9", text, "elsewhere", "Show", urgent=True))
        time.sleep(1)
        seen.append(user32.FindWindowW("tooltips_class32", None) != 0)
        user32.SendMessageW(shown._hwnd, 0x400 + 11, 0, NIN_BALLOONUSERCLICK)
        view.untell("first")  # is not shown any more
        view.untell("second")
        time.sleep(1)
        user32.SendMessageW(shown._hwnd, 0x400 + 11, 0, NIN_BALLOONUSERCLICK)
        stop.set()

    threading.Thread(target=tell).start()
    with woken(view.changed, stop, shown.wake):
        shown.show()

    assert seen == [True]
    assert heard == ["launch second"]
    assert (len(units(text, 255)), units("abc", 63)) == (127, "abc")


def test_an_end_that_came_before_the_window_is_not_missed() -> None:
    """Real: the way of `serve`, told to end while it starts."""
    view, stop = TrayView(), threading.Event()
    stop.set()

    tray.run(view, stop)

    assert tray.host() in ("", "the taskbar")
