"""How long a login lasts: read out of its token, which is believed for nothing else. Pure."""

import base64
import json
from collections.abc import Iterable
from datetime import UTC, datetime

from launcher.words import Words, _, n_

TOLD_S = 24 * 3600.0
"""How long before its end it is told that a login ends."""
LOOK_S = 3600.0
"""How soon it is looked again at the latest: on Linux and macOS no timer counts the hours that a machine sleeps."""


def ending(name: str, left_s: float) -> Words:
    """The sentence for a login that ends within a day: in so many seconds, or before now."""
    hours = int(left_s // 3600)
    if left_s <= 0:
        return _("The login of {name} has ended: log in again.", name=name)
    if not hours:
        return _("The login of {name} ends within an hour: log in again.", name=name)
    return n_(
        "The login of {name} ends in {n} hour: log in again.",
        "The login of {name} ends in {n} hours: log in again.",
        hours,
        name=name,
    )


def ending_at(name: str, server: str, left_s: float) -> Words:
    """As `ending`, where there is room for the Kitsu's name, and what to do stands beside it."""
    hours = int(left_s // 3600)
    if left_s <= 0:
        return _("The login of {name} to {server} has ended.", name=name, server=server)
    if not hours:
        return _("The login of {name} to {server} ends within an hour.", name=name, server=server)
    return n_(
        "The login of {name} to {server} ends in {n} hour.",
        "The login of {name} to {server} ends in {n} hours.",
        hours,
        name=name,
        server=server,
    )


def next_look_s(left_s: Iterable[float]) -> float:
    """In how many seconds to look again at logins that have so many left: one comes to its last day, or has ended.

    Infinite where all of them have ended.
    """
    turns = [wait for left in left_s for wait in (left - TOLD_S, left) if wait > 0]
    return min(LOOK_S, *turns) + 1 if turns else float("inf")


def expiry(token: str) -> datetime | None:
    """When a token of Kitsu expires; None where it does not say so.

    Kitsu's tokens are JWTs: three parts in base64, the second of which holds the seconds since 1970 as `exp`.
    """
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        seconds = claims.get("exp") if isinstance(claims, dict) else None
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            return None
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError, RecursionError):  # of whatever else stands there
        return None
