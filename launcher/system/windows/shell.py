"""A terminal's own shell on Windows. Fulfils `system.Shell`."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PureWindowsPath

from launcher.batch import is_batch_file
from launcher.errors import NotFoundHere
from launcher.logs import capped, escaped
from launcher.system.refusals import BatchFile, CannotStart
from launcher.system.windows import process
from launcher.words import _

UNTOUCHED = {"cmd.exe": ("/d",), "powershell.exe": ("-NoLogo", "-NoProfile"), "pwsh.exe": ("-NoLogo", "-NoProfile")}
"""How a shell starts without what would change the environment that it was given: AutoRun, profiles."""


def interactive(environ: Mapping[str, str]) -> list[str]:
    """The shell that COMSPEC names, else Windows' own cmd.exe; started so that it leaves its environment alone.

    Raises: NotFoundHere
    """
    shells = list(_shells({name.upper(): value for name, value in environ.items()}))
    path = next((one for one in shells if is_program(one) and os.path.isfile(one)), None)
    if path is None:
        raise NotFoundHere(
            _("No shell was found here."),
            tried=[capped(escaped(one), 200) for one in shells],
            next_step=_("Set COMSPEC to the whole path of cmd.exe, or name a command after `--`."),
        )
    return [path, *UNTOUCHED.get(PureWindowsPath(path).name.lower(), ())]


def is_program(path: str) -> bool:
    """Whether a path is absolute, on a drive of this machine, and that of an .exe."""
    whole = PureWindowsPath(path)
    return whole.is_absolute() and whole.drive[1:] == ":" and whole.suffix.lower() == ".exe"


def found(command: str, env: Mapping[str, str]) -> str:
    """A command's absolute path: looked for in the PATH of that environment.

    Raises: NotFoundHere; BatchFile, which only a shell starts.
    """
    path = process.program_of(command, env)
    if is_batch_file(path):
        raise BatchFile(
            _("{program} is a batch file, and is not started.", program=capped(escaped(path), 200)),
            tried=[capped(escaped(path), 200)],
            next_step=_("Start the shell without a command, and the batch file in it."),
        )
    return path


def become(argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> int:
    """Run another program in this console, and answer its exit code: Windows cannot replace a process.

    Raises: CannotStart
    """
    # Ctrl-C is for the program in front; this one only waits.
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return subprocess.run(list(argv), env=dict(env), cwd=cwd, check=False).returncode
    except (OSError, ValueError) as error:
        name = capped(escaped(argv[0]), 200)
        raise CannotStart(
            _("{program} could not be started.", program=name),
            tried=[f"{name}: {error}"],
            next_step=_("Check its permissions, and that it was built for this machine."),
        ) from error


def _shells(environ: Mapping[str, str]) -> Iterator[str]:
    yield environ.get("COMSPEC", "")
    root = environ.get("SYSTEMROOT", "")
    if root:
        yield str(PureWindowsPath(root) / "System32" / "cmd.exe")
