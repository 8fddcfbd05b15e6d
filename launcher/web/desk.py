"""What the dashboard asks of the other parts: slowly, once at a time, and only while somebody looks."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp import web

from launcher import itself
from launcher.config.schema import Server
from launcher.errors import LauncherError
from launcher.kitsu.accounts import Accounts
from launcher.logs import event
from launcher.mine import Mine
from launcher.model import Person
from launcher.plan.found import Candidates
from launcher.system import Links
from launcher.system.here import autostart, scheme
from launcher.web.asked import Asked
from launcher.web.parts import PARTS, Parts

KEPT_S = 10
"""How long answers of Kitsu count while a page is seen; `Run.mine` itself asks it once a minute at most."""
log = logging.getLogger("launcher.web")


@dataclass(frozen=True, slots=True)
class Logins:
    """Who is logged in to one Kitsu; or why that cannot be told."""

    server: Server
    people: tuple[Person, ...]
    problem: LauncherError | None


@dataclass(frozen=True, slots=True)
class Machine:
    """How this program stands on this desktop."""

    autostart: bool | None
    """Whether it starts at login; None where that cannot be told."""
    links: Links | None
    """Whom the desktop gives our links to; None where that cannot be told."""


@dataclass(slots=True)
class Desk:
    """The questions of one daemon's dashboard."""

    accounts: Accounts
    tasks: Asked[tuple[Mine, ...]]
    people: Asked[tuple[Logins, ...]]
    machine: Asked[Machine]
    applications: Asked[dict[str, Candidates]]
    changes: int = -1
    """`Accounts.changes` when people and tasks were last asked for."""

    @classmethod
    def of(cls, parts: Parts) -> "Desk":
        """The dashboard's questions to the parts of a daemon."""

        async def applications() -> dict[str, Candidates]:
            return await parts.applications.find_all(parts.loaded().config.apps)

        async def people() -> tuple[Logins, ...]:
            servers = parts.loaded().config.studio.servers
            return tuple(await asyncio.gather(*(_logins(parts, server) for server in servers)))

        async def tasks() -> tuple[Mine, ...]:
            return tuple(await parts.run.mine())

        async def machine() -> Machine:
            return await asyncio.to_thread(_machine)

        return cls(
            parts.accounts,
            tasks=Asked(tasks, KEPT_S),
            people=Asked(people, KEPT_S),
            machine=Asked(machine, KEPT_S),
            applications=Asked(applications, keep_s=5),
        )

    async def look(self, patience_s: float = 0.3) -> None:
        """Who is logged in, her tasks and this machine; people and tasks anew where somebody logged in or out."""
        self.follow_logins()
        await asyncio.gather(*(one.look(patience_s) for one in (self.people, self.tasks, self.machine)))

    def follow_logins(self) -> None:
        """Let what depends on who is logged in be asked again, where that has changed."""
        if self.changes != self.accounts.changes:
            self.changes = self.accounts.changes
            self.people.forget()
            self.tasks.forget()

    @property
    def asking(self) -> bool:
        """Whether something of `look` is still to come."""
        return self.people.asking or self.tasks.asking or self.machine.asking

    async def close(self) -> None:
        """Stop asking."""
        every = (self.applications, self.people, self.tasks, self.machine)
        await asyncio.gather(*(one.close() for one in every))


async def _logins(parts: Parts, server: Server) -> Logins:
    try:
        return Logins(server, await parts.accounts.people(server), None)
    except LauncherError as error:
        return Logins(server, (), error)


def _machine() -> Machine:
    """Asked in a thread: both look into files, and into the registry or at programs of the desktop."""
    starts: bool | None = None
    links: Links | None = None
    try:
        starts = bool(autostart.state())  # not having decided is no
    except (LauncherError, OSError) as error:
        log.info(event("autostart unknown", reason=str(error)))
    try:
        links = scheme.state(itself.link_handler())
    except (LauncherError, OSError) as error:
        log.info(event("links unknown", reason=str(error)))
    return Machine(starts, links)


DESK = web.AppKey("desk", Desk)


async def opened(app: web.Application) -> AsyncIterator[None]:
    """For `cleanup_ctx`: whatever is still asked when the daemon ends is ended with it."""
    yield
    await app[DESK].close()


def put_into(app: web.Application) -> None:
    """Give an application its dashboard's questions."""
    app[DESK] = Desk.of(app[PARTS])
    app.cleanup_ctx.append(opened)
