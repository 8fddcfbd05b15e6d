"""A terminal's own shell on macOS. Fulfils `system.Shell`."""

import sys

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

from launcher.system.posix.shell import become, found, interactive  # noqa: E402  # after the line for mypy

__all__ = ["become", "found", "interactive"]
