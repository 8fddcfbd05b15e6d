r"""Start at login on Windows: a value below HKCU\…\CurrentVersion\Run. No administrator, no scheduled task.

What is started there starts the daemon again after a crash (a task's shortest pause would be a minute). Windows' own
switch, on the Task Manager's page, is respected.
"""

import os
import subprocess
from collections.abc import Sequence

from launcher.errors import LauncherError, system_says
from launcher.system.windows import registry, scheme
from launcher.words import _

RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
APPROVED = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
"""Windows' own switch; an odd first byte is off."""
OWN = r"Software\Kitsu Launcher"
DECIDED = "Autostart"
"""`on` or `off` once the person has said it: an update asks here, and does not switch on again."""
NAME = "KitsuLauncher"


class AutostartError(LauncherError):
    """The system does not take our wish."""

    code = "autostart"


def state() -> bool | None:
    """Whether the launcher starts at login; None where nobody has decided yet, or the program has moved."""
    command = registry.read(RUN, NAME) or registry.read(RUN, NAME, machine=True)
    decided = judge(command is not None, registry.read(APPROVED, NAME), registry.read(OWN, DECIDED))
    gone = isinstance(command, str) and not os.path.isfile(scheme.program_of(command))
    return None if decided and gone else decided


def judge(starts: bool, approved: str | bytes | None, decided: str | bytes | None) -> bool | None:
    """As `state`, from what stands in the registry."""
    if decided == "off" or (isinstance(approved, bytes) and approved[:1] and approved[0] & 1):
        return False
    if starts:
        return True
    # A value that is gone was removed by somebody who did not want it.
    return False if decided == "on" else None


def enable(program: Sequence[str]) -> None:
    """Start `program serve` at each login from now on, and again after a crash. Raises: AutostartError."""
    try:
        registry.write(RUN, NAME, value([*program, "serve", "--restart"]))
        registry.remove(APPROVED, NAME)
        registry.write(OWN, DECIDED, "on")
    except OSError as error:
        raise _refused(error) from error


def disable() -> None:
    """Start nothing at login any more, also after an update. Raises: AutostartError."""
    try:
        registry.write(OWN, DECIDED, "off")
        registry.remove(RUN, NAME)
    except OSError as error:
        raise _refused(error) from error


def value(command: Sequence[str]) -> str:
    """The command as Windows reads it. The program in quotes: without, `C:\\Program.exe` would be tried first."""
    program, *rest = command
    return f'"{program}"' + (f" {subprocess.list2cmdline(rest)}" if rest else "")


def _refused(error: OSError) -> AutostartError:
    return AutostartError(
        _("Starting at login could not be changed."),
        tried=[_("{path}: {reason}", path=rf"HKCU\{RUN}", reason=system_says(error))],
        next_step=_("Ask IT whether a policy locks the registry."),
    )
