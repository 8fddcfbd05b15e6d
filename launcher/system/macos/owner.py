"""Whose a file is, as everywhere but on Windows."""

import sys

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

from launcher.system.posix.owner import named, of, own  # noqa: E402  # after the line for mypy

__all__ = ["named", "of", "own"]
