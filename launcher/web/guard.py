"""The guard: before anything else is done with a request, its head is shown to `trust`. No body is read here."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias
from weakref import WeakKeyDictionary

from aiohttp import hdrs, web
from multidict import CIMultiDictProxy

from launcher import trust
from launcher.system import Peer, User
from launcher.system.here import peer as here_peer
from launcher.trust import Head, Refuse, Rules
from launcher.web import pages
from launcher.web.sessions import SESSION, Session, cookies

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]
Middleware: TypeAlias = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]
VERDICT: web.RequestKey[trust.Go | trust.Ask] = web.RequestKey("verdict")
"""What was found about a request that was let in."""
log = logging.getLogger("launcher.web")

LONGEST_LINE = 200
"""Characters of one line in the log."""
LINES_A_MINUTE = 5
MINUTE_S = 60.0


def middleware(
    rules: Callable[[], Rules],
    peer: Peer = here_peer,
    clock: Callable[[], float] = time.monotonic,
    find_session: Callable[[Iterable[str]], Session | None] = lambda cookies: None,
) -> Middleware:
    """The guard of one application. It answers what is refused, and preflights, itself.

    The handlers behind it find the verdict in `request[VERDICT]`, and the session in `request[SESSION]`.
    `find_session` tells whose cookies those of a request are.
    """
    uids: WeakKeyDictionary[object, User | None] = WeakKeyDictionary()
    hush = Hush()

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        transport = request.transport
        if transport is not None and transport not in uids:
            # Once for each connection: nobody can take another's over.
            uids[transport] = _uid(transport, peer)
        uid = uids.get(transport) if transport is not None else None
        private = transport is not None and peer.is_private(transport)
        session = None if uid is None or uid != peer.own_uid() else find_session(cookies(request))
        seen = head(
            request.method,
            request.raw_path,
            request.headers,
            private=private,
            own_uid=peer.own_uid(),
            peer_uid=uid,
            session=session is not None,
        )
        verdict = trust.check(seen, rules())
        if isinstance(verdict, Refuse):
            if hush.may_say(verdict.code, clock()):
                log.warning("%s", line(verdict, seen))
            return _refused(verdict, seen)
        request[VERDICT] = verdict
        request[SESSION] = session if trust.at_home(seen) else None
        if seen.method == hdrs.METH_OPTIONS:
            return _preflight(request)
        return await handler(request)

    return guard


def head(
    method: str,
    target: str,
    headers: CIMultiDictProxy[str],
    *,
    private: bool = False,
    own_uid: User,
    peer_uid: User | None,
    session: bool = False,
) -> Head:
    """The head of one request, for `trust` to judge."""

    def every(name: str) -> tuple[str, ...]:
        return tuple(headers.getall(name, ()))

    length = headers.get(hdrs.CONTENT_LENGTH, "")
    return Head(
        private=private,
        peer_uid=peer_uid,
        own_uid=own_uid,
        method=method,
        target=target,
        hosts=every(hdrs.HOST),
        origins=every(hdrs.ORIGIN),
        content_types=every(hdrs.CONTENT_TYPE),
        content_encodings=every(hdrs.CONTENT_ENCODING),
        fetch_site=every("Sec-Fetch-Site"),
        fetch_mode=every("Sec-Fetch-Mode"),
        fetch_dest=every("Sec-Fetch-Dest"),
        fetch_user=every("Sec-Fetch-User"),
        # Without a length, or with one that is none, whoever reads the body counts its bytes.
        content_length=int(length) if length.isascii() and length.isdigit() and len(length) < 20 else None,
        upgrade=hdrs.UPGRADE in headers,
        session=session,
    )


def _uid(transport: asyncio.Transport, peer: Peer) -> User | None:
    if peer.is_private(transport):
        return peer.uid_at_door(transport)
    ends: tuple[tuple[str, int], tuple[str, int]]
    ends = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
    return peer.uid_of(*ends) if all(ends) else None


# -- answers ---------------------------------------------------------------------------------------------------------
def _refused(refuse: Refuse, seen: Head) -> web.Response:
    """The page that refuses. After a right key it stands at an address without the key: history keeps only that."""
    if refuse.keyed and seen.method == hdrs.METH_POST and seen.fetch == ("navigate", "document"):
        return web.Response(status=303, headers={hdrs.LOCATION: f"/refused/{refuse.code}"})
    return pages.refusal(refuse)


def _preflight(request: web.Request) -> web.Response:
    """Yes to a listed Kitsu that is about to send its AJAX."""
    headers: dict[str, str] = {
        hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: request.headers[hdrs.ORIGIN],
        hdrs.ACCESS_CONTROL_ALLOW_CREDENTIALS: "true",
        hdrs.ACCESS_CONTROL_ALLOW_METHODS: "POST",
        hdrs.ACCESS_CONTROL_ALLOW_HEADERS: "content-type",
        hdrs.ACCESS_CONTROL_MAX_AGE: "600",
        hdrs.VARY: hdrs.ORIGIN,
    }
    # Chromium's older Private Network Access asks for this; its Local Network Access asks the person instead.
    if request.headers.get("Access-Control-Request-Private-Network") == "true":
        headers["Access-Control-Allow-Private-Network"] = "true"
    return web.Response(status=204, headers=headers)


# -- the log ---------------------------------------------------------------------------------------------------------
def line(refuse: Refuse, seen: Head) -> str:
    """One line for the log: values escaped and cut, no path, no query, no other header."""

    def short(values: tuple[str, ...]) -> str:
        return "'" + ascii(" ".join(values))[1:-1].replace("'", "\\x27")[:70] + "'"

    text = f"refused {refuse.code} origin={short(seen.origins)} host={short(seen.hosts)} peer={seen.peer_uid}"
    return text[:LONGEST_LINE]


@dataclass(slots=True)
class Hush:
    """Keeps a flood of refusals out of the log: five lines of one code, then one a minute until it has ended."""

    said: dict[str, tuple[int, float, float]] = field(default_factory=dict)
    """By code: how many lines, when the last one, when the last refusal. There are as many as `trust.REASONS`."""

    def may_say(self, code: str, now: float) -> bool:
        """Whether this refusal is written down; `now` in seconds."""
        lines, line_at, seen_at = self.said.get(code, (0, 0.0, now))
        if now - seen_at >= MINUTE_S:
            lines = 0
        say = lines < LINES_A_MINUTE or now - line_at >= MINUTE_S
        self.said[code] = (lines + 1, now, now) if say else (lines, line_at, now)
        return say
