"""How an earlier revision becomes the next one: a file, or a scene that is a folder, copied beside itself.

Whoever may write there could put a link in its place a moment before, and have this person's own files copied to
everybody: the source is walked from its root without links too, and a folder with a link in it is not copied.
"""

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from launcher.files import FileError, copy_into, copying, held, inside, must_fit, temporary_name
from launcher.filesystem import Folder
from launcher.logs import capped, escaped
from launcher.model import Identity
from launcher.words import _

MOST_ENTRIES = 20_000
"""Of one scene that is a folder."""
DEEPEST = 32
CHUNK = 1024 * 1024


@dataclass(slots=True)
class _Left:
    """What may still be copied of one scene."""

    scene: Path
    most: int
    copied: int = 0

    def one(self, depth: int) -> None:
        """One more file or folder, this deep. Raises: FileError where that is too much."""
        self.copied += 1
        if self.copied > self.most or depth > DEEPEST:
            raise _not_copied(
                self.scene, _("it holds more than {most} files, or folders {deep} deep", most=self.most, deep=DEEPEST)
            )


def copy_earlier(
    source: Path, earlier: Path, target: Path, root: Path, seen: Identity | None = None, most: int = MOST_ENTRIES
) -> None:
    """Copy a working file that lies under `earlier` to a new one under `root`, whole or not at all.

    What is at `target` already is never touched. `seen` is what `root` was when it was looked at; `most` bounds the
    files of a scene that is a folder.
    Raises: Taken, Moved, OutsideRoot, FileError.
    """
    real = inside(source, earlier)
    with held(real.parent, earlier) as old, held(target.parent, root, seen) as new, copying(source, target):
        if old.is_folder(real.name):
            _copy_folder(old, real, new, target.name, most)
        else:
            with _reading(old, real.name, real) as reading:
                copy_into(new, target.name, reading)


def _copy_folder(old: Folder, scene: Path, new: Folder, name: str, most: int) -> None:
    temporary = temporary_name(name)
    new.make(temporary)
    try:
        with closing(old.below(scene.name)) as source, closing(new.below(temporary)) as target:
            _fill(source, target, _Left(scene, most), 1)
        new.publish_folder(temporary, name)
    except BaseException:  # whatever it is, no half of a scene stays
        _remove(new, temporary)
        raise


def _fill(source: Folder, target: Folder, left: _Left, depth: int) -> None:
    # One more than may be copied is enough to tell that there are too many.
    for name, is_folder in sorted(islice(source.entries(), left.most + 1)):
        left.one(depth)
        if is_folder:
            target.make(name)
            with closing(source.below(name)) as old, closing(target.below(name)) as new:
                _fill(old, new, left, depth + 1)
        else:
            # Not flushed to the disk one by one: a scene has hundreds of drawings, and the earlier revision stays.
            with (
                _reading(source, name, left.scene) as reading,
                open(reading, "rb", closefd=False) as file,
                open(target.new_file(name), "wb") as copy,
            ):
                must_fit(target, reading)
                shutil.copyfileobj(file, copy, CHUNK)


@contextmanager
def _reading(folder: Folder, name: str, whole: Path) -> Iterator[int]:
    """A descriptor of a plain file. Not blocking, since a pipe in its place would wait for ever."""
    try:
        reading = folder.open(name)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise _not_copied(whole, _("{name} in it is a link", name=capped(escaped(name), 200))) from error
    try:
        if not stat.S_ISREG(os.fstat(reading).st_mode):
            raise _not_copied(whole, _("{name} in it is neither a file nor a folder", name=capped(escaped(name), 200)))
        yield reading
    finally:
        os.close(reading)


def _not_copied(path: Path, reason: str) -> FileError:
    return FileError(
        _("{path} could not be copied to the next revision.", path=capped(escaped(str(path)), 400)),
        tried=[_("{path}: {reason}", path=capped(escaped(path.name), 200), reason=reason)],
        next_step=_("Tidy it up, or save the next revision by hand."),
    )


def _remove(folder: Folder, name: str) -> None:
    """A half-made copy, as far as it can be removed."""
    with suppress(OSError):
        with closing(folder.below(name)) as inner:
            for entry, is_folder in list(inner.entries()):
                if is_folder:
                    _remove(inner, entry)
                else:
                    with suppress(OSError):
                        inner.remove(entry)
        folder.remove_folder(name)
