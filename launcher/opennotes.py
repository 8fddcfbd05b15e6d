"""The notes of one daemon beside open files: left, touched while the application runs, taken away.

They lie on shares that may hang: every look and every change happens in a thread that is given up in time. No launch
waits or fails for its note.
"""

import asyncio
import logging
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePath

from launcher.disks import Disks
from launcher.files import FileError, OutsideRoot, Taken
from launcher.logs import capped, escaped, event
from launcher.model import Identity, LeaveNote
from launcher.notefiles import NoteFiles
from launcher.opennote import TOUCHED_S, Found, Noted, Standing, content_of
from launcher.words import _

PATIENCE_S = 2.0
"""For a share to take a note, before its application is started without."""
MOST_TRIES = 12
"""To take away a note whose share is away: after an hour it has been stale for long."""
log = logging.getLogger("launcher.opennotes")


class OpenNotes:
    """The notes of one daemon. All of it in the loop's thread, which never waits for a disk."""

    def __init__(
        self,
        disks: Disks | None = None,
        *,
        touched_s: float = TOUCHED_S,
        host: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`disks`: of who knows where threads hang already. `host`: this machine's name, empty for the one that it has.

        `clock`: its time of day, in seconds since 1970.
        """
        self._disks = disks or Disks()
        self._touched_s = touched_s
        self._host = host or socket.gethostname()
        self._clock = clock
        self._kept: dict[Noted, int] = {}
        """Those of running applications, with the touches that failed in a row."""
        self._over: dict[Noted, int] = {}
        """Those that are to go, with the tries that failed."""
        self._files = NoteFiles(self._own, clock)
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._timer: asyncio.TimerHandle | None = None
        self._work: set[asyncio.Task[None]] = set()

    # -- looking -----------------------------------------------------------------------------------------------------
    def look(self, files: Iterable[PurePath]) -> dict[PurePath, Found]:
        """The notes that lie beside some of the files. Blocks as long as the disk does: in a thread of its root's."""
        return {file: found for file in files if (found := self._files.look(Path(file)))}

    def _own(self, content: bytes) -> Standing | None:
        """What this daemon knows itself of a note, whenever it was touched; None of somebody else's."""
        for notes, standing in ((self._kept, Standing.HERE), (self._over, Standing.OVER)):
            if any(noted.content.encode() == content for noted in tuple(notes)):
                return standing
        return None

    # -- leaving -----------------------------------------------------------------------------------------------------
    async def leave(self, step: LeaveNote, seen: Identity | None = None) -> tuple[Noted, str]:
        """Leave a note, which is kept from then on; with why nobody will see it, empty when it lies there.

        `seen` is what its root was when it was looked at.
        Raises: Taken where somebody else's lies there since the plan was made; OutsideRoot.
        """
        since = datetime.fromtimestamp(self._clock(), UTC)
        content = content_of(step.person, self._host, step.application, since)
        noted, why = Noted(str(step.file), str(step.root), content), ""
        if not step.follows:
            try:
                await self._ask(noted, partial(self._files.make, noted, step.instead_of, seen))
            except TimeoutError:
                root = capped(escaped(str(step.root)), 400)
                why = _("{path} did not answer within {seconds:g} s", path=root, seconds=PATIENCE_S)
            except (Taken, OutsideRoot):
                raise
            except FileError as error:
                why = error.tried[0]
        self.keep([noted])
        return noted, why

    # -- while applications run --------------------------------------------------------------------------------------
    def keep(self, notes: Iterable[Noted]) -> None:
        """Touch these from time to time, and leave anew what is gone, until they are let go."""
        for noted in notes:
            self._kept.setdefault(noted, 0)
            self._over.pop(noted, None)
        self._set_timer()

    def let_go(self, notes: Iterable[Noted]) -> asyncio.Task[None]:
        """Take these away; who waits for the task has seen the first try."""
        for noted in notes:
            self._kept.pop(noted, None)
            self._over.setdefault(noted, 0)
        return self._begin(self._clear(tuple(notes)))

    def leave_lying(self, notes: Iterable[Noted]) -> None:
        """Follow these no longer, and take none away: each counts until it is stale, and then the next one replaces it.

        For a file that an instance has which this daemon has not started, and whose end it will not see.
        """
        for noted in notes:
            self._kept.pop(noted, None)
        self._set_timer()

    def _set_timer(self) -> None:
        """One timer for all, and none when there is nothing to be done: an idle daemon sleeps."""
        needed = bool(self._kept) or any(tries < MOST_TRIES for tries in self._over.values())
        if needed and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._touched_s, self._ring)
        elif self._timer and not needed:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        self._timer = None
        self._begin(self._again())

    def _begin(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task

    async def _again(self) -> None:
        for noted in tuple(self._kept):
            if noted not in self._kept:
                continue
            try:
                await self._ask(noted, partial(self._files.touch, noted))
                failed = 0
            except (TimeoutError, FileError) as error:
                failed = self._kept.get(noted, 0) + 1
                if failed == 1:
                    log.warning(event("note not touched", file=noted.file, error=_reason(error)))
            if noted in self._kept:
                self._kept[noted] = failed
        await self._clear(tuple(noted for noted, tries in self._over.items() if tries < MOST_TRIES))

    async def _clear(self, notes: tuple[Noted, ...]) -> None:
        for noted in notes:
            try:
                await self._ask(noted, partial(self._files.take_back, noted))
                self._over.pop(noted, None)
            except (TimeoutError, FileError) as error:
                if self._over.get(noted) == 0:
                    log.warning(event("note not removed", file=noted.file, error=_reason(error)))
                if noted in self._over:
                    self._over[noted] += 1
        self._set_timer()

    async def _ask(self, noted: Noted, work: Callable[[], None]) -> None:
        """One after the other below each root: a touch never meets the end of its note.

        Threads that look for plans are not waited for. Raises: TimeoutError, and what `work` raises.
        """
        async with self._turns[noted.root]:
            await self._disks.ask(f"notes {noted.root}", work, PATIENCE_S)


def _reason(error: Exception) -> str:
    return error.tried[0] if isinstance(error, FileError) and error.tried else "no answer"
