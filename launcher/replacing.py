"""Whether this very installation is being replaced by another version: what the hand-off, commands and `serve` ask.

Standard library only, and little of it: the hand-off imports this. `replacement` begins and ends it.
"""

import os
import sys
import time

from launcher import door, itself

NAME = "replacing.json"
FORGOTTEN_S = 600.0
"""A replacement that began longer ago was given up: nobody waits for its end any more."""
UPDATING = "is being updated: wait a minute, then click again"
"""For those who can import nothing any more; all others say `knock.Updating`."""
LONGEST = 8_192
SHARED = {"win32": "Kitsu Launcher", "darwin": "/var/run/kitsu-launcher"}.get(sys.platform, "/run/kitsu-launcher")


def shared_folder() -> str:
    """Where a replacement for everybody is noted: a folder that only root, SYSTEM or an administrator may write."""
    if sys.platform == "win32":
        return os.path.join(os.environ.get("PROGRAMDATA") or "C:\\ProgramData", SHARED)
    return SHARED


def text(top: str) -> bytes:
    """What the note says: JSON, and the same bytes each time, so that the hand-off need not read JSON."""
    escaped = top.replace("\\", "\\\\").replace('"', '\\"')
    return f'{{"top": "{escaped}"}}\n'.encode("utf-8", "surrogateescape")


def under_way() -> bool:
    """Whether a replacement of this installation has begun, and may still end."""
    own, shared = (os.path.join(folder, NAME) for folder in (door.runtime_folder(), shared_folder()))
    return _noted(own, own=True) or _noted(shared, own=False)


def _noted(path: str, *, own: bool) -> bool:
    try:
        # A pipe in its place would wait for ever.
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            status = os.fstat(file.fileno())
            recent = 0 <= time.time() - status.st_mtime < FORGOTTEN_S
            return recent and _may_say_so(path, status, own) and file.read(LONGEST) == text(itself.top())
    except OSError:
        return False


def _may_say_so(path: str, status: os.stat_result, own: bool) -> bool:
    """Whether it is from whom it should be: on Windows anybody may make folders where everybody's is kept."""
    if sys.platform != "win32":
        return status.st_uid == (os.getuid() if own else 0)
    from launcher.door import win32

    return own or win32.owner_of(path) in win32.SYSTEMS
