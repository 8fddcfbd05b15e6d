"""A person's own session in a temporary home, without `KITSU_LAUNCHER_HOME`: what the desktop reads is hers, too."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from launcher.demo.kitsu import SampleKitsu
from launcher.demo.show import served
from launcher.demo.studio import EMAIL, PASSWORD, Studio, sample
from tests.support.desktop import Display, wait_until
from tests.support.sample import lay

ASK = """
import json, sys
from launcher.knock import request
method, path, body = sys.argv[1:]
print(json.dumps(request(method, path, json.loads(body), start=False)))
"""


@dataclass
class Person:
    """Her home, her sample Kitsu, and a display. Nothing of the machine's own person is touched."""

    home: Path
    studio: Studio
    origin: str
    port: int
    env: dict[str, str]
    started: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def entry(self) -> Path:
        """The desktop entry that the daemon registers."""
        return self.home / ".local/share/applications/kitsu-launcher-url.desktop"

    def task(self, name: str = "SH010") -> str:
        return next(str(row["id"]) for row in self.studio.tables["tasks"].values() if row["name"] == f"{name} main")

    def serve(self) -> None:
        """Start a daemon, and wait until its door answers."""
        argv = [sys.executable, "-m", "launcher", "serve", "--no-tray"]
        self.started.append(subprocess.Popen(argv, env=self.env, stdin=subprocess.DEVNULL))
        wait_until(self.pid, 20, "the daemon")

    def cli(self, *args: str) -> "subprocess.CompletedProcess[str]":
        argv = [sys.executable, "-m", "launcher", *args]
        return subprocess.run(argv, env=self.env, capture_output=True, text=True, timeout=60, check=False)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """A request through her private door."""
        argv = [sys.executable, "-c", ASK, method, path, json.dumps(body)]
        done = subprocess.run(argv, env=self.env, capture_output=True, text=True, timeout=60, check=True)
        return json.loads(done.stdout)

    def pid(self) -> int:
        """The daemon that answers; 0 for none."""
        with contextlib.suppress(subprocess.CalledProcessError):
            return int(self.ask("GET", "/door/ping")["pid"])
        return 0

    def log_in(self) -> None:
        self.ask("POST", "/door/login", {"server": self.origin, "email": EMAIL, "password": PASSWORD})

    def xdg_open(self, link: str) -> None:
        """As any program of the desktop opens a link."""
        subprocess.run(["xdg-open", link], env=self.env, stdin=subprocess.DEVNULL, timeout=60, check=True)

    def opened(self) -> list[str]:
        """The addresses that were opened in her browser."""
        path = self.home / "opened"
        return path.read_text().splitlines() if path.exists() else []

    def notes(self) -> list[Path]:
        """One for each process that was started."""
        return sorted((self.home / "marks").glob("*.json"))

    def launches(self) -> list[dict[str, Any]]:
        return list(self.ask("GET", "/door/launches"))

    def settled(self, *states: str) -> dict[str, Any]:
        """The newest launch, once it is in one of these states."""
        return wait_until(lambda: next((one for one in self.launches()[:1] if one["state"] in states), None), 20, "it")


@pytest.fixture
def person(display: Display) -> Iterator[Person]:
    """A person whose daemon does not run yet."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    home = Path(tempfile.mkdtemp(prefix="kl-", dir="/tmp"))
    (home / "run").mkdir(mode=0o700)
    hidden = ("XDG_", "DBUS_", "KITSU_LAUNCHER_")
    env = {name: value for name, value in display.environment.items() if not name.startswith(hidden)}
    env |= {"HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run"), "PYTHONPATH": os.getcwd()}
    env |= {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", "KITSU_LAUNCHER_KEY": "0123456789abcdef"}
    studio = sample()
    with served(SampleKitsu(studio, [])) as host:
        lay(home, f"http://{host}")
        config = home / ".config" / "kitsu-launcher"
        config.mkdir(parents=True)
        text = (home / "machine" / "studio.toml").read_text()
        (config / "studio.toml").write_text(text.replace("[studio]", f"[studio]\nport = {port}", 1))
        shutil.move(home / "config" / "config.toml", config / "config.toml")
        one = Person(home, studio, f"http://{host}", port, env)
        yield one
        one.cli("quit")
        for process in one.started:
            process.wait(20)
    shutil.rmtree(home, ignore_errors=True)
