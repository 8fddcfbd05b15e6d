"""Who may see the dashboard: a browser that came in by a one-time entrance and holds the cookie it was given there.

Cookies know no ports: any program that listens on 127.0.0.1 is sent ours, and may set one of its name. So a cookie
alone opens nothing: `trust` also wants this user's own process at the other end, and no other page behind it.
"""

import hashlib
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from aiohttp import hdrs, web

from launcher.errors import Refused
from launcher.words import _

ENTRANCE_S = 30
"""How long a one-time address opens."""
IDLE_S = 12 * 3600
"""A session that was not used for so long has ended."""
MOST = 16
"""The most entrances, and the most sessions; the one unused for longest gives way."""
MOST_SENT = 8
"""Cookies of our name that are looked at in one request: another port may have planted some beside ours."""


class NotEntered(Refused):
    """A one-time address that is used or too old, or a form of an earlier session."""

    code = "session"


@dataclass(slots=True)
class Session:
    """One browser that has come in."""

    form_value: str
    """What every form of this session's pages must send back."""
    used: float
    """When it was last asked with, by the monotonic clock."""

    def check(self, sent: str) -> None:
        """Whether a form is of this session's own pages.

        Raises: NotEntered.
        """
        # Bytes: compare_digest refuses text beyond ASCII, which anybody may send.
        if not secrets.compare_digest(self.form_value.encode(), sent.encode(errors="replace")):
            raise NotEntered(
                _("This page is of an earlier session; nothing was done."),
                next_step=_("Load the page again, then press the button once more."),
            )


@dataclass(slots=True)
class Sessions:
    """The sessions of one daemon, in memory only: they end with it."""

    port: Callable[[], int]
    clock: Callable[[], float] = time.monotonic
    _entrances: dict[str, tuple[float, str]] = field(default_factory=dict)
    """Until when each one-time value opens, and which page."""
    _open: dict[bytes, Session] = field(default_factory=dict)
    """By the digest of the cookie's value: looking one up then tells nothing by the time it takes."""

    @property
    def cookie(self) -> str:
        """The cookie's name, with the port: two daemons of one machine must not take each other's."""
        return f"kitsu-launcher-{self.port()}"

    def enter_url(self, to: str = "/") -> str:
        """A new address that opens a page of the dashboard once, within 30 s. Only for this user's own browser."""
        self._entrances = {once: entry for once, entry in self._entrances.items() if entry[0] > self.clock()}
        _make_room(self._entrances)
        once = secrets.token_urlsafe(16)
        self._entrances[once] = (self.clock() + ENTRANCE_S, to)
        return f"http://127.0.0.1:{self.port()}/enter/{once}"

    def leads_to(self, once: str) -> str:
        """The page that a one-time address opens; the first one where it opens none any more."""
        return self._entrances.get(once, (0.0, "/"))[1]

    def enter(self, once: str) -> str:
        """The cookie's value for a new session; the one-time value opens nothing more after this.

        Raises: NotEntered.
        """
        if self._entrances.pop(once, (0.0, ""))[0] <= self.clock():
            raise NotEntered(
                _("This address of the dashboard was used already, or is older than {seconds} s.", seconds=ENTRANCE_S),
                next_step=_("Open the dashboard again: run `kitsu-launcher` in a terminal."),
            )
        self._forget_idle()
        _make_room(self._open)
        value = secrets.token_urlsafe(16)
        self._open[_digest(value)] = Session(secrets.token_urlsafe(16), self.clock())
        return value

    def spend(self, once: str) -> None:
        """Nobody else comes in by this one-time value: it stood on a command line."""
        self._entrances.pop(once, None)

    def find(self, cookies: Iterable[str]) -> Session | None:
        """The session whose cookie is among a request's `Cookie` headers; that counts as using it."""
        self._forget_idle()
        for value in _values(cookies, self.cookie):
            if session := self._open.pop(digest := _digest(value), None):
                session.used = self.clock()
                self._open[digest] = session  # last again: the first is the one that gives way
                return session
        return None

    def _forget_idle(self) -> None:
        ended = self.clock() - IDLE_S
        self._open = {digest: session for digest, session in self._open.items() if session.used > ended}


SESSION: web.RequestKey[Session | None] = web.RequestKey("session")
"""The session of a request that was let in; None where it has none, or another page has sent it."""


def give(response: web.StreamResponse, name: str, value: str) -> None:
    """Put the cookie on an answer: for this host alone, unseen by scripts, gone when the browser is closed.

    Lax and not Strict: under Strict a click on a link to us in another program would arrive without it.
    """
    response.set_cookie(name, value, path="/", httponly=True, samesite="Lax")


def _make_room(kept: dict[str, tuple[float, str]] | dict[bytes, Session]) -> None:
    while len(kept) >= MOST:
        del kept[next(iter(kept))]  # type: ignore[arg-type]  # the key is one of that very dict


def _digest(value: str) -> bytes:
    return hashlib.sha256(value.encode(errors="replace")).digest()


def _values(headers: Iterable[str], name: str) -> list[str]:
    """Every value of the cookies of this name, the first few."""
    pairs = (pair.strip().partition("=") for header in headers for pair in header.split(";"))
    return [value.strip('"') for found, _sep, value in pairs if found == name][:MOST_SENT]


def cookies(request: web.Request) -> tuple[str, ...]:
    """The `Cookie` headers of a request, as they came."""
    return tuple(request.headers.getall(hdrs.COOKIE, ()))
