"""Reads stamps: of a task's folder, and of the folders beside it where the task has no working file. Only reads."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePath

from launcher import stamps
from launcher.errors import NotFoundHere
from launcher.model import Mark
from launcher.plan.kin import Elsewhere, Kin, Pattern, Whereabouts, by_names, is_same, patterns
from launcher.plan.matching import Search, newest
from launcher.stamps import Stamped

MOST_FOLDERS = 2000
"""Whose stamps are looked for at one click."""
MOST_S = 0.8
"""For all of that: a root must answer within two seconds."""

Listed = Callable[[Search], tuple[tuple[str, ...], ...]]


@dataclass
class Budget:
    """How much of one root may still be looked at."""

    folders: int = MOST_FOLDERS
    ends: float = field(default_factory=lambda: time.monotonic() + MOST_S)

    def takes(self) -> bool:
        """Whether one more may be looked at."""
        self.folders -= 1
        return self.folders >= 0 and time.monotonic() < self.ends


def look(kin: Kin, has_file: bool, stamped: Stamped, listed: Listed, budget: Budget) -> Whereabouts:
    """What the folder's stamp says, which is `stamped`; where the task has no working file, also where its work is.

    `listed` answers the names below a search's folder. What cannot be looked at beside it holds up nobody: it is told.
    Raises: what `listed` raises beside NotFoundHere.
    """
    if has_file:
        return Whereabouts(kin, stamped.marks, stamped.trouble)
    found: dict[PurePath, Elsewhere] = {}
    # Where the folder is known to be this entity's, its work is nowhere else; but its files may have its earlier name.
    places = [(Path(kin.folder), mark) for mark in stamped.marks if is_same(mark, kin) and mark.names != kin.mark.names]
    cut = False
    if not any(mark.entity_id == kin.mark.entity_id for mark in stamped.marks):
        places, cut = _beside(kin, budget)
    looks = [partial(_work, kin, place, mark, listed) for place, mark in places]
    for work in (*looks, partial(_remembered, kin, listed)):
        try:
            if there := work():
                found.setdefault(there.file, there)
        except (OSError, NotFoundHere):
            # Anybody may have closed that folder, or filled it: it is not this task's, as far as is known.
            cut = True
    ordered = sorted(found.values(), key=lambda one: (-one.revision, str(one.file)))
    return Whereabouts(kin, stamped.marks, stamped.trouble, tuple(ordered), cut)


def _beside(kin: Kin, budget: Budget) -> tuple[list[tuple[Path, Mark]], bool]:
    """Folders with a stamp of this task, of those that could be its own by another name; whether there were more."""
    for pattern in patterns(kin, _missing(kin)):
        found: list[tuple[Path, Mark]] = []
        for folder in _folders(pattern):
            if folder == kin.folder:
                continue
            if not budget.takes():
                return found, True
            found += [(folder, mark) for mark in stamps.read(folder).marks if is_same(mark, kin)]
        if found:
            return found, False
    return [], False


def _missing(kin: Kin) -> int | None:
    """The first level of the folder that is not there."""
    here = Path(kin.base)
    for at, level in enumerate(kin.levels):
        here /= level.name
        if not os.path.isdir(here):
            return at
    return None


def _folders(pattern: Pattern) -> Iterator[Path]:
    level: Iterator[Path] = iter((Path(pattern.parent),))
    for name in pattern.below:
        level = _below(level, name)
    return level


def _below(folders: Iterator[Path], name: str | None) -> Iterator[Path]:
    """One level deeper. Links are not entered: what they lead to has its own name somewhere."""
    for folder in folders:
        if name is not None:
            yield folder / name
            continue
        try:
            with os.scandir(folder) as entries:
                found = sorted(e.name for e in entries if e.is_dir(follow_symlinks=False))
        except OSError:
            # Not there, or not for this person to see: then nothing of hers is in it.
            continue
        yield from (folder / one for one in found if not one.startswith("."))


def _work(kin: Kin, folder: Path, mark: Mark, listed: Listed) -> Elsewhere | None:
    """The newest working file in a folder, by the names that its stamp has."""
    named = by_names(kin, mark)
    if named is None:
        return None
    if (search := named.search) is None:
        if named.first is None:
            return None
        file = folder / named.first.name
        there = file != kin.first and _exists(file)
        return Elsewhere(file, 0, mark.label, named.inside) if there else None
    work = newest(listed(here := replace(search, folder=folder)), here)
    return Elsewhere(work.path, work.revision, mark.label, named.inside) if work else None


def _remembered(kin: Kin, listed: Listed) -> Elsewhere | None:
    """What was opened here for this task before, by the newest of its folder where its stamp tells that."""
    for before in kin.before:
        scene, inside = kin.scene_of(before)
        file = Path(scene)
        if not _exists(file) or scene == kin.first:
            continue
        for folder in list(file.parents)[:2]:
            marks = [mark for mark in stamps.read(folder).marks if is_same(mark, kin)]
            if marks and (there := _work(kin, folder, marks[0], listed)):
                return there
        return Elsewhere(file, 0, inside=inside)
    return None


def _exists(file: Path) -> bool:
    """Whether there is such a file. Raises: OSError where that cannot be told."""
    try:
        os.stat(file)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True
