"""The private door's routes, all JSON: what the command line, the hand-off and a second start ask.

Only this user reaches them; the guard has seen to that. Those about accounts are in `door_account`.
"""

import asyncio
import dataclasses
import json
import logging
import os
import time
from collections import deque
from collections.abc import Callable, Mapping

from aiohttp import web

from launcher import __version__, incoming, trust
from launcher.incoming import IncomingError, Unreadable
from launcher.launches import DOUBTED_A_MINUTE, JOIN_S
from launcher.model import Choice, Json, Step
from launcher.plan.page import describe
from launcher.web import body, language
from launcher.web.parts import PARTS
from launcher.words import _

routes = web.RouteTableDef()
LISTED = 50
USE = _("Use the command `kitsu-launcher`.")
log_of_links = logging.getLogger("launcher.web")


@dataclasses.dataclass(slots=True)
class Seldom:
    """Links that open the front page: any page can open one after the other, and must not bury her under tabs."""

    clock: Callable[[], float] = time.monotonic
    _times: deque[float] = dataclasses.field(default_factory=lambda: deque(maxlen=DOUBTED_A_MINUTE))

    def again(self) -> bool:
        """Whether one more may; a second within 2 s is the first one, pressed twice."""
        now, times = self.clock(), self._times
        if times and (now - times[-1] < JOIN_S or (len(times) == times.maxlen and now - times[0] < 60)):
            return False
        times.append(now)
        return True


SELDOM = web.AppKey("seldom", Seldom)


@routes.get("/door/ping")
async def ping(request: web.Request) -> web.Response:
    """Who answers, and where its port is."""
    return web.json_response({"pid": os.getpid(), "version": __version__, "port": request.app[PARTS].port})


@routes.post("/door/run")
async def run(request: web.Request) -> web.Response:
    """A click of the command line: its launch, or with `dry_run` only the plan."""
    parts = request.app[PARTS]
    wish = await fields(request)
    action, tasks, server = text(wish, "action"), texts(wish, "tasks"), text(wish, "server", optional=True) or None
    choice = choice_of(wish)
    if flag(wish, "dry_run"):
        plan = await parts.run.rehearse(action, tasks, server=server, choice=choice)
        left_out: list[Json] = [{"task": left.task, "reason": left.reason} for left in plan.left_out]
        return said(
            {
                "lines": list(describe(plan)),
                "steps": [_step(step) for step in plan.steps],
                "left_out": left_out,
                "warnings": list(plan.warnings),
                "asks": list(plan.must_ask),
                "choices": [str(how) for how in plan.choices],
                "files": [row.name for row in plan.files],
            }
        )
    launch = await parts.run.command(action, tasks, server=server, yes=flag(wish, "yes"), choice=choice)
    return said(launch.public())


@routes.get("/door/launches")
async def launches(request: web.Request) -> web.Response:
    """The newest launches first."""
    return said([launch.public() for launch in request.app[PARTS].launches.recent(LISTED)])


@routes.get("/door/launches/{id}")
async def launch(request: web.Request) -> web.Response:
    """One launch, by the beginning of its id."""
    return said(request.app[PARTS].launches.resolve(request.match_info["id"]).public())


@routes.get("/door/launches/{id}/log")
async def log(request: web.Request) -> web.Response:
    """What its applications printed."""
    known = request.app[PARTS].launches
    found = known.resolve(request.match_info["id"])
    return web.json_response({"id": found.id, "log": await asyncio.to_thread(known.log_text, found)})


@routes.post("/door/launches/{id}/answer")
async def answer(request: web.Request) -> web.Response:
    """The answer to a launch's question. No one-time value: whoever is here is this user."""
    parts = request.app[PARTS]
    found = parts.launches.resolve(request.match_info["id"])
    wish = await fields(request)
    await parts.run.decide(found, choice_of(wish) or flag(wish, "yes"))
    return said(found.public())


@routes.post("/door/link")
async def link(request: web.Request) -> web.Response:
    """A `kitsu-launcher://` link: its launch always asks, on its page; `open` shows the front page."""
    parts = request.app[PARTS]
    click = incoming.link(text(await fields(request), "url"))
    parts.need_port(unseen=True)  # it was the desktop that started the hand-off
    if click is None:
        if request.app[SELDOM].again():
            parts.open_page(None)
        else:
            log_of_links.info("no page opened: a link opened one a moment ago, or there were many")
        return web.json_response({})
    found = parts.run.begin(click, trust.Ask(_("It came as a link, which any page can open.")))
    parts.open_page(found)
    return said(found.public())


@routes.post("/door/enter")
async def enter(request: web.Request) -> web.Response:
    """An address that opens the dashboard once, within 30 s; `unseen` of who has no terminal for an error."""
    parts = request.app[PARTS]
    parts.need_port(unseen=request.can_read_body and flag(await fields(request), "unseen"))
    return web.json_response({"url": parts.sessions.enter_url()})


@routes.post("/door/quit")
async def stop(request: web.Request) -> web.Response:
    """End the daemon once this is answered."""
    asyncio.get_running_loop().call_later(0.05, request.app[PARTS].stop)
    return web.json_response({})


async def fields(request: web.Request) -> dict[str, Json]:
    """The body's JSON object.

    Raises: IncomingError when it is none.
    """
    try:
        found = json.loads(await body.read(request))
    except (ValueError, RecursionError) as error:
        raise Unreadable(_("The request is no JSON."), next_step=USE) from error
    if not isinstance(found, dict):
        raise Unreadable(_("The request is no JSON object."), next_step=USE)
    return found


def text(wish: dict[str, Json], name: str, *, optional: bool = False) -> str:
    """A text of a request; empty where it may be missing and is.

    Raises: IncomingError.
    """
    found = wish.get(name)
    if found is None and optional:
        return ""
    if not isinstance(found, str):
        raise IncomingError(_('"{name}" of the request must be a text.', name=name), next_step=USE)
    return found


def texts(wish: dict[str, Json], name: str) -> list[str]:
    """A list of texts of a request.

    Raises: IncomingError.
    """
    found = wish.get(name)
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise IncomingError(_('"{name}" of the request must be a list of texts.', name=name), next_step=USE)
    return [str(item) for item in found]


def flag(wish: dict[str, Json], name: str) -> bool:
    """A yes or no of a request; no where it is missing.

    Raises: IncomingError.
    """
    found = wish.get(name, False)
    if not isinstance(found, bool):
        raise IncomingError(_('"{name}" of the request must be true or false.', name=name), next_step=USE)
    return found


def choice_of(wish: dict[str, Json]) -> Choice | None:
    """What a request answers beside yes and no; None where it does not.

    Raises: IncomingError.
    """
    how = text(wish, "choose", optional=True)
    return incoming.choice(how, text(wish, "file", optional=True)) if how else None


def said(value: Json) -> web.Response:
    """An answer whose sentences are in the language of the person, or of her terminal."""
    return web.json_response(language.translated(value))


def _step(step: Step) -> dict[str, Json]:
    """One step of a plan for programs: all but the whole environment, of which the changes are told."""
    values = {field.name: getattr(step, field.name) for field in dataclasses.fields(step) if field.name != "env"}
    return {"step": type(step).__name__, **{name: _json(value) for name, value in values.items()}}


def _json(value: object) -> Json:
    if isinstance(value, Mapping):
        return {str(name): _json(inner) for name, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_json(inner) for inner in value]
    if dataclasses.is_dataclass(value):
        return {field.name: _json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
