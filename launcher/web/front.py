"""The dashboard's first page and her tasks: what needs her, what she can open, what became of it."""

import time
from datetime import date

from aiohttp import web

from launcher.kitsu.lasting import TOLD_S
from launcher.launches import REMEMBERED
from launcher.web import findings, needs, pages, sessions
from launcher.web.dashboard import Values, page, parts_of
from launcher.web.desk import DESK, Desk
from launcher.web.needs import Standing
from launcher.web.parts import PARTS, Parts
from launcher.web.rows import busy, launch_rows
from launcher.web.sessions import SESSION
from launcher.web.taskrows import groups

routes = web.RouteTableDef()
NEWEST = 5
"""Launches on the front page."""
SHOWN = 8
"""Tasks on the front page; the others are found by its search, and listed on a page of their own."""
LONGEST_SEARCH = 100


@routes.get("/", allow_head=False)
async def front(request: web.Request) -> web.Response:
    """What is to be done now. Without a session only how to enter, and nothing of a person."""
    if request[SESSION] is None:
        elsewhere = request.app[PARTS].sessions.find(sessions.cookies(request)) is not None
        return pages.page("enter.html", elsewhere=elsewhere)
    return page(request, "front.html", await _front(request))


@routes.get("/dashboard.json", allow_head=False)
async def front_again(request: web.Request) -> web.Response:
    """The front page's parts as they are now."""
    templates = {
        "attention": "attention.html",
        "findings": "findings.html",
        "tasks": "task_rows.html",
        "launches": "launch_rows.html",
        "machine": "machine.html",
    }
    return parts_of(request, await _front(request), templates)


@routes.get("/tasks", allow_head=False)
async def tasks(request: web.Request) -> web.Response:
    """Every open task of hers. `q` searches, for browsers without JavaScript."""
    return page(request, "tasks.html", await _tasks(request, request.query.get("q", "")[:LONGEST_SEARCH]))


@routes.get("/tasks.json", allow_head=False)
async def tasks_again(request: web.Request) -> web.Response:
    """All of them as they are now: the page's script searches by itself."""
    return parts_of(request, await _tasks(request, ""), {"attention": "attention.html", "tasks": "task_rows.html"})


async def _front(request: web.Request) -> Values:
    parts, desk = request.app[PARTS], request.app[DESK]
    await desk.look()
    newest, loaded = parts.launches.recent(NEWEST), parts.loaded()
    standings = _standings(parts, desk)
    wanted = [
        *needs.of_launches(parts.launches.recent(REMEMBERED)),
        *needs.of_kitsu(standings),
        *needs.of_endings(parts.accounts.expiring(TOLD_S)),
    ]
    return {
        **_listed(desk, standings, ""),
        **await findings.shown(request),
        "needs": wanted,
        "problems": loaded.problems,
        "shown": SHOWN,
        "rows": launch_rows(newest, time.time(), loaded.config.actions),
        "busy": busy(newest) or desk.asking,
        "machine": desk.machine.value,
        "standings": standings,
        "back": "/",
    }


async def _tasks(request: web.Request, search: str) -> Values:
    parts, desk = request.app[PARTS], request.app[DESK]
    await desk.look()
    standings = _standings(parts, desk)
    return {
        **_listed(desk, standings, search),
        "needs": needs.of_kitsu(standings),
        "problems": (),
        "shown": len(desk.tasks.value or ()),
        "busy": desk.asking,
    }


def _listed(desk: Desk, standings: list[Standing], search: str) -> Values:
    """What the list of tasks shows."""
    mine = desk.tasks.value or ()
    return {
        "groups": groups(mine, date.today(), search),
        "count": len(mine),
        "asking": desk.tasks.value is None and desk.tasks.error is None,
        "error": desk.tasks.error,
        "somebody": any(one.people for one in standings),
        "servers": len(standings),
        "stale": bool(mine) and any(one.trouble for one in standings),
        "search": search,
    }


def _standings(parts: Parts, desk: Desk) -> list[Standing]:
    """How it stands with each Kitsu, by the last answers. A server that is new in the studio file is not known yet."""
    logins = {one.server: one for one in desk.people.value or ()}
    found = []
    for server in parts.loaded().config.studio.servers:
        known = logins.get(server)
        trouble = parts.accounts.trouble(server) or (known.problem if known else None)
        found.append(Standing(server, known.people if known else (), trouble, known=known is not None))
    return found
