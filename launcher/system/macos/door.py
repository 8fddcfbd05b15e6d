"""The private door's own side on macOS: a Unix socket, as on Linux."""

import sys

from launcher.system.linux import door

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

listen = door.listen
