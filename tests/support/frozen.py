"""This system's frozen folder, built once for the whole run of tests: what packages are made from."""

import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
NEXT = "9.9.0"
"""The version that upgrades go to."""


def freeze(folder: Path, *arguments: str) -> Path:
    """The frozen folder made below `folder`; more arguments go to packaging/freeze.sh: `--version V`."""
    done = subprocess.run(
        ["packaging/freeze.sh", str(folder), "--python", sys.executable, *arguments],
        cwd=TOP,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / "kitsu-launcher"


@pytest.fixture(scope="session")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real: packaging/freeze.sh with its locked packages. The folder is not to be changed by who gets it."""
    return freeze(tmp_path_factory.mktemp("frozen"))


@pytest.fixture(scope="session")
def next_frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a later version: the same program, which tells another number, in a folder of that name."""
    return freeze(tmp_path_factory.mktemp("next"), "--version", NEXT)
