"""How the daemon is told to end on macOS: by signals, as on Linux."""

import sys

from launcher.system.linux import signals

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

when_told_to_end = signals.when_told_to_end
