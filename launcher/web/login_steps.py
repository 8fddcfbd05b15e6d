"""Where each login stands: what its form shows next, and what must not leave this process. In memory only."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from launcher.errors import LauncherError, Refused
from launcher.kitsu.answers import LoginError
from launcher.words import _

STEP_S = 600.0
"""How long a form, and the way over Kitsu's own page, may take."""
MOST = 64
"""The most logins at a time; the one begun first gives way."""


class LoginExpired(Refused):
    """A form that was sent already or is too old, or one of another page."""

    code = "expired"


@dataclass(frozen=True, slots=True)
class Place:
    """Which login: of one waiting launch, or of one Kitsu on the dashboard of one session."""

    server: str
    """Kitsu's first origin."""
    launch_id: str = ""
    session: str = field(default="", repr=False)


@dataclass(slots=True)
class Step:
    """One form of a login. It stays the same until it is sent: pages are rendered twice a second."""

    email: str
    until: float
    problem: LauncherError | None = None
    """Why the last try did not do."""
    needs: tuple[str, ...] = ()
    """Second factors, any one of which is asked for now."""
    password: str = field(default="", repr=False)
    """Waits here for the second factor, and nowhere else: Kitsu wants both at once."""
    busy: bool = False
    """Kitsu is being asked: a second press does nothing."""
    once: str = field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)
    state: str = field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)
    """Names this login on the way over Kitsu's page; good once."""
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)
    """Only who has it can redeem the code that Kitsu gives for its challenge."""


@dataclass(slots=True)
class Steps:
    """Every login that is going on in one daemon."""

    clock: Callable[[], float] = time.monotonic
    _all: dict[Place, Step] = field(default_factory=dict)

    def at(self, place: Place, email: str = "") -> Step:
        """Where a login stands; a new one begins with this e-mail."""
        self._forget_old()
        return self._all.get(place) or self._put(place, email)

    def take(self, place: Place, once: str) -> Step:
        """The form that was just sent, which is now being tried.

        Raises: LoginExpired when it is none of ours, or was sent before.
        """
        self._forget_old()
        step = self._all.get(place)
        # Bytes: compare_digest refuses text beyond ASCII, which anybody may send.
        if not step or step.busy or not secrets.compare_digest(step.once.encode(), once.encode(errors="replace")):
            raise _expired()
        step.busy = True
        return step

    def failed(self, place: Place, error: LauncherError, email: str, password: str) -> None:
        """A try did not do: the next form says why. The password stays only where a second factor is missing."""
        needs = error.needs if isinstance(error, LoginError) else ()
        step = self._put(place, email)
        step.problem, step.needs, step.password = error, needs, password if needs else ""

    def forget(self, place: Place) -> None:
        """This login is over, or begins anew."""
        self._all.pop(place, None)

    def returned(self, state: str) -> tuple[Place, Step]:
        """The login that comes back from Kitsu's page; its state is good for nothing more.

        Raises: LoginExpired.
        """
        self._forget_old()
        sent = state.encode(errors="replace")
        for place, step in self._all.items():
            if secrets.compare_digest(step.state.encode(), sent):
                del self._all[place]
                return place, step
        raise _expired()

    def _put(self, place: Place, email: str) -> Step:
        self._all.pop(place, None)
        while len(self._all) >= MOST:
            del self._all[next(iter(self._all))]
        step = self._all[place] = Step(email, self.clock() + STEP_S)
        return step

    def _forget_old(self) -> None:
        now = self.clock()
        self._all = {place: step for place, step in self._all.items() if step.until > now or step.busy}


def _expired() -> LoginExpired:
    return LoginExpired(
        _("This login was sent already, or is too old; nothing was done."),
        next_step=_("Log in on the page as it is now."),
    )
