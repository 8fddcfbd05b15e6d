"""Whether each Kitsu answers, who is logged in there, and whether its clock and ours agree."""

import asyncio
import email.utils
import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import aiohttp

from launcher.config.schema import Server
from launcher.doctor.finding import Finding, Level, bad, good, of_error, warning
from launcher.errors import LauncherError
from launcher.kitsu.accounts import Accounts
from launcher.kitsu.failures import KitsuAway, away, no_kitsu
from launcher.kitsu.lasting import TOLD_S, ending_at
from launcher.model import Person
from launcher.words import _

SLOW_S, WRONG_S = 60, 300
"""How far the clocks may be apart before it is told, and before logins fail: tokens are minutes old when they count."""
LOG_IN = _("Run `kitsu-launcher login`, or log in on the dashboard.")


@dataclass(frozen=True, slots=True)
class Hello:
    """What a Kitsu tells everybody."""

    version: str
    clock: datetime | None
    """Its own time when it answered; None where it did not say."""
    heard: datetime
    """Ours at that moment."""


async def look(servers: Sequence[Server], accounts: Accounts, ca_file: str) -> list[Finding]:
    """Ask every Kitsu of the studio at once."""
    if not servers:
        return [bad("kitsu", _("The studio file names no Kitsu."), _("Set `studio.servers` to Kitsu's address."))]
    each = await asyncio.gather(*(_look(server, accounts, ca_file) for server in servers))
    return [finding for found in each for finding in found]


async def _look(server: Server, accounts: Accounts, ca_file: str) -> list[Finding]:
    try:
        told = await hello(server.api, ca_file)
    except LauncherError as error:
        return [of_error("kitsu", error)]
    found = [good("kitsu", _("{kitsu} answers.", kitsu=server.origins[0]), _about(server, told))]
    if told.clock:
        found.append(clock(server.origins[0], told.clock, told.heard))
    try:
        people = await accounts.who(server)
    except LauncherError as error:
        return [*found, of_error("login", error, Level.WARNING)]
    ends = {person.id: left for person, of, left in accounts.expiring(TOLD_S) if of == server}
    return [*found, *logins(server.origins[0], people, ends)]


def _about(server: Server, told: Hello) -> tuple[str, ...]:
    return (server.api, *((_("Zou {version}", version=told.version),) if told.version else ()))


async def hello(api: str, ca_file: str) -> Hello:
    """What a Kitsu tells everybody, without any login.

    Raises: KitsuAway, KitsuError.
    """
    # Late, and in a thread: the client's module costs 60 ms.
    client = await asyncio.to_thread(importlib.import_module, "launcher.kitsu.client")
    context = await asyncio.to_thread(client.trust, ca_file) if api.startswith("https:") else None
    try:
        async with (
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=context or True),
                timeout=client.TIMEOUT,
                response_class=client.Response,
                cookie_jar=aiohttp.DummyCookieJar(),
            ) as session,
            session.get(f"{api}/", allow_redirects=False) as response,
        ):
            heard = datetime.now(UTC)
            if response.status >= 500:
                raise KitsuAway(
                    _("{kitsu} has an error of its own.", kitsu=api),
                    tried=[f"{api}: {response.status}"],
                    next_step=_("Try again in a minute; if it stays, ask whoever looks after Kitsu."),
                )
            if response.status >= 300:
                raise no_kitsu(api, str(response.status))
            body = await response.json()
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise away(error, api) from error
    version = body.get("version", "") if isinstance(body, dict) else ""
    return Hello(str(version)[:40], _date(response.headers.get("Date", "")), heard)


def _date(text: str) -> datetime | None:
    try:
        told = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # of whatever a server may send as its year
        return None
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def clock(kitsu: str, theirs: datetime, ours: datetime) -> Finding:
    """Whether the two clocks agree: logins carry times, and certificates too."""
    apart_s = abs((theirs - ours).total_seconds())
    if apart_s <= SLOW_S:
        return good("clock", _("This machine's clock agrees with {kitsu}.", kitsu=kitsu))
    how_far = str(timedelta(seconds=round(apart_s)))
    values = {"far": how_far, "kitsu": kitsu}
    title = (
        _("This machine's clock is {far} (h:mm:ss) behind {kitsu}.", **values)
        if theirs > ours
        else _("This machine's clock is {far} (h:mm:ss) ahead of {kitsu}.", **values)
    )
    cure = _("Switch on the system's automatic time; if this clock is right, tell whoever looks after Kitsu.")
    details = (
        _("here {time}", time=ours.strftime("%Y-%m-%d %H:%M:%S UTC")),
        _("there {time}", time=theirs.strftime("%Y-%m-%d %H:%M:%S UTC")),
    )
    return (bad if apart_s > WRONG_S else warning)("clock", title, cure, details)


def logins(kitsu: str, people: Sequence[tuple[Person, LauncherError | None]], ends: dict[str, float]) -> list[Finding]:
    """Who is logged in; `ends` are the seconds that are left of logins that end soon, by the person's id."""
    if not people:
        return [warning("login", _("Nobody is logged in to {kitsu} here.", kitsu=kitsu), LOG_IN)]
    found = []
    for person, reason in people:
        if reason:
            found.append(of_error("login", reason, Level.WARNING))
        elif person.id in ends:
            found.append(warning("login", ending_at(person.name, kitsu, ends[person.id]), LOG_IN))
        else:
            found.append(good("login", _("{person} is logged in to {kitsu}.", person=person.name, kitsu=kitsu)))
    return found
