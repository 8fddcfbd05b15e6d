"""Where programs are on a Linux machine: patterns, PATH and home. Fulfils `system.Places`."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from launcher.system import Place, patterns
from launcher.system.linux import process as processes

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

from launcher.system.posix import places as programs  # noqa: E402  # after the line for mypy
from launcher.system.posix.places import program  # noqa: E402  # after the line for mypy

__all__ = ["matches", "program", "says", "version_in"]

SEPARATORS = "/"


def matches(pattern: str) -> list[Place]:
    """Every file that a pattern leads to: `{version}`, `*`, `?`, `[…]`, `~`, and `{path}` for each folder of PATH."""
    return patterns.places(_expanded(pattern), SEPARATORS)


def version_in(pattern: str, path: Path) -> str:
    """What `{version}` stands for in a path that the pattern leads to; else empty."""
    return patterns.version_in(_expanded(pattern), path, SEPARATORS)


def _expanded(pattern: str) -> list[str]:
    # A child's environment is what counts: nothing of our own virtual environment or bundle.
    environ = processes.clean_environment(os.environ)
    if pattern.startswith("~/"):
        home = environ.get("HOME", "")
        return [patterns.literal(home) + pattern[1:]] if os.path.isabs(home) else []
    if "{path}" not in pattern:
        return [pattern]
    # A relative folder in PATH would make the daemon's current folder a place for programs.
    folders = dict.fromkeys(folder for folder in environ.get("PATH", "").split(":") if os.path.isabs(folder))
    return [pattern.replace("{path}", patterns.literal(folder.rstrip("/"))) for folder in folders]


def says(argv: Sequence[str], timeout_s: float) -> str | None:
    """What a program prints on both of its outputs; None if it does not end in time, or cannot be started."""
    return programs.says(argv, timeout_s, processes.clean_environment(os.environ))
