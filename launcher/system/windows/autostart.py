r"""Start at login on Windows: a value below HKCU\…\CurrentVersion\Run. No administrator, no scheduled task."""

import subprocess
from collections.abc import Sequence

from launcher.errors import LauncherError
from launcher.system.windows import registry
from launcher.words import _

RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
APPROVED = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
"""Windows' own switch, on the Task Manager's page: an "off" there would outlive our value."""
NAME = "KitsuLauncher"


class AutostartError(LauncherError):
    """The system does not take our wish."""

    code = "autostart"


def enable(command: Sequence[str]) -> None:
    """Start `command` at each login from now on, an absolute path first. Raises: AutostartError."""
    try:
        registry.write(RUN, NAME, value(command))
        registry.remove(APPROVED, NAME)
    except OSError as error:
        raise _refused(error) from error


def disable() -> None:
    """Start nothing at login any more. Raises: AutostartError."""
    try:
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
        tried=[rf"HKCU\{RUN}: {error.strerror}"],
        next_step=_("Ask IT whether a policy locks the registry."),
    )
