"""The page "Other revisions" of a launch: its working files as they are now, each to open, or as the next revision."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

from launcher import earlier, incoming
from launcher.errors import Refused
from launcher.launches import Launch
from launcher.web import body, pages
from launcher.web.filerows import has, lines
from launcher.web.parts import PARTS
from launcher.web.routes import launch_of
from launcher.words import _

routes = web.RouteTableDef()
SHOWN = 200
"""The newest of a page; the others lie in a fold."""
PATIENCE_S = 600
MOST_PAGES = 64
LONGEST_SEARCH = 100


class TooOld(Refused):
    """A page whose buttons do not count any more."""

    code = "expired"


@dataclass(slots=True)
class Shown:
    """The one-time values of the pages that were shown: each is good for one press, on its launch."""

    clock: Callable[[], float] = time.monotonic
    waiting: dict[str, tuple[float, str]] = field(default_factory=dict)

    def make(self, launch: Launch) -> str:
        """A new one; the oldest gives way where there are too many."""
        while len(self.waiting) >= MOST_PAGES:
            del self.waiting[next(iter(self.waiting))]
        once = secrets.token_urlsafe(24)
        self.waiting[once] = (self.clock() + PATIENCE_S, launch.id)
        return once

    def take(self, launch: Launch, once: str) -> None:
        """Use one up. Raises: TooOld, when it is unknown, used, too old, or another launch's."""
        until, launch_id = self.waiting.pop(once, (0.0, ""))
        if launch_id != launch.id or self.clock() > until:
            raise TooOld(
                _("This page is too old: a file can be chosen on it once, and for ten minutes."),
                next_step=_("Load the list again, and choose."),
            )


SHOWN_PAGES = web.AppKey("shown files", Shown)


@routes.get("/launches/{id:[0-9a-f]{32}}/files", allow_head=False)
async def files(request: web.Request) -> web.Response:
    """The list. `task` names one of several tasks, `q` words that a line must have."""
    launch, parts = launch_of(request), request.app[PARTS]
    found = await earlier.listed(parts.run, launch, request.query.get("task", ""))
    search = request.query.get("q", "")[:LONGEST_SEARCH]
    fitting = [line for line in lines(found.rows) if has(line, search)]
    return pages.page(
        "files.html",
        launch=launch,
        found=found,
        search=search,
        newest=fitting[:SHOWN],
        older=fitting[SHOWN:],
        all=len(found.rows),
        once=request.app[SHOWN_PAGES].make(launch),
        studio=parts.loaded().config.studio.name,
    )


@routes.post("/launches/{id:[0-9a-f]{32}}/files")
async def choose(request: web.Request) -> web.Response:
    """A press on one of the list's buttons: `open` or `next` names the file. A new launch begins."""
    launch, parts = launch_of(request), request.app[PARTS]
    fields = await body.fields(request)
    request.app[SHOWN_PAGES].take(launch, fields.get("once", ""))
    how = "next" if "next" in fields else "open"
    choice = incoming.choice(how, fields.get(how, ""))
    begun = await earlier.again(parts.run, launch, fields.get("task", ""), choice)
    return web.Response(status=303, headers={"Location": begun.url})
