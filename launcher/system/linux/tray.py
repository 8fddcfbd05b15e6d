"""The tray on Linux: a StatusNotifierItem where a panel takes them, else a plain X11 tray, else nothing.

Everything is done by one thread, which sleeps until the bus, the display or the daemon has something.
"""

import contextlib
import logging
import os
import selectors
import signal
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING

from launcher.system import TrayView
from launcher.system.waking import woken

if TYPE_CHECKING:
    from launcher.system.linux.notifier import Notifier
    from launcher.system.linux.xembed import XTray

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

DEFAULT = "dashboard"
"""Pressed by a click on the icon itself."""
GRACE_S = 1.5
"""A panel that has both kinds of tray brings them one after the other: the better one is waited for."""
NO_BUS = (OSError, KeyError, RuntimeError)
"""Raised where no bus can be had. KeyError: the session has none; RuntimeError: its address is of an unknown kind."""
log = logging.getLogger("launcher.tray")


def run(view: TrayView, stop: threading.Event) -> None:
    """Show the icon until `stop` is set, whenever there is a panel for it. In the main thread only."""
    reading, writing = socket.socketpair()
    writing.setblocking(False)

    def wake() -> None:
        with contextlib.suppress(BlockingIOError):  # full: it will wake anyway
            writing.send(b"!")

    with reading, writing, woken(view.changed, stop, wake):
        watch = _Watch(view, reading)
        # The kernel may give a signal to any thread; Python's handler runs in this one, once something wakes it.
        before = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
        try:
            while not stop.is_set():
                watch.wait()
        finally:
            signal.set_wakeup_fd(before)
            watch.close()


def host() -> str:
    """What shows icons in this session now, for people to read; empty where nothing does."""
    from jeepney import new_method_call
    from jeepney.io.blocking import open_dbus_connection

    from launcher.system.linux import notifier

    with contextlib.suppress(*NO_BUS), open_dbus_connection(notifier.session_bus()) as bus:
        ask = new_method_call(notifier.BUS, "NameHasOwner", "s", (notifier.WATCHER,))
        if bus.send_and_get_reply(ask, timeout=2).body[0]:
            return "StatusNotifierItem"
    return "X11" if _x_tray_is_there() else ""


def _x_tray_is_there() -> bool:
    if not _plain_x():
        return False
    import Xlib.display
    import Xlib.error

    try:
        display = Xlib.display.Display()
    except (OSError, Xlib.error.DisplayError):
        return False
    selection = display.intern_atom(f"_NET_SYSTEM_TRAY_S{display.get_default_screen()}")
    owned = bool(display.get_selection_owner(selection))
    display.close()
    return owned


def _plain_x() -> bool:
    """Whether this is a session of X. Under Wayland its trays are not seen, and asking would start Xwayland."""
    return bool(os.environ.get("DISPLAY")) and not os.environ.get("WAYLAND_DISPLAY")


class _Watch:
    """The connections that may show the icon, and what wakes this thread."""

    def __init__(self, view: TrayView, wakes: socket.socket) -> None:
        self._view, self._wakes = view, wakes
        self._selector = selectors.DefaultSelector()
        self._selector.register(wakes, selectors.EVENT_READ)
        self._notifier: Notifier | None = None
        self._x: XTray | None = None
        self._dock_at: float | None = None
        self._open_bus()
        self._dock_soon()

    def wait(self) -> None:
        """Sleep until something is to be done, and do it."""
        timeout = None if self._dock_at is None else max(self._dock_at - time.monotonic(), 0)
        ready = {key.fileobj for key, _ in self._selector.select(timeout)}
        if self._wakes in ready:
            self._wakes.recv(4096)
        self._serve_bus()
        self._serve_x()
        if self._dock_at is not None and time.monotonic() >= self._dock_at:
            self._dock_at = None
            self._dock()

    def close(self) -> None:
        """Take the icon away."""
        for one in (self._notifier, self._x):
            if one:
                one.close()
        self._selector.close()

    # -- the bus -----------------------------------------------------------------------------------------------------
    def _open_bus(self) -> None:
        from launcher.system.linux.notifier import Notifier

        try:
            self._notifier = Notifier(self._view, DEFAULT)
        except NO_BUS as error:
            log.info("tray bus=none reason=%r", str(error))
            return
        self._selector.register(self._notifier, selectors.EVENT_READ)

    def _serve_bus(self) -> None:
        if self._notifier is None:
            return
        before = self._notifier.shown
        try:
            self._notifier.look()
            self._notifier.read()
        except OSError as error:
            log.info("tray bus=gone reason=%r", str(error))
            self._selector.unregister(self._notifier)
            self._notifier.close()
            self._notifier = None
        if self._shown_on_bus() and self._x:
            self._x.leave()
        elif before and not self._shown_on_bus():
            self._dock_soon()

    def _shown_on_bus(self) -> bool:
        return self._notifier is not None and self._notifier.shown

    # -- the display -------------------------------------------------------------------------------------------------
    def _dock_soon(self) -> None:
        self._dock_at = time.monotonic() + GRACE_S

    def _dock(self) -> None:
        """Use a plain X11 tray, where no panel takes the better kind."""
        if self._shown_on_bus():
            return
        if self._x is None and not self._open_x():
            return
        assert self._x  # noqa: S101  # just opened
        self._x.dock()

    def _open_x(self) -> bool:
        if not _plain_x():
            return False
        import Xlib.error

        from launcher.system.linux.xembed import XTray

        try:
            self._x = XTray(self._view, DEFAULT)
        except (OSError, Xlib.error.DisplayError) as error:
            log.info("tray display=none reason=%r", str(error))
            return False
        self._selector.register(self._x, selectors.EVENT_READ)
        return True

    def _serve_x(self) -> None:
        if self._x is None:
            return
        from launcher.system.linux.xembed import GONE

        try:
            self._x.look()
            if self._x.read():
                self._dock_soon()
        except GONE as error:
            log.info("tray display=gone reason=%r", str(error))
            self._selector.unregister(self._x)
            self._x.close()
            self._x = None
