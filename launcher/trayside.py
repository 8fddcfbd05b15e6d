"""The loop's half of the tray: makes its snapshots, and does what is pressed. Everything runs in the loop's thread.

Kitsu is asked when the daemon starts, when the menu is opened and after a launch; never because time has passed.
"""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass

from launcher import itself, spoken, tray
from launcher.config.schema import Server
from launcher.errors import LauncherError
from launcher.kitsu.failures import KitsuAway, NotLoggedIn
from launcher.kitsu.lasting import TOLD_S, ending, next_look_s
from launcher.launches import REMEMBERED, UNFINISHED, Launch
from launcher.logs import event
from launcher.mine import Mine
from launcher.model import Person, Sender
from launcher.system.here import autostart
from launcher.tray import LoggedIn, OwnTask, Seen, Snapshot, TrayView
from launcher.web import findings
from launcher.web.parts import Parts
from launcher.web.view import listed
from launcher.web.view import view as seen_of
from launcher.words import n_

EXAMINED_S = 60.0
"""How long what the doctor has found is shown before he is asked again."""
SOON_S = 0.1
"""A click changes its launch several times in a row: one look afterwards shows them all."""
LOOK_S = 2.0
"""How often it is looked whether the port has become ours; only while it is somebody else's."""
log = logging.getLogger("launcher.tray")


@dataclass(frozen=True, slots=True)
class Standing:
    """Who is logged in where, and which Kitsu does not answer."""

    people: tuple[LoggedIn, ...] = ()
    logins: tuple[str, ...] = ()
    away: tuple[str, ...] = ()
    problem: str = ""
    """The first reason of theirs."""


class TraySide:
    """The tray of one daemon."""

    def __init__(self, parts: Parts, shown: TrayView) -> None:
        """In the loop's thread, once the daemon listens or waits for its port."""
        self._parts, self._shown = parts, shown
        self._here: Mapping[Server, tuple[Person, ...]] = {}
        """Who is logged in, as it was when it was last asked."""
        self._mine: tuple[Mine, ...] | None = None
        self._failed = ""
        self._autostart: bool | None = None
        self._asking: asyncio.Task[None] | None = None
        self._tasks_wanted = False
        self._wrong: tuple[str, ...] = ()
        self._examined = float("-inf")
        """When the doctor last looked, by the loop's clock."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        self._look_at_ends: asyncio.TimerHandle | None = None
        self._soon: asyncio.TimerHandle | None = None
        parts.launches.listen(self._launch_told)
        shown.when_pressed(self._pressed)
        self._begin(self._follow_port())
        self._begin(self._follow_logins())
        self._begin(self._examine())
        self._ask(tasks=False)
        self.refresh()

    async def close(self) -> None:
        """Stop asking; the tray itself ends in its own thread."""
        self._shown.when_pressed(lambda item_id: None)
        for timer in (self._look_at_ends, self._soon):
            if timer:
                timer.cancel()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- what is shown -----------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Hand over how all stands now. Asks nobody."""
        trouble = self._parts.port_trouble
        loaded, standing = self._parts.loaded(), self._stands()
        snapshot = Snapshot(
            language=spoken.of_person(loaded.config.desk.language),
            waiting=trouble.problem if trouble else "",
            holder=trouble.tried[0] if trouble else "",
            launches=tuple(self._seen()),
            tasks=None if self._mine is None else tuple(_own(one) for one in self._mine),
            tasks_problem=standing.problem,
            people=standing.people,
            logins=standing.logins,
            away=standing.away,
            ending=self._ending(),
            failed=self._failed,
            wrong=(*_faults(len(loaded.problems)), *self._wrong),
            autostart=self._autostart,
        )
        self._shown.show(snapshot)

    def _ending(self) -> tuple[tuple[str, str], ...]:
        """The logins that end within a day. Looks again when the next one comes so near, or has ended."""
        known = self._parts.accounts.expiring(float("inf"))
        if self._look_at_ends:
            self._look_at_ends.cancel()
        self._look_at_ends = self._loop.call_later(next_look_s(left for _, _, left in known), self.refresh)
        return tuple((ending(one.name, left), _name(server)) for one, server, left in known if left <= TOLD_S)

    def _seen(self) -> list[Seen]:
        """The newest few launches, and those that are unfinished."""
        all_of_them = self._parts.launches.recent(REMEMBERED)
        newest = all_of_them[: tray.MOST_LAUNCHES]
        return [_seen(one) for one in all_of_them if one in newest or one.state in UNFINISHED]

    def _launch_told(self, launch: Launch) -> None:
        """Something became of a launch."""
        if launch.question:
            self._loop.call_later(launch.question.seconds_left() + 0.1, self.refresh)
        if launch.state not in UNFINISHED and self._mine is not None:
            self._ask()
        if self._soon is None:
            self._soon = self._loop.call_later(SOON_S, self._refresh_soon)

    def _refresh_soon(self) -> None:
        self._soon = None
        self.refresh()

    # -- what is asked -----------------------------------------------------------------------------------------------
    def _ask(self, *, tasks: bool = True) -> None:
        """Ask anew who is logged in, and for her tasks; once at a time."""
        self._tasks_wanted = self._tasks_wanted or tasks
        if self._asking is None or self._asking.done():
            self._asking = self._begin(self._look())

    async def _look(self) -> None:
        self._autostart = await _autostart()
        servers = self._parts.loaded().config.studio.servers
        self._here = dict(zip(servers, await asyncio.gather(*map(self._people, servers)), strict=True))
        self.refresh()  # without her tasks, which take longer
        somebody = any(self._here.values())
        if self._tasks_wanted and somebody:
            self._tasks_wanted = False
            self._mine = tuple(await self._parts.run.mine())
        if not somebody:
            self._mine = None
        self.refresh()

    async def _examine(self) -> None:
        """What the doctor finds broken: when the daemon has started, and when the menu is opened; not every time."""
        if self._loop.time() - self._examined < EXAMINED_S:
            return
        self._examined = self._loop.time()
        while self._asking and not self._asking.done():
            await asyncio.wait({self._asking})  # what the menu shows comes first
        self._wrong = await findings.broken(self._parts)
        self.refresh()

    async def _people(self, server: Server) -> tuple[Person, ...]:
        with contextlib.suppress(LauncherError):  # what is wrong is for `trouble` to say
            return await self._parts.accounts.people(server)
        return ()

    def _stands(self) -> Standing:
        people = self._here
        troubles = {server: self._parts.accounts.trouble(server) for server in people}
        away = [server for server in people if isinstance(troubles[server], KitsuAway)]
        login = [
            server
            for server, here in people.items()
            if server not in away and (not here or isinstance(troubles[server], NotLoggedIn))
        ]
        return Standing(
            people=tuple(LoggedIn(one.name, one.email, _name(server)) for server in people for one in people[server]),
            logins=tuple(map(_name, login)),
            away=tuple(map(_name, away)),
            problem=next((trouble.problem for trouble in troubles.values() if trouble), ""),
        )

    async def _follow_logins(self) -> None:
        """Whoever logs in by whatever way is seen at once."""
        logins = self._parts.run.logins
        while True:
            await logins.wait(logins.count, timeout_s=float("inf"))
            self._ask(tasks=self._mine is not None)

    async def _follow_port(self) -> None:
        while self._parts.port_trouble:
            await asyncio.sleep(LOOK_S)
            self.refresh()

    # -- what is pressed ---------------------------------------------------------------------------------------------
    def _pressed(self, item_id: str) -> None:
        """In the tray's thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._do, item_id)

    def _do(self, item_id: str) -> None:
        if item_id == tray.OPENED:
            self._ask()
            self._begin(self._examine())
            return
        log.info(event("pressed", item=item_id.partition(" ")[0]))
        self._failed = ""
        self._begin(self._done(item_id))

    async def _done(self, item_id: str) -> None:
        try:
            await self._act(item_id)
        except LauncherError as error:
            log.warning(event("not done", item=item_id.partition(" ")[0], problem=error.problem))
            self._failed = error.problem
        self.refresh()

    async def _act(self, item_id: str) -> None:
        """Raises: LauncherError of whichever part says no."""
        what, _sep, about = item_id.partition(" ")
        match what + _sep:
            case tray.DASHBOARD:
                self._parts.open_page(None)
            case tray.QUIT:
                self._parts.stop()
            case tray.AUTOSTART:
                await self._switch_autostart()
            case tray.LAUNCH:
                self._parts.open_page(self._parts.launches.resolve(about))
            case tray.RUN:
                self._run(*about.split(" "))
            case tray.LOGIN:
                self._parts.open_page(None, "/account")
            case tray.LOGOUT:
                email, _sep, origin = about.rpartition(" ")
                await self._log_out(email, origin)

    def _run(self, action: str, task_id: str, person_id: str, origin: str) -> None:
        """An action on one of her tasks, as the menu showed it. What has left since is pressed in vain."""
        for one in self._mine or ():
            if (one.task.id, one.person.id, _name(one.server)) == (task_id, person_id, origin):
                self._parts.run.own(action, [task_id], Sender.TRAY, person=one.person, server=origin)

    async def _log_out(self, email: str, origin: str) -> None:
        for server in self._parts.loaded().config.studio.servers:
            if _name(server) == origin:
                await self._parts.accounts.logout(server, email)
        self._mine = None
        self._ask(tasks=False)

    async def _switch_autostart(self) -> None:
        if self._autostart:
            await asyncio.to_thread(autostart.disable)
        else:
            await asyncio.to_thread(autostart.enable, itself.command())
        self._autostart = await _autostart()

    def _begin(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a fault in the tray", exc_info=error)


async def _autostart() -> bool | None:
    """Whether it starts at login; not having decided is no."""
    try:
        return bool(await asyncio.to_thread(autostart.state))
    except (LauncherError, OSError) as error:
        log.info(event("autostart unknown", reason=str(error)))
        return None


def _faults(count: int) -> tuple[str, ...]:
    return (n_("The configuration has {n} error", "The configuration has {n} errors", count),) if count else ()


def _seen(launch: Launch) -> Seen:
    said = seen_of(launch, 0)
    return Seen(launch.id, launch.title, listed(launch.tasks), launch.state, said.word, waits=bool(launch.waiting_for))


def _name(server: Server) -> str:
    """Kitsu's first origin stands for it, as in every click."""
    return server.origins[0]


def _own(one: Mine) -> OwnTask:
    actions = tuple((action.name, action.title) for action in one.actions)
    return OwnTask(one.label, one.task.id, one.person.id, _name(one.server), actions)
