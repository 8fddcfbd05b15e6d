r"""How `kitsu-launcher://` links reach this user on Windows: keys below HKCU\Software\Classes, without administrators.

The machine's own keys (an MSI's) win where they name a program that is there: the person's would hide them.
"""

import ntpath
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence

from launcher.errors import LauncherError, system_says
from launcher.system import Links
from launcher.system.windows import registry
from launcher.words import _

KEY = r"Software\Classes\kitsu-launcher"
COMMAND = rf"{KEY}\shell\open\command"


class SchemeError(LauncherError):
    """The system does not take our registration."""

    code = "scheme"


def keys(handler: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    """All that stands in the registry when `handler`, and a link after it, is what opens our links."""
    program, *rest = handler
    arguments = f" {subprocess.list2cmdline(rest)}" if rest else ""
    return {
        KEY: {"": "URL:Kitsu Launcher", "URL Protocol": ""},
        rf"{KEY}\DefaultIcon": {"": f'"{program}",0'},
        # In quotes: a link stays one argument, unless it holds quotes itself; then the hand-off refuses it.
        COMMAND: {"": f'"{program}"{arguments} "%1"'},
    }


def register(handler: Sequence[str]) -> bool:
    """Make Windows run `handler LINK`, an absolute path first; whether anything had to change.

    Raises: SchemeError.
    """
    if hidden_by_machine(registry.read(COMMAND, machine=True)):
        return unregister()
    wanted = keys(handler)
    wrong = [
        (key, name, value)
        for key, values in wanted.items()
        for name, value in values.items()
        if registry.read(key, name) != value
    ]
    try:
        for key, name, value in wrong:
            registry.write(key, name, value)
    except OSError as error:
        raise _refused(error) from error
    return bool(wrong)


def unregister() -> bool:
    """Remove the person's keys; whether there were any. The machine's stay. Raises: SchemeError."""
    if registry.read(KEY) is None and registry.read(COMMAND) is None:
        return False
    try:
        registry.remove_key(KEY)
    except OSError as error:
        raise _refused(error) from error
    return True


def registered() -> str | None:
    """The command that opens our links now, the machine's where the person has none; None without any."""
    found = registry.read(COMMAND) or registry.read(COMMAND, machine=True)
    return found if isinstance(found, str) else None


def state(handler: Sequence[str]) -> Links:
    """Whether links reach `handler`, or what a package has registered for everybody."""
    command = registered()
    if command is None or not os.path.isfile(program_of(command)):
        return Links.NOWHERE
    good = (keys(handler)[COMMAND][""], registry.read(COMMAND, machine=True))
    return Links.HERE if command in good else Links.ELSEWHERE


def receive(take: Callable[[str], None]) -> None:
    """Nothing is to be done: on Windows a program of its own brings each link."""


def hidden_by_machine(command: str | bytes | None) -> bool:
    """Whether the machine's command names a program that is there: then the person's would only hide it."""
    return isinstance(command, str) and os.path.isfile(program_of(command))


def program_of(command: str) -> str:
    """The program that a command line begins with; empty where it is none that is named whole."""
    text = command.strip()
    program = text[1:].partition('"')[0] if text.startswith('"') else text.partition(" ")[0]
    return program if ntpath.isabs(program) else ""


def _refused(error: OSError) -> SchemeError:
    return SchemeError(
        _("Kitsu Launcher's links could not be registered."),
        tried=[_("{path}: {reason}", path=rf"HKCU\{KEY}", reason=system_says(error))],
        next_step=_("Ask IT whether a policy locks the registry. Clicks in Kitsu work without it."),
    )
