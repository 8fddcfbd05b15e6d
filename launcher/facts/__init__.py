"""What this machine has right now, read once for each click: roots, working files, applications. Only reads.

Shares may hang. Every root is read by itself and given up after two seconds: a hanging root holds up neither the
others nor the end of this program.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path, PurePath

from launcher import stamps
from launcher.applications import Applications
from launcher.catalogue import STARTUP
from launcher.config.schema import Config, Root
from launcher.disks import Disks
from launcher.errors import NotFoundHere, system_says
from launcher.facts import details, fileversion, leads, wrappers
from launcher.facts.whereabouts import Budget, look
from launcher.filesystem import SHARES
from launcher.model import OS
from launcher.opennote import Found, file_of, is_note
from launcher.opennotes import OpenNotes
from launcher.plan.kin import Whereabouts
from launcher.plan.matching import Search, fits, newest
from launcher.plan.needs import Detail, Facts, FileState, Ground, RootState, Wanted
from launcher.system.here import places
from launcher.words import _

PATIENCE_S = 1.7
"""For one root to answer: it is told within two seconds."""
MOST_ENTRIES = 10_000
"""Of one folder. Beyond them nothing is taken: a newer revision could be among what was not looked at."""
MOST_NAMES = 200_000
"""Of all folders of one level, many of which may be links to one that is full."""


class FolderUnreadable(NotFoundHere):
    """A folder of working files is there and cannot be looked through. It must never count as empty."""

    code = "unreadable"


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one root's thread saw."""

    root: RootState
    found: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    files: Mapping[PurePath, FileState] = field(default_factory=dict)
    details: Mapping[str, Mapping[tuple[str, ...], Detail]] = field(default_factory=dict)
    notes: Mapping[PurePath, Found] = field(default_factory=dict)
    """Beside those of `files` that may be opened, and beside what is not there yet."""
    whereabouts: Mapping[str, Whereabouts] = field(default_factory=dict)


async def read(
    wanted: Wanted,
    applications: Applications,
    config: Config,
    context_folder: PurePath,
    environ: Mapping[str, str],
    here: OS,
    patience_s: float = PATIENCE_S,
    notes: OpenNotes | None = None,
) -> Facts:
    """Everything of `wanted`, roots and applications at once.

    `environ` is the clean environment of the applications to come, `context_folder` the launch's own, `here` this OS;
    `notes` knows those of this daemon.
    Raises: FolderUnreadable, and what `Applications.find` raises.
    """
    disks = applications.disks
    ways = [_Way(name, config.roots[name], here, wanted, notes or OpenNotes(disks)) for name in wanted.roots]
    roots = asyncio.gather(*(_read_in_time(way, disks, patience_s) for way in ways))
    apps = applications.find_all({name: config.apps[name] for name in wanted.apps})
    seen, candidates = await asyncio.gather(roots, apps)
    candidates = await wrappers.applied(candidates, wanted.wrappers, config.apps, environ, here, applications)
    return Facts(
        os=here,
        applications=candidates,
        roots=dict(zip(wanted.roots, (one.root for one in seen), strict=True)),
        found={task: names for one in seen for task, names in one.found.items()},
        files={path: state for one in seen for path, state in one.files.items()},
        environment=dict(environ),
        context_folder=context_folder,
        startup_folder=STARTUP,
        settings=applications.settings,
        details={task: known for one in seen for task, known in one.details.items()},
        notes={file: found for root in seen for file, found in root.notes.items()},
        whereabouts={task: one for root in seen for task, one in root.whereabouts.items()},
    )


@dataclass(frozen=True, slots=True)
class _Way:
    """One root, and what is wanted below it."""

    name: str
    root: Root
    here: OS
    wanted: Wanted
    notes: OpenNotes

    @property
    def path(self) -> Path:
        return Path(self.root.on(self.here))


async def _read_in_time(way: _Way, disks: Disks, patience_s: float) -> _Seen:
    """One root; those places of `also` that links lead to are asked apart, each as a root is."""
    path, also = way.path, [Path(one) for one in way.root.elsewhere(way.here)]
    name, wanted = way.name, way.wanted
    ends, asked = time.monotonic() + patience_s, path
    try:
        if not also:
            return await disks.ask(str(path), lambda: _read(way, (), ()), patience_s)
        first = await disks.ask(str(path), lambda: _used(way, also), patience_s)
        if isinstance(first, _Seen):
            return first
        for asked in first:
            why = await disks.ask(str(asked), partial(_why_absent, asked, ""), ends - time.monotonic())
            if why:
                return _absent(RootState(path, False, why, beyond=asked), name, wanted)
        # Whatever hangs now is one of these.
        asked = first[-1] if first else path
        left_s = ends - time.monotonic()
        return await disks.ask(str(asked), lambda: _read(way, first, also), left_s)
    except TimeoutError:
        why = _("did not answer within {seconds:g} s", seconds=patience_s)
        return _absent(RootState(path, False, why, beyond=None if asked is path else asked), name, wanted)


def _used(way: _Way, also: Sequence[Path]) -> list[Path] | _Seen:
    """The places of `also` that this click needs; or, where the root is not there, that."""
    if why := _why_absent(way.path, way.root.marker):
        return _absent(RootState(way.path, False, why), way.name, way.wanted)
    return leads.used(_below(way.name, way.wanted), way.path, also)


def _read(way: _Way, used: Sequence[Path], also: Sequence[Path]) -> _Seen:
    """One root and everything that is wanted below it. Blocks as long as the disk does.

    `used` are those of `also` that are known to be there.
    """
    name, path, wanted = way.name, way.path, way.wanted
    if why := _why_absent(path, way.root.marker):
        return _absent(RootState(path, False, why), name, wanted)
    stay = partial(leads.leads_to, root=path, places=also) if SHARES else _anywhere
    for place in _below(name, wanted):
        stay(place)
    grounds = list(used)
    searches = {task: search for task, search in wanted.searches.items() if search.root == name}
    # Tasks of one entity mostly share a folder: it is listed once.
    promised: set[PurePath] = set()
    listed = {search: _names(search, stay, promised) for search in set(searches.values())}
    inside = [Path(os.path.realpath(one)) for one in (path, *used)]
    files = {file: _state(file, inside, wanted) for file, root in wanted.files.items() if root == name}
    for search, names in listed.items():
        picked = tuple(wanted.picked.split("/")) if wanted.picked else ()
        paths = [Path(search.folder, *picked)] if picked in names else []
        if file := newest(names, search):
            paths.append(Path(file.path))
        for file_path in paths:
            stay(file_path)
            beyond = leads.leads_to(file_path, path, also) if also else None
            if beyond and beyond not in grounds and not _why_absent(beyond, ""):
                grounds.append(beyond)
                inside.append(Path(os.path.realpath(beyond)))
            for one in {file_path, file_path.joinpath(*search.inside)}:
                stay(one)
                files[one] = _state(one, inside, wanted)
    whereabouts = _whereabouts(name, wanted, listed, files, stay)
    for task, seen in whereabouts.items():
        names_inside = searches[task].inside if task in searches else ()
        for other in seen.elsewhere:
            for one in {Path(other.file), Path(other.file, *(other.inside or names_inside))}:
                stay(one)
                files[one] = _state(one, inside, wanted)
    opens = (*(file for file in files if file in wanted.opens or file not in wanted.files), *promised)
    if wanted.markers:
        files |= wrappers.marked(tuple(files), path, wanted.markers)
    return _Seen(
        _ground(path, grounds),
        {task: listed[search] for task, search in searches.items()},
        files,
        {
            task: details.read(searches[task], listed[searches[task]], extent)
            for task, extent in wanted.details.items()
            if task in searches
        },
        way.notes.look(opens) if way.root.notes else {},
        whereabouts,
    )


def _whereabouts(
    name: str,
    wanted: Wanted,
    listed: Mapping[Search, tuple[tuple[str, ...], ...]],
    files: Mapping[PurePath, FileState],
    stay: Callable[[Path], object],
) -> dict[str, Whereabouts]:
    """What stamps say, by task id. Tasks of one folder share its stamp, and all of them one budget."""
    read, budget = cache(stamps.read), Budget()
    found: dict[str, Whereabouts] = {}
    for task, kin in wanted.kins.items():
        if kin.root != name:
            continue
        search = wanted.searches.get(task)
        has_file = bool(newest(listed[search], search)) if search else bool(kin.first and files[kin.first].exists)
        for file in kin.before:
            stay(Path(file))
        found[task] = look(kin, has_file, read(Path(kin.folder)), partial(_names, stay=stay, promised=set()), budget)
    return found


def _below(name: str, wanted: Wanted) -> list[Path]:
    """All that is looked at below one root."""
    folders = [Path(search.folder) for search in wanted.searches.values() if search.root == name]
    return folders + [Path(file) for file, root in wanted.files.items() if root == name]


def _anywhere(path: Path) -> None:
    """Where links lead to no other machine, they may lead anywhere: what they lead to is judged when it is known."""


def _ground(path: Path, also: Iterable[Path]) -> RootState:
    """A root that is there, and the places that links in it lead to, each with what tells it from another."""

    def seen(place: Path) -> tuple[Path, tuple[int, int]]:
        real = Path(os.path.realpath(place))
        status = os.stat(real)
        return real, (status.st_dev, status.st_ino)

    real, identity = seen(path)
    return RootState(path, True, real=real, identity=identity, also=tuple(Ground(one, *seen(one)) for one in also))


def _absent(state: RootState, name: str, wanted: Wanted) -> _Seen:
    """Nothing below a root that is not there is looked at."""
    files = {file: FileState(False, file) for file, root in wanted.files.items() if root == name}
    return _Seen(state, files=files)


def _why_absent(path: Path, marker: str) -> str:
    """Why a root is not there, in plain words; empty when it is."""
    try:
        if marker:
            os.stat(path / marker)
            return ""
        with os.scandir(path) as entries:
            return "" if next(entries, None) else _("is empty")
    except FileNotFoundError:
        return _("has no {name} in it", name=marker) if path.is_dir() else _("is not there")
    except OSError as error:
        return _("cannot be read: {reason}", reason=system_says(error))


def _names(search: Search, stay: Callable[[Path], object], promised: set[PurePath]) -> tuple[tuple[str, ...], ...]:
    """The names below the search's folder that fit it, level by level; nothing else is looked into.

    What has a note already, of somebody who is about to make it, is added to `promised`.
    """
    level: list[tuple[str, ...]] = [()]
    for part in search.parts:
        for above in level:
            stay(Path(search.folder, *above))
        listed: list[tuple[str, ...]] = []
        files: set[tuple[str, ...]] = set()
        looked = 0
        for above in level:
            names = _listed(Path(search.folder, *above))
            looked += len(names)
            listed += [(*above, name) for name in names if fits(part, name) and not is_note(name)]
            files |= {(*above, file_of(name)) for name in names if is_note(name) and fits(part, file_of(name))}
            if len(listed) > MOST_ENTRIES or looked > MOST_NAMES:
                raise _too_many(search.folder)
        level = listed
        promised |= {Path(search.folder, *names) for names in files.difference(level)}
    return tuple(level)


def _listed(folder: Path) -> list[str]:
    """The names in a folder; none where there is no folder.

    Raises: FolderUnreadable
    """
    names: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                names.append(entry.name)
                if len(names) > MOST_ENTRIES:
                    raise _too_many(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise FolderUnreadable(
            _("A folder of working files cannot be looked through."),
            tried=[_("{path}: {reason}", path=folder, reason=system_says(error))],
            next_step=_("Ask your IT for the right to read it."),
        ) from error
    return names


def _too_many(folder: PurePath) -> FolderUnreadable:
    return FolderUnreadable(
        _("A folder holds more than {most} files.", most=MOST_ENTRIES),
        tried=[str(folder)],
        next_step=_("Tidy it up, or let the template make folders of their own."),
    )


def _state(path: PurePath, inside: Iterable[Path], wanted: Wanted) -> FileState:
    """What stands at a path below one of the resolved places; nothing is read of what a link leads out of them."""
    real = Path(os.path.realpath(path))
    exists, is_folder, saved_by, why_not_run = os.path.exists(path), os.path.isdir(path), "", ""
    if exists and any(real.is_relative_to(place) for place in inside):
        if not is_folder and (format := wanted.formats.get(path.suffix.lower())):
            saved_by = fileversion.of_file(real, format)
        if path in wanted.programs:
            why_not_run = places.program(Path(path)).refusal
    return FileState(exists, real, is_folder, saved_by, why_not_run)
