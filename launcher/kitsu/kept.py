"""What Kitsu said last about tasks, kept on the disk for when it is away. Read then only, and never written back.

One folder for each person of each Kitsu, one file for each task. The files may be damaged or planted: what they hold
is believed as far as Kitsu itself is, and no further.
"""

import asyncio
import hashlib
import json
import logging
import os
import re
import shutil
import stat
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from launcher import filesystem, paths
from launcher.config.sealed import DAYS
from launcher.errors import LauncherError, system_says
from launcher.kitsu.failures import KitsuAway
from launcher.kitsu.people import Key
from launcher.kitsu.selection import Tasks
from launcher.logs import event
from launcher.model import Json, Person, Task
from launcher.words import _

FOLDER = "kitsu"
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
KEPT_S = 30 * 24 * 3600.0
"""After that, what Kitsu said says nothing about today."""
MOST_TASKS = 2_000
"""Of one person; the oldest go first."""
LARGEST_BYTES = 256 * 1024
"""Of one task, whose free data can be of any size. A usual one takes 2 KB."""
AGAIN_S = 600.0
"""Equal answers are written again after this only: a menu that is opened each minute asks for 200 tasks."""
WEEK_S = 6 * 24 * 3600.0
T = TypeVar("T")
log = logging.getLogger("launcher.kitsu")


class Unusable(Exception):
    """A file that cannot be used, and why. Never leaves this file."""


class Shelf:
    """Keeps answers. One for each daemon; without a folder nothing is kept.

    All of it happens in one thread of its own, in order: no click waits for the disk to write.
    """

    def __init__(self, cache: Path | None, clock: Callable[[], float] = time.time) -> None:
        self._cache = cache
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="kept")
        self._going: set[asyncio.Future[None]] = set()
        self._written: dict[Path, tuple[bytes, float]] = {}
        self._swept = False

    # -- on the loop -------------------------------------------------------------------------------------------------
    def keep(self, key: Key, person: Person, found: Sequence[Task], gone: Iterable[str] = ()) -> None:
        """Kitsu has said this just now, and of `gone` that this person sees no such task. Returns at once."""
        if self._cache:
            cache, ids = self._cache, tuple(gone)
            self._later(lambda: self._keep(cache, key, person, found, ids))

    async def recall(self, key: Key, person: Person, ids: Sequence[str]) -> tuple[dict[str, Task], float]:
        """Those of the tasks that this person has seen within 30 days, and when the oldest answer was given."""
        if not self._cache:
            return {}, 0
        cache = self._cache
        return await self._in_thread(lambda: self._recall(_folder(cache, key), person, ids))

    async def instead(self, key: Key, person: Person, ids: Sequence[str], away: KitsuAway) -> Tasks:
        """The answer in place of the one that `away` tells is not to be had. Raises: that, where nothing is kept."""
        kept, at = await self.recall(key, person, ids)
        if not kept:
            raise away
        wanted = tuple(dict.fromkeys(ids))
        log.info(event("answered from what was kept", tasks=len(kept), of=len(wanted)))
        return Tasks(
            found=tuple(kept[id] for id in wanted if id in kept),
            missing=(),
            unseen=tuple(id for id in wanted if id not in kept),
            said=self.said(away.problem, at),
        )

    def wipe(self, key: Key) -> None:
        """Nothing of this person stays. Returns at once."""
        if self._cache:
            cache = self._cache
            self._later(lambda: self._wipe(_folder(cache, key)))

    async def settled(self) -> None:
        """Until all that was begun is on the disk."""
        while self._going:
            await asyncio.wait(tuple(self._going))

    def said(self, problem: str, at: float) -> str:
        """The sentence that marks what is used because of `problem`, though it was said at `at`."""
        then = time.localtime(at)
        clock = time.strftime("%H:%M", then)
        if self._clock() - at < WEEK_S:
            moment = _("{day} {time}", day=DAYS[then.tm_wday], time=clock)
        else:
            moment = _("{date} {time}", date=time.strftime("%Y-%m-%d", then), time=clock)
        return _("Kitsu is away: this is what it said on {moment}. {problem}", moment=moment, problem=problem)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _later(self, work: Callable[[], None]) -> None:
        future = asyncio.get_running_loop().run_in_executor(self._thread, work)
        self._going.add(future)
        future.add_done_callback(self._going.discard)

    # -- in the thread -----------------------------------------------------------------------------------------------
    def _keep(self, cache: Path, key: Key, person: Person, found: Sequence[Task], gone: Sequence[str]) -> None:
        folder = _folder(cache, key)
        try:
            if not self._swept:
                self._swept = True
                self._sweep(paths.private_folder(folder.parent, below=cache))
            paths.private_folder(folder, below=cache)
            for id in gone:
                if ID.fullmatch(id):
                    self._remove(_file(folder, id))
            if sum([self._write(folder, key, person, task) for task in found]):
                self._tidy(folder)
        except (OSError, LauncherError) as error:
            reason = system_says(error) if isinstance(error, OSError) else error.problem
            log.warning(event("answers not kept", folder=folder, reason=reason))

    def _write(self, folder: Path, key: Key, person: Person, task: Task) -> bool:
        """Whether anything was written. Raises: OSError."""
        if not ID.fullmatch(task.id):
            return False
        path, now = _file(folder, task.id), self._clock()
        known: dict[str, object] = {"api": key[0], "person": person.id, "task": asdict(task)}
        digest = hashlib.sha256(json.dumps(known).encode()).digest()
        before, at = self._written.get(path, (b"", 0.0))
        if digest == before and 0 <= now - at < AGAIN_S:
            return False
        content = json.dumps(known | {"at": now}, separators=(",", ":")).encode()
        if len(content) > LARGEST_BYTES:
            self._remove(path)
            return False
        paths.write_atomically(path, content, lasting=False)
        self._written[path] = digest, now
        return True

    def _recall(self, folder: Path, person: Person, ids: Sequence[str]) -> tuple[dict[str, Task], float]:
        found: dict[str, Task] = {}
        oldest, unusable = self._clock(), dict[Path, str]()
        try:
            os.lstat(folder)
            paths.private_folder(folder)
        except (FileNotFoundError, NotADirectoryError):
            return {}, 0
        except (OSError, LauncherError) as error:
            log.warning(event("kept answers ignored", folder=folder, reason=str(error)))
            return {}, 0
        for id in filter(ID.fullmatch, ids):
            path = _file(folder, id)
            try:
                found[id], at = self._read(path, person, id)
                oldest = min(oldest, at)
            except FileNotFoundError:
                continue
            except (OSError, Unusable) as error:
                unusable[path] = system_says(error) if isinstance(error, OSError) else str(error)
        for first, reason in list(unusable.items())[:1]:
            log.warning(event("kept answers ignored", n=len(unusable), first=first, reason=reason))
        return found, oldest

    def _read(self, path: Path, person: Person, id: str) -> tuple[Task, float]:
        """One task, and when Kitsu said it. Raises: Unusable, OSError; FileNotFoundError also where it is too old."""
        from launcher.kitsu.kept_reading import structured

        try:
            document = json.loads(_content(path), parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise Unusable("no JSON") from error
        if not isinstance(document, dict):
            raise Unusable("no object")
        at, now = document.get("at"), self._clock()
        if isinstance(at, bool) or not isinstance(at, int | float) or not at <= now + WEEK_S:
            raise Unusable("no moment")
        if now - at > KEPT_S:
            raise FileNotFoundError(path)
        if document.get("person") != person.id:
            raise Unusable("of another person")
        task = structured(document.get("task"))
        if task is None or task.id != id:
            raise Unusable("no such task")
        return task, min(at, now)

    def _wipe(self, folder: Path) -> None:
        self._written = {path: known for path, known in self._written.items() if path.parent != folder}
        try:
            if filesystem.is_link(folder):
                folder.unlink()
            elif folder.exists():
                shutil.rmtree(folder)
        except OSError as error:
            log.warning(event("kept answers not wiped", folder=folder, reason=system_says(error)))

    def _sweep(self, all_of_them: Path) -> None:
        """Once in a daemon's life: what is too old goes, also that of people who come no more."""
        for folder in all_of_them.iterdir():
            if not filesystem.is_link(folder) and folder.is_dir():
                self._tidy(folder)
                with suppress(OSError):  # not empty
                    folder.rmdir()

    def _tidy(self, folder: Path) -> None:
        """Remove what is too old, and the oldest of too many."""
        with os.scandir(folder) as entries:
            files = sorted((entry.stat(follow_symlinks=False).st_mtime, entry.path) for entry in entries)
        too_old = self._clock() - KEPT_S
        too_many = len(files) - MOST_TASKS
        for number, (changed, path) in enumerate(files):
            if changed < too_old or number < too_many:
                self._remove(Path(path))

    def _remove(self, path: Path) -> None:
        self._written.pop(path, None)
        with suppress(OSError):
            path.unlink()


def _folder(cache: Path, key: Key) -> Path:
    """The name tells neither the Kitsu nor the person, and no value of theirs stands in a path."""
    return cache / FOLDER / hashlib.sha256("\n".join(key).encode()).hexdigest()[:32]


def _file(folder: Path, id: str) -> Path:
    return folder / f"{id}.json"


def _content(path: Path) -> bytes:
    """The bytes of a regular file. Raises: Unusable for what is none, a link, or too large; OSError."""
    if filesystem.is_link(path):
        raise Unusable("a link")
    no_link = getattr(os, "O_NOFOLLOW", 0)
    with open(path, "rb", opener=lambda name, _flags: os.open(name, filesystem.READ | no_link)) as opened:
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            raise Unusable("no file")
        content = opened.read(LARGEST_BYTES + 1)
    if len(content) > LARGEST_BYTES:
        raise Unusable("too large")
    return content


def _no_number(text: str) -> Json:
    raise ValueError(text)
