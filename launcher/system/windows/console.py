"""The terminal that a program without a window was started in: Windows gives it no streams of its own there."""

import os
import sys
from typing import IO

from launcher.door.win32 import library

PARENT = 0xFFFF_FFFF
NOWHERE = "NUL"


def attach() -> None:
    """Let what is printed and typed reach the console of whoever started this process; else it goes nowhere.

    A stream that leads to a file or another program is left alone. Without any stream Python has None in its place,
    at which each `print` to stderr and each question for a password would fail.
    """
    if sys.stdin and sys.stdout and sys.stderr:
        return
    found = bool(library("kernel32").AttachConsole(PARENT))
    # Windows' own names: they are the console whatever the standard handles are.
    typed, printed = ("CONIN$", "CONOUT$") if found else (NOWHERE, NOWHERE)
    sys.stdin = sys.stdin or _stream(typed, "r")
    sys.stdout = sys.stdout or _stream(printed, "w")
    sys.stderr = sys.stderr or _stream(printed, "w")


def _stream(name: str, mode: str) -> IO[str]:
    """Open until the process ends."""
    return open(name, mode, encoding="utf-8", errors="replace", buffering=1)


def keep_libraries_apart() -> None:
    """What the bundle's loader has told Windows about its DLLs counts for this process, and for none that it starts."""
    if sys.platform == "win32":
        os.add_dll_directory(sys.prefix)
    library("kernel32").SetDllDirectoryW(None)
