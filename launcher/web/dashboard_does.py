"""What the dashboard's buttons do. Each sends the session's value; without JavaScript it leads back to its page."""

import asyncio
import dataclasses
from collections.abc import Mapping
from pathlib import Path

from aiohttp import hdrs, web

from launcher import trust, whose
from launcher.config import person_file
from launcher.config.person_file import PersonFileError
from launcher.config.schema import Server
from launcher.errors import NotFoundHere, Refused
from launcher.kitsu.failures import NotLoggedIn
from launcher.model import Click, Sender
from launcher.system.here import desktop, places
from launcher.web import body, language
from launcher.web.dashboard import applications_values, page, session_of
from launcher.web.desk import DESK
from launcher.web.parts import PARTS, Parts
from launcher.web.routes import for_program
from launcher.web.rows import folder_of, may_go_again
from launcher.words import _

routes = web.RouteTableDef()
BACK = ("/", "/tasks", "/launches", "/applications", "/configuration", "/account")


@routes.post("/dashboard/run")
async def run(request: web.Request) -> web.Response:
    """One action on one of her tasks. `run` of the form names action, task, Kitsu and person."""
    parts, fields = request.app[PARTS], await fields_of(request)
    try:
        action, task, origin, person_id = fields.get("run", "").split(" ")
    except ValueError as error:
        raise _unreadable() from error
    server = _server(parts, origin)
    people = await parts.accounts.people(server)
    person = next((one for one in people if one.id == person_id), None)
    if person is None:
        raise _nobody(server)
    launch = parts.run.own(action, [task], Sender.DASHBOARD, person=person, server=origin)
    return done(request, fields, _("{action}: it begins.", action=launch.title), url=launch.url)


@routes.post("/dashboard/again")
async def again(request: web.Request) -> web.Response:
    """A launch once more, as a new one. What never was carried out, or came from any page, asks first."""
    parts, fields = request.app[PARTS], await fields_of(request)
    earlier = parts.launches.resolve(fields.get("launch", ""))
    server = whose.server(earlier.click, parts.loaded().config.studio.servers)
    person = whose.again(earlier.click, earlier.person, await parts.accounts.people(server))
    if person is None:
        raise _nobody(server)
    click = dataclasses.replace(
        earlier.click,
        sender=Sender.DASHBOARD,
        server=server.origins[0],
        person_id=person.id,
        person_email=person.email,
        received=(),
    )
    reason = _("It came from a page, and was not carried out before.")
    verdict = trust.Go() if may_go_again(earlier) else trust.Ask(reason)
    launch = parts.run.begin(click, verdict)
    return done(request, fields, _("{action}: it begins again.", action=launch.title))


@routes.post("/dashboard/folder")
async def folder(request: web.Request) -> web.Response:
    """Show the folder of what a launch opened, in the file manager."""
    parts, fields = request.app[PARTS], await fields_of(request)
    path = folder_of(parts.launches.resolve(fields.get("launch", "")))
    if not path:
        raise NotFoundHere(
            _("This launch opened no file."), next_step=_("Click the action again in Kitsu, then look for its folder.")
        )
    await asyncio.to_thread(desktop.open_folder, Path(path), parts.run.hands.environment())
    return done(request, fields, _("The folder {path} is shown.", path=path))


@routes.post("/dashboard/executable")
async def executable(request: web.Request) -> web.Response:
    """Use this program for an application, or hers no more; what is wrong with it is told where it was written."""
    parts, fields = request.app[PARTS], await fields_of(request)
    app = fields.get("app", "")
    wanted = "" if "remove" in fields else fields.get("executable", "").strip()
    try:
        if not wanted and "remove" not in fields:
            raise PersonFileError(_("No path was written."), next_step=_("Write the program's whole path."))
        await asyncio.to_thread(_set_executable, parts, app, wanted)
    except PersonFileError as error:
        if for_program(request):
            raise
        values = await applications_values(request)
        return page(request, "applications.html", {**values, "refused": {app: (wanted, error)}}, status=error.status)
    request.app[DESK].applications.forget()
    said = _("{app}: this program is used now.", app=app) if wanted else _("{app}: what is found is used.", app=app)
    return done(request, {**fields, "back": "/applications"}, said, mark=f"#app-{app}")


def _set_executable(parts: Parts, app: str, wanted: str) -> None:
    if app not in parts.loaded().config.apps:
        raise PersonFileError(
            _("No application is called {name} here.", name=repr(app[:80])),
            next_step=_("Load the page of applications again."),
        )
    refusal = places.program(Path(wanted)).refusal if wanted else ""
    if refusal:
        raise PersonFileError(
            _("This program cannot be used, so nothing was written."),
            tried=[f"{wanted}: {refusal}"],
            next_step=_("Write the whole path of the program itself, as a terminal would start it."),
        )
    person_file.set_executable(parts.folders, parts.loaded, app, wanted)


@routes.post("/dashboard/logout")
async def logout(request: web.Request) -> web.Response:
    """End one person's login."""
    parts, fields = request.app[PARTS], await fields_of(request)
    server = _server(parts, fields.get("server", ""))
    gone = await parts.accounts.logout(server, fields.get("email", ""))
    names = ", ".join(person.name for person in gone)
    return done(request, fields, _("{names}: logged out.", names=names) if gone else _("Nobody was logged in."))


# -- parts -----------------------------------------------------------------------------------------------------------
async def fields_of(request: web.Request) -> dict[str, str]:
    """The form's fields, once they are known to be of this session's own page.

    Raises: IncomingError, NotEntered.
    """
    fields = await body.fields(request)
    session_of(request).check(fields.get("form", ""))
    return fields


def done(request: web.Request, fields: Mapping[str, str], said: str, *, mark: str = "", url: str = "") -> web.Response:
    """What was done, for the page's script, and where more of it is told; else back to the page, which shows it."""
    if for_program(request):
        return web.json_response({"said": language.say(said), **({"url": url} if url else {})})
    back = fields.get("back", "")
    known = back if back in BACK else "/"
    return web.Response(status=303, headers={hdrs.LOCATION: known + mark})


def _server(parts: Parts, origin: str) -> Server:
    click = Click(action="", task_ids=(), sender=Sender.DASHBOARD, server=origin)
    return whose.server(click, parts.loaded().config.studio.servers)


def _nobody(server: Server) -> NotLoggedIn:
    return NotLoggedIn(
        _("You are not logged in to {server} here any more.", server=server.origins[0]),
        next_step=_("Log in on the page Account, or run `kitsu-launcher login`; then press the button again."),
    )


def _unreadable() -> Refused:
    return Refused(_("The button sent something other than it should."), next_step=_("Load the page again."))
