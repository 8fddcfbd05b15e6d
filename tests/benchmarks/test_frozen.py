"""The frozen program against what it cannot be better than: a frozen server that does nothing, a compiled hand-off.

They take turns in one run. Only that each did what it was asked is asserted.
"""

import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.benchmarks import LONG
from tests.benchmarks.test_handoff import LINK, Side, compare, compiled, request_of
from tests.benchmarks.test_idle import Memory
from tests.support.needs import needs
from tests.support.sample import Make, lay

ROUNDS = 41 if LONG else 7
SETTLED_S = 20.0 if LONG else 4.0
"""By then what was started at the start is over."""
PATIENCE_S = 30
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n"


@dataclass
class Server:
    """One of the two that are compared."""

    argv: Callable[[int], list[str]]
    env: dict[str, str]
    ms: list[float] = field(default_factory=list)
    """From before its start until its port has answered."""

    def start(self) -> "subprocess.Popen[bytes]":
        """A new process of it, once it has answered."""
        port = free_port()
        before = time.perf_counter()
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(self.argv(port), env=self.env, **quiet)
        while not answers(port):
            assert process.poll() is None
            assert time.perf_counter() - before < PATIENCE_S
            time.sleep(0.001)
        self.ms.append((time.perf_counter() - before) * 1000)
        return process

    def once(self) -> None:
        """Start it, and end it again."""
        end(self.start())


def free_port() -> int:
    """One that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Whether somebody says at this port that all is well."""
    with contextlib.suppress(ConnectionError), socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(HEALTH % port)
        return connection.recv(1000).startswith(b"HTTP/1.1 200")
    return False


def end(process: "subprocess.Popen[bytes]") -> None:
    """As the end of a session does."""
    process.terminate()
    process.wait(20)


@pytest.fixture
def smallest(tmp_path: Path) -> Path:
    """Real: PyInstaller; the server is frozen in the same form as the daemon, and stripped as it is."""
    source = Path(__file__).with_name("smallest.py")
    places = ["--distpath", tmp_path / "dist", "--workpath", tmp_path / "build", "--specpath", tmp_path]
    options = ["--noconfirm", "--log-level=ERROR", "--onedir", "--strip", "--exclude-module=multiprocessing"]
    argv = [sys.executable, "-m", "PyInstaller", *options, *places, source]
    subprocess.run(argv, check=True, timeout=300, capture_output=True, cwd=tmp_path)
    return tmp_path / "dist" / "smallest" / "smallest"


@needs("objdump", "strip")
def test_the_frozen_daemon_against_the_smallest_frozen_server(
    frozen: Path, smallest: Path, home: Path, report: Callable[[str], None]
) -> None:
    """Real: the frozen daemon with a studio's file and no icon, and the smallest frozen aiohttp server."""
    lay(home, "http://127.0.0.1:9")
    env = {**os.environ, "KITSU_LAUNCHER_HOME": str(home), "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    serve = [str(frozen / "kitsu-launcher"), "serve", "--no-tray", "--port"]
    ours = Server(lambda port: [*serve, str(port)], env)
    floor = Server(lambda port: [str(smallest), str(port)], env)

    for number in range(ROUNDS + 1):
        for server in (ours, floor) if number % 2 else (floor, ours):
            server.once()
    running = [ours.start(), floor.start()]
    time.sleep(SETTLED_S)
    memory = [Memory.of(process.pid) for process in running]
    for process in running:
        end(process)

    mine, least = (statistics.median(server.ms[1:-1]) for server in (ours, floor))
    report(
        f"the frozen daemon, start until its port answers: {mine / least:.2f} times the smallest frozen aiohttp server "
        f"({mine:.0f} ms against {least:.0f} ms)"
    )
    (uss, pss), (least_uss, least_pss) = ((one.uss, one.pss) for one in memory)
    report(
        f"its idle memory: {uss / least_uss:.2f} times that server's USS ({uss:.1f} MB against {least_uss:.1f} MB), "
        f"{pss / least_pss:.2f} times its PSS ({pss:.1f} MB against {least_pss:.1f} MB)"
    )


@needs("cc")
def test_the_frozen_hand_off_against_a_compiled_program(
    frozen: Path, make_studio: Make, tmp_path: Path, report: Callable[[str], None]
) -> None:
    """Real: both frozen programs, the daemon's door, a static C program; a browser."""
    studio = make_studio(program=[str(frozen / "kitsu-launcher")])
    env = {**os.environ, "KITSU_LAUNCHER_HOME": str(studio.home)}
    handoff = [str(frozen / "kitsu-launcher-url"), LINK]
    request = request_of(handoff, studio.home / "listens", env)
    floor, clocked = compiled("floor", tmp_path), compiled("clocked", tmp_path)
    sides = {"hand-off": Side(handoff), "C": Side([str(floor), str(studio.daemon.door), request])}

    compare(studio, sides, clocked, env)
    shutil.rmtree(studio.home / "listens")

    (ours, our_mb), (c, c_mb) = (side.medians() for side in sides.values())
    report(
        f"a frozen hand-off, exec to acknowledged: {ours / c:.1f} times a C program "
        f"({ours:.1f} ms against {c:.1f} ms); its peak memory {our_mb:.1f} MB against {c_mb:.1f} MB"
    )
