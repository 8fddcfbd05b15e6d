"""The configuration of this machine: catalogue, studio, production, machine and person laid over each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from launcher.config import files, person
from launcher.config import studio as studio_file
from launcher.config.files import Document, Source
from launcher.config.merge import Layer, merge, problem, source_of
from launcher.config.overlays import Stack
from launcher.config.problems import Fault, Problem, line_of, undotted
from launcher.config.schema import Config, Studio
from launcher.config.structure import Structured, structure
from launcher.config.studio import Built
from launcher.config.when import indexed
from launcher.errors import LauncherError
from launcher.model import OS, Project
from launcher.paths import Folders
from launcher.words import _

Stamp: TypeAlias = tuple[tuple[int, int, int] | None, ...]


class ConfigError(LauncherError):
    """The configuration cannot do what was asked of it."""

    code = "config"
    exit_code = 2
    status = 503


@dataclass(frozen=True, slots=True)
class Loaded:
    """The configuration as it counts now, and where each value of it stands."""

    config: Config
    problems: tuple[Problem, ...]
    sources: tuple[Source, ...]
    watched: tuple[Path, ...] = ()
    """Files whose change makes this one old."""
    stack: Stack = field(default_factory=Stack, repr=False)
    base: Structured = field(default_factory=lambda: Structured({}, Config(), ()), repr=False)
    executables: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The person's own, by application."""
    keys: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Each of the studio's keys that could be read: where from, and the key itself."""
    person: Document | None = field(default=None, repr=False)
    _projects: dict[tuple[str, ...], Config] = field(default_factory=dict, repr=False, compare=False)

    def where(self, key: str, project: Project | None = None) -> str:
        """`FILE:LINE` of a dotted key; empty if it stands in no file."""
        file, line = self.place(key, project)
        return f"{file}:{line}" if line else ""

    def origin(self, key: str) -> str:
        """The file that a dotted key stands in, "catalogue", or "built in"."""
        return self.place(key)[0]

    def place(self, key: str, project: Project | None = None) -> tuple[str, int]:
        """Where a dotted key stands: a file and a line, or "catalogue" or "built in" and 0."""
        path = indexed(undotted(key))
        if self.person and len(path) == 3 and path[2] == "user_executable":
            return str(self.person.path), line_of(self.person.text, (*path[:2], "executable"))
        layer = source_of(self.stack.layers(self.stack.of(project) if project else ()), path)
        if not layer or layer.depth(path) < len(path):
            return _("built in"), 0
        return layer.file, layer.line(path)

    def for_project(self, project: Project) -> Config:
        """The configuration with `[projects.…]` of a production laid over it."""
        names = self.stack.of(project)
        if not names:
            return self.config
        if names not in self._projects:
            laid = structure(merge(self.stack.layers(names)), self.base)
            if laid.faults:  # only a person's file can do that: each layer of the studio's was tried alone
                laid = structure(merge(replace(self.stack, person=None).layers(names)), self.base)
            self._projects[names] = _finished(laid.config, self.config.studio, self.executables)
        return self._projects[names]


def load(
    folders: Folders,
    *,
    os: OS,
    hostname: str,
    environ: Mapping[str, str],
    keep_copy: bool = True,
    mine: Document | None = None,
    instead: Path | None = None,
) -> Loaded:
    """Read every file of the configuration. It never raises for what stands in them.

    A studio file that is away or broken leaves its last good copy in use, or else no actions; a person's file with
    an error is left out whole. `keep_copy` says whether a good studio file becomes the last good copy. `mine` counts
    in place of the person's file: what would be, were it written. `instead` is a studio file that is tried: it counts
    as if it were in the present one's place and signed, and where it is broken nothing counts instead.
    """
    places, sources, problems = files.candidates(folders, environ)
    document: Document | Problem | None
    if instead:
        problems = []
        document = studio_file.tried(instead, places, sources)
    else:
        document = studio_file.first(places, sources, problems)
    built = studio_file.build(document, os, hostname)
    if isinstance(document, Document) and not built.problems:
        if keep_copy and not instead and (not_kept := files.keep(folders, document)):
            problems.append(not_kept)
    else:
        problems.extend(built.problems)
        if instead:
            document, built = None, studio_file.build(None, os, hostname)
        else:
            document, built = studio_file.fall_back(folders, places, sources, problems, os, hostname)
    mine = mine or _read_person(folders, sources, problems)
    stack, structured, executables = _with_person(built, mine, problems, os)
    keys, key_files = _keys(structured.config.studio, document, stack, environ, problems)
    studio = replace(structured.config.studio, keys=tuple(key for _reference, key in keys))
    return Loaded(
        config=_finished(structured.config, studio, executables),
        problems=tuple(problems),
        sources=tuple(sources),
        watched=(folders.machine / files.MACHINE, *files.watched(places), folders.config / files.USER, *key_files),
        stack=stack,
        base=structured,
        executables=executables,
        keys=tuple(keys),
        person=mine if executables else None,
    )


class Watched:
    """The configuration as the files are now: what changed counts from the next call on. A call costs a few stats."""

    def __init__(self, folders: Folders, *, os: OS, hostname: str, environ: Mapping[str, str]) -> None:
        self._folders = folders
        self._os = os
        self._hostname = hostname
        self._environ = environ
        self._loaded: Loaded | None = None
        self._stamp: Stamp = ()

    def __call__(self) -> Loaded:
        if self._loaded is None or _stamp(self._loaded.watched) != self._stamp:
            self._loaded = self._read()
        return self._loaded

    def tried(self, mine: Document) -> Loaded:
        """The configuration as it would count with another file of the person."""
        return load(
            self._folders, os=self._os, hostname=self._hostname, environ=self._environ, keep_copy=False, mine=mine
        )

    def with_studio(self, path: Path) -> Loaded:
        """The configuration as it would count with another studio file."""
        return load(
            self._folders, os=self._os, hostname=self._hostname, environ=self._environ, keep_copy=False, instead=path
        )

    def _read(self) -> Loaded:
        """Stamped before it is read: a file that changes meanwhile is read again at the next call."""
        watched = self._loaded.watched if self._loaded else ()
        for _attempt in range(2):
            self._stamp = _stamp(watched)
            loaded = load(self._folders, os=self._os, hostname=self._hostname, environ=self._environ)
            if loaded.watched == watched:
                break
            watched = loaded.watched
        return loaded


def _stamp(watched: tuple[Path, ...]) -> Stamp:
    return tuple(_file_stamp(path) for path in watched)


def _file_stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _read_person(folders: Folders, sources: list[Source], problems: list[Problem]) -> Document | None:
    path = folders.config / files.USER
    try:
        document = files.read(path)
    except FileNotFoundError:
        sources.append(Source(_("user"), path, False, _("missing")))
        return None
    if isinstance(document, Document):
        sources.append(Source(_("user"), path, True))
        return document
    sources.append(Source(_("user"), path, False, _("broken")))
    problems += [document, _left_out(path)]
    return None


def _left_out(path: Path) -> Problem:
    return Problem(str(path), 0, "", _("is left out whole until this is repaired"), warning=True)


def _with_person(
    built: Built, mine: Document | None, problems: list[Problem], os: OS
) -> tuple[Stack, Structured, dict[str, str]]:
    """The person's file laid over all, or left out whole where anything is wrong in it."""
    if not mine:
        return built.stack, built.structured, {}
    config = built.structured.config
    over, executables, faults = person.split(mine.table, config.studio.users_may, tuple(config.apps), os)
    layer = Layer(str(mine.path), over, (), mine.text)
    stack = replace(built.stack, person=layer)
    laid = structure(merge(stack.layers()), built.structured)
    written = Layer(str(mine.path), mine.table, (), mine.text)
    found = [problem((written,), fault) for fault in faults]
    found += [problem(stack.layers(), fault) for fault in laid.faults]
    if not found:
        return stack, laid, executables
    problems += [*sorted(dict.fromkeys(found), key=lambda p: p.line), _left_out(mine.path)]
    return built.stack, built.structured, {}


def _keys(
    studio: Studio,
    document: Document | Problem | None,
    stack: Stack,
    environ: Mapping[str, str],
    problems: list[Problem],
) -> tuple[list[tuple[str, str]], list[Path]]:
    """The studio's keys by where they were read from, and the files of those. A key that is missing is told."""
    keys: list[tuple[str, str]] = []
    read_from: list[Path] = []
    if not isinstance(document, Document):
        # Without a studio file there are only the catalogue's values, and no keys among them.
        return keys, read_from
    for i, reference in enumerate(studio.keys):
        if reference.startswith("file:"):
            read_from.append(document.home / reference.removeprefix("file:"))
        key, wrong = files.read_key(reference, document.home, environ)
        if wrong:
            problems.append(problem(stack.layers(), Fault(("studio", "keys"), wrong, ("studio", "keys", i))))
        else:
            keys.append((reference, key))
    return keys, read_from


def _finished(config: Config, studio: Studio, executables: Mapping[str, str]) -> Config:
    """With the keys that were read, and the person's executables."""
    apps = {
        name: replace(app, user_executable=executables[name]) if name in executables else app
        for name, app in config.apps.items()
    }
    return replace(config, studio=studio, apps=apps)
