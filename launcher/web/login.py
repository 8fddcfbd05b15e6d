"""Logging in on our own pages: on that of a click that waits for it, and on the dashboard's.

A password goes to the configured Kitsu and nowhere else: no page shows it again, and no log has it.
"""

from urllib.parse import quote

from aiohttp import hdrs, web

from launcher import whose
from launcher.config.schema import Server
from launcher.errors import LauncherError, Refused
from launcher.launches import Launch
from launcher.model import Click, Person, Sender
from launcher.web import body, login_forms, pages
from launcher.web.dashboard import page, session_of
from launcher.web.desk import DESK
from launcher.web.login_shown import LOGINS
from launcher.web.login_steps import Place, Step
from launcher.web.parts import PARTS, Parts
from launcher.web.routes import launch_of
from launcher.words import _

routes = web.RouteTableDef()
GOES_ON_S = 1.0
"""How long an answer waits for the click to go on, so that the page it leads to shows it."""


@routes.post("/launches/{id:[0-9a-f]{32}}/login")
async def on_launch(request: web.Request) -> web.Response:
    """Log in for a click that waits; where that is its person, it goes on."""
    parts, launch = request.app[PARTS], launch_of(request)
    fields = await body.fields(request)
    if not launch.waiting_for:
        raise Refused(
            _("This click does not wait for a login any more."), next_step=_("Look at its page: it has gone on.")
        )
    server = whose.server(launch.click, parts.loaded().config.studio.servers)
    place = Place(server.origins[0], launch_id=launch.id)
    if person := await _enter(request, place, server, fields):
        await _go_on(request, launch, place, person)
    return _see(launch.url)


@routes.get("/account/login", allow_head=False)
async def form(request: web.Request) -> web.Response:
    """The form of one Kitsu; the first where none is named."""
    server = _named(request.app[PARTS], request.query.get("server", ""))
    shown = await request.app[LOGINS].on_dashboard(session_of(request).form_value, server)
    return page(request, "account_login.html", {"login": shown})


@routes.post("/account/login")
async def on_dashboard(request: web.Request) -> web.Response:
    """Log somebody in; back to the page of accounts, or to the form with what is wrong or missing."""
    parts, fields = request.app[PARTS], await body.fields(request)
    session = session_of(request)
    session.check(fields.get("form", ""))
    server = _named(parts, fields.get("server", ""))
    place = Place(server.origins[0], session=session.form_value)
    if await _enter(request, place, server, fields):
        return _see("/account")
    return _see(f"/account/login?server={quote(server.origins[0], safe='')}")


@routes.get(login_forms.BACK, allow_head=False)
async def back(request: web.Request) -> web.Response:
    """From Kitsu's own page: redeem the code, and go to what waits for it. The address is not kept."""
    parts, steps = request.app[PARTS], request.app[LOGINS].steps
    code, state = login_forms.returned(request.rel_url.raw_query_string)
    place, step = steps.returned(state)
    launch = parts.launches.get(place.launch_id)
    try:
        person = await parts.accounts.login_by_code(_named(parts, place.server), code, step.verifier)
    except LauncherError as error:
        if launch is None:
            raise
        steps.failed(place, error, step.email, "")
        return _see(launch.url)
    _tell(request)
    if launch is None:
        return _see("/login/done")
    await _go_on(request, launch, place, person)
    return _see(launch.url)


@routes.get("/login/done", allow_head=False)
async def done(request: web.Request) -> web.Response:
    """The end of a login by Kitsu's page. Any page may lead here, so it tells nothing of a person."""
    return pages.page("login_done.html")


# -- parts -----------------------------------------------------------------------------------------------------------
async def _enter(request: web.Request, place: Place, server: Server, fields: dict[str, str]) -> Person | None:
    """Try what a form has sent; who that is, or None where its next form says what is wrong or missing.

    Raises: LoginExpired.
    """
    accounts, steps = request.app[PARTS].accounts, request.app[LOGINS].steps
    step = steps.take(place, fields.get("once", ""))
    email, password = step.email if step.needs else fields.get("email", "").strip(), step.password
    if "again" in fields:
        steps.forget(place)
        return None
    try:
        typed = _typed(step, fields)
        email, password = typed.email, typed.password
        person = await accounts.login(server, email, password, **typed.second)
    except LauncherError as error:
        steps.failed(place, error, email, password)
        return None
    finally:
        step.busy = False
    steps.forget(place)
    _tell(request)
    return person


def _typed(step: Step, fields: dict[str, str]) -> login_forms.Typed:
    if step.needs:
        return login_forms.second(fields, step.email, step.password, step.needs)
    return login_forms.first(fields)


async def _go_on(request: web.Request, launch: Launch, place: Place, person: Person) -> None:
    """After a login: the click goes on, or its next form says whom it still waits for."""
    if other := login_forms.somebody_else(launch.click, person):
        request.app[LOGINS].steps.failed(place, other, launch.click.person_email or "", "")
    elif launch.waiting_for:
        await request.app[PARTS].launches.wait(launch, launch.version, GOES_ON_S)


def _tell(request: web.Request) -> None:
    """Somebody has logged in: clicks that wait for it, and the page of accounts."""
    request.app[DESK].people.forget()
    request.app[PARTS].run.logged_in()


def _named(parts: Parts, origin: str) -> Server:
    """Raises: ServerRefused where it is none of this studio's."""
    click = Click(action="", task_ids=(), sender=Sender.DASHBOARD, server=origin or None)
    return whose.server(click, parts.loaded().config.studio.servers)


def _see(address: str) -> web.Response:
    """303: history keeps no form, and no code."""
    return web.Response(status=303, headers={hdrs.LOCATION: address})
