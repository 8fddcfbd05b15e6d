"""What needs the person now: questions, logins, a Kitsu that is away. Pure: templates lay it out, and translate."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from launcher.config.schema import Server
from launcher.errors import LauncherError
from launcher.kitsu.failures import KitsuAway, NotLoggedIn
from launcher.kitsu.lasting import ending_at
from launcher.launches import Launch
from launcher.model import Person, State
from launcher.web.view import listed
from launcher.words import _


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that waits for her, or keeps her from working."""

    key: str
    mark: str
    """Names the colour: asks, login or failed."""
    word: str
    title: str
    text: str = ""
    """What to do, where a button is not all of it."""
    button: str = ""
    url: str = ""
    """Where the button leads."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with one Kitsu."""

    server: Server
    people: tuple[Person, ...]
    trouble: LauncherError | None
    """Why its last answer could not be used."""
    known: bool = True
    """Whether it is known by now who is logged in."""

    @property
    def name(self) -> str:
        return self.server.origins[0]


def login_url(server: Server) -> str:
    """The form by which somebody logs in to this Kitsu."""
    return f"/account/login?server={quote(server.origins[0], safe='')}"


def of_launches(launches: Iterable[Launch]) -> list[Need]:
    """Launches that stand still until she answers or logs in."""
    found = []
    for launch in launches:
        what = listed(launch.tasks)
        title = _("{action}: {tasks}", action=launch.title, tasks=what) if what else launch.title
        if launch.state is State.ASKS:
            found.append(Need(launch.id, "asks", _("Question"), title, button=_("Answer"), url=launch.url))
        elif launch.state is State.PREPARING and launch.waiting_for:
            text = _("It waits until somebody logs in to {server}.", server=launch.waiting_for)
            found.append(Need(launch.id, "login", _("Waiting"), title, text, _("Log in"), launch.url))
    return found


def of_kitsu(standings: Iterable[Standing]) -> list[Need]:
    """Each Kitsu that is away, or wants a login."""
    found = []
    for one in standings:
        trouble = one.trouble
        if isinstance(trouble, NotLoggedIn):
            url, told = login_url(one.server), (trouble.problem, trouble.next_step)
            found.append(Need(one.name, "login", _("Login needed"), *told, _("Log in"), url))
        elif trouble:
            word = _("Kitsu is away") if isinstance(trouble, KitsuAway) else _("Kitsu’s answer")
            found.append(Need(one.name, "failed", word, trouble.problem, trouble.next_step))
        elif one.known and not one.people:
            title = _("Nobody is logged in to {server}.", server=one.name)
            found.append(
                Need(one.name, "login", _("Login needed"), title, button=_("Log in"), url=login_url(one.server))
            )
    return found


def of_endings(endings: Sequence[tuple[Person, Server, float]]) -> list[Need]:
    """Logins that end soon, with the seconds that are left; those that have ended too."""
    return [
        Need(
            f"{server.origins[0]} {person.email}",
            "asks",
            _("Soon"),
            ending_at(person.name, server.origins[0], left_s),
            button=_("Log in again"),
            url=login_url(server),
        )
        for person, server, left_s in endings
    ]
