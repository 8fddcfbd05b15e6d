"""What a login's form shows, on a launch's page and on the dashboard's."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiohttp import web

from launcher.config.schema import Server
from launcher.kitsu.accounts import Accounts
from launcher.kitsu.answers import SecondFactor, Ways, no_codes, no_page
from launcher.kitsu.lasting import TOLD_S, ending
from launcher.launches import Launch
from launcher.model import Person
from launcher.web.asked import Asked
from launcher.web.login_forms import FACTOR_NAMES, page_address
from launcher.web.login_steps import Place, Step, Steps
from launcher.web.parts import PARTS, Parts
from launcher.words import _

WAYS_S = 300.0
"""How long it counts what a Kitsu has said of its ways to log in."""
PATIENCE_S = 0.5


@dataclass(frozen=True, slots=True)
class Form:
    """One form, as its template lays it out."""

    action: str
    server: str
    step: Step
    page: str
    """Address of Kitsu's own page for it; empty where there is none."""
    note: str
    """Why a password may not do here; empty where it will."""
    hidden: tuple[tuple[str, str], ...] = ()

    @property
    def goes_on(self) -> bool:
        """Whether nothing went wrong, and only one thing more is needed."""
        return isinstance(self.step.problem, SecondFactor)

    @property
    def factors(self) -> list[tuple[str, str]]:
        """Kind and name of each second factor that would do."""
        return [(kind, FACTOR_NAMES[kind]) for kind in self.step.needs]


@dataclass(slots=True)
class Logins:
    """The logins of one daemon's pages."""

    parts: Parts
    steps: Steps = field(default_factory=Steps)
    _ways: dict[Server, Asked[Ways]] = field(default_factory=dict)

    async def on_launch(self, launch: Launch, server: Server) -> Form:
        """The form of a launch that waits for a login; it begins with the e-mail that the click has named."""
        place = Place(server.origins[0], launch_id=launch.id)
        step = self.steps.at(place, launch.click.person_email or "")
        return await self._form(f"{launch.url}/login", server, step)

    async def on_dashboard(self, session: str, server: Server) -> Form:
        """The form of one Kitsu on the dashboard of one session."""
        place = Place(server.origins[0], session=session)
        hidden = (("form", session), ("server", server.origins[0]))
        return await self._form("/account/login", server, self.steps.at(place), hidden)

    async def _form(self, action: str, server: Server, step: Step, hidden: tuple[tuple[str, str], ...] = ()) -> Form:
        asked = self._ways.setdefault(server, Asked(lambda: self.parts.accounts.ways(server), WAYS_S))
        await asked.look(PATIENCE_S)
        ways = asked.value or Ways(by_browser=False, single_sign_on="")
        page = page_address(server.login_page, self.parts.port, step.verifier, step.state) if ways.by_browser else ""
        return Form(action, server.origins[0], step, page, "" if page else _note(server, asked.value), hidden)

    async def close(self) -> None:
        """Stop asking."""
        for asked in self._ways.values():
            await asked.close()


def _note(server: Server, ways: Ways | None) -> str:
    """Why there is no button for Kitsu's own page, where that matters; empty as long as Kitsu has not told."""
    if ways and server.login_page:
        return no_codes().problem
    return no_page(ways.single_sign_on) if ways and ways.single_sign_on else ""


def lasts(accounts: Accounts, server: Server, person: Person) -> tuple[str, bool]:
    """How long a login lasts, in words, and whether it ends within a day; empty where Kitsu does not say."""
    end = accounts.expires(person, server)
    if end is None:
        return "", False
    left_s = (end - datetime.now(UTC)).total_seconds()
    if left_s <= TOLD_S:
        return ending(person.name, left_s), True
    return _("Logged in until {date}.", date=end.astimezone().date().isoformat()), False


LOGINS = web.AppKey("logins", Logins)


async def _opened(app: web.Application) -> AsyncIterator[None]:
    yield
    await app[LOGINS].close()


def put_into(app: web.Application) -> None:
    """Give an application its logins."""
    app[LOGINS] = Logins(app[PARTS])
    app.cleanup_ctx.append(_opened)
