"""The Linux packages, made once for the whole run of tests from the one frozen folder."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from launcher import __version__
from tests.support.frozen import NEXT, TOP


@dataclass(frozen=True)
class Packages:
    """Where each of them is."""

    deb: Path
    rpm: Path
    tar: Path


def build(folder: Path, frozen: Path, *arguments: str, version: str = __version__) -> Packages:
    """Real: packaging/linux/build.sh."""
    done = subprocess.run(
        ["packaging/linux/build.sh", str(folder), "--frozen", str(frozen), "--python", sys.executable, *arguments],
        cwd=TOP,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Packages(
        folder / f"kitsu-launcher_{version}_amd64.deb",
        folder / f"kitsu-launcher-{version}-1.x86_64.rpm",
        folder / f"kitsu-launcher-{version}-linux-x86_64.tar.gz",
    )


@pytest.fixture(scope="session")
def packages(frozen: Path, tmp_path_factory: pytest.TempPathFactory) -> Packages:
    """The packages of this version."""
    return build(tmp_path_factory.mktemp("packages"), frozen)


@pytest.fixture(scope="session")
def next_packages(next_frozen: Path, tmp_path_factory: pytest.TempPathFactory) -> Packages:
    """Of a later version, a deb alone."""
    return build(tmp_path_factory.mktemp("next_packages"), next_frozen, "--only", "deb", version=NEXT)
