"""Really installed applications: found as the daemon finds them, started as a plan starts them."""

import json
import os
import subprocess
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path

import pytest

from launcher.applications import Applications
from launcher.paths import folders
from launcher.plan.found import Installed
from launcher.system.linux import places
from tests.support.catalogue import app
from tests.support.desktop import Display, end, wait_until

Find = Callable[[str], Awaitable[Installed]]
Run = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def installed(home: Path) -> Find:
    """Find an application by the catalogue alone, with its version."""

    async def find(name: str) -> Installed:
        if name == "vlc" and os.getuid() == 0:
            pytest.skip("VLC refuses root")
        candidates = await Applications(folders(), places).find(app(name))
        if not candidates.fits:
            pytest.skip(f"not installed: {name}; {candidates.rejected}")
        return candidates.fits[0]

    return find


@pytest.fixture
def run(display: Display, tmp_path: Path) -> Iterator[Run]:
    """Start a program on the test's display, in a home of its own, its output in `log`; ended afterwards."""
    processes: list[subprocess.Popen[bytes]] = []
    home = tmp_path / "home"
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)

    def start(argv: list[str], extra: Mapping[str, str] | None = None) -> "subprocess.Popen[bytes]":
        home.mkdir(exist_ok=True)
        kept = {name: value for name, value in display.environment.items() if not name.startswith(("XDG_", "KITSU_"))}
        env = {**kept, "HOME": str(home), "XDG_RUNTIME_DIR": str(runtime), **(extra or {})}
        with open(tmp_path / "log", "ab") as log:
            process = subprocess.Popen(
                argv, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd=home
            )
        processes.append(process)
        return process

    yield start
    for process in processes:
        end(process)


def read_json(path: Path, seconds: float = 40) -> dict:
    """What a program wrote, as soon as it is there whole."""
    wait_until(path.is_file, seconds, str(path))
    return json.loads(path.read_text())
