"""Files on Windows: a folder is held by a handle that lets nobody rename or remove it, so its path stays true."""

import _winapi
import errno
import os
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

from launcher.words import _

assert sys.platform == "win32"  # noqa: S101  # for mypy, which looks at this file for Linux too

READ = os.O_RDONLY | os.O_BINARY | os.O_NOINHERIT
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_BINARY | os.O_NOINHERIT
"""CREATE_NEW: whatever stands at that name, a link too, refuses it."""
APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_BINARY | os.O_NOINHERIT
"""Windows has no way to open that follows no link; only administrators may make links in another's profile."""
AGAIN = os.O_RDWR | os.O_CREAT | os.O_BINARY | os.O_NOINHERIT
SHARES = True
LIST_FOLDER = 0x1
SHARE_READ_WRITE = 0x3
"""Not FILE_SHARE_DELETE: while the handle is open, the folder can be neither renamed nor removed."""
BACKUP_SEMANTICS, OPEN_REPARSE_POINT = 0x0200_0000, 0x0020_0000
PREFIX, UNC_PREFIX = "\\\\?\\", "\\\\?\\UNC\\"
HIDDEN = stat.FILE_ATTRIBUTE_HIDDEN
PATIENCE_S = 1.0
LINKS = (stat.IO_REPARSE_TAG_SYMLINK, stat.IO_REPARSE_TAG_MOUNT_POINT)
"""Other reparse points are the cloud's placeholders: they lead nowhere else."""


class Folder:
    """A folder that is held: what happens in it never happens in another that was put in its place."""

    def __init__(self, path: Path, handles: tuple[int, ...] = ()) -> None:
        self._path = path
        self._handles = handles
        self._hold()

    def _hold(self) -> None:
        handle = _winapi.CreateFile(
            str(self._path),
            LIST_FOLDER,
            SHARE_READ_WRITE,
            _winapi.NULL,
            _winapi.OPEN_EXISTING,
            BACKUP_SEMANTICS | OPEN_REPARSE_POINT,
            _winapi.NULL,
        )
        # It is held from here on: what is looked at now stays what it is.
        if is_link(self._path) or not stat.S_ISDIR(os.lstat(self._path).st_mode):
            _winapi.CloseHandle(handle)
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(self._path))
        self._handles = (*self._handles, handle)

    @classmethod
    def at(cls, path: Path) -> Self:
        """Hold the folder at `path`. Raises: OSError; ENOTDIR where it is a link."""
        return cls(path)

    def below(self, name: str) -> Self:
        """Hold a folder in this one, and this one with it. Raises: OSError, as `at`."""
        handles, self._handles = self._handles, ()
        try:
            return type(self)(self._path / name, handles)
        except BaseException:  # whatever it is, the handles are closed by who has them
            self._handles = handles
            raise

    def identity(self) -> tuple[int, int]:
        """Its volume and number; it is held, so its path is still its own. Raises: OSError."""
        status = os.stat(self._path)
        return status.st_dev, status.st_ino

    def room_bytes(self) -> int | None:
        """How much more its disk takes; None where that is not told. Raises: OSError."""
        usage = shutil.disk_usage(self._path)
        return usage.free if usage.total else None

    def make(self, name: str) -> None:
        """Make a folder in this one. Raises: OSError."""
        os.mkdir(self._path / name)

    def new_file(self, name: str) -> int:
        """A descriptor of a new file in it. Raises: OSError, FileExistsError where there is one."""
        return os.open(self._path / name, NEW, 0o666)

    def open(self, name: str, *, change: bool = False) -> int:
        """A descriptor of what is in it already, to read, or to change as well; no link is followed.

        Raises: OSError, ELOOP for a link.
        """
        path = self._path / name
        if is_link(path):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
        return os.open(path, READ | (os.O_RDWR if change else 0))

    def entries(self) -> Iterator[tuple[str, bool]]:
        """The names in it, each with whether it is a folder; a link is none. Raises: OSError."""
        with os.scandir(self._path) as entries:
            for entry in entries:
                yield entry.name, entry.is_dir(follow_symlinks=False) and not is_link(Path(entry.path))

    def is_folder(self, name: str) -> bool:
        """Whether what is in it under this name is a folder; a link is none. Raises: OSError."""
        path = self._path / name
        return stat.S_ISDIR(os.lstat(path).st_mode) and not is_link(path)

    def hide(self, name: str) -> None:
        """Let a file not be listed for people. Where the share knows no such mark it stays listed."""
        import ctypes

        ctypes.WinDLL("kernel32").SetFileAttributesW(str(self._path / name), HIDDEN)

    def replace(self, temporary: str, name: str) -> None:
        """Put a file in the place of whatever file or link has that name, at once. Raises: OSError."""
        replace(self._path / temporary, self._path / name)

    def publish(self, temporary: str, name: str) -> bool:
        """Give a file its name, at once. Raises: FileExistsError, OSError. Windows' rename replaces nothing."""
        os.rename(self._path / temporary, self._path / name)
        return True

    def publish_folder(self, temporary: str, name: str) -> None:
        """Give a folder its name, at once. Raises: FileExistsError, OSError. Windows' rename replaces nothing."""
        os.rename(self._path / temporary, self._path / name)

    def remove_folder(self, name: str) -> None:
        """Remove an empty folder in it. Raises: OSError."""
        os.rmdir(self._path / name)

    def remove(self, name: str) -> None:
        """Remove a file in it. Raises: OSError."""
        _patiently(lambda: os.unlink(self._path / name))

    def close(self) -> None:
        """Let go of it."""
        for handle in self._handles:
            _winapi.CloseHandle(handle)
        self._handles = ()


def old_file(path: Path) -> int:
    """A descriptor to read a file. Raises: OSError; ELOOP where it is a link."""
    if is_link(path):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return os.open(path, READ)


def replace(source: Path, target: Path) -> None:
    """Put a file in another's place, at once. Raises: OSError."""
    _patiently(lambda: os.replace(source, target))


def _patiently(act: Callable[[], None]) -> None:
    """Whoever has a file open without sharing it, a reader of ours or a virus scanner, lets it go in a moment."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            act()
            return
        except PermissionError:
            if time.monotonic() >= deadline:
                raise
        time.sleep(0.02)


def is_link(path: Path) -> bool:
    """Whether a path is a link to somewhere else: a symbolic link, or a junction."""
    try:
        return os.lstat(path).st_reparse_tag in LINKS
    except OSError:
        return False


def led_to(link: Path) -> str:
    """What a link says, without the prefix that Windows puts before it. Raises: OSError where it is none."""
    said = os.readlink(link)
    if said.startswith(UNC_PREFIX):
        return "\\\\" + said.removeprefix(UNC_PREFIX)
    return said.removeprefix(PREFIX)


def is_share(path: str) -> bool:
    r"""Whether only looking at a path asks another machine, and tells it who this user is: `\\server\share` does, and
    of the devices that begin so, some do as well (threats.md T18)."""
    return path.replace("/", "\\").startswith("\\\\")


def make_private(path: Path) -> str:
    """Empty, or why a folder cannot be one of this user's.

    It lies in the user's profile, whose permissions keep others out; `mkdir` with 0700 gives a new one its own, too
    (CPython since 3.11.10 and 3.12.4).
    """
    return _("a link") if is_link(path) else ""


def who_else_may_change(path: Path) -> str:
    """Nobody is named: who may change a file stands in its access list, which administrators look after."""
    path.stat()
    return ""


def is_mine(path: Path) -> bool:
    """Whether there is such a file: who may change it stands in its access list. Raises: OSError."""
    path.stat()
    return True


def share_as(path: Path, other: Path) -> None:
    """Nothing: a new file has the access list of its folder, as the other had. Raises: OSError."""
    other.stat()
