"""One daemon for each person, on Linux and macOS: an exclusive lock on a file, which ends with its process."""

import fcntl
import sys

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too


def hold(file: int) -> None:
    """Lock an open file until it is closed. Raises: OSError where another process holds it."""
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
