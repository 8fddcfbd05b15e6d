"""A real X display with a window manager, for programs that open windows."""

import contextlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

PROGRAMS = ("Xvfb", "openbox", "xdotool", "xprop", "import")
SIZE = (1600, 1000)
Seen = TypeVar("Seen")


def wait_until(look: Callable[[], Seen | None], seconds: float, what: str) -> Seen:
    """Ask `look` ten times a second until it answers something true, and return that.

    Raises: AssertionError after `seconds`, saying `what` never came.
    """
    end = time.monotonic() + seconds
    while not (seen := look()):
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds:g} s")
        time.sleep(0.1)
    return seen


@dataclass(frozen=True)
class Display:
    """One Xvfb with openbox. All of it blocks: inside an async test call it by `asyncio.to_thread`."""

    name: str
    """As in `DISPLAY`: ":7"."""

    @property
    def environment(self) -> dict[str, str]:
        """This process's environment, with this display and without Wayland."""
        kept = {name: value for name, value in os.environ.items() if name != "WAYLAND_DISPLAY"}
        return kept | {"DISPLAY": self.name, "LIBGL_ALWAYS_SOFTWARE": "1"}

    def _run(self, *argv: str) -> str:
        done = subprocess.run(argv, env=self.environment, capture_output=True, text=True, timeout=20)
        return done.stdout if done.returncode == 0 else ""

    def windows(self) -> list[int]:
        """The ids of all windows that openbox manages, the oldest first."""
        listed = self._run("xprop", "-root", "_NET_CLIENT_LIST")
        return [int(window, 16) for window in re.findall(r"0x[0-9a-f]+", listed)]

    def active(self) -> int | None:
        """The window that has the keyboard."""
        found = re.search(r"0x[0-9a-f]+", self._run("xprop", "-root", "_NET_ACTIVE_WINDOW"))
        return int(found[0], 16) or None if found else None

    def title(self, window: int) -> str:
        """A window's title; empty when it has none or is gone."""
        return self._run("xdotool", "getwindowname", str(window)).rstrip("\n")

    def find(self, pattern: str) -> int | None:
        """The newest window whose title holds the regular expression."""
        return next((window for window in reversed(self.windows()) if re.search(pattern, self.title(window))), None)

    def wait_for_window(self, pattern: str, seconds: float = 30) -> int:
        """The window whose title holds the regular expression, as soon as there is one.

        Raises: AssertionError after `seconds`, with the titles there were.
        """
        try:
            return wait_until(lambda: self.find(pattern), seconds, f"a window titled {pattern!r}")
        except AssertionError as error:
            raise AssertionError(f"{error}; there were {[self.title(window) for window in self.windows()]}") from None

    def focus(self, window: int) -> None:
        """Bring a window to the front and give it the keyboard."""
        self._run("xdotool", "windowactivate", "--sync", str(window))

    def key(self, *keys: str) -> None:
        """Press keys, as a person does, in the window that has the keyboard: "Return", "ctrl+w"."""
        self._run("xdotool", "key", "--clearmodifiers", *keys)

    def click(self, window: int, x: int | None = None, y: int | None = None) -> None:
        """Press the left mouse button in a window, as a person does; in its middle unless told where, in pixels."""
        shape = dict(re.findall(r"(\w+)=(\d+)", self._run("xdotool", "getwindowgeometry", "--shell", str(window))))
        left = int(shape["WIDTH"]) // 2 if x is None else x
        top = int(shape["HEIGHT"]) // 2 if y is None else y
        self.focus(window)
        self._run("xdotool", "mousemove", "--window", str(window), str(left), str(top))
        self._run("xdotool", "click", "1")

    def screenshot(self, path: Path) -> Path:
        """A picture of the whole screen, as PNG."""
        subprocess.run(["import", "-window", "root", str(path)], env=self.environment, check=True, timeout=30)
        return path


@contextlib.contextmanager
def started(argv: Sequence[str], **options: object) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program in a session of its own, and end all of that session afterwards, by its id."""
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, start_new_session=True, **options)  # type: ignore[call-overload]
    try:
        yield process
    finally:
        end(process)


def end(process: "subprocess.Popen[bytes]") -> None:
    """Ask a session to end, and make it end after 5 s."""
    for signal in (15, 9):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)


@pytest.fixture(scope="session")
def display() -> Iterator[Display]:
    """A screen of 1600 by 1000 pixels of our own, so that nothing of the developer's desktop is touched."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    reading, writing = os.pipe()
    xvfb = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24", "-nolisten", "tcp"]
    with started(xvfb, pass_fds=[writing], **quiet):
        os.close(writing)
        with open(reading) as numbers:
            screen = Display(":" + numbers.readline().strip())
        with started(["openbox"], env=screen.environment, **quiet):
            wait_until(lambda: "0x" in screen._run("xprop", "-root", "_NET_SUPPORTING_WM_CHECK"), 20, "openbox")
            yield screen
