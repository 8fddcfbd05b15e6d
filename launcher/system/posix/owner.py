"""Whose a file is, on Linux and macOS."""

import os
import pwd
import sys
from functools import lru_cache
from pathlib import Path

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too


def own() -> int:
    """This user."""
    return os.getuid()


def of(path: Path, status: os.stat_result) -> int | None:
    """The user whose a file is."""
    return status.st_uid


@lru_cache(maxsize=256)
def named(user: int | str) -> str:
    """The user's name; the number where this machine knows none. Once each: a directory server may be asked."""
    try:
        return pwd.getpwuid(int(user)).pw_name
    except KeyError:
        return str(user)
