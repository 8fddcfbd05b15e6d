"""What several benchmarks stand on."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


@pytest.fixture
def run_script() -> Iterator[Callable[..., str]]:
    """Runs a server of this folder in a process of its own until the test ends; the line it prints."""
    running = []

    def run(name: str, *args: object) -> str:
        argv = [sys.executable, "-m", f"tests.benchmarks.{name}", *map(str, args)]
        root = Path(__file__).parents[2]
        running.append(subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root))
        return running[-1].stdout.readline()

    yield run
    for process in running:
        process.communicate("")
