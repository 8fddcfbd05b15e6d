"""The loop's half of the notices: sees what becomes of launches, tells it once, opens the page of a notice clicked on.

What is told, and where, `notices` decides. Everything here runs in the loop's thread, and nothing waits for a desktop.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from launcher import notices, spoken
from launcher.launch import Launch
from launcher.launches import REMEMBERED
from launcher.logs import event
from launcher.model import State
from launcher.notices import Kind, Way
from launcher.system import Notice, Notices
from launcher.web.parts import Parts

MOST_SHOWN = 5
"""Notices at one time; the oldest is taken away for the next."""
MOST_WAITING = 20
"""More of them than a desktop takes in time are not told."""
log = logging.getLogger("launcher.notices")


@dataclass(slots=True)
class Followed:
    """What has been told of one launch."""

    state: State
    before: State | None = None
    """The state before; None as long as there was no other in this daemon's time."""
    told: tuple[Kind | None, State | None] = (None, None)
    timer: asyncio.TimerHandle | None = None
    lives: asyncio.TimerHandle | None = None
    """Looks again once its applications have lived long enough to be open."""
    shown: Notice | None = None


class NoticeSide:
    """The notices of one daemon."""

    def __init__(self, parts: Parts, begin: Callable[[Callable[[str], None]], Notices]) -> None:
        """In the loop's thread. `begin` makes the desktop's side, and is given who hears of clicks on notices."""
        self._parts = parts
        self._loop = asyncio.get_running_loop()
        self._desk = begin(self._pressed)
        self._followed: OrderedDict[str, Followed] = OrderedDict()
        self._shown: OrderedDict[str, None] = OrderedDict()
        self._jobs: asyncio.Queue[tuple[Launch, Kind, Way] | str] = asyncio.Queue()
        self._quiet = ""
        """Why there are no notices, as it was logged."""
        self._worker = self._loop.create_task(self._work())
        parts.launches.listen(self._launch_told)

    async def close(self) -> None:
        """Tell nothing more."""
        for one in self._followed.values():
            _cancel(one.timer, one.lives)
        self._worker.cancel()
        await asyncio.gather(self._worker, return_exceptions=True)
        await self._desk.close()

    # -- what becomes of launches ------------------------------------------------------------------------------------
    def _launch_told(self, launch: Launch) -> None:
        one = self._follow(launch)
        if launch.state is not one.state:
            one.before, one.state = one.state, launch.state
        what = notices.kind(launch, one.before, _lived(launch))
        if launch.state is State.RUNNING and what is Kind.OPENING and one.lives is None:
            one.lives = self._loop.call_later(notices.LIVED_S + 0.1, self._launch_told, launch)
        if (what, launch.state) == one.told:
            return
        again, one.told = what is one.told[0] and what is not Kind.OPENING, (what, launch.state)
        if again:
            return  # one more application has crashed, or the last one ended: she knows
        _cancel(one.timer)
        if what is None:
            self._jobs.put_nowait(launch.id)
            return
        way = notices.way(launch, what)
        if way.page:
            self._parts.open_page(launch)
        if way.notice or way.else_page:
            one.timer = self._loop.call_later(way.after_s, self._tell, launch, what, way)

    def _follow(self, launch: Launch) -> Followed:
        if launch.id not in self._followed:
            self._followed[launch.id] = Followed(launch.state)
            if len(self._followed) > REMEMBERED:
                _id, oldest = self._followed.popitem(last=False)
                _cancel(oldest.timer, oldest.lives)
        return self._followed[launch.id]

    def _tell(self, launch: Launch, what: Kind, way: Way) -> None:
        if notices.on_page(launch):
            return
        if self._jobs.qsize() < MOST_WAITING:
            self._jobs.put_nowait((launch, what, way))
        else:
            log.warning(event("notice left out", launch=launch.id[:8], kind=what))

    # -- the desktop -------------------------------------------------------------------------------------------------
    async def _work(self) -> None:
        """One after the other, so that the next of a launch takes the place of the one before."""
        while True:
            job = await self._jobs.get()
            try:
                await (self._withdraw(job) if isinstance(job, str) else self._show(*job))
            except Exception:  # whatever a desktop answers: the next notice is to be shown all the same
                log.exception("a fault in the notices")

    async def _show(self, launch: Launch, what: Kind, way: Way) -> None:
        one = self._follow(launch)
        if one.told[0] is not what:
            return  # it has gone on meanwhile
        desk = self._parts.loaded().config.desk
        made = notices.notice(launch, what, spoken.of_person(desk.language))
        if made == one.shown:
            return
        why_not = await self._desk.show(made) if desk.notices else "desk.notices is false"
        if why_not:
            if why_not != self._quiet:
                log.info(event("no notices", reason=why_not))
            if way.else_page:
                self._parts.open_page(launch)
        else:
            one.shown = made
            log.info(event("notice", launch=launch.id[:8], kind=what))
            await self._make_room(launch.id)
        self._quiet = why_not

    async def _make_room(self, newest: str) -> None:
        self._shown[newest] = None
        self._shown.move_to_end(newest)
        if len(self._shown) > MOST_SHOWN:
            await self._withdraw(next(iter(self._shown)))

    async def _withdraw(self, launch_id: str) -> None:
        if launch_id in self._shown:
            del self._shown[launch_id]
            await self._desk.withdraw(launch_id)

    def _pressed(self, launch_id: str) -> None:
        """Somebody clicked on a notice."""
        if launch := self._parts.launches.get(launch_id):
            log.info(event("notice pressed", launch=launch_id[:8]))
            self._parts.open_page(launch)


def _lived(launch: Launch) -> bool:
    """Whether the youngest of its applications has run long enough, and none has ended meanwhile."""
    started = [process.started for process in launch.processes if process.ended is None]
    return bool(started) and time.time() - max(started) >= notices.LIVED_S


def _cancel(*timers: asyncio.TimerHandle | None) -> None:
    for timer in timers:
        if timer:
            timer.cancel()
