"""A terminal's own shell on Linux and macOS: which one it is, and how this process becomes it."""

import contextlib
import os
import pwd
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from launcher.errors import LauncherError, NotFoundHere, system_says
from launcher.logs import capped, escaped
from launcher.system.refusals import CannotStart
from launcher.words import _

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

UNTOUCHED = {
    "bash": ("--noprofile", "--norc"),
    "zsh": ("-f",),
    "fish": ("--no-config",),
    "tcsh": ("-f",),
    "csh": ("-f",),
}
"""How a shell starts without the files that would change the environment that it was given (their man pages)."""
LAST = "/bin/sh"


def interactive(environ: Mapping[str, str]) -> list[str]:
    """The person's shell, started so that it leaves its environment alone: $SHELL, else the account's, else sh."""
    path = next((one for one in _shells(environ) if _may_start(one)), LAST)
    return [path, *UNTOUCHED.get(os.path.basename(path), ())]


def found(command: str, env: Mapping[str, str]) -> str:
    """A command's absolute path: looked for in the PATH of that environment, or below the current folder.

    Raises: NotFoundHere
    """
    folders = [folder for folder in env.get("PATH", "").split(":") if os.path.isabs(folder)]
    path = os.path.abspath(command) if "/" in command else shutil.which(command, path=":".join(folders))
    if not path or not _may_start(path):
        raise NotFoundHere(
            _("{program} was not found here.", program=_name(command)),
            tried=[_name(path)] if path else [_name(folder) for folder in folders],
            next_step=_("Write its whole path, or give its folder to PATH in the studio file."),
        )
    return path


def become(argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> int:
    """Replace this process by another program; its first item is an absolute path. Comes back only with an error.

    Raises: CannotStart
    """
    sys.stdout.flush()
    sys.stderr.flush()
    # Python ignores these two, and what is ignored stays so in the next program: `env | head` would not end.
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.chdir(cwd)
        os.execve(argv[0], list(argv), dict(env))  # noqa: S606  # no shell reads it: it is a list
    except (OSError, ValueError) as error:
        raise _refused(argv[0], error) from error


def _refused(program: str, error: OSError | ValueError) -> LauncherError:
    reason = system_says(error) if isinstance(error, OSError) else str(error)
    return CannotStart(
        _("{program} could not be started.", program=_name(program)),
        tried=[_("{path}: {reason}", path=_name(program), reason=reason)],
        next_step=_("Check its permissions, and that it was built for this machine."),
    )


def _shells(environ: Mapping[str, str]) -> Iterator[str]:
    yield environ.get("SHELL", "")
    with contextlib.suppress(KeyError):  # an account that this machine does not know
        yield pwd.getpwuid(os.getuid()).pw_shell


def _may_start(path: str) -> bool:
    return os.path.isabs(path) and os.path.isfile(path) and os.access(path, os.X_OK)


def _name(path: str) -> str:
    return capped(escaped(path), 200)
