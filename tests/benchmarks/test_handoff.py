"""The hand-off from `exec` to acknowledged and gone, against the least that could do the same: a compiled program.

All of them ask the same daemon with the same bytes; they take turns. Only that the daemon did what it was asked is
asserted.
"""

import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from launcher import itself
from tests.benchmarks import LONG
from tests.support.desktop import wait_until
from tests.support.needs import needs
from tests.support.sample import Make, SampleStudio

WARM_UP = 4
ROUNDS = 310 if LONG else 31
PAUSE_S = 0.03
"""The daemon may open a page for one; that is over by then."""
LINK = "kitsu-launcher://open"
PYTHON = """
import _socket, sys
door = _socket.socket(_socket.AF_UNIX)
door.connect(sys.argv[1])
door.send(sys.argv[2].encode())
answer = b""
while piece := door.recv(65536):
    answer += piece
sys.exit(not answer.startswith(b"HTTP/1.1 2"))
"""
"""The least that a Python program can do."""


@dataclass
class Side:
    """One of those that are compared, and what each of its runs took."""

    argv: list[str]
    ms: list[float] = field(default_factory=list)
    mb: list[float] = field(default_factory=list)

    def run(self, clocked: Path, env: dict[str, str]) -> None:
        """Once; it must be acknowledged."""
        done = subprocess.run(
            [clocked, *self.argv], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
        )
        microseconds, kilobytes, code = map(int, done.stdout.split())
        assert (code, done.stderr) == (0, "")
        self.ms.append(microseconds / 1000)
        self.mb.append(kilobytes / 1024)

    def medians(self) -> tuple[float, float]:
        """Milliseconds and megabytes."""
        return statistics.median(self.ms[WARM_UP:]), statistics.median(self.mb[WARM_UP:])


def compiled(name: str, folder: Path) -> Path:
    """A program of this folder, as small and fast as the compiler makes it."""
    source = Path(__file__).with_name(f"{name}.c")
    subprocess.run(["cc", "-O2", "-static", "-Wall", "-Werror", "-o", folder / name, source], check=True)
    return folder / name


def request_of(handoff: list[str], home: Path, env: dict[str, str]) -> str:
    """What the hand-off writes, by a door that only listens to it."""
    (home / "run").mkdir(mode=0o700, parents=True)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(home / "run" / "door"))
        door.listen()
        heard = []

        def answer() -> None:
            connection, _ = door.accept()
            with connection:
                heard.append(connection.recv(65_536))
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")

        listening = threading.Thread(target=answer)
        listening.start()
        subprocess.run(handoff, env={**env, "KITSU_LAUNCHER_HOME": str(home)}, check=True, timeout=20)
        listening.join(20)
    return heard[0].decode()


def compare(studio: SampleStudio, sides: dict[str, Side], clocked: Path, env: dict[str, str]) -> None:
    """Let all of them take turns. The daemon opens a page for some: for one in two seconds."""
    for number in range(WARM_UP + ROUNDS):
        turns = list(sides.values())
        for side in turns[number % len(turns) :] + turns[: number % len(turns)]:
            side.run(clocked, env)
            time.sleep(PAUSE_S)
    wait_until(studio.opened, 20, "a page")


@needs("cc")
def test_a_hand_off_against_a_compiled_program(
    make_studio: Make, tmp_path: Path, report: Callable[[str], None]
) -> None:
    """Real: the daemon, its door, the program that is registered for links, a static C program; a browser."""
    studio = make_studio()
    env = {**os.environ, "KITSU_LAUNCHER_HOME": str(studio.home)}
    door = str(studio.daemon.door)
    handoff = [*itself.link_handler(), LINK]
    request = request_of(handoff, studio.home / "listens", env)
    floor, clocked = compiled("floor", tmp_path), compiled("clocked", tmp_path)
    sides = {
        "hand-off": Side(handoff),
        "Python": Side([sys.executable, "-I", "-S", "-E", "-c", PYTHON, door, request]),
        "C": Side([str(floor), door, request]),
    }

    compare(studio, sides, clocked, env)

    (ours, our_mb), (python, python_mb), (c, c_mb) = (side.medians() for side in sides.values())
    report(
        f"a hand-off, exec to acknowledged: {ours / c:.1f} times a C program ({ours:.1f} ms against {c:.1f} ms), "
        f"{ours / python:.2f} times the least of Python ({python:.1f} ms)"
    )
    report(
        f"its peak memory: {our_mb / c_mb:.1f} times a C program ({our_mb:.1f} MB against {c_mb:.1f} MB), "
        f"{our_mb / python_mb:.2f} times the least of Python ({python_mb:.1f} MB)"
    )
