"""What an executable is, and what it says of itself, on Linux and macOS."""

import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from launcher.config.patterns import Pattern
from launcher.system import Program
from launcher.system.patterns import Start
from launcher.system.refusals import unseen
from launcher.system.sight import Look
from launcher.words import _

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

LONGEST_ANSWER_BYTES = 65_536


def starts(pattern: Pattern, look: Look) -> Iterator[Start]:
    """Where a pattern is followed from, with this person's home and PATH."""
    environ = look.sight.environ
    if not pattern.head:
        yield Start("/", pattern.rest)
    elif pattern.head == "~":
        if home := home_of(environ):
            yield Start(home, pattern.rest)
    else:
        # A relative folder in PATH would make the daemon's current folder a place for programs.
        folders = dict.fromkeys(folder for folder in environ.get("PATH", "").split(":") if os.path.isabs(folder))
        yield from (Start(folder.rstrip("/") or "/", pattern.rest) for folder in folders)


def home_of(environ: Mapping[str, str]) -> str:
    """The person's home; empty where none is known."""
    home = environ.get("HOME", "")
    return home if os.path.isabs(home) else ""


def program(path: Path, *, batch: bool = False) -> Program:
    """Look at an executable: an absolute path to a file that this user may start and not everybody may change.

    `batch` is for Windows: here a file of that name is a program as any other.
    """
    if not path.is_absolute():
        return Program(path, path, (0, 0), _("is not an absolute path"))
    try:
        status = os.stat(path)
    except OSError as error:
        return Program(path, path, (0, 0), unseen(error))
    refusal = ""
    if not stat.S_ISREG(status.st_mode):
        refusal = _("is not a file")
    elif status.st_mode & stat.S_IWOTH:
        refusal = _("everybody on this machine may change it")
    elif not os.access(path, os.X_OK):
        refusal = _("may not be executed")
    return Program(path, _identity(path), (status.st_mtime_ns, status.st_size), refusal)


def _identity(path: Path) -> Path:
    """Two links of other names to one file are two programs: snap and studios' wrappers look at how they are called."""
    real = Path(os.path.realpath(path))
    return real if real.name == path.name else Path(os.path.realpath(path.parent)) / path.name


def says(argv: Sequence[str], timeout_s: float, env: Mapping[str, str]) -> str | None:
    """What a program prints on both of its outputs; None if it does not end in time, or cannot be started.

    It reads nothing, has a session of its own, and all of that session is killed when the time is over.
    """
    # A file, not a pipe: a child that goes on in the background would keep a pipe open.
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(
                list(argv),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(env),
                cwd="/",
                start_new_session=True,
            )
        except OSError:
            return None
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return None
        output.seek(0)
        return output.read(LONGEST_ANSWER_BYTES).decode("utf-8", "replace")
