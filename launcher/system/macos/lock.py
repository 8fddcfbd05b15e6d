"""One daemon for each person on macOS: a locked file, as on Linux."""

import sys

from launcher.system.linux import lock

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

hold = lock.hold
