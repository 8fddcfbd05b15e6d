"""The dashboard's pages. Each is whole without JavaScript; with it, its parts are asked for again while it is seen.

The first page and her tasks are in `front`.
"""

import asyncio
import time
from collections.abc import Mapping
from functools import partial
from typing import TypeAlias

from aiohttp import hdrs, web

from launcher import __version__, words
from launcher.config import feed, files, show
from launcher.errors import NotFoundHere
from launcher.web import language, login_shown, pages, sessions
from launcher.web.desk import DESK
from launcher.web.parts import PARTS, Parts
from launcher.web.rows import app_rows, busy, by_table, launch_rows
from launcher.web.sessions import SESSION, Session

routes = web.RouteTableDef()
Values: TypeAlias = dict[str, object]
LISTED = 100


# -- coming in -------------------------------------------------------------------------------------------------------
@routes.get("/enter/{once}", allow_head=False)
async def enter(request: web.Request) -> web.Response:
    """Give this browser its cookie; the address opens nothing more after this. Who is in already is let through."""
    known, once = request.app[PARTS].sessions, request.match_info["once"]
    response = web.Response(status=303, headers={hdrs.LOCATION: known.leads_to(once)})
    if known.find(sessions.cookies(request)) is None:
        sessions.give(response, known.cookie, known.enter(once))
    known.spend(once)
    return response


# -- launches --------------------------------------------------------------------------------------------------------
@routes.get("/launches", allow_head=False)
async def launches(request: web.Request) -> web.Response:
    """Every launch, the newest first."""
    return page(request, "launches.html", _launches(request.app[PARTS]))


@routes.get("/launches.json", allow_head=False)
async def launches_again(request: web.Request) -> web.Response:
    """The list as it is now."""
    return parts_of(request, _launches(request.app[PARTS]), {"launches": "launch_rows.html"})


def _launches(parts: Parts) -> Values:
    listed = parts.launches.recent(LISTED)
    rows = launch_rows(listed, time.time(), parts.loaded().config.actions)
    return {"rows": rows, "busy": busy(listed), "back": "/launches"}


@routes.get("/launches/{id:[0-9a-f]{32}}/log", allow_head=False)
async def log_page(request: web.Request) -> web.Response:
    """All that a launch's applications printed."""
    return page(request, "log.html", await _log(request))


@routes.get("/launches/{id:[0-9a-f]{32}}/log.json", allow_head=False)
async def log_again(request: web.Request) -> web.Response:
    """The same as it is now."""
    return parts_of(request, await _log(request), {"log": "log_text.html"})


async def _log(request: web.Request) -> Values:
    parts = request.app[PARTS]
    launch = parts.launches.resolve(request.match_info["id"])
    try:
        text = await asyncio.to_thread(parts.launches.log_text, launch)
    except NotFoundHere:
        text = ""
    (row,) = launch_rows([launch], time.time(), {})
    return {"row": row, "lines": text.expandtabs(4).splitlines(), "busy": busy([launch])}


# -- applications, configuration, account, help ----------------------------------------------------------------------
@routes.get("/applications", allow_head=False)
async def applications(request: web.Request) -> web.Response:
    """What is installed here, in which versions, and why each other candidate does not count."""
    return page(request, "applications.html", await applications_values(request))


@routes.get("/applications.json", allow_head=False)
async def applications_again(request: web.Request) -> web.Response:
    """The list as it is now."""
    return parts_of(request, await applications_values(request), {"applications": "app_rows.html"})


async def applications_values(request: web.Request) -> Values:
    """What the page of applications shows; `refused` is an executable that was not taken, and why."""
    parts, desk = request.app[PARTS], request.app[DESK]
    await desk.applications.look()
    config = parts.loaded().config
    used = {name for action in config.actions.values() for name in getattr(action, "app", ())}
    return {
        "rows": app_rows(config.apps, desk.applications.value or {}, used, parts.run.os),
        "looking": desk.applications.asking and desk.applications.value is None,
        "error": desk.applications.error,
        "busy": desk.applications.asking,
        "file": parts.folders.config / files.USER,
        "refused": {},
    }


@routes.get("/configuration", allow_head=False)
async def configuration(request: web.Request) -> web.Response:
    """Every value that counts and where it stands, and what is wrong in the files."""
    loaded = request.app[PARTS].loaded()
    values: Values = {
        "problems": loaded.problems,
        "sources": loaded.sources,
        "tables": by_table(await asyncio.to_thread(show.listed, loaded)),
        "languages": language.NAMES,
        "known": words.languages(),
        "chosen": words.known(loaded.config.desk.language) or "",
        "back": "/configuration",
    }
    return page(request, "configuration.html", values)


@routes.get("/account", allow_head=False)
async def account(request: web.Request) -> web.Response:
    """Who is logged in to which Kitsu."""
    parts, desk = request.app[PARTS], request.app[DESK]
    desk.follow_logins()
    await desk.people.look(patience_s=3)
    lasts = partial(login_shown.lasts, parts.accounts)
    values: Values = {"people": desk.people, "note": parts.accounts.keyring_note(), "lasts": lasts}
    return page(request, "account.html", values)


@routes.get("/help", allow_head=False)
async def help_page(request: web.Request) -> web.Response:
    """How it is used, and where its files are."""
    parts = request.app[PARTS]
    told = parts.loaded().config.studio.feed
    heard = await asyncio.to_thread(feed.heard, parts.folders, told) if told else feed.Heard()
    newer = heard.release if heard.release and heard.release.newer_than(__version__) else None
    values: Values = {"version": __version__, "folders": parts.folders, "port": parts.port, "newer": newer}
    return page(request, "help.html", values)


# -- parts of answers ------------------------------------------------------------------------------------------------
def session_of(request: web.Request) -> Session:
    """The session that `trust` has asked for before it let the request in."""
    found = request[SESSION]
    assert found is not None  # noqa: S101  # the rule of every such address
    return found


def page(request: web.Request, template: str, values: Values, status: int = 200) -> web.Response:
    """One page of the dashboard: with its navigation, and with the value that its forms send back."""
    return pages.page(template, status, **_common(request), **values)


def _common(request: web.Request) -> Values:
    return {
        "here": "/" + request.path.split("/")[1],
        "studio": request.app[PARTS].loaded().config.studio.name,
        "form_value": session_of(request).form_value,
    }


def parts_of(request: web.Request, values: Values, templates: Mapping[str, str]) -> web.Response:
    """Some parts of a page, rendered anew, and whether more will change soon."""
    values = {**_common(request), **values}
    rendered = {name: pages.render(template, **values) for name, template in templates.items()}
    return web.json_response({"parts": rendered, "busy": values["busy"]})
