"""How long a login lasts: read out of its token, which is believed for nothing else. Pure."""

import base64
import json
from datetime import UTC, datetime

from launcher.words import Words, _, n_

TOLD_S = 24 * 3600.0
"""How long before its end it is told that a login ends."""


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
