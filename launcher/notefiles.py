"""Notes on the disk: read, made, touched and removed, through folders that are held; no link is ever followed.

Everything here blocks as long as the disk does: it is for threads.
"""

import errno
import os
import secrets
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from launcher.errors import system_says
from launcher.files import FileError, Taken, held
from launcher.filesystem import Folder
from launcher.logs import capped, escaped
from launcher.model import Identity
from launcher.opennote import (
    AHEAD,
    LONGEST_BYTES,
    STALE_S,
    SUFFIX,
    Found,
    NotANote,
    Noted,
    Standing,
    fingerprint,
    moment,
    name_beside,
    parse,
)
from launcher.words import _


class NoteFiles:
    """The notes of one machine's disks, as one daemon sees them."""

    def __init__(self, own: Callable[[bytes], Standing | None], clock: Callable[[], float]) -> None:
        """`own`: what the daemon knows itself of a note with this content, whenever it was touched; None of others'.

        `clock`: this machine's time of day, in seconds since 1970.
        """
        self._own = own
        self._clock = clock
        self._ahead: dict[int, float] = {}
        """By device: how many seconds its server's clock is ahead of ours, as far as that was seen."""

    def look(self, file: Path) -> Found | None:
        """The note beside a file; None without one. Blocks as long as the disk does."""
        try:
            folder = Folder.at(Path(os.path.realpath(file.parent)))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            return Found(Standing.UNKNOWN, why=system_says(error))
        try:
            return self._found(folder, name_beside(file.name))
        finally:
            folder.close()

    def _found(self, folder: Folder, name: str) -> Found | None:
        try:
            content, status = _read(folder, name)
        except FileNotFoundError:
            return None
        except NotANote as error:
            return Found(Standing.UNKNOWN, why=error.args[0])
        except OSError as error:
            return Found(Standing.UNKNOWN, why=_("is a link") if error.errno == errno.ELOOP else system_says(error))
        # The touches are stamped by the clock of the file's server, which is not always as late as ours.
        now = datetime.fromtimestamp(self._clock(), UTC) + timedelta(seconds=self._ahead.get(status.st_dev, 0))
        age_s = now.timestamp() - status.st_mtime
        mark = fingerprint(content)
        try:
            note = parse(content, now)
        except NotANote as error:
            return Found(Standing.UNKNOWN, why=error.args[0], mark=mark if age_s > STALE_S else "")
        if age_s < -AHEAD.total_seconds():
            return Found(Standing.UNKNOWN, why=_("has a time that cannot be"))
        standing = self._own(content) or (Standing.STALE if age_s > STALE_S else Standing.OPEN)
        return Found(
            standing,
            note,
            since=moment(note.since.astimezone(), now.astimezone()),
            heard=moment(datetime.fromtimestamp(status.st_mtime, UTC).astimezone(), now.astimezone()),
            mark=mark if standing in (Standing.OVER, Standing.STALE) else "",
        )

    def make(self, noted: Noted, instead_of: str = "", seen: Identity | None = None) -> None:
        """Make a note where there is none, or only one with the fingerprint `instead_of`, which counts no longer.

        It appears whole; of two at once, one is made. `seen` is what its root was when it was looked at.
        Raises: Taken, OutsideRoot, FileError.
        """
        file, temporary = Path(noted.file), _temporary()
        with held(file.parent, Path(noted.root), seen) as folder:
            name = name_beside(file.name)
            try:
                _write(folder, temporary, noted.content)
                self._learn_clock(folder, temporary)
                if instead_of:
                    self._take_away(folder, name, instead_of)
                if not folder.publish(temporary, name):
                    _write(folder, name, noted.content)
            except FileExistsError as error:
                raise Taken(
                    _("{path} was opened by somebody else at the same moment.", path=_shown(file)),
                    next_step=_("Click again: you will be asked what to do."),
                ) from error
            except OSError as error:
                raise _failed(file.with_name(name), error) from error
            finally:
                _remove(folder, temporary)

    def _take_away(self, folder: Folder, name: str, mark: str) -> None:
        """Take away a note that counts no longer, of which two clicks may try to take the place at once.

        A rename is done by one of them alone. Who gets the other's new note by it puts that back.
        Raises: FileExistsError where it counts after all, or is another one by now; OSError.
        """
        found = self._found(folder, name)
        if found is None:
            return
        aside = _temporary()
        if found.mark == mark:
            try:
                folder.rename(name, aside)
            except FileNotFoundError:
                return
            found = self._found(folder, aside)
            if found is None or found.mark == mark:
                _remove(folder, aside)
                return
            if not folder.publish(aside, name):
                folder.rename(aside, name)
            _remove(folder, aside)
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name)

    def _learn_clock(self, folder: Folder, name: str) -> None:
        """A file that was made just now tells what time it is for its server."""
        descriptor = folder.open(name)
        try:
            status = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        self._ahead[status.st_dev] = status.st_mtime - self._clock()

    def touch(self, noted: Noted) -> None:
        """Tell that a note counts still; make it anew where it is gone, and leave alone what is somebody else's.

        Raises: FileError.
        """
        file = Path(noted.file)
        name, content = name_beside(file.name), noted.content.encode()
        try:
            with held(file.parent, Path(noted.root)) as folder:
                descriptor = folder.open(name, change=True)
                try:
                    if _content(descriptor) == content:
                        # Written anew: by its server's clock, where SMB would take a mere stamp from ours.
                        os.lseek(descriptor, 0, os.SEEK_SET)
                        os.write(descriptor, content)
                finally:
                    os.close(descriptor)
        except FileNotFoundError:
            try:
                self.make(noted)
            except Taken:
                # Somebody else's has come meanwhile, and stays.
                return
        except NotANote:
            return
        except OSError as error:
            raise _failed(file.with_name(name), error) from error

    def take_back(self, noted: Noted) -> None:
        """Remove a note if it is still this one; no other is touched. Raises: FileError."""
        file = Path(noted.file)
        name = name_beside(file.name)
        try:
            with held(file.parent, Path(noted.root)) as folder:
                if _read(folder, name)[0] == noted.content.encode():
                    folder.remove(name)
        except (FileNotFoundError, NotANote):
            return
        except OSError as error:
            raise _failed(file.with_name(name), error) from error


def _write(folder: Folder, name: str, content: str) -> None:
    """Raises: OSError; FileExistsError leaves what is there alone, after any other nothing is left."""
    descriptor = folder.new_file(name)
    try:
        with open(descriptor, "wb") as file:
            file.write(content.encode())
        folder.hide(name)
    except OSError:
        _remove(folder, name)
        raise


def _read(folder: Folder, name: str) -> tuple[bytes, os.stat_result]:
    """A note's bytes, and what the disk knows of it. Raises: OSError, NotANote."""
    descriptor = folder.open(name)
    try:
        return _content(descriptor), os.fstat(descriptor)
    finally:
        os.close(descriptor)


def _content(descriptor: int) -> bytes:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise NotANote(_("is no file"))
    content = os.read(descriptor, LONGEST_BYTES + 1)
    if len(content) > LONGEST_BYTES:
        raise NotANote(_("is too long"))
    return content


def _remove(folder: Folder, name: str) -> None:
    try:
        folder.remove(name)
    except OSError:
        # It was never made, or the share has gone away: there is nothing more to do about it.
        return


def _temporary() -> str:
    """A name of a moment, which counts as a note's: no listing takes it for a working file."""
    return f".{secrets.token_hex(8)}{SUFFIX}"


def _failed(path: Path, error: OSError) -> FileError:
    return FileError(
        _("The note {path} could not be written.", path=_shown(path)),
        tried=[_("{path}: {reason}", path=_shown(path), reason=system_says(error))],
        next_step=_("Nothing has to be done: the file is open all the same."),
    )


def _shown(path: object) -> str:
    return capped(escaped(str(path)), 400)
