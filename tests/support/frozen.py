"""This system's frozen folder, built once for the whole run of tests: what packages are made from."""

import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]


def freeze(folder: Path, *arguments: str) -> Path:
    """The frozen folder made below `folder`; more arguments go to launcher.spec: `--version V`."""
    places = ["--distpath", str(folder / "dist"), "--workpath", str(folder / "build")]
    spec = ["launcher.spec", *(["--", *arguments] if arguments else [])]
    done = subprocess.run(
        [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level=WARN", *places, *spec],
        cwd=TOP,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / "dist" / "kitsu-launcher"


@pytest.fixture(scope="session")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real: PyInstaller, `launcher.spec`. The folder is not to be changed by who gets it."""
    return freeze(tmp_path_factory.mktemp("frozen"))
