"""Waiting for a person: a click of somebody who is not logged in here goes on once exactly she is."""

import asyncio
from collections.abc import Callable

from launcher import whose
from launcher.config.schema import Server
from launcher.errors import LauncherError
from launcher.kitsu.accounts import Accounts, NotLoggedIn
from launcher.model import Click, Person
from launcher.words import _

PATIENCE_S = 600
"""How long a click waits for somebody to log in."""


class NobodyCame(LauncherError):
    """Nobody logged in while a click waited for it."""

    code = "login"
    exit_code = 3
    status = 403


class Logins:
    """How often somebody has logged in, and a way to wait for the next time."""

    def __init__(self) -> None:
        self.count = 0
        self._waiting: set[asyncio.Future[None]] = set()

    def tell(self) -> None:
        """Somebody has logged in."""
        self.count += 1
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    async def wait(self, seen: int, timeout_s: float) -> bool:
        """Whether somebody has logged in since `count` was `seen`, within `timeout_s` seconds."""
        if self.count != seen:
            return True
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await asyncio.wait_for(future, max(timeout_s, 0))
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(future)
        return True


async def comes(
    logins: Logins, accounts: Accounts, server: Server, click: Click, waiting: Callable[[str], None] | None
) -> Person:
    """Who clicked, logged in here; waits for exactly her login where the face can show that it waits.

    `waiting` is told once, with the server's origin. Raises: LauncherError; NobodyCame.
    """
    loop = asyncio.get_running_loop()
    deadline, told = loop.time() + PATIENCE_S, False
    while True:
        seen = logins.count
        try:
            person = whose.person(click, await accounts.people(server))
        except whose.PersonAway:
            if waiting is None:
                raise
            person = None
        if person:
            return person
        if waiting is None:
            raise NotLoggedIn(
                _("Nobody is logged in to {server} here.", server=server.origins[0]),
                next_step=_("Run `kitsu-launcher login`, then try again."),
            )
        if not told:
            told = True
            waiting(server.origins[0])
        if not await logins.wait(seen, deadline - loop.time()):
            raise _nobody_came(click, server)


def _nobody_came(click: Click, server: Server) -> NobodyCame:
    minutes, next_step = PATIENCE_S // 60, _("Click again in Kitsu, and log in on the page that opens.")
    if not click.person_email:
        return NobodyCame(
            _("Nobody logged in to {server} within {n} minutes.", server=server.origins[0], n=minutes),
            next_step=next_step,
        )
    return NobodyCame(
        _(
            "{email} did not log in to {server} within {n} minutes.",
            email=click.person_email,
            server=server.origins[0],
            n=minutes,
        ),
        next_step=next_step,
    )
