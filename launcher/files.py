"""How the files of a plan are made on the studio's share: exclusively, whole or not at all, never out of their root.

Other people write there at the same time, and links may lead anywhere. A path is resolved once; then it is walked
from its root, component by component, through descriptors that follow no link: what is swapped in between is seen.
"""

import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from launcher import stamps
from launcher.errors import LauncherError, system_says
from launcher.filesystem import READ, Folder, is_link
from launcher.logs import capped, escaped
from launcher.model import Identity, Mark
from launcher.words import _


class FileError(LauncherError):
    """A file or a folder could not be made."""

    code = "file"


class OutsideRoot(FileError):
    """A path leads out of its root, by a link that is there or came in between."""

    code = "outside-root"


class Taken(FileError):
    """Somebody else made the file first; it was not touched. Who prepares once more will find it."""

    code = "taken"


class Moved(Taken):
    """Another folder stands in the root's place than when it was looked at: a volume was mounted or went away."""

    code = "moved"


def make_folder(path: Path, root: Path, seen: Identity | None = None) -> list[Path]:
    """Make `path` and what is missing between it and `root`; answers the folders that were made.

    `seen` is what `root` was when it was looked at; without it, whatever stands there counts.
    Raises: Moved, OutsideRoot, FileError.
    """
    made: list[Path] = []
    with _walk(path, root, made, seen):
        return made


def copy(source: Path, target: Path, root: Path, seen: Identity | None = None) -> None:
    """Copy a file to a new one. The target appears whole or not at all; one that is there already is never touched.

    Its permissions are those of any new file, not the source's: a template is often read-only. `seen` as above.
    Raises: Taken, Moved, OutsideRoot, FileError.
    """
    with _walk(target.parent, root, None, seen) as folder, _source(source) as reading, copying(source, target):
        copy_into(folder, target.name, reading)


def copy_into(folder: Folder, name: str, reading: int) -> None:
    """A new file in a folder with what is read from a descriptor: whole or not at all, never overwriting.

    Raises: FileExistsError, OSError.
    """
    must_fit(folder, reading)
    temporary = temporary_name(name)
    try:
        _fill(reading, temporary, folder)
        if not folder.publish(temporary, name):
            os.lseek(reading, 0, os.SEEK_SET)
            fill_directly(reading, name, folder)
    finally:
        _remove(temporary, folder)


def must_fit(folder: Folder, reading: int) -> None:
    """Return where the disk has room for a file: one of a terabyte of nothing, made in a moment, would fill it.

    Raises: OSError, ENOSPC.
    """
    room = folder.room_bytes()
    if room is not None and os.fstat(reading).st_size > room:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def temporary_name(name: str) -> str:
    """What a file or folder is called until it is whole: hidden, and nobody else's."""
    return f".{name[:40]}.{secrets.token_hex(8)}"


@contextmanager
def copying(source: Path, target: Path) -> Iterator[None]:
    """What the system says inside becomes an error for people. Raises: Taken, FileError."""
    try:
        yield
    except FileExistsError as error:
        raise Taken(
            _("{path} was made by somebody else at the same moment.", path=_name(target)),
            tried=[_("{path}: {reason}", path=_name(target), reason=system_says(error))],
            next_step=_("Click again: the file that is there now will be opened."),
        ) from error
    except OSError as error:
        raise _failed(
            _("{path} could not be copied from {source}.", path=_name(target), source=_name(source)), target, error
        ) from error


def held(path: Path, root: Path, seen: Identity | None = None) -> AbstractContextManager[Folder]:
    """The folder `path`, which is there, held: no link that is put in between leads out of `root`.

    Raises on entering: Moved, OutsideRoot, FileError.
    """
    return _walk(path, root, None, seen)


def stamp(folder: Path, root: Path, mark: Mark, seen: Identity | None = None) -> None:
    """Note in the folder's stamp that it holds this; what else stands there stays. A link in its place is replaced.

    Of two that do so at once, one may be lost: the next click notes it again.
    Raises: Moved, OutsideRoot, FileError where it cannot be written.
    """
    with _walk(folder, root, None, seen) as here:
        before = stamps.held(here)
        path = folder / stamps.NAME
        if mark in before.marks:
            return
        if before.newer:
            raise FileError(
                _("The stamp {path} cannot be changed.", path=_name(path)),
                tried=[_("{path}: {reason}", path=_name(path), reason=before.trouble)],
                next_step=_("Update Kitsu Launcher."),
            )
        temporary = f"{stamps.NAME}.{secrets.token_hex(8)}"
        try:
            with open(here.new_file(temporary), "wb") as file:
                file.write(stamps.written(before.marks, mark))
            here.replace(temporary, stamps.NAME)
            here.hide(stamps.NAME)
        except OSError as error:
            _remove(temporary, here)
            raise _failed(_("The stamp {path} could not be written.", path=_name(path)), path, error) from error


def fill_directly(reading: int, name: str, folder: Folder) -> None:
    """A new file where the file system knows no hard links: seen while it grows, but still never overwriting.

    Raises: OSError; FileExistsError leaves what is there alone, after any other nothing is left.
    """
    try:
        _fill(reading, name, folder)
    except FileExistsError:
        raise
    except OSError:
        _remove(name, folder)
        raise


def _fill(reading: int, name: str, folder: Folder) -> None:
    with (
        open(reading, "rb", closefd=False) as old,
        open(folder.new_file(name), "wb") as new,
    ):
        shutil.copyfileobj(old, new, 1024 * 1024)
        new.flush()
        os.fsync(new.fileno())


def _remove(name: str, folder: Folder) -> None:
    try:
        folder.remove(name)
    except OSError:
        # It was never made, or the share has gone away: there is nothing more to do about it.
        return


@contextmanager
def _source(path: Path) -> Iterator[int]:
    """A descriptor of a plain file; not blocking, since a pipe in its place would wait for ever."""
    try:
        reading = os.open(path, READ)
    except OSError as error:
        raise _failed(_("The template {path} cannot be read.", path=_name(path)), path, error) from error
    try:
        if not stat.S_ISREG(os.fstat(reading).st_mode):
            raise FileError(
                _("The template {path} is not a file.", path=_name(path)),
                next_step=_("Check the action's `when_missing` in the studio file."),
            )
        yield reading
    finally:
        os.close(reading)


@contextmanager
def _walk(path: Path, root: Path, made: list[Path] | None, seen: Identity | None) -> Iterator[Folder]:
    """The folder `path`, held. With a list, missing folders are made and named in it."""
    here = Path(os.path.realpath(root))
    top = inside(path, here)
    folder = None
    try:
        folder = Folder.at(here)
        if seen and folder.identity() != seen:
            folder.close()
            raise _moved(root)
        for part in top.relative_to(here).parts:
            here /= part
            if made is not None:
                _mkdir(part, folder, here, made)
            below = folder.below(part)
            folder.close()
            folder = below
    except OSError as error:
        if folder is not None:
            folder.close()
        if error.errno in (errno.ELOOP, errno.ENOTDIR) and is_link(here):
            raise _outside(path, here, root) from error
        raise _failed(
            _("The folder {path} could not be used.", path=_name(path))
            if made is None
            else _("The folder {path} could not be made.", path=_name(path)),
            here,
            error,
        ) from error
    try:
        yield folder
    finally:
        folder.close()


def _mkdir(name: str, folder: Folder, path: Path, made: list[Path]) -> None:
    try:
        folder.make(name)
    except FileExistsError:
        # There before, or made by a colleague just now: opening it tells whether it is a folder.
        return
    made.append(path)


def inside(path: Path, root: Path) -> Path:
    """`path` with its links resolved; it need not be there, `root` must.

    Raises: OutsideRoot when it does not lie under the resolved root; FileError when it changes meanwhile.
    """
    try:
        resolved, resolved_root = Path(os.path.realpath(path)), os.path.realpath(root)
    except OSError as error:
        # What was a link when it was looked at, and none when it was read (CPython 3.11).
        raise _failed(_("{path} is being changed by somebody else.", path=_name(path)), path, error) from error
    if not resolved.is_relative_to(resolved_root):
        raise _outside(path, resolved, root)
    return resolved


def unmoved(root: Path, seen: Identity | None) -> None:
    """Return where `root` is still the folder that was looked at. Raises: Moved, FileError."""
    try:
        status = os.stat(root)
    except OSError as error:
        raise _failed(_("The folder {path} could not be used.", path=_name(root)), root, error) from error
    if seen and (status.st_dev, status.st_ino) != seen:
        raise _moved(root)


def _moved(root: Path) -> Moved:
    return Moved(
        _("{path} is another folder now than a moment ago.", path=_name(root)),
        tried=[_("{path}: was mounted, unmounted or replaced meanwhile; nothing was made there", path=_name(root))],
        next_step=_("Click again; if it happens again, ask IT to look at that place."),
    )


def _outside(path: Path, leads_to: Path, root: Path) -> OutsideRoot:
    return OutsideRoot(
        _("{path} leads out of its root {root}.", path=_name(path), root=_name(root)),
        tried=[_("it leads to {path}", path=_name(leads_to))],
        next_step=_("Remove the link that leads there, or ask who put it there; nothing was written."),
    )


def _failed(problem: str, path: Path, error: OSError) -> FileError:
    hints = {
        errno.ENOSPC: _("Free some space there, then click again."),
        errno.EDQUOT: _("Your share of the disk is used up: free some space, then click again."),
        errno.EROFS: _("The file system is mounted read-only: ask IT."),
        errno.EACCES: _("You may not write there: ask who looks after the project's folders."),
        errno.ENOENT: _("Check the path in the studio file, and that the place is mounted."),
    }
    hint = hints.get(error.errno or 0, _("Click again; if it happens again, ask IT to look at that place."))
    return FileError(
        problem, tried=[_("{path}: {reason}", path=_name(path), reason=system_says(error))], next_step=hint
    )


def _name(path: Path) -> str:
    return capped(escaped(str(path)), 400)
