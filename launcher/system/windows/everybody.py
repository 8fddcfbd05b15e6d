"""What a package has put on a Windows machine for everybody: keys below HKLM."""

import os

from launcher.system import Shared
from launcher.system.windows import autostart as own_autostart
from launcher.system.windows import registry, scheme


def links() -> Shared:
    """What opens `kitsu-launcher://` links for everybody."""
    return shared(rf"HKLM\{scheme.COMMAND}", registry.read(scheme.COMMAND, machine=True))


def autostart() -> Shared | None:
    """What starts the daemon at everybody's login."""
    name = own_autostart.NAME
    return shared(rf"HKLM\{own_autostart.RUN}\{name}", registry.read(own_autostart.RUN, name, machine=True))


def shared(place: str, command: str | bytes | None) -> Shared:
    """A command line of the registry, and whether its program is there."""
    if not isinstance(command, str):
        return Shared()
    program = scheme.program_of(command)
    return Shared(place, program or command, os.path.isfile(program))
