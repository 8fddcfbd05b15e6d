"""Clicks that a page of ours offers to begin, each by a one-time value."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

from launcher.errors import Refused
from launcher.model import Click
from launcher.words import _

MOST = 16
PATIENCE_S = 120


class Expired(Refused):
    """A one-time value that is unknown, used or too old."""

    code = "expired"


@dataclass(slots=True)
class Offers:
    """The offers of one daemon. Few, and for two minutes: any page can have them made."""

    clock: Callable[[], float] = time.monotonic
    waiting: dict[str, tuple[float, Click]] = field(default_factory=dict)

    def make(self, click: Click) -> str:
        """A new one-time value; the oldest offer gives way where there are too many."""
        while len(self.waiting) >= MOST:
            del self.waiting[next(iter(self.waiting))]
        once = secrets.token_urlsafe(24)
        self.waiting[once] = (self.clock() + PATIENCE_S, click)
        return once

    def take(self, action: str, once: str) -> Click:
        """The click of a one-time value, which counts no more after this.

        Raises: Expired, when it is unknown, used, too old or of another action.
        """
        until, click = self.waiting.pop(once, (0.0, None))
        if click is None or click.action != action or self.clock() > until:
            raise Expired(
                _("This page is too old: its button works once, and for two minutes."),
                next_step=_("Open the link again, or click the action in Kitsu."),
            )
        return click


OFFERS = web.AppKey("offers", Offers)
