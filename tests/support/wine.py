"""A real Windows Python under wine: made once, kept in the tests' cache folder."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

REPOSITORY = Path(__file__).parents[2]
SCRIPT = REPOSITORY / "packaging" / "windows" / "windows-under-wine.sh"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kitsu-launcher-tests"


@dataclass
class Windows:
    """The Windows Python, and how it is run. Paths are Linux's; `path` tells how Windows calls them."""

    folder: Path
    home: Path
    """A folder that is emptied after all tests."""

    @staticmethod
    def path(path: Path) -> str:
        """As Windows sees a file of this machine."""
        return "Z:" + str(path).replace("/", "\\")

    def environment(self, **more: str) -> dict[str, str]:
        """For everything that runs here; a `KITSU_LAUNCHER_HOME` below our own folder."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        kept["PATH"] = f"{Path(sys.executable).parent}:{kept['PATH']}"
        home = self.path(self.home / "kitsu")
        null = "keyring.backends.null.Keyring"
        return {**kept, "LIMIT": "120", "KITSU_LAUNCHER_HOME": home, "PYTHON_KEYRING_BACKEND": null, **more}

    def python(self, *argv: str, timeout: float = 120, **env: str) -> subprocess.CompletedProcess[str]:
        """Run the Windows Python; its two outputs are one."""
        return self._run("python", *argv, timeout=timeout, **env)

    def program(self, *argv: str, timeout: float = 120, **env: str) -> subprocess.CompletedProcess[str]:
        """Run any program of Windows."""
        return self._run("exe", *argv, timeout=timeout, **env)

    def begin(self, *argv: str, **env: str) -> subprocess.Popen[str]:
        """Start the Windows Python, and go on."""
        return subprocess.Popen(
            [str(SCRIPT), "python", str(self.folder), *argv],
            env=self.environment(**env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def keep(self) -> None:
        """Start Windows' services now; else each program starts them, and they hold its output until they end."""
        subprocess.run([str(SCRIPT), "keep", str(self.folder)], env=self.environment(), check=False, timeout=120)

    def stop(self) -> None:
        """End everything that runs there. What is started next takes the display that it is given then."""
        subprocess.run([str(SCRIPT), "stop", str(self.folder)], env=self.environment(), check=False, timeout=60)

    def _run(self, verb: str, *argv: str, timeout: float, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(SCRIPT), verb, str(self.folder), *argv],
            env=self.environment(**env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def tests(self, file: Path, **env: str) -> dict[str, str]:
        """Run the tests of a file with the Windows pytest: what each one that failed said, empty for the others."""
        told = self.home / f"{file.stem}.xml"
        done = self.python(
            *("-m", "pytest", "-q", self.path(file), f"--junitxml={self.path(told)}"),
            f"--basetemp={self.path(self.home / 'pytest')}",
            **env,
        )
        if not told.exists():
            raise AssertionError(f"{file.name} did not run:\n{done.stdout}\n{done.stderr}")
        return {case.get("name", ""): said(case) for case in ElementTree.parse(told).iter("testcase")}


def said(case: ElementTree.Element) -> str:
    """The text of a test that failed; one that was skipped failed too."""
    return "\n".join(child.text or child.tag for child in case if child.tag in ("failure", "error", "skipped"))


def requirements() -> list[str]:
    """What the package needs on Windows, and pytest."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    return [*project["dependencies"], "pytest>=8"]


@pytest.fixture(scope="session")
def windows() -> Iterator[Windows]:
    """A Windows Python with this checkout and all that it needs; about 25 s for the first time."""
    wanted = requirements()
    key = hashlib.sha256("\n".join([SCRIPT.read_text(), *wanted]).encode()).hexdigest()[:12]
    folder = CACHE / f"wine-{key}"
    home = Path(tempfile.mkdtemp(prefix="kl-wine-", dir="/tmp"))
    windows = Windows(folder, home)
    if not (folder / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        # All of our environment: it may say where packages come from, and whom to trust for them.
        done = windows._run("setup", *wanted, timeout=600, **{**os.environ, "PATH": windows.environment()["PATH"]})
        assert done.returncode == 0, done.stdout + done.stderr
        (folder / "ready").touch()
    packages = folder / "python" / "Lib" / "site-packages"
    (packages / "kitsu-launcher.pth").write_text(windows.path(REPOSITORY) + "\n")
    windows.keep()
    yield windows
    windows.stop()
    shutil.rmtree(home, ignore_errors=True)


@dataclass
class WindowsDaemon:
    """A daemon of the Windows Python."""

    windows: Windows
    process: subprocess.Popen[str]
    port: int

    def stop(self) -> str:
        """End it by `quit`; all that it said."""
        done = self.windows.python("-m", "launcher", "quit")
        assert done.returncode == 0, done.stdout
        return self.process.communicate(timeout=30)[0]


@pytest.fixture
def windows_daemon(windows: Windows) -> Iterator[WindowsDaemon]:
    """`serve` under wine, at a free port."""
    shutil.rmtree(windows.home / "kitsu", ignore_errors=True)
    process = windows.begin("-m", "launcher", "serve", "--port", "0")
    log = windows.home / "kitsu" / "state" / "logs" / "daemon.log"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"listening port=(\d+)", log.read_text()) if log.exists() else None
        if found:
            break
        time.sleep(0.1)
    else:
        raise AssertionError(f"the daemon did not start:\n{process.communicate(timeout=10)[0]}")
    daemon = WindowsDaemon(windows, process, int(found[1]))
    yield daemon
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)
