"""The environment of started applications, whichever way the frozen daemon came to life.

PyInstaller's loader and hooks set variables in their own process (packaging.md i); each of them would reach every
application, and what that starts.
"""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from launcher import __version__
from tests.support.desktop import wait_until
from tests.support.person import Person

TOP = Path(__file__).parents[2]
SESSIONS = {"SHLVL", "_", "PWD", "OLDPWD"}


@pytest.fixture
def hers(person: Person, frozen: Path) -> Iterator[Person]:
    """A person whose login has libraries and paths of a studio, with entries of the bundle between them."""
    own = f"{frozen}/{__version__}"
    person.env |= {
        "LD_LIBRARY_PATH": f"{own}:/opt/vfx/lib:{own}/sub",
        "PATH": f"{own}/bin:{person.env['PATH']}:{frozen}",
        "XDG_DATA_DIRS": f"/usr/local/share:{own}/share:/usr/share",
        "GTK_PATH": f"{own}/gtk",
        "GTK_THEME": "Adwaita",
        "GI_TYPELIB_PATH": f"{own}/gi",
        "GIO_MODULE_DIR": "/opt/vfx/gio",
        "QT_PLUGIN_PATH": f"{own}/qt",
        "QML2_IMPORT_PATH": "/opt/vfx/qml",
        "OPENSSL_MODULES": own,
        "TCL_LIBRARY": f"{frozen}/0.0.9/tcl",
        "PYTHONHOME": "/opt/vfx/python",
        "PYTHONPATH": "/studio/py",
        "_PYI_ARCHIVE_FILE": f"{frozen}/kitsu-launcher-url",
        "_MEIPASS2": own,
    }
    yield person
    subprocess.run([frozen / "kitsu-launcher", "quit", "--wait", "10"], env=person.env, timeout=60, check=False)
    person.env |= {"PYTHONPATH": str(TOP)}
    del person.env["PYTHONHOME"]


def expected(hers: Person, frozen: Path) -> dict[str, str]:
    """Her login's environment without what is the bundle's; the context of the click comes on top."""
    path = hers.env["PATH"].removeprefix(f"{frozen}/{__version__}/bin:")
    gone = {"GTK_PATH", "GI_TYPELIB_PATH", "QT_PLUGIN_PATH", "OPENSSL_MODULES", "TCL_LIBRARY"}
    kept = {
        name: value
        for name, value in hers.env.items()
        if name not in gone and not name.startswith(("KITSU_", "_PYI_", "_MEIPASS2"))
    }
    return kept | {"LD_LIBRARY_PATH": "/opt/vfx/lib", "PATH": path, "XDG_DATA_DIRS": "/usr/local/share:/usr/share"}


def command(frozen: Path, hers: Person, *arguments: str) -> str:
    """The frozen command, in her session; what it prints."""
    argv = [frozen / "kitsu-launcher", *arguments]
    done = subprocess.run(
        argv, env=hers.env, capture_output=True, text=True, timeout=60, check=False, input="fox-tales\n"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def from_a_shell(frozen: Path, hers: Person) -> None:
    """As somebody starts it in a terminal, and leaves it running."""
    line = f"'{frozen}/kitsu-launcher' serve --no-tray &"
    subprocess.run(["/bin/sh", "-c", line], env=hers.env, stdin=subprocess.DEVNULL, timeout=60, check=True)


def by_a_link(frozen: Path, hers: Person) -> None:
    """By the hand-off, which becomes the command, which starts the daemon: three loaders, one in another's place."""
    subprocess.run([frozen / "kitsu-launcher-url", "kitsu-launcher://open"], env=hers.env, timeout=60, check=True)


def at_login(frozen: Path, hers: Person) -> None:
    """As autostart does."""
    argv = [frozen / "kitsu-launcher", "serve", "--restart", "--no-tray"]
    hers.started.append(subprocess.Popen(argv, env=hers.env, stdin=subprocess.DEVNULL))


def after_a_crash(frozen: Path, hers: Person) -> None:
    """As autostart does; the daemon that is asked is the second one."""
    at_login(frozen, hers)
    first = wait_until(lambda: daemon(hers), 20, "the first daemon")
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: daemon(hers) not in (0, first), 30, "the second daemon")


def daemon(hers: Person) -> int:
    """The process of the daemon that answers; 0 for none."""
    mine = dict(hers.env)
    hers.env = {**mine, "PYTHONPATH": str(TOP)}
    del hers.env["PYTHONHOME"]
    try:
        return hers.pid()
    finally:
        hers.env = mine


@pytest.mark.parametrize("start", [from_a_shell, by_a_link, at_login, after_a_crash])
def test_an_application_gets_her_logins_environment_and_the_context(
    frozen: Path, hers: Person, start: Callable[[Path, Person], None]
) -> None:
    """Real: the frozen programs, started in each way; a process that writes down what it was given."""
    start(frozen, hers)
    wait_until(lambda: daemon(hers), 20, "the daemon")
    command(frozen, hers, "login", "--email", "mika@fox.example", "--password-stdin")

    command(frozen, hers, "run", "open", "--task", hers.task(), "--yes")

    (note,) = wait_until(lambda: hers.notes() or None, 20, "the application's note")
    got = json.loads(note.read_text())["env"]
    context = {name for name in got if name.startswith("KITSU_") and not name.startswith("KITSU_LAUNCHER_")}
    assert {"KITSU_FILE", "KITSU_CONTEXT", "KITSU_TASK_ID"} <= context
    assert {name: value for name, value in got.items() if name not in context | SESSIONS} == {
        name: value for name, value in expected(hers, frozen).items() if name not in SESSIONS
    }


def test_a_shell_has_the_same_environment(frozen: Path, hers: Person) -> None:
    """Real: the frozen command, which becomes `env`."""
    by_a_link(frozen, hers)
    command(frozen, hers, "login", "--email", "mika@fox.example", "--password-stdin")

    lines = command(frozen, hers, "shell", "open", "--task", hers.task(), "--", "/usr/bin/env", "-0").split("\0")

    got = dict(line.split("=", 1) for line in lines if line)
    assert {name: value for name, value in got.items() if not name.startswith("KITSU_") and name not in SESSIONS} == {
        name: value for name, value in expected(hers, frozen).items() if name not in SESSIONS
    }
