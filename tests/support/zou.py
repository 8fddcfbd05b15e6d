"""A real Zou (Kitsu's API server) for tests: started once a session, seeded once, kept in a cache folder."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import pytest

HERE = Path(__file__).resolve().parent.parent / "zou"


@dataclass(frozen=True)
class Account:
    """Somebody of the seeded studio."""

    email: str
    password: str
    id: str
    role: str


@dataclass(frozen=True)
class Zou:
    """A running, seeded Zou."""

    url: str
    """The API itself: the bare port has no `/api`."""
    admin: Account
    ids: dict[str, Any]
    """What seed.py wrote: ids of projects, tasks by name, users…"""

    def account(self, key: str) -> Account:
        """manager, supervisor, user, teammate, vendor, client, outsider, inactive or admin."""
        user = self.ids["users"][key]
        return Account(user["email"], user["password"], user["id"], user.get("role", "admin"))

    def task(self, name: str) -> str:
        """The id of a seeded task: "Animation SH010", "Modeling Robot", "TV Animation", "Nasty -rf"…"""
        return str(self.ids["tasks"][name])


def cache_folder() -> Path:
    """Where packages and database stay between runs; outside /root, which the user of PostgreSQL cannot enter."""
    if chosen := os.environ.get("KITSU_TEST_CACHE"):
        return Path(chosen).resolve()
    base = Path("/var/cache") if os.geteuid() == 0 else Path.home() / ".cache"
    return base / "kitsu-launcher-tests" / "zou"


def _run(script: str, *args: str | Path) -> str:
    done = subprocess.run([sys.executable, HERE / script, *args], capture_output=True, text=True, timeout=900)
    if done.returncode:
        raise RuntimeError(f"{script} failed:\n{done.stdout[-1500:]}\n{done.stderr[-3000:]}")
    return done.stdout


def _seeded(folder: Path, up: dict[str, Any]) -> dict[str, Any]:
    """The ids of the seeded studio; the seed is sown when it never was, or changed since."""
    out, mark = folder / "ids.json", folder / "seed.mark"
    wanted = (HERE / "seed.py").read_text()
    if not (out.exists() and mark.exists() and mark.read_text() == wanted):
        admin = up["admin"]
        where = ["--host", up["url"], "--email", admin["email"], "--password", admin["password"]]
        _run("seed.py", *where, "--out", out, "--media", folder / "media", "--tasks", "60")
        mark.write_text(wanted)
    ids: dict[str, Any] = json.loads(out.read_text())
    return ids


@pytest.fixture(scope="session")
def zou() -> Iterator[Zou]:
    """Real: Zou, PostgreSQL and Redis on loopback, with the studio of seed.py.

    The first run takes one or two minutes, later ones some seconds. The last session that uses it stops it, unless
    KITSU_TEST_KEEP is set.
    """
    if not (shutil.which("ffmpeg") and shutil.which("ffprobe")):
        pytest.skip("ffmpeg is not installed")
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".sessions", "w") as sessions, open(folder / ".starting", "w") as starting:
        fcntl.flock(sessions, fcntl.LOCK_SH)
        fcntl.flock(starting, fcntl.LOCK_EX)
        up = json.loads(_run("zou_up.py", "up", folder))
        ids = _seeded(folder, up)
        fcntl.flock(starting, fcntl.LOCK_UN)
        admin = Account(up["admin"]["email"], up["admin"]["password"], ids["users"]["admin"]["id"], "admin")
        yield Zou(up["url"], admin, ids)
        if not os.environ.get("KITSU_TEST_KEEP"):
            _stop_unless_used(folder, sessions)


def _stop_unless_used(folder: Path, sessions: TextIO) -> None:
    """Stop the server if no other session holds its lock."""
    try:
        fcntl.flock(sessions, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    _run("zou_up.py", "down", folder)
