"""Which names of a task's folder are working files, and of which revision. Pure; `naming` makes the patterns."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath


@dataclass(frozen=True, slots=True)
class Search:
    """Where working files are looked for: a folder, then one pattern for each level below it."""

    root: str
    folder: PurePath
    parts: tuple[str, ...]
    """Regular expressions; at least one has a group `revision`."""
    inside: tuple[str, ...] = ()
    """Where a scene is a folder: the names, below it, of the file that is opened."""


@dataclass(frozen=True, slots=True)
class WorkingFile:
    """One revision of a task's work. A scene that is a folder counts as a file."""

    path: PurePath
    revision: int


def newest(found: Iterable[tuple[str, ...]], search: Search) -> WorkingFile | None:
    """The working file of the highest revision; of two with the same, the first by name.

    The revision decides, not the modification time: a sync changes times.
    """
    revision, levels = min(_counted(found, search), default=(0, ()))
    return WorkingFile(search.folder.joinpath(*levels), -revision) if levels else None


def revisions(found: Iterable[tuple[str, ...]], search: Search) -> list[tuple[int, tuple[str, ...]]]:
    """Every working file as its revision and its names, level by level: the newest first, those of one by name."""
    return [(-revision, levels) for revision, levels in sorted(_counted(found, search))]


def revision_of(path: PurePath, search: Search) -> int | None:
    """The revision that a search would see in a path; None where it would not find it."""
    if not path.is_relative_to(search.folder):
        return None
    below = path.relative_to(search.folder).parts
    return next((-revision for revision, _levels in _counted([below], search)), None)


def _counted(found: Iterable[tuple[str, ...]], search: Search) -> list[tuple[int, tuple[str, ...]]]:
    """Those of `found` that are working files; revisions are below zero, so that the smallest comes first."""
    patterns = [_compiled(part) for part in search.parts]
    if len(patterns) == 1:
        # The usual case, and thousands of names: nothing is made for those that do not count.
        matched = ((patterns[0].fullmatch(_nfc(levels[0])), levels) for levels in found if len(levels) == 1)
        return [(-int(match["revision"]), levels) for match, levels in matched if match]
    counting = [i for i, pattern in enumerate(patterns) if "revision" in pattern.groupindex]
    files = []
    for levels in found:
        if len(levels) == len(patterns):
            matches = [pattern.fullmatch(_nfc(name)) for pattern, name in zip(patterns, levels, strict=True)]
            if all(matches):
                numbers = {int(match["revision"]) for i in counting if (match := matches[i])}
                if len(numbers) == 1:
                    files.append((-numbers.pop(), levels))
    return files


def fits(part: str, name: str) -> bool:
    """Whether a name of a folder's listing can belong to a working file, at the level of `part`."""
    return _compiled(part).fullmatch(_nfc(name)) is not None


@lru_cache(maxsize=2048)
def _compiled(part: str) -> re.Pattern[str]:
    """A selection of 500 tasks has as many patterns, and asks each several times: the cache of `re` is smaller."""
    return re.compile(part)


def _nfc(name: str) -> str:
    # macOS clients of a share may have stored the name in NFD.
    return name if name.isascii() else unicodedata.normalize("NFC", name)
