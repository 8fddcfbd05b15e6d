"""Notes on the disk: read, made, touched and removed, through folders that are held; no link is ever followed.

Everything here blocks as long as the disk does: it is for threads.
"""

import errno
import os
import secrets
import stat
from collections.abc import Callable
from datetime import UTC, datetime
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
        now = datetime.fromtimestamp(self._now(status), UTC)
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
        file = Path(noted.file)
        name = name_beside(file.name)
        with held(file.parent, Path(noted.root), seen) as folder:
            try:
                if instead_of:
                    self._put_instead(folder, name, noted.content, instead_of)
                else:
                    self._put(folder, name, noted.content, _temporary())
            except FileExistsError as error:
                raise Taken(
                    _("{path} was opened by somebody else at the same moment.", path=_shown(file)),
                    next_step=_("Click again: you will be asked what to do."),
                ) from error
            except OSError as error:
                raise _failed(file.with_name(name), error) from error

    def _put(self, folder: Folder, name: str, content: str, temporary: str) -> None:
        """Raises: FileExistsError where there is a note; OSError."""
        try:
            _write(folder, temporary, content)
            self._learn_clock(folder, temporary)
            if not folder.publish(temporary, name):
                _write(folder, name, content)
        finally:
            _remove(folder, temporary)

    def _put_instead(self, folder: Folder, name: str, content: str, mark: str) -> None:
        """Replace a note that counts no longer, which several clicks may try at once.

        Who makes the file that is named after the old note may replace that one, and nobody else: the new note is that
        very file, under its own name. Who comes later finds another note than the one that was to be replaced.
        Raises: FileExistsError where somebody else was quicker, or the old one counts after all; OSError.
        """
        claim = f".{mark[:32]}{SUFFIX}"
        try:
            _write(folder, claim, content)
        except FileExistsError:
            if self._is_old(folder, claim):
                # Its maker went away in between: the next try has its place.
                _remove(folder, claim)
            raise
        try:
            self._learn_clock(folder, claim)
            found = self._found(folder, name)
            if found is not None and found.mark != mark:
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name)
            if found is not None:
                folder.replace(claim, name)
                return
        except OSError:
            _remove(folder, claim)
            raise
        _remove(folder, claim)
        self._put(folder, name, content, _temporary())

    def _is_old(self, folder: Folder, name: str) -> bool:
        """Whether a file has been there for so long that who made it is not at work any more."""
        try:
            descriptor = folder.open(name)
        except OSError:
            return False
        try:
            status = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        return self._now(status) - status.st_mtime > STALE_S

    def _now(self, status: os.stat_result) -> float:
        """What time it is for the server of a file, whose touches that one stamps: not always as late as here."""
        return self._clock() + self._ahead.get(status.st_dev, 0)

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
            if self._own(content) is not Standing.HERE:
                # Its application has ended while the disk was slow.
                return
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
