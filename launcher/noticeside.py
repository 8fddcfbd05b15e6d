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
from launcher.errors import LauncherError
from launcher.launch import Launch
from launcher.launches import REMEMBERED
from launcher.logs import event
from launcher.model import State
from launcher.notices import Kind, Way
from launcher.system import Notice, Notices
from launcher.web.parts import Parts

MOST_SHOWN = 5
"""Notices at one time; the oldest is taken away for the next."""
LATELY_S = 10.0
"""What was said so lately is not said again: any page may open links by the hundred."""
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
        self._jobs: asyncio.Queue[tuple[Launch, Kind, Way] | Notice | str] = asyncio.Queue()
        self._said: dict[str, tuple[tuple[str, ...], float]] = {}
        """The lines of what is no launch's, and when they were said, by the loop's clock."""
        self._leads: dict[str, str] = {}
        """The page of the dashboard that a click on such a notice opens."""
        self._quiet = ""
        """Why there are no notices, as it was logged."""
        self._worker = self._loop.create_task(self._work())
        parts.launches.listen(self._launch_told)
        parts.say = self._error

    async def close(self) -> None:
        """Tell nothing more."""
        for one in self._followed.values():
            _cancel(one.timer, one.lives)
        self._worker.cancel()
        await asyncio.gather(self._worker, return_exceptions=True)
        await self._desk.close()

    # -- what is no launch's ------------------------------------------------------------------------------------------
    def say(self, key: str, *lines: str, leads_to: str = "") -> None:
        """Tell it, in place of what was said of this key before; a click opens `leads_to`, a page of the dashboard."""
        before, when = self._said.get(key, ((), 0.0))
        now = self._loop.time()
        if before == lines and now - when < LATELY_S:
            return
        self._said[key], self._leads[key] = (lines, now), leads_to
        language = spoken.of_person(self._parts.loaded().config.desk.language)
        self._jobs.put_nowait(notices.saying(key, lines, language, leads=bool(leads_to)))

    def _error(self, error: LauncherError) -> None:
        self.say(error.code, error.problem, *error.tried[:1])

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
                match job:
                    case str():
                        await self._withdraw(job)
                    case Notice():
                        await self._hand_over(job)
                    case launch, what, way:
                        await self._show(launch, what, way)
            except Exception:  # whatever a desktop answers: the next notice is to be shown all the same
                log.exception("a fault in the notices")

    async def _show(self, launch: Launch, what: Kind, way: Way) -> None:
        one = self._follow(launch)
        if one.told[0] is not what:
            return  # it has gone on meanwhile
        made = notices.notice(launch, what, spoken.of_person(self._parts.loaded().config.desk.language))
        if made == one.shown:
            return
        if await self._hand_over(made):
            one.shown = made
            log.info(event("notice", launch=launch.id[:8], kind=what))
            await self._make_room(launch.id)
        elif way.else_page:
            self._parts.open_page(launch)

    async def _hand_over(self, made: Notice) -> bool:
        """Whether the desktop shows it."""
        wanted = self._parts.loaded().config.desk.notices
        why_not = await self._desk.show(made) if wanted else "desk.notices is false"
        if why_not and why_not != self._quiet:
            log.info(event("no notices", reason=why_not))
        self._quiet = why_not
        return not why_not

    async def _make_room(self, newest: str) -> None:
        self._shown[newest] = None
        self._shown.move_to_end(newest)
        if len(self._shown) > MOST_SHOWN:
            await self._withdraw(next(iter(self._shown)))

    async def _withdraw(self, launch_id: str) -> None:
        if launch_id in self._shown:
            del self._shown[launch_id]
            await self._desk.withdraw(launch_id)

    def _pressed(self, key: str) -> None:
        """Somebody clicked on a notice."""
        log.info(event("notice pressed", about=key[:8]))
        if launch := self._parts.launches.get(key):
            self._parts.open_page(launch)
        elif page := self._leads.get(key):
            self._parts.open_page(None, page)


def _lived(launch: Launch) -> bool:
    """Whether the youngest of its applications has run long enough, and none has ended meanwhile."""
    started = [process.started for process in launch.processes if process.ended is None]
    return bool(started) and time.time() - max(started) >= notices.LIVED_S


def _cancel(*timers: asyncio.TimerHandle | None) -> None:
    for timer in timers:
        if timer:
            timer.cancel()
