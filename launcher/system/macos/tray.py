"""The tray on macOS. Light to import: pystray, Cocoa and Pillow come with the icon, once it is shown."""

import contextlib
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator

from launcher.system import TrayView
from launcher.system.waking import woken
from launcher.words import _

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too


def run(view: TrayView, stop: threading.Event) -> None:
    """Show the icon until `stop` is set. In the main thread only."""
    from launcher.system.macos.trayicon import Icon, in_main_thread

    shown = Icon(view, stop)
    with signals_heard(in_main_thread), woken(view.changed, stop, shown.wake):
        shown.show()


def host() -> str:
    """What shows icons in this session, for people to read: the menu bar is always there."""
    return _("the menu bar")


@contextlib.contextmanager
def signals_heard(in_main_thread: Callable[[Callable[[], None]], None]) -> Iterator[None]:
    """Let Python's handlers run while Cocoa has the main thread: a wake-up of the loop for each signal."""
    reading, writing = socket.socketpair()
    writing.setblocking(False)
    before = signal.set_wakeup_fd(writing.fileno())

    def follow() -> None:
        while reading.recv(1):
            in_main_thread(lambda: None)

    threading.Thread(target=follow, name="signals", daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        writing.close()
