"""Launches for tests: real folders below `tmp_path`, real processes, and clicks as values."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.execute import Hands
from launcher.launches import Launch, Launches
from launcher.model import Click, Sender, Start
from launcher.paths import Folders

TASK = "a24a6ea4-ce75-4665-a070-57453082c256"
OTHER_TASK = "b35b7fb5-df86-4776-b181-68564193d367"


class Clock:
    """A clock that a test moves on by hand; both for monotonic time and for the time of day."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def click(action: str = "open-in-blender", tasks: tuple[str, ...] = (TASK,), sender: Sender = Sender.FORM) -> Click:
    """A click as `incoming` makes it."""
    return Click(action=action, task_ids=tasks, sender=sender)


def start(*argv: str, application: str = "Sample 1.0", env: dict[str, str] | None = None, cwd: str = "/") -> Start:
    """A step that starts something."""
    environment = {"PATH": os.environ["PATH"]} if env is None else env
    return Start(application=application, argv=argv, env=environment, cwd=Path(cwd), task_ids=(TASK,))


def python(code: str, application: str = "Sample 1.0") -> Start:
    """A step that starts a Python of its own with a few lines."""
    return start(sys.executable, "-I", "-c", code, application=application)


async def settled(launches: Launches, launch: Launch, *states: str, timeout_s: float = 10) -> None:
    """Wait until the launch is in one of the states."""
    import asyncio

    async with asyncio.timeout(timeout_s):
        while launch.state not in states:
            await launches.wait(launch, launch.version, 0.5)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """Our own folders, not made yet."""
    return Folders(*(tmp_path / name for name in ("machine", "config", "state", "cache", "run")))


@pytest.fixture
def launches(folders: Folders) -> Iterator[Launches]:
    """The launches of one daemon, with a real journal."""
    those = Launches(folders)
    yield those
    those.close()


@pytest.fixture
def hands() -> Hands:
    """Hands of a person without a browser of her own choice."""
    return Hands(browser=tuple)
