"""The tray's icon on macOS: pystray's own in the menu bar, touched in the main thread alone."""

import io
import sys
import threading
from collections.abc import Callable

import AppKit
import CoreFoundation
import Foundation
from pystray import _darwin

from launcher import icon
from launcher.system import TrayView
from launcher.system.pystrays import OPENED, as_menu

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

FINER = 2
"""Pixels for each point: an older screen takes every second one."""


def in_main_thread(work: Callable[[], None]) -> None:
    """Let the main thread do something soon; not while a menu is open, whose items would then mean others."""
    loop = CoreFoundation.CFRunLoopGetMain()
    CoreFoundation.CFRunLoopPerformBlock(loop, CoreFoundation.kCFRunLoopDefaultMode, work)
    CoreFoundation.CFRunLoopWakeUp(loop)


class Icon(_darwin.Icon):  # type: ignore[misc]  # pystray has no types
    """One icon in the menu bar."""

    def __init__(self, view: TrayView, stop: threading.Event) -> None:
        self._view, self._stop_event = view, stop
        self._sign = view.sign()
        self._opened = Opened.alloc().init()
        self._opened.view = view
        super().__init__("kitsu-launcher", icon.draw(self._sign, 44), view.title(), self._new_menu())

    def show(self) -> None:
        """Show it until the end. Not pystray's `run`: at Ctrl-C it would end the process without a word."""
        self._mark_ready()
        self.visible = True
        self.wake()  # what came before
        try:
            self._app.run()
        finally:
            self._status_bar.removeStatusItem_(self._status_item)
            self._running = self._visible = False

    def wake(self) -> None:
        """From any thread: something is new, or the end has come."""
        in_main_thread(self._stop if self._stop_event.is_set() else self._refresh)

    def _refresh(self) -> None:
        self.title = self._view.title()
        if self._view.sign() is not self._sign:
            self._sign = self._view.sign()
            self.icon = icon.draw(self._sign, 44)
        self.menu = self._new_menu()

    def _new_menu(self) -> object:
        return as_menu(self._view.menu(), self._view.press)

    def _update_menu(self) -> None:
        super()._update_menu()
        if menu := self._status_item.menu():
            menu.setDelegate_(self._opened)

    def _assert_image(self) -> None:
        """The icon in exactly the menu bar's size, for screens of two pixels to the point."""
        points = int(self._status_bar.thickness())
        file = io.BytesIO()
        icon.draw(self._sign, points * FINER).save(file, "png")
        data = Foundation.NSData.dataWithBytes_length_(file.getvalue(), len(file.getvalue()))
        self._icon_image = AppKit.NSImage.alloc().initWithData_(data)
        self._icon_image.setSize_((points, points))
        self._status_item.button().setImage_(self._icon_image)


class Opened(Foundation.NSObject):  # type: ignore[misc]  # PyObjC has no types
    """Told by the menu that it opens."""

    view: TrayView

    def menuWillOpen_(self, menu: object) -> None:
        """Cocoa's name for it."""
        self.view.press(OPENED)
