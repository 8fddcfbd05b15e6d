"""The tray's icon on Windows: pystray's own, touched by its own thread alone.

Another thread posts a message to its window; the menu is made anew only while it is closed.
"""

import contextlib
import os
import tempfile
import threading

from pystray import _win32
from pystray._util import win32

from launcher import icon
from launcher.door.win32 import library
from launcher.system import Notice, TrayView
from launcher.system.pystrays import DEFAULT, LAUNCH, OPENED, as_menu

WM_QUERYENDSESSION, WM_ENDSESSION, WM_REFRESH = 0x11, 0x16, 0x8000 + 1
SM_CXSMICON = 49
"""Width of the tray's icons in pixels: 16 at 100 %, 20 at 125 %, 32 at 200 %."""
LONGEST_TIP, LONGEST_TITLE, LONGEST_TEXT = 127, 63, 255
"""In 16-bit units of UTF-16."""
NIN_BALLOONUSERCLICK = 0x400 + 5


class Icon(_win32.Icon):  # type: ignore[misc]  # pystray has no types
    """One icon with its window."""

    def __init__(self, view: TrayView, stop: threading.Event) -> None:
        self._view, self._stop_event, self._open = view, stop, False
        self._sign = view.sign()
        self._icon_handle: int | None = None
        self._told = ""
        """Key of the notice that was shown last: a click on one does not say on which."""
        super().__init__("kitsu-launcher", icon.draw(self._sign, 32), view.title()[:LONGEST_TIP], self._new_menu())
        self._message_handlers |= {
            WM_REFRESH: self._refresh,
            # pystray answers 0 to what it does not know, which forbids Windows to end the session.
            WM_QUERYENDSESSION: lambda wparam, lparam: 1,
            WM_ENDSESSION: lambda wparam, lparam: stop.set() if wparam else None,
        }

    def show(self) -> None:
        """Show it until the end."""
        self._run()
        self._running = self._visible = False  # or its destructor would wait for itself

    def wake(self) -> None:
        """From another thread: something is new, or the end has come."""
        if self._hwnd:
            win32.PostMessage(self._hwnd, win32.WM_STOP if self._stop_event.is_set() else WM_REFRESH, 0, 0)

    def _mark_ready(self) -> None:
        """Its window is there. Where the taskbar is not, the window is told when it comes."""
        super()._mark_ready()
        self._visible = True
        with contextlib.suppress(OSError):
            self._show()
        self.wake()  # what came before there was a window

    def _refresh(self, wparam: int, lparam: int) -> None:
        if self._open:
            return
        with contextlib.suppress(OSError):  # no taskbar: the icon is shown anew when it comes
            self.title = self._view.title()[:LONGEST_TIP]
            if self._view.sign() is not self._sign:
                self._sign = self._view.sign()
                self.icon = icon.draw(self._sign, 32)
            self._tell()
        self.menu = self._new_menu()

    def _tell(self) -> None:
        """Show and take away what is new of notices."""
        while (what := self._view.told()) is not None:
            if isinstance(what, Notice):
                self._told = what.key
                self._notify(units(what.text, LONGEST_TEXT), units(what.title, LONGEST_TITLE))
            elif what == self._told:
                self._told = ""
                self._remove_notification()

    def _new_menu(self) -> object:
        # One "&" alone would mark a key.
        return as_menu(self._view.menu(), self._view.press, lambda text: text.replace("&", "&&"))

    def __call__(self) -> None:
        """A click on the icon itself."""
        self._view.press(DEFAULT)

    def _on_notify(self, wparam: int, lparam: int) -> None:
        if lparam == NIN_BALLOONUSERCLICK:
            if self._told:
                self._view.press(LAUNCH + self._told)
            return
        if lparam != win32.WM_RBUTTONUP:
            super()._on_notify(wparam, lparam)
            return
        self._view.press(OPENED)
        self._open = True
        try:
            super()._on_notify(wparam, lparam)
        finally:
            self._open = False
            self._refresh(0, 0)

    def _assert_icon_handle(self) -> None:
        """The icon in exactly the taskbar's size: pystray's would be of 32 pixels, and shrunk."""
        if self._icon_handle:
            return
        size = library("user32").GetSystemMetrics(SM_CXSMICON) or 16
        number, path = tempfile.mkstemp(".ico")
        try:
            with os.fdopen(number, "wb") as file:
                icon.draw(self._sign, size).save(file, "ICO", sizes=[(size, size)])
            self._icon_handle = win32.LoadImage(None, path, win32.IMAGE_ICON, size, size, win32.LR_LOADFROMFILE)
        finally:
            os.unlink(path)


def units(text: str, most: int) -> str:
    """The beginning of a text that has at most so many units of UTF-16; longer ones Windows' structures refuse."""
    return text.encode("utf-16-le", "replace")[: 2 * most].decode("utf-16-le", "ignore")
