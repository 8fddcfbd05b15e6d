"""The tray on Windows. Light to import: pystray and Pillow come with the icon, once it is shown."""

import threading

from launcher.door.win32 import library
from launcher.system import TrayView
from launcher.system.waking import woken
from launcher.words import _


def run(view: TrayView, stop: threading.Event) -> None:
    """Show the icon until `stop` is set, whenever there is a taskbar for it. In the main thread only."""
    from launcher.system.windows.trayicon import Icon

    # Without this a screen with larger pixels would get a small icon, stretched. Our own windows alone are meant.
    library("user32").SetProcessDPIAware()
    shown = Icon(view, stop)
    with woken(view.changed, stop, shown.wake):
        shown.show()


def host() -> str:
    """What shows icons in this session now, for people to read; empty where nothing does."""
    return _("the taskbar") if library("user32").FindWindowW("Shell_TrayWnd", None) else ""
