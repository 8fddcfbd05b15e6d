"""How long a login lasts: read out of its token, which is believed for nothing else. Pure."""

import base64
import json
from datetime import UTC, datetime


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
