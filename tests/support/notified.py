"""Programs that show notices, on the session of the tests; and eyes and ears for what they show."""

import contextlib
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from jeepney import DBusAddress, HeaderFields, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from tests.support.desktop import started, wait_until
from tests.support.panels import NOTICES, Session

SERVERS = ("dunst", "xfce4-notifyd")


@dataclass(frozen=True)
class Told:
    """One call of `Notify`, as it went over the bus."""

    replaces: int
    title: str
    body: str
    actions: list[str]
    hints: dict[str, tuple[str, Any]]
    stays_ms: int


@dataclass
class Notified:
    """One session's notices."""

    session: Session
    bus: DBusConnection
    told: list[Told] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)

    def listen(self) -> None:
        """The body of the thread that hears the bus, until it is closed."""
        with contextlib.suppress(OSError, EOFError, ValueError):
            while True:
                message = self.bus.receive()
                member = message.header.fields.get(HeaderFields.member)
                if member == "Notify":
                    _app, replaces, _icon, *rest = message.body
                    self.told.append(Told(replaces, *rest))
                elif member == "CloseNotification":
                    self.withdrawn.append(message.body[0])

    def start(self, server: str) -> None:
        """Start a program that shows notices, and wait until it does."""
        path = shutil.which(server) or next(map(str, Path("/usr/lib").glob("*/xfce4/notifyd/xfce4-notifyd")), "")
        if not path:
            pytest.skip(f"not installed: {server}")
        stack = contextlib.ExitStack()
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        stack.enter_context(started([path], env=self.session.environment, **quiet))
        self.session.panels.append(stack)
        wait_until(lambda: self.session.owns(NOTICES), 20, f"{server} shows notices")

    def wait_for(self, text: str, seconds: float = 10) -> Told:
        """The last notice, once its text holds this."""
        return wait_until(lambda: self.told[-1] if self.told and text in self.told[-1].body else None, seconds, text)

    def seen(self) -> tuple[int, int, int, int] | None:
        """Where something is on the screen, beside the bare background: left, top, right, bottom."""
        return self.session.screenshot().getbbox()

    def press(self, server: str) -> None:
        """Click on the notice that is shown, once it stands still.

        dunst's left button puts a notice away, its middle one does what it is for; xfce4-notifyd has a button.
        """
        before: list[object] = []

        def still() -> tuple[int, int, int, int] | None:
            before.append(self.seen())
            return self.seen() if before[-2:] == [self.seen()] * 2 else None

        left, top, right, bottom = wait_until(still, 10, "a notice on the screen")
        run = self.session.display._run
        middle, button = ((left + right) // 2, (top + bottom) // 2), (right - 50, bottom - 35)
        run("xdotool", "mousemove", *map(str, middle if server == "dunst" else button))
        run("xdotool", "click", "2" if server == "dunst" else "1")


@pytest.fixture
def notified(session: Session) -> Iterator[Notified]:
    """Real: a session's bus, overheard. Nobody shows notices yet."""
    bus = open_dbus_connection(session.bus)
    monitor = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus.Monitoring")
    rules = [f"interface='{NOTICES}'"]
    bus.send_and_get_reply(new_method_call(monitor, "BecomeMonitor", "asu", (rules, 0)), timeout=5)
    one = Notified(session, bus)
    thread = threading.Thread(target=one.listen, daemon=True)
    thread.start()
    yield one
    with contextlib.suppress(OSError):  # a test has ended the bus
        bus.sock.shutdown(2)
    thread.join(5)
    bus.close()
