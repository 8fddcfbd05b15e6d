"""The clean Debians themselves: made by debootstrap from the mirror that this machine's apt uses, kept for a day.

A `bare` one is debootstrap's minimum. A workstation is that with what a studio's IT has put there before us, and
nothing that Kitsu Launcher's package brings or recommends. `python` is the minimum with Debian's own Python.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from tests.support.debian.machine import Machine, Refused

WORKSTATION = (
    *("xvfb", "dbus", "xfce4-session", "xfce4-panel", "xfwm4", "xfconf"),  # a screen, and a desktop that logs in
    *("ca-certificates", "mpv"),  # trust, and the application
)
PARTS = {"bare": (), "workstation": WORKSTATION, "python": ("python3", "python3-venv")}
SUITES = ("bookworm", "trixie")
WANTED = ("bookworm-workstation", "trixie-workstation", "trixie-python")
"""What is made ahead, in this order."""
LASTS_S = 24 * 3600
GENTLY = ("setpriv", "--pdeathsig", "KILL", "nice", "-n", "19", "ionice", "-c", "3")
"""The main tests go on meanwhile; and it ends with whoever started it."""
SETTINGS = ("Acquire::http", "Acquire::https", "Acquire::ftp", "Acquire::Check-", "Acquire::Retries")
"""Of this machine's apt: how mirrors are reached."""


class Prepared:
    """A shelf of Debians; each is made once, by whoever asks first."""

    def __init__(self, shelf: Path) -> None:
        self.shelf = shelf
        self._locks = {f"{suite}-{part}": threading.Lock() for suite in SUITES for part in PARTS}
        self._kept: dict[str, int] = {}
        """Locks of those that are used until this run ends."""

    def __call__(self, name: str) -> Path:
        """The folder of one of them, which must not be changed. Raises: Refused."""
        suite, _, part = name.partition("-")
        recipe = hashlib.sha256(repr((part, PARTS[part], sources(suite))).encode()).hexdigest()[:12]
        path = self.shelf / f"{name}-{recipe}"
        with self._locks[name]:
            if name not in self._kept:
                self.shelf.mkdir(parents=True, exist_ok=True)
                lock = self._kept[name] = os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR, 0o600)
                fcntl.flock(lock, fcntl.LOCK_SH)
                if not _fresh(path):
                    fcntl.flock(lock, fcntl.LOCK_EX)  # another run may be making it at this moment, or use an old one
                    try:
                        if not _fresh(path):
                            self._make(path, suite, part)
                    except BaseException:
                        os.close(self._kept.pop(name))
                        raise
                    fcntl.flock(lock, fcntl.LOCK_SH)
        return path

    def _make(self, path: Path, suite: str, part: str) -> None:
        """In a folder beside it, which then takes its name: nothing half-made is ever used."""
        making = path.with_name(f"{path.name}.part")
        for old in (making, path):
            shutil.rmtree(old, ignore_errors=True)
        if part == "bare":
            bootstrap(suite, making)
        else:
            _run(["cp", "-a", "--reflink=auto", str(self(f"{suite}-bare")), str(making)], "copy a Debian")
            install(making, PARTS[part])
        os.utime(making)
        making.rename(path)


def _fresh(path: Path) -> bool:
    return path.exists() and time.time() - path.stat().st_mtime < LASTS_S


def mirror() -> str:
    """Where this machine's apt has Debian from."""
    fields = ["Created-By: Packages", "Component: main", "Origin: Debian", "--format", "$(REPO_URI)"]
    told = subprocess.run(["apt-get", "indextargets", *fields], capture_output=True, text=True, check=False)
    found = [line.rstrip("/") for line in told.stdout.splitlines() if "security" not in line]
    return found[0] if found else "http://deb.debian.org/debian"


def sources(suite: str) -> str:
    """The sources of a machine that is kept up to date."""
    here = mirror()
    security = f"{here}-security" if here.endswith("/debian") else "http://deb.debian.org/debian-security"
    updated = [f"deb {here} {name} main" for name in (suite, f"{suite}-updates")]
    return "\n".join([*updated, f"deb {security} {suite}-security main", ""])


def bootstrap(suite: str, path: Path) -> None:
    """Debian's minimum. debootstrap mounts inside: in mounts of its own, which go with it."""
    if not shutil.which("debootstrap"):
        raise Refused("debootstrap is not installed")
    alone = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
    _run([*alone, "debootstrap", "--variant=minbase", suite, str(path), mirror()], f"debootstrap {suite}")
    (path / "etc/apt/sources.list").write_text(sources(suite))
    (path / "etc/apt/apt.conf.d/90mirror").write_text("".join(settings(path)))
    (path / "etc/dpkg/dpkg.cfg.d").mkdir(exist_ok=True)
    (path / "etc/dpkg/dpkg.cfg.d/90fast").write_text("force-unsafe-io\n")
    for name in ("hosts", "resolv.conf"):
        shutil.copy(f"/etc/{name}", path / "etc" / name)
    install(path, ())


def settings(path: Path) -> Iterable[str]:
    """This machine's settings of how mirrors are reached; an authority that they name is copied beside them."""
    told = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=False).stdout
    for line in told.splitlines():
        name, _, value = line.partition(" ")
        if name.startswith(SETTINGS) and value != '"";':
            if name.endswith("::CaInfo") and Path(value.strip('";')).exists():
                shutil.copy(value.strip('";'), path / "etc/apt/mirror-authority.pem")
                value = '"/etc/apt/mirror-authority.pem";'
            yield f"{name} {value}\n"


def install(path: Path, packages: tuple[str, ...]) -> None:
    """Bring it up to date, and install Debian's packages into it for good."""
    machine = Machine(path, None, "debian", network=False)
    quiet = ["-qq", "-y", "-o", "Dpkg::Use-Pty=0"]
    env = {"DEBIAN_FRONTEND": "noninteractive", "HOME": "/root"}
    try:
        for argv in (
            ["apt-get", "-qq", "update"],
            ["apt-get", *quiet, "upgrade"],
            ["apt-get", *quiet, "install", "--no-install-recommends", *packages],
            ["apt-get", "clean"],
        ):
            _run(machine.command("root", argv, env, outside=True), " ".join(argv))
    finally:
        machine.end()


def _run(argv: list[str], what: str) -> None:
    """Raises: Refused, with the end of what it said."""
    done = subprocess.run([*GENTLY, *argv], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(f"{what}: exit code {done.returncode}\n{(done.stdout + done.stderr)[-2000:]}")
