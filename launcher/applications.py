"""Which applications this machine has, in which versions, and why each other candidate does not count."""

import asyncio
import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Literal, TypeAlias

from packaging.version import Version

from launcher.config.schema import App, Check
from launcher.config.wrapping import exact, is_bare
from launcher.disks import Disks
from launcher.model import OS
from launcher.paths import FolderError, Folders, private_folder, write_atomically
from launcher.plan.found import Candidates, Installed, Rejected, dated, specifiers, version, why_unfit
from launcher.system import Place, Places, Program
from launcher.system.sight import Look
from launcher.words import _

TIMEOUT_S = 5.0
"""For a program to tell its version: Blender over a slow network share takes about one second."""
NO_ANSWER = _("a disk did not answer within {n} s", n=f"{TIMEOUT_S:g}")
RETRY_S = 60.0
"""A program that told no version is not asked again before: it may only have been slow."""
TOGETHER_S = 1.0
"""For all applications in one thread; where a disk takes longer, each is looked for by itself."""
AHEAD_S = 2.0
"""How old an answer may be that was looked for ahead of its question."""
LARGEST_MEMORY_BYTES = 1_000_000

Source: TypeAlias = Literal["found", "studio", "user"]
Key: TypeAlias = tuple[str, int, int, str]
"""Path, modification time in ns, size in bytes, and what was asked."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One candidate, before it is asked for its version."""

    place: Place
    program: Program
    source: Source
    by_file: str
    """What its file says of its version."""


@dataclass(slots=True)
class Versions:
    """What programs told of their version; also on disk, so that each is asked once and not at every start."""

    file: Path
    known: dict[Key, str] = field(default_factory=dict)
    silent: dict[Key, float] = field(default_factory=dict)
    """When those were asked that told none, by the monotonic clock."""

    def load(self) -> None:
        """Read the file. A missing one, or any other content than ours, means that nothing is known."""
        try:
            if self.file.stat().st_size <= LARGEST_MEMORY_BYTES:
                for path, mtime, size, asked, told in json.loads(self.file.read_bytes()):
                    if [type(one) for one in (path, mtime, size, asked, told)] == [str, int, int, str, str]:
                        self.known[path, mtime, size, asked] = told
        except (OSError, ValueError, TypeError, RecursionError):
            return

    def add(self, key: Key, told: str) -> None:
        """Remember an answer, in place of an older one of the same path."""
        if not told:
            self.silent[key] = time.monotonic()
            return
        self.known = {old: text for old, text in self.known.items() if (old[0], old[3]) != (key[0], key[3])}
        self.known[key] = told
        content = json.dumps([[*known, text] for known, text in sorted(self.known.items())], indent=0)
        try:
            write_atomically(private_folder(self.file.parent) / self.file.name, content.encode())
        except (OSError, FolderError):
            return  # a full disk, a link in our folder's place: only the memory is lost, never the click

    def get(self, key: Key) -> str | None:
        """What was told; empty if it was asked a moment ago and told nothing; None if it must be asked."""
        if key in self.known:
            return self.known[key]
        asked = self.silent.get(key)
        return "" if asked is not None and time.monotonic() - asked < RETRY_S else None


class Applications:
    """The catalogue's applications on this machine. One for the whole life of a daemon."""

    def __init__(self, folders: Folders, places: Places, os: OS = OS.LINUX) -> None:
        self._places = places
        self._os = os
        self._versions = Versions(folders.cache / "versions.json")
        self.disks = Disks()
        """Those of programs; `facts` asks for the roots' here too."""
        self.settings = folders.config / "config.toml"
        """Where a person names executables of her own."""
        self._loaded = False
        self._locks: dict[Path, asyncio.Lock] = {}
        self._ahead: dict[str, tuple[App, float, asyncio.Task[Candidates]]] = {}
        self._asked_anyway: Mapping[str, App] | None = None

    def asking_only(self, apps: Mapping[str, App]) -> "Applications":
        """The same machine, for a configuration that is only tried: no program is started that `apps`, which count now,
        do not ask too. Whose version is not known so, counts as one that fits.
        """
        made = copy(self)
        made._ahead, made._asked_anyway = {}, apps
        return made

    def ahead(self, apps: Iterable[App]) -> None:
        """Begin to find these, for a click that waits for Kitsu meanwhile and will ask in a moment, or never."""
        for app in apps:
            task = asyncio.get_running_loop().create_task(self._find(app))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())  # told to whoever asks
            self._ahead[app.name] = app, time.monotonic(), task

    async def find(self, app: App) -> Candidates:
        """What there is of one application. Only an executable that was never seen is started, to tell its version.

        Raises: VersionError, if `app.version` cannot be read.
        """
        same, begun, task = self._ahead.pop(app.name, (None, 0.0, None))
        if task and same == app and time.monotonic() - begun <= AHEAD_S:
            return await task
        return await self._find(app)

    async def find_all(self, apps: Mapping[str, App]) -> dict[str, Candidates]:
        """`find` for several at once, by name. They share what is seen: a folder is listed once for all of them."""
        seen = await self._look_together([app for app in apps.values() if app.name not in self._ahead])
        # Most of the catalogue is on no machine: what was not seen costs no task of its own.
        judged = {
            name: self._judged(app, seen[name]) if name in seen else self.find(app)
            for name, app in apps.items()
            if seen.get(name, True) or app.version or is_bare(app)
        }
        found = dict(zip(judged, await asyncio.gather(*judged.values()), strict=True))
        return {name: found.get(name, Candidates()) for name in apps}

    async def _look_together(self, apps: Sequence[App]) -> dict[str, list[Seen]]:
        """What there is of several applications; nothing at all where a disk does not answer soon."""
        if len(apps) < 2:
            return {}

        def work() -> dict[str, list[Seen]]:
            look = self._places.look()
            return {app.name: self._look(app, look) for app in apps}

        try:
            return await self.disks.ask("apps", work, min(TOGETHER_S, TIMEOUT_S))
        except TimeoutError:
            return {}

    async def _find(self, app: App) -> Candidates:
        specifiers(app.version)
        try:
            seen = await self.disks.ask(f"apps.{app.name}", lambda: self._look(app, self._places.look()), TIMEOUT_S)
        except TimeoutError:
            return Candidates(rejected=tuple(Rejected(path, NO_ANSWER) for path in self._looked_at(app)))
        return await self._judged(app, seen)

    async def _judged(self, app: App, seen: Sequence[Seen]) -> Candidates:
        """Which of them fit, with their versions."""
        specifiers(app.version)
        if seen and not self._loaded:
            await asyncio.to_thread(self._versions.load)
            self._loaded = True
        fits: list[Installed] = []
        rejected: list[Rejected] = []
        for one in seen:
            reason, told = one.program.refusal, ""
            if not reason:
                told = dated(await self._version(app, one), app.find.year_zero)
                reason = self._why_not(app, told) if told or self._may_ask(app, one) else ""
            if reason:
                rejected.append(Rejected(one.place.path, reason, told))
            else:
                fits.append(Installed(app.name, app.title, one.place.path, told, one.source))
        if is_bare(app):  # nothing can be looked at: only the wrapper knows where it is
            fits.append(Installed(app.name, app.title, PurePath(app.executable), exact(app.version), "studio"))
        return Candidates(tuple(sorted(fits, key=_rank, reverse=True)), tuple(rejected))

    def look(self, path: Path, *, batch: bool = False) -> Program:
        """What is known of an executable without starting it; `batch`: it may be a batch file of Windows."""
        return self._places.program(path, batch=batch)

    def _look(self, app: App, look: Look) -> list[Seen]:
        """Every candidate once: /bin/blender is /usr/bin/blender where one folder is a link to the other."""
        seen: dict[Path, Seen] = {}
        for place, source in self._candidates(app, look):
            program = self._places.program(place.path, batch=app.batch)
            if program.identity not in seen:
                by_file = "" if place.version or program.refusal else self._places.version_of(place.path)
                seen[program.identity] = Seen(place, program, source, by_file)
        return list(seen.values())

    def _looked_at(self, app: App) -> list[PurePath]:
        """Where an application was to be looked for, as the configuration writes it."""
        return [PurePath(text) for text in (app.user_executable, app.executable, *app.find.on(self._os)) if text]

    def _candidates(self, app: App, look: Look) -> Iterator[tuple[Place, Source]]:
        patterns = () if is_bare(app) else app.find.on(self._os)
        by_studio = "" if is_bare(app) else app.executable
        named: tuple[tuple[str, Source], ...] = ((app.user_executable, "user"), (by_studio, "studio"))
        for text, source in named:
            if text:
                path = Path(text)
                yield Place(path, self._places.version_in(patterns, path)), source
        for place in self._places.matches(patterns, look):
            yield place, "found"

    async def _version(self, app: App, seen: Seen) -> str:
        """From the path where it stands there in full, as in 20.5.332; else the program is asked, else its file."""
        place, program = seen.place, seen.program
        if app.check is None or place.version.count(".") >= 2:
            return place.version or seen.by_file
        asked = place.path.with_name(app.check.program) if app.check.program else place.path
        async with self._locks.setdefault(asked, asyncio.Lock()):
            key = (str(asked), *program.stamp, " ".join((*app.check.args, app.check.prints)))
            told = self._versions.get(key)
            if told is None and self._may_ask(app, seen):
                told = await asyncio.to_thread(self._ask, app.check, asked)
                self._versions.add(key, told)
        return told or place.version or seen.by_file

    def _may_ask(self, app: App, seen: Seen) -> bool:
        """Whether a program may be started to tell its version."""
        if self._asked_anyway is None:
            return True
        known = self._asked_anyway.get(app.name)
        if known is None or known.check != app.check:
            return False
        by = {"user": True, "studio": known.executable == app.executable, "found": known.find == app.find}
        return by[seen.source]

    def _ask(self, check: Check, program: Path) -> str:
        if self._places.program(program).refusal:
            return ""
        printed = self._places.says([str(program), *check.args], TIMEOUT_S)
        return told_by(check.prints, printed or "")

    def _why_not(self, app: App, told: str) -> str:
        if not told and app.version:
            if not app.check:
                return _("its version cannot be told, and {version} is wanted", version=app.version)
            asked_s = f"{TIMEOUT_S:g}"
            return _("did not tell its version in {n} s, and {version} is wanted", n=asked_s, version=app.version)
        return why_unfit(told, app.version)


def told_by(prints: str, printed: str) -> str:
    """The version in what a program printed: in the first line that begins as `prints` says; empty if none does.

    "mpv {version}" also takes "mpv v0.37.0".
    """
    before, _braces, after = prints.partition("{version}")
    number = r"v?(\d+(?:\.\d+)*(?:v\d+)?)"
    match = re.search(rf"^{re.escape(before)}{number}{re.escape(after)}(?![\d.])", printed, re.MULTILINE)
    return match[1] if match else ""


def _rank(one: Installed) -> tuple[int, Version]:
    """The person's own comes first, then the studio's, then the newest."""
    return ("found", "studio", "user").index(one.source), version(one.version) or Version("0")
