"""One daemon for each person: an exclusive lock in a file, which Windows lets go when its process ends."""

import msvcrt
import os
import sys

assert sys.platform == "win32"  # noqa: S101  # for mypy, which looks at this file for Linux too

FAR = 1 << 30
"""Windows' locks bind readers too: this byte, which is never there, leaves the holder's number readable."""


def hold(file: int) -> None:
    """Lock an open file until it is closed. Raises: OSError where another process holds it."""
    os.lseek(file, FAR, os.SEEK_SET)
    try:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
    finally:
        os.lseek(file, 0, os.SEEK_SET)
