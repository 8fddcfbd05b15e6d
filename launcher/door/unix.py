"""The private door on Linux and macOS: a Unix socket in a folder that only this user may enter."""

import _socket
import os
import stat
import sys

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

ENV_RUNTIME = "XDG_RUNTIME_DIR"
DARWIN_CACHES = 65_538
"""_CS_DARWIN_USER_CACHE_DIR: a folder on this very Mac, of this user alone; its path is short and stays the same."""
LONGEST = 100
"""Bytes of a Unix socket's path; Linux allows 107, macOS 103."""


class NotOurs(OSError):
    """Somebody else may sit behind the door. Its text says why."""


def runtime_home(name: str) -> str:
    """Where the folder of the door is, by the desktop's custom."""
    if sys.platform == "darwin":
        # Its host name follows the network it is in: a daemon would not be found any more by that.
        caches = os.confstr(DARWIN_CACHES)
        if caches and os.path.isabs(caches):
            return os.path.join(caches, name)
    runtime = os.environ.get(ENV_RUNTIME)
    if runtime and os.path.isabs(runtime):
        return os.path.join(runtime, name)
    return os.path.join(os.path.expanduser("~"), ".cache", name, "run-" + os.uname().nodename)


def is_mine(folder: str) -> bool:
    """Whether a folder is a real one of this user that nobody else may enter: else somebody may sit behind the door."""
    try:
        status = os.lstat(folder)
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o077


def is_anothers(folder: str) -> bool:
    """Whether somebody else has put something where the folder is to be made."""
    try:
        status = os.lstat(folder)
    except OSError:
        return False
    return not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid()


def connect(path: str, patience_s: float) -> _socket.socket:
    """A connection to this user's daemon; no operation of it takes longer than `patience_s` seconds.

    Raises: FileNotFoundError, ConnectionRefusedError where none runs; NotOurs; OSError.
    """
    folder = os.path.dirname(path)
    if is_anothers(folder):
        raise NotOurs(f"{folder} is not yours alone; nothing was sent")
    try:
        owner = os.lstat(path).st_uid
    except FileNotFoundError:
        raise
    except OSError as error:
        raise NotOurs(f"{path} cannot be used: {error.strerror}") from error
    if not is_mine(folder) or owner != os.getuid():
        raise NotOurs(f"{folder} is not yours alone; nothing was sent")
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        connection.settimeout(patience_s)
        connection.connect(path)
    except BaseException:  # whatever it is, the socket is given back; told by who asked
        connection.close()
        raise
    return connection
