"""One aiohttp application for the port and the private door, and what becomes of errors."""

import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import cast

from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware

from launcher.errors import LauncherError
from launcher.model import Json
from launcher.trust import Rules
from launcher.web import (
    dashboard,
    dashboard_does,
    dashboard_self,
    desk,
    door,
    door_account,
    door_config,
    door_shell,
    files,
    front,
    guard,
    language,
    login,
    login_shown,
    pages,
    routes,
)
from launcher.web.findings import add_findings
from launcher.web.offers import OFFERS, Offers
from launcher.web.parts import PARTS, Parts
from launcher.words import _

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = logging.getLogger("launcher.web")


def build(parts: Parts) -> web.Application:
    """The whole face of one daemon."""

    def rules() -> Rules:
        return Rules.of(parts.loaded().config, parts.port)

    async def allow_origin(request: web.Request, response: web.StreamResponse) -> None:
        """Let a listed Kitsu read the answer to its AJAX, errors too; only once the guard has let it in."""
        origin = request.headers.get(hdrs.ORIGIN)
        if guard.VERDICT in request and origin in rules().origins:
            response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
            response.headers[hdrs.ACCESS_CONTROL_ALLOW_CREDENTIALS] = "true"
            response.headers[hdrs.VARY] = hdrs.ORIGIN

    @web.middleware
    async def speak(request: web.Request, handler: Handler) -> web.StreamResponse:
        """In the language of the person, or of her browser; refusals and faults too, so it comes first."""
        language.choose(parts.loaded().config.desk.language, request)
        return await handler(request)

    guarded = guard.middleware(rules, find_session=parts.sessions.find)
    app = web.Application(middlewares=[speak, tell, cast(Middleware, guarded)])
    app[PARTS] = parts
    app[door.SELDOM] = door.Seldom()
    app[OFFERS] = Offers()
    app[files.SHOWN_PAGES] = files.Shown()
    desk.put_into(app)
    add_findings(app)
    login_shown.put_into(app)
    for part in (
        *(routes, files, front, dashboard, dashboard_does, dashboard_self),
        *(login, door, door_account, door_config, door_shell),
    ):
        app.add_routes(part.routes)
    app.on_response_prepare.extend([pages.secure, allow_origin])
    return app


@web.middleware
async def tell(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error into an answer: a page for people, JSON for programs; a fault of ours without its details."""
    try:
        return await handler(request)
    except LauncherError as error:
        return _answer(request, error)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _answer(request, NotThere(error))
    except ConnectionError:
        raise  # whoever asked has gone: there is nobody to answer, and nothing to log
    except Exception:  # whatever a handler did not foresee must still be answered, and must not end up on the page
        number = secrets.token_hex(4)
        log.exception("fault=%s method=%s", number, request.method)
        return _answer(request, Fault(number))


class NotThere(LauncherError):
    """HTTP's own errors: no such address, or not with this method."""

    code = "http"

    def __init__(self, error: web.HTTPException) -> None:
        self.number = error.status
        super().__init__(
            {
                404: _("There is nothing at this address."),
                405: _("This address does not answer such requests."),
            }.get(error.status, _("The request could not be answered: {reason}.", reason=error.reason)),
            next_step=_("Click an action in Kitsu, or run `kitsu-launcher launches` in a terminal."),
        )
        self.headers = {name: error.headers[name] for name in (hdrs.ALLOW,) if name in error.headers}


class Fault(LauncherError):
    """A fault of Kitsu Launcher itself."""

    code = "fault"

    def __init__(self, number: str) -> None:
        super().__init__(
            _("Something went wrong inside Kitsu Launcher."),
            next_step=_("Try again; if it happens again, look for fault={n} in the log daemon.log.", n=number),
        )


def _answer(request: web.Request, error: LauncherError) -> web.Response:
    status = error.number if isinstance(error, NotThere) else error.status
    if routes.for_program(request):
        response = web.json_response({"error": as_json(error)}, status=status)
    else:
        response = pages.error_page(error, status)
    if isinstance(error, NotThere):
        response.headers.update(error.headers)
    return response


def as_json(error: LauncherError) -> dict[str, Json]:
    """An error for a program; the command line prints it and ends with its exit code."""
    return {
        "problem": language.say(error.problem),
        "tried": [language.say(line) for line in error.tried],
        "next": language.say(error.next_step),
        "code": error.code,
        "exit_code": error.exit_code,
    }
