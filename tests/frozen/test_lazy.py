"""What the frozen program loads only when it is needed, by the libraries that the system's loader has mapped.

Python's own list of modules cannot be asked from outside; each of these packages has a library of its own, or one that
comes with it.
"""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.daemon import Daemon
from tests.support.sample import Make

LATE = {
    "PIL": "an icon is drawn",
    "charset_normalizer": "gazu, with requests: Kitsu is asked",
    "cryptography": "a studio file is signed, or the keyring is the desktop's",
    "tree_sitter": "a file has an error",
    "tree_sitter_toml": "a file has an error",
    "zstandard": "a .blend is packed",
}
"""Packages, and when they are needed."""
DAEMONS = {"aiohttp", "multidict", "yarl", "frozenlist", "propcache", "markupsafe"}
"""What a command never needs: it asks the daemon by a plain socket."""


def packages(paths: set[str], frozen: Path) -> set[str]:
    """The packages that these libraries of the bundle belong to."""
    found = (re.match(rf"{re.escape(str(frozen))}/[^/]+/([^/]+)/", path) for path in paths)
    return {match[1] for match in found if match} - {"python3.11", "python3.12", "python3.13"}


def mapped(pid: int) -> set[str]:
    """The files that a process has mapped."""
    lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    return {line.split(maxsplit=5)[5] for line in lines if len(line.split(maxsplit=5)) == 6}


@pytest.mark.parametrize("arguments", [["--version"], ["quit"], ["--help"], ["serve", "--help"]])
def test_a_command_loads_neither_the_daemons_packages_nor_the_late_ones(
    frozen: Path, home: Path, arguments: list[str]
) -> None:
    """Real: the frozen command, and the loader's own account of what it has loaded."""
    env = {**os.environ, "LD_DEBUG": "files", "LD_DEBUG_OUTPUT": str(home / "loaded")}
    subprocess.run([frozen / "kitsu-launcher", *arguments], env=env, capture_output=True, check=True, timeout=60)

    told = "".join(path.read_text() for path in home.glob("loaded.*"))
    loaded = set(re.findall(r"calling init: (\S+)", told))
    assert any("libpython" in path for path in loaded)
    assert packages(loaded, frozen) == set()


def test_an_idle_daemon_has_loaded_nothing_that_is_for_later(
    frozen: Path, home: Path, start_daemon: Callable[..., Daemon]
) -> None:
    """Real: the frozen daemon of somebody who has no studio file yet."""
    daemon = start_daemon(program=[str(frozen / "kitsu-launcher")], options=["--no-tray"])
    daemon.cli("actions")

    loaded = packages(mapped(daemon.pid), frozen)

    assert loaded & DAEMONS
    assert loaded & set(LATE) == set()


def test_gazu_comes_with_a_kitsu_and_the_rest_is_still_for_later(frozen: Path, make_studio: Make) -> None:
    """Real: the frozen daemon, a sample Kitsu, and somebody who is logged in there."""
    studio = make_studio(program=[str(frozen / "kitsu-launcher")])

    assert packages(mapped(studio.daemon.pid), frozen) & set(LATE) == {"charset_normalizer"}
