"""Start at login on macOS: a LaunchAgent of the person's, which launchd also starts again after a crash.

The person's "no" is a file of hers: an application that is replaced by an update leaves it alone.
"""

import os
import plistlib
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from launcher.errors import LauncherError, system_says
from launcher.paths import write_atomically
from launcher.system import trial
from launcher.system.macos import plists
from launcher.words import _

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

LABEL = "org.kitsu-launcher.KitsuLauncher"
PATIENCE_S = 10


class AutostartError(LauncherError):
    """The LaunchAgent cannot be written."""

    code = "autostart"


def agent(program: Sequence[str]) -> Mapping[str, object]:
    """The LaunchAgent that starts `program serve` at login, and again after a crash, never after `quit`."""
    return {
        "Label": LABEL,
        "ProgramArguments": [*program, "serve"],
        "RunAtLoad": True,
        # Exit code 2, one runs already, is a failure to launchd too: it tries again no sooner than this.
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 5,
        "ProcessType": "Interactive",
        # Else launchd would end the applications together with the daemon.
        "AbandonProcessGroup": True,
        "LimitLoadToSessionType": "Aqua",
    }


def launchctl(verb: str, uid: int, *words: str) -> list[str]:
    """The command that makes launchd take a "yes" or a "no" at once: `bootout` would end the daemon itself."""
    return ["/bin/launchctl", verb, *words, f"gui/{uid}/{LABEL}"]


def state() -> bool | None:
    """Whether it does; None where nobody has decided yet, or the program has moved."""
    found = plists.read(_path())
    if found.get("Disabled", False):
        return False
    program = found.get("ProgramArguments")
    return True if isinstance(program, list) and program and os.path.isfile(str(program[0])) else None


def enable(program: Sequence[str]) -> None:
    """Start `program serve` at each login from now on, and again after a crash. Raises: AutostartError; OnlyATrial."""
    _write(agent(program))
    _run(launchctl("enable", os.getuid()))


def disable() -> None:
    """Start nothing at login any more, also after an update. Raises: AutostartError; OnlyATrial."""
    _write({"Label": LABEL, "ProgramArguments": ["/usr/bin/true"], "Disabled": True})
    _run(launchctl("disable", os.getuid()))


def _path() -> Path:
    return Path.home() / "Library" / "LaunchAgents" / f"{LABEL}.plist"


def _write(values: Mapping[str, object]) -> None:
    trial.keep_out()
    path = _path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, plistlib.dumps(dict(values)), 0o644)
    except OSError as error:
        raise AutostartError(
            _("Starting at login could not be changed."),
            tried=[_("{path}: {reason}", path=str(path), reason=system_says(error))],
            next_step=_("Check that you may write there."),
        ) from error


def _run(argv: list[str]) -> None:
    """The file alone counts at the next login; this only keeps launchd's own switch in step with it."""
    quiet = subprocess.DEVNULL
    try:
        subprocess.run(argv, stdin=quiet, stdout=quiet, stderr=quiet, timeout=PATIENCE_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return
