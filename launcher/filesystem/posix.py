"""Files on Linux and macOS: no link is followed where we write, and a folder is held by its descriptor."""

import errno
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from launcher.words import _

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

READ = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
"""Not blocking: a pipe in a file's place would wait for ever."""
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
AGAIN = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
"""What is there already is used again, and not yet emptied."""
SHARES = False
"""Whether only looking at a path can ask another machine, and tell it who this user is."""
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
NO_HARD_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EXDEV, errno.EMLINK)
"""What `link` answers on vfat, exFAT and some network file systems."""


class Folder:
    """A folder that is held: what happens in it never happens in another that was put in its place."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def at(cls, path: Path) -> Self:
        """Hold the folder at `path`. Raises: OSError; ELOOP or ENOTDIR where it is a link."""
        return cls(os.open(path, FOLDER))

    def below(self, name: str) -> Self:
        """Hold a folder in this one. Raises: OSError, as `at`."""
        return type(self)(os.open(name, FOLDER, dir_fd=self._descriptor))

    def identity(self) -> tuple[int, int]:
        """Its device and number. Raises: OSError."""
        status = os.fstat(self._descriptor)
        return status.st_dev, status.st_ino

    def room_bytes(self) -> int | None:
        """How much more its disk takes; None where that is not told. Raises: OSError."""
        disk = os.fstatvfs(self._descriptor)
        return disk.f_bavail * disk.f_frsize if disk.f_blocks else None

    def make(self, name: str) -> None:
        """Make a folder in this one. Raises: OSError."""
        os.mkdir(name, dir_fd=self._descriptor)

    def new_file(self, name: str) -> int:
        """A descriptor of a new file in it. Raises: OSError, FileExistsError where there is one."""
        return os.open(name, NEW, 0o666, dir_fd=self._descriptor)

    def open(self, name: str, *, change: bool = False) -> int:
        """A descriptor of what is in it already, to read, or to change as well; no link is followed.

        Raises: OSError, ELOOP for a link.
        """
        flags = READ | os.O_NOFOLLOW | (os.O_RDWR if change else 0)
        return os.open(name, flags, dir_fd=self._descriptor)

    def entries(self) -> Iterator[tuple[str, bool]]:
        """The names in it, each with whether it is a folder; a link is none. Raises: OSError."""
        with os.scandir(self._descriptor) as entries:
            for entry in entries:
                yield entry.name, entry.is_dir(follow_symlinks=False)

    def is_folder(self, name: str) -> bool:
        """Whether what is in it under this name is a folder; a link is none. Raises: OSError."""
        return stat.S_ISDIR(os.stat(name, dir_fd=self._descriptor, follow_symlinks=False).st_mode)

    def hide(self, name: str) -> None:
        """Let a file not be listed for people: its name does that, by its dot."""

    def replace(self, temporary: str, name: str) -> None:
        """Put a file in the place of whatever file or link has that name, at once. Raises: OSError."""
        os.replace(temporary, name, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)

    def publish(self, temporary: str, name: str) -> bool:
        """Give a file its name, at once; False where the file system cannot. Raises: FileExistsError, OSError."""
        try:
            os.link(
                temporary,
                name,
                src_dir_fd=self._descriptor,
                dst_dir_fd=self._descriptor,
                follow_symlinks=False,
            )
        except OSError as error:
            if error.errno not in NO_HARD_LINKS:
                raise
            return False
        return True

    def publish_folder(self, temporary: str, name: str) -> None:
        """Give a folder its name, at once. Raises: FileExistsError, OSError.

        `rename` would replace an empty folder: the name is taken first, by the one who makes it.
        """
        os.mkdir(name, dir_fd=self._descriptor)
        try:
            os.rename(temporary, name, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)
        except OSError:
            # Windows' shares rename onto nothing that is there, so there the rename alone is enough.
            os.rmdir(name, dir_fd=self._descriptor)
            os.rename(temporary, name, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)

    def remove(self, name: str) -> None:
        """Remove a file in it. Raises: OSError."""
        os.unlink(name, dir_fd=self._descriptor)

    def remove_folder(self, name: str) -> None:
        """Remove an empty folder in it. Raises: OSError."""
        os.rmdir(name, dir_fd=self._descriptor)

    def close(self) -> None:
        """Let go of it."""
        os.close(self._descriptor)


def old_file(path: Path) -> int:
    """A descriptor to read a file; a pipe is not waited for. Raises: OSError; ELOOP where it is a link."""
    return os.open(path, READ | os.O_NOFOLLOW)


def replace(source: Path, target: Path) -> None:
    """Put a file in another's place, at once. Raises: OSError."""
    os.replace(source, target)


def is_link(path: Path) -> bool:
    """Whether a path is a link to somewhere else."""
    return path.is_symlink()


def led_to(link: Path) -> str:
    """What a link says, as it is written. Raises: OSError where it is none."""
    return os.readlink(link)


def is_share(path: str) -> bool:
    """Whether only looking at a path asks another machine, and tells it who this user is: never here."""
    return False


def make_private(path: Path) -> str:
    """Close a folder of this user to everybody else; empty, or why it cannot be one of this user's.

    Raises: OSError.
    """
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        return _("a link")
    if status.st_uid != os.getuid():
        return _("owned by user {user}", user=status.st_uid)
    if status.st_mode & 0o077:
        os.chmod(path, 0o700)
    return ""


def who_else_may_change(path: Path) -> str:
    """Who but this user and root may change a file, as a sentence's end; empty for nobody. Raises: OSError."""
    status = path.stat()
    if status.st_mode & stat.S_IWOTH:
        return _("everybody on this machine may change it; chmod o-w it")
    if status.st_uid not in (0, os.getuid()):
        return _(
            "belongs to user {user}, neither to root nor to you; who owns it decides what clicks start",
            user=status.st_uid,
        )
    return ""


def is_mine(path: Path) -> bool:
    """Whether this user owns a file. Raises: OSError."""
    return path.stat().st_uid == os.getuid()


def share_as(path: Path, other: Path) -> None:
    """Let those read and change a file of ours who may do so with another: its group and its mode. Raises: OSError."""
    status = other.stat()
    if path.stat().st_gid != status.st_gid:
        os.chown(path, -1, status.st_gid)
    os.chmod(path, stat.S_IMODE(status.st_mode) & 0o777)
