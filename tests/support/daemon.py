"""Real daemons for tests: `kitsu-launcher serve` as a process of its own, in a home of its own."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from launcher.knock import request

SOURCES = (sys.executable, "-m", "launcher")
"""The program as it stands here; the frozen one is another."""


@dataclass
class Daemon:
    """A running daemon. `env` is the environment of commands that talk to it."""

    home: Path
    env: dict[str, str]
    process: subprocess.Popen[str]
    port: int = 0
    pid: int = 0
    output: list[str] = field(default_factory=list)
    program: Sequence[str] = SOURCES

    @property
    def door(self) -> Path:
        return self.home / "run" / "door"

    def cli(
        self, *args: str, check: bool = True, timeout: float = 60, **kwargs: Any
    ) -> subprocess.CompletedProcess[str]:
        """One `kitsu-launcher` command against it."""
        done = subprocess.run(
            [*self.program, *args],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            **kwargs,
        )
        assert not check or done.returncode == 0, f"{args}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """A request through its private door, from this process."""
        before = os.environ.get("KITSU_LAUNCHER_HOME")
        os.environ["KITSU_LAUNCHER_HOME"] = str(self.home)
        try:
            return request(method, path, body, start=False)
        finally:
            if before is None:
                del os.environ["KITSU_LAUNCHER_HOME"]
            else:
                os.environ["KITSU_LAUNCHER_HOME"] = before

    def send(self, data: bytes, host: str = "127.0.0.1") -> bytes:
        """Raw bytes to its port, and all that it answers until it closes: ask for `Connection: close`."""
        with socket.create_connection((host, self.port), timeout=20) as connection:
            connection.sendall(data)
            parts = []
            while part := connection.recv(65536):
                parts.append(part)
            return b"".join(parts)

    def launches(self) -> list[dict[str, Any]]:
        return json.loads(self.cli("launches", "--json").stdout)

    def log(self) -> str:
        return (self.home / "state" / "logs" / "daemon.log").read_text()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it and wait; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()  # the test fails, and nothing of it stays
            raise


def start(
    home: Path,
    env: dict[str, str] | None = None,
    port: int = 0,
    options: Sequence[str] = (),
    program: Sequence[str] = SOURCES,
) -> Daemon:
    """Start `serve`, with more options if need be, and wait until its door answers."""
    whole = {**os.environ, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", **(env or {})}
    whole["KITSU_LAUNCHER_HOME"] = str(home)
    process = subprocess.Popen(
        [*program, "serve", "--port", str(port), *options],
        env=whole,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    daemon = Daemon(home, whole, process, program=program)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(Exception):
            pong = daemon.ask("GET", "/door/ping")
            daemon.port, daemon.pid = pong["port"], pong["pid"]
            return daemon
        time.sleep(0.05)
    process.kill()
    raise AssertionError(f"the daemon did not start:\n{process.communicate()[1]}")


@pytest.fixture
def start_daemon(home: Path) -> Iterator[Any]:
    """Starts daemons that are ended after the test: `start_daemon(env={…}, home=…)`."""
    started: list[Daemon] = []

    def begin(
        env: dict[str, str] | None = None,
        home: Path = home,
        port: int = 0,
        options: Sequence[str] = (),
        program: Sequence[str] = SOURCES,
    ) -> Daemon:
        started.append(start(home, env, port, options, program))
        return started[-1]

    yield begin
    for daemon in started:
        if daemon.process.poll() is None:
            daemon.stop()
