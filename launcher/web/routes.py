"""The port: Kitsu's actions, the pages of launches, and little else.

Preflights and the pages of refusals are answered by the guard, which has seen every request first.
"""

import asyncio
import time
from importlib import resources

from aiohttp import hdrs, web

from launcher import incoming, trust, whose
from launcher.config.schema import Server
from launcher.errors import LauncherError, NotFoundHere
from launcher.launches import Launch, Launches, TooMany
from launcher.model import Click, Sender
from launcher.plan.page import steps
from launcher.web import body, language, pages
from launcher.web.choices import replies
from launcher.web.filerows import ON_QUESTION, lines, may_list
from launcher.web.guard import VERDICT
from launcher.web.login_shown import LOGINS, Form
from launcher.web.offers import OFFERS
from launcher.web.parts import PARTS
from launcher.web.view import LONGEST_TITLE, View, ended, grouped, view
from launcher.words import _

routes = web.RouteTableDef()
LOG_TAIL_LINES = 40
STATIC = {
    "kitsu.css": "text/css",
    "kitsu.js": "text/javascript",
    "dashboard.js": "text/javascript",
    "login.js": "text/javascript",
    "files.js": "text/javascript",
    "kitsu.svg": "image/svg+xml",
    "kitsu.ico": "image/x-icon",
}


class UnknownLaunch(NotFoundHere):
    """No launch has this id."""

    code = "launch"


def for_program(request: web.Request) -> bool:
    """Whether the answer is read by a program: the command line, a script of a page, Kitsu's AJAX."""
    return (
        request.path.startswith("/door/")
        or request.path.endswith(".json")
        or request.content_type == incoming.JSON_TYPE
        or request.headers.get("Sec-Fetch-Dest") == "empty"
    )


# -- clicks ----------------------------------------------------------------------------------------------------------
@routes.post("/run/{action}")
async def run_action(request: web.Request) -> web.Response:
    """One custom action of Kitsu, form or AJAX: a launch begins, and the browser is sent to its page at once."""
    parts = request.app[PARTS]
    if request.content_type == incoming.JSON_TYPE:
        click = incoming.ajax(request.match_info["action"], _content_type(request), await body.read(request))
        launch = parts.run.begin(click, request[VERDICT])
        address = f"http://127.0.0.1:{parts.port}{launch.url}"
        return web.json_response({"launch": launch.id, "url": address}, status=202)
    # Whatever is wrong is told elsewhere: this address holds the key, and would stay in the browser's history.
    try:
        try:
            click = incoming.form(request.match_info["action"], _content_type(request), await body.read(request))
        except LauncherError as error:
            return _see(parts.run.refuse(request.match_info["action"][:64], Sender.FORM, error))
        return _see(parts.run.begin(click, request[VERDICT]))
    except TooMany as error:
        return web.Response(status=303, headers={hdrs.LOCATION: f"/refused/{error.code}"})


@routes.get("/refused/{code}", allow_head=False)
async def refused(request: web.Request) -> web.Response:
    """Why a form with a right key became no launch, at an address without the key. It tells nothing of this machine."""
    code = request.match_info["code"]
    if code == TooMany.code:
        told = TooMany(
            _("More was clicked than a person clicks, or three launches already wait for an answer."),
            next_step=_("Answer what waits, or wait a minute; then click again."),
        )
        return pages.error_page(told, told.status)
    found = trust.explained(code)
    if found is None:
        raise web.HTTPNotFound
    return pages.refusal(found)


@routes.get("/run/{action}", allow_head=False)
async def offer(request: web.Request) -> web.Response:
    """A page that names the action and counts the tasks. Nothing is read, made or started before its button."""
    click = incoming.question(request.match_info["action"], request.rel_url.raw_query_string)
    action = request.app[PARTS].loaded().config.actions.get(click.action)
    return pages.page(
        "offer.html",
        click=click,
        name=action.title if action else click.action,
        once=request.app[OFFERS].make(click),
    )


@routes.post("/run/{action}/ask")
async def take_offer(request: web.Request) -> web.Response:
    """The button of that page: a launch that asks, with its whole plan, before anything starts."""
    fields = await body.fields(request)
    click = request.app[OFFERS].take(request.match_info["action"], fields.get("once", ""))
    return _see(request.app[PARTS].run.begin(click, trust.Ask(_("It was opened as a link, which any page can do."))))


# -- launches --------------------------------------------------------------------------------------------------------
@routes.get("/launches/{id:[0-9a-f]{32}}", allow_head=False)
async def launch_page(request: web.Request) -> web.Response:
    """One launch's page. Loading it again never launches again."""
    launch = launch_of(request)
    return pages.page("launch.html", **await _values(request, launch))


@routes.get("/launches/{id:[0-9a-f]{32}}.json", allow_head=False)
async def launch_json(request: web.Request) -> web.Response:
    """One launch for its own page: the same words, rendered, and whether to ask again."""
    launch = launch_of(request)
    values = await _values(request, launch)
    seen = values["view"]
    assert isinstance(seen, View)  # noqa: S101  # put there by `_values`
    page = {
        "title": pages.visible(language.say(seen.title)[:LONGEST_TITLE]),
        "mark": seen.mark,
        "unfinished": seen.unfinished,
        "begun": seen.begun,
        "wide": seen.document is not None,
        "stays": seen.stays,
        "expires_s": values["expires_s"],
        "status": pages.render("status.html", **values),
        "body": pages.render("body.html", **values),
    }
    public = language.translated(launch.public())
    assert isinstance(public, dict)  # noqa: S101  # as `public` answers
    return web.json_response({**public, "page": page})


@routes.post("/launches/{id:[0-9a-f]{32}}/answer")
async def answer(request: web.Request) -> web.Response:
    """The answer to a launch's question: yes, no, or one of its choices with the file that it is about."""
    launch = launch_of(request)
    fields = await body.fields(request)
    said = fields.get("answer", "")
    reply = said == "yes" if said in ("yes", "no") else incoming.choice(said, fields.get("file", ""))
    await request.app[PARTS].run.answer(launch, fields.get("once", ""), reply)
    return _see(launch)


# -- the rest --------------------------------------------------------------------------------------------------------
@routes.get("/healthz")
async def healthz(request: web.Request) -> web.Response:
    """Alive, and nothing else."""
    return web.Response(text="ok")


@routes.get("/favicon.ico")
async def favicon(request: web.Request) -> web.Response:
    """The fox."""
    return _static("kitsu.ico")


@routes.get("/static/{name}")
async def static(request: web.Request) -> web.Response:
    """A style sheet, a script or a picture of our pages."""
    if request.match_info["name"] not in STATIC:
        raise web.HTTPNotFound
    return _static(request.match_info["name"])


def _static(name: str) -> web.Response:
    content = (resources.files("launcher.web") / "static" / name).read_bytes()
    charset = "utf-8" if STATIC[name].startswith("text/") else None
    return web.Response(body=content, content_type=STATIC[name], charset=charset)


def _content_type(request: web.Request) -> str:
    return request.headers.get(hdrs.CONTENT_TYPE, "")


def _see(launch: Launch) -> web.Response:
    """303: history keeps only the launch's page, and a reload sends no form again."""
    return web.Response(status=303, headers={hdrs.LOCATION: launch.url})


def launch_of(request: web.Request) -> Launch:
    """The launch that an address names.

    Raises: UnknownLaunch.
    """
    launch = request.app[PARTS].launches.get(request.match_info["id"])
    if launch is None:
        raise UnknownLaunch(
            _("This launch is not known here."),
            next_step=_("Click the action again in Kitsu; `kitsu-launcher launches` lists what there was."),
        )
    return launch


async def _values(request: web.Request, launch: Launch) -> dict[str, object]:
    """What the templates of a launch's page need."""
    parts = request.app[PARTS]
    seen = view(launch, time.time() - launch.created)
    launch.page_left, launch.page_shown = launch.page_left or seen.begun, launch.version
    log = await asyncio.to_thread(_tail, parts.launches, launch) if launch.error else []
    return {
        "launch": launch,
        "login": await _login(request, launch) if seen.mark == "login" else None,
        "title_length": LONGEST_TITLE,
        "view": seen,
        "studio": parts.loaded().config.studio.name,
        "expires_s": round(launch.question.seconds_left()) if launch.question else 0,
        "log": log,
        # The end of the log stands among what was tried as well: once is enough on a page.
        "tried": [line for line in launch.error.tried if line not in log] if launch.error else [],
        "ended": ended,
        "replies": replies(launch.question.choices) if launch.question else (),
        "would": steps(launch.plan) if launch.plan and launch.question else None,
        "newest": lines(launch.plan.files[:ON_QUESTION]) if launch.plan else [],
        "revisions": may_list(launch, parts.loaded().config.actions),
        "grouped": grouped,
        "back": _back(launch.click, parts.loaded().config.studio.servers),
    }


async def _login(request: web.Request, launch: Launch) -> Form:
    servers = request.app[PARTS].loaded().config.studio.servers
    return await request.app[LOGINS].on_launch(launch, whose.server(launch.click, servers))


def _tail(launches: Launches, launch: Launch) -> list[str]:
    """The last lines that a launch's applications printed; none where there is no log."""
    try:
        return launches.log_text(launch).expandtabs(4).splitlines()[-LOG_TAIL_LINES:]
    except NotFoundHere:
        return []


def _back(click: Click, servers: tuple[Server, ...]) -> str:
    """The address of the Kitsu page that was clicked on; empty when it is not known or not of a configured server."""
    if not click.page or not click.page.startswith("/"):
        return ""
    origins = [origin for server in servers for origin in server.origins]
    named = [origin for origin in origins if click.server in (origin, origin.partition("://")[2])]
    return named[0] + click.page if named else ""
