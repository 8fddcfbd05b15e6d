"""Where the private door is, and whom it belongs to. Standard library only: the hand-off imports this."""

import os
import stat

ENV_HOME = "KITSU_LAUNCHER_HOME"
ENV_RUNTIME = "XDG_RUNTIME_DIR"
NAME = "kitsu-launcher"
LONGEST = 100
"""Bytes of a Unix socket's path; Linux allows 107, macOS 103."""


def runtime_folder() -> str:
    """The 0700 folder with the door and the lock: per person, and per machine even where homes are on NFS."""
    home = os.environ.get(ENV_HOME)
    if home:
        return os.path.join(os.path.abspath(home), "run")
    runtime = os.environ.get(ENV_RUNTIME)
    if runtime and os.path.isabs(runtime):
        return os.path.join(runtime, NAME)
    return os.path.join(os.path.expanduser("~"), ".cache", NAME, "run-" + os.uname().nodename)


def path() -> str:
    """The private door's Unix socket."""
    return os.path.join(runtime_folder(), "door")


def is_mine(folder: str) -> bool:
    """Whether a folder is a real one of this user that nobody else may enter: else somebody may sit behind the door."""
    try:
        status = os.lstat(folder)
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o077
