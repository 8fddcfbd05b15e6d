"""Where programs are on a Linux machine: patterns, PATH and home. Fulfils `system.Places`."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from launcher.model import OS
from launcher.system import Place, patterns
from launcher.system.linux import process as processes
from launcher.system.sight import Disk, Look

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

from launcher.system.posix import places as programs  # noqa: E402  # after the line for mypy
from launcher.system.posix.places import program  # noqa: E402  # after the line for mypy

__all__ = ["found", "look", "matches", "program", "says", "version_in", "version_of"]


def look() -> Look:
    """Begin to look around."""
    # A child's environment is what counts: nothing of our own virtual environment or bundle.
    return Look(Disk(processes.clean_environment(os.environ)))


def matches(texts: Sequence[str], around: Look | None = None) -> list[Place]:
    """Every file that an application's patterns lead to."""
    return [Place(Path(one.path), one.version) for one in found(texts, around or look())]


def found(texts: Sequence[str], around: Look) -> list[patterns.Match]:
    """The same of any machine: `{version}`, `*`, `?`, `[…]`, `~`, and `{path}` for each folder of PATH."""
    return list(patterns.found(texts, OS.LINUX, around, programs.starts))


def version_in(texts: Sequence[str], path: Path) -> str:
    """What `{version}` stands for in a path that ends as one of the patterns does; else empty."""
    return patterns.version_in(texts, str(path), OS.LINUX)


def version_of(path: Path) -> str:
    """Nothing: a program's file says no version here."""
    return ""


def says(argv: Sequence[str], timeout_s: float) -> str | None:
    """What a program prints on both of its outputs; None if it does not end in time, or cannot be started."""
    return programs.says(argv, timeout_s, processes.clean_environment(os.environ))
