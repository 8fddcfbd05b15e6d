"""The open tasks of everybody who is logged in here, each with the actions that take it.

Asked for when somebody looks at a menu or a page, never in the background.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from launcher.config.load import Loaded
from launcher.config.schema import AnyAction, Server
from launcher.errors import LauncherError
from launcher.kitsu.accounts import Accounts, KitsuAway
from launcher.logs import event
from launcher.model import Person, Task
from launcher.plan.selection import fitting, label

KEPT_S = 60
log = logging.getLogger("launcher.mine")


@dataclass(frozen=True, slots=True)
class Mine:
    """One task that is assigned to somebody who is logged in here, and not done."""

    task: Task
    person: Person
    server: Server
    actions: tuple[AnyAction, ...]
    """Those that take this task for this person, in the configuration's order."""
    label: str


@dataclass(frozen=True, slots=True)
class _Assigned:
    """What one Kitsu told one person."""

    server: Server
    person: Person
    tasks: tuple[Task, ...]


class MyTasks:
    """The last answers about everybody's tasks. They are asked for once at a time, and count for a minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._fresh_until = float("-inf")
        self._logins: object = None
        """Who was logged in where when it was asked."""
        self._known: dict[tuple[str, str], _Assigned] = {}
        self._asking: asyncio.Task[None] | None = None

    async def look(self, loaded: Loaded, accounts: Accounts) -> list[Mine]:
        """Every person's tasks. With a Kitsu away, those that it told last; why is for `Accounts.trouble` to say."""
        servers = loaded.config.studio.servers
        wanted = (accounts.changes, servers)
        if self._asking and self._logins != wanted:
            await asyncio.shield(self._asking)
        if self._asking is None and (self._logins != wanted or self._clock() >= self._fresh_until):
            self._fresh_until, self._logins = self._clock() + KEPT_S, wanted
            self._asking = asyncio.get_running_loop().create_task(self._ask(servers, accounts))
        if self._asking:
            # Who stops waiting must not end it for those who still wait.
            await asyncio.shield(self._asking)
        return [mine for one in self._known.values() for mine in _each(one, loaded)]

    def forget(self) -> None:
        """What it depends on may have changed: the next look asks again."""
        self._fresh_until = float("-inf")

    async def close(self) -> None:
        """Stop asking."""
        if self._asking:
            self._asking.cancel()
            await asyncio.wait({self._asking})

    async def _ask(self, servers: tuple[Server, ...], accounts: Accounts) -> None:
        try:
            answers = await asyncio.gather(*(self._on(server, accounts) for server in servers))
            self._known = {(one.server.api, one.person.email): one for several in answers for one in several}
        finally:
            self._asking = None

    async def _on(self, server: Server, accounts: Accounts) -> list[_Assigned]:
        try:
            people = await accounts.people(server)
        except LauncherError as error:
            self._failed(error)
            return [one for (api, _email), one in self._known.items() if api == server.api]
        return list(await asyncio.gather(*(self._of(server, person, accounts) for person in people)))

    async def _of(self, server: Server, person: Person, accounts: Accounts) -> _Assigned:
        try:
            return _Assigned(server, person, await accounts.my_tasks(server, person))
        except LauncherError as error:
            self._failed(error)
            earlier = self._known.get((server.api, person.email))
            return earlier if earlier and isinstance(error, KitsuAway) else _Assigned(server, person, ())

    def _failed(self, error: LauncherError) -> None:
        log.info(event("tasks not known", reason=error.problem))
        self.forget()


def _each(one: _Assigned, loaded: Loaded) -> list[Mine]:
    return [
        Mine(
            task,
            one.person,
            one.server,
            fitting(loaded.for_project(task.project).actions.values(), task, one.person),
            label(task),
        )
        for task in one.tasks
    ]
