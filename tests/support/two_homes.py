"""Two people at two daemons, each with a home of her own, and one project folder between them."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from launcher.demo.studio import EMAIL, PASSWORD
from tests.support.daemon import Daemon
from tests.support.desktop import Display
from tests.support.requests import KEY
from tests.support.sample import Make, SampleStudio, lay, program

STAY = """\
#!{python} -IS
import os, sys, time
open("{home}/stays-%d" % os.getpid(), "w").close()
while not os.path.exists("{home}/end"):
    time.sleep(0.05)
"""
"""An application that stays until it is told to end."""
ACTIONS = """
[apps.stay]
title = "Stay"
executable = "/HOME/stay"

[actions.stay]
title = "Open"
kind = "launch"
app = "stay"
file = "{roots.prod}/{entity.name}_v{revision:03}.txt"
when_missing = { copy = "{roots.prod}/first.txt" }

[actions.also]
title = "Open as well"
kind = "launch"
app = "stay"
file = "{roots.prod}/{entity.name}_v{revision:03}.txt"
when_missing = { copy = "{roots.prod}/first.txt" }
"""


@dataclass
class TwoHomes:
    """Ana's studio, and Bob's daemon, whose home is another one."""

    ana: SampleStudio
    bob: Daemon
    home: Path
    """Bob's."""

    @property
    def prod(self) -> Path:
        return self.ana.prod

    def click(self, daemon: Daemon, action: str = "stay", task: str = "SH010", **more: Any) -> dict[str, Any]:
        """A click of one of them on the command line; the launch as it is then."""
        wish = {"action": action, "tasks": [self.ana.task(task)], "server": self.ana.origin, **more}
        return self.settled(daemon, daemon.ask("POST", "/door/run", wish)["id"])

    def settled(self, daemon: Daemon, launch: str) -> dict[str, Any]:
        """A launch that is prepared no more."""
        found: dict[str, Any] = {"state": "preparing"}
        while found["state"] == "preparing":
            found = daemon.ask("GET", f"/door/launches/{launch}")
        return found

    def answer(self, daemon: Daemon, launch: dict[str, Any], **reply: Any) -> dict[str, Any]:
        """Answer a launch's question; the launch as it is then."""
        daemon.ask("POST", f"/door/launches/{launch['id']}/answer", reply)
        return self.settled(daemon, launch["id"])

    def notes(self) -> list[str]:
        """The names of all notes in the project folder."""
        return sorted(path.name for path in self.prod.rglob("*.kitsu-open"))

    def end_all(self) -> None:
        """Let every application of these tests end."""
        (self.ana.home / "end").touch()


@pytest.fixture
def two_homes(make_studio: Make, display: Display, start_daemon: Callable[..., Daemon]) -> Iterator[TwoHomes]:
    """Real: two daemons, one project folder, a sample Kitsu, a display; somebody is logged in at both."""
    environment = {name: value for name, value in display.environment.items() if not name.startswith("XDG_")}
    with ExitStack() as stack:
        ana = make_studio(more=ACTIONS, env=environment)
        program(ana.home / "stay", STAY.format(python=sys.executable, home=ana.home))
        home = Path(tempfile.mkdtemp(prefix="kl-", dir="/tmp"))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        lay(home, ana.origin)
        (home / "machine" / "studio.toml").write_text((ana.home / "machine" / "studio.toml").read_text())
        bob = start_daemon(env={"KITSU_LAUNCHER_KEY": KEY, **environment}, home=home)
        stack.callback(bob.stop)
        bob.ask("POST", "/door/login", {"server": ana.origin, "email": EMAIL, "password": PASSWORD})
        both = TwoHomes(ana, bob, home)
        stack.callback(both.end_all)
        yield both
