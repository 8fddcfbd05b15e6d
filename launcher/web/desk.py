"""What the dashboard asks of the other parts: slowly, once at a time, and only while somebody looks."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp import web

from launcher.config.schema import Server
from launcher.errors import LauncherError
from launcher.model import Person
from launcher.plan.found import Candidates
from launcher.web.asked import Asked
from launcher.web.parts import PARTS, Parts


@dataclass(frozen=True, slots=True)
class Logins:
    """Who is logged in to one Kitsu; or why that cannot be told."""

    server: Server
    people: tuple[Person, ...]
    problem: LauncherError | None


@dataclass(frozen=True, slots=True)
class Desk:
    """The questions of one daemon's dashboard."""

    applications: Asked[dict[str, Candidates]]
    people: Asked[tuple[Logins, ...]]

    @classmethod
    def of(cls, parts: Parts) -> "Desk":
        """The dashboard's questions to the parts of a daemon."""

        async def applications() -> dict[str, Candidates]:
            return await parts.applications.find_all(parts.loaded().config.apps)

        async def people() -> tuple[Logins, ...]:
            servers = parts.loaded().config.studio.servers
            return tuple(await asyncio.gather(*(_logins(parts, server) for server in servers)))

        return cls(Asked(applications, keep_s=5), Asked(people, keep_s=1))

    async def close(self) -> None:
        """Stop asking."""
        await asyncio.gather(self.applications.close(), self.people.close())


async def _logins(parts: Parts, server: Server) -> Logins:
    try:
        return Logins(server, await parts.accounts.people(server), None)
    except LauncherError as error:
        return Logins(server, (), error)


DESK = web.AppKey("desk", Desk)


async def opened(app: web.Application) -> AsyncIterator[None]:
    """For `cleanup_ctx`: whatever is still asked when the daemon ends is ended with it."""
    yield
    await app[DESK].close()


def put_into(app: web.Application) -> None:
    """Give an application its dashboard's questions."""
    app[DESK] = Desk.of(app[PARTS])
    app.cleanup_ctx.append(opened)
