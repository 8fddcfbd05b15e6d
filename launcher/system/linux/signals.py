"""How the daemon is told to end, as everywhere but on Windows."""

import sys

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

from launcher.system.posix.signals import when_told_to_end  # noqa: E402  # after the line for mypy

__all__ = ["when_told_to_end"]
