"""What a package has put on a Linux machine for everybody: the desktop entry for links, and the one for login.

No person's variable is asked: root's environment may hold those of whoever became root.
"""

import sys
from pathlib import Path

from launcher.system import Shared
from launcher.system.linux import autostart as own_autostart
from launcher.system.linux import entries, scheme

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

DATA = ("usr/local/share/applications", "usr/share/applications")
AUTOSTART = ("etc/xdg/autostart",)


def links(root: Path = Path("/")) -> Shared:
    """What opens `kitsu-launcher://` links for everybody."""
    return _first([root / folder / scheme.NAME for folder in DATA])


def autostart(root: Path = Path("/")) -> Shared | None:
    """What starts the daemon at everybody's login."""
    return _first([root / folder / own_autostart.ENTRY for folder in AUTOSTART])


def _first(paths: list[Path]) -> Shared:
    for path in paths:
        if (text := entries.read(path)) is not None:
            return Shared(str(path), entries.program(text), entries.is_there(text))
    return Shared()
