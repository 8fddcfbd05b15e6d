"""What the dashboard's buttons do to this program itself: start at login, language, end. As the tray's menu does."""

import asyncio

from aiohttp import web

from launcher import itself, words
from launcher.config import person_file
from launcher.errors import Refused
from launcher.system.here import autostart
from launcher.web import language, pages
from launcher.web.dashboard_does import done, fields_of
from launcher.web.desk import DESK
from launcher.web.parts import PARTS
from launcher.web.routes import for_program
from launcher.words import _

routes = web.RouteTableDef()
LAST_S = 1.5
"""How long the port still answers after `quit`: the last page's style and picture are asked for after it."""


@routes.post("/dashboard/autostart")
async def start_at_login(request: web.Request) -> web.Response:
    """Start at each login from now on (`on`), or at none (`off`)."""
    fields = await fields_of(request)
    wanted = fields.get("autostart")
    if wanted == "on":
        await asyncio.to_thread(autostart.enable, itself.command())
        said = _("Kitsu Launcher starts when you log in to this computer.")
    elif wanted == "off":
        await asyncio.to_thread(autostart.disable)
        said = _("Kitsu Launcher does not start by itself any more.")
    else:
        raise _unreadable()
    request.app[DESK].machine.forget()
    return done(request, fields, said)


@routes.post("/dashboard/language")
async def speak(request: web.Request) -> web.Response:
    """The language of pages, menus and notices from now on; empty: as the browser and the desktop ask."""
    parts, fields = request.app[PARTS], await fields_of(request)
    wanted = fields.get("language", "")
    if wanted and wanted not in words.languages():
        raise _unreadable()
    await asyncio.to_thread(person_file.set_language, parts.folders, parts.loaded, wanted)
    language.choose(wanted, request)
    return done(request, fields, _("The language is changed."))


@routes.post("/dashboard/quit")
async def end(request: web.Request) -> web.Response:
    """End the daemon, once its last page has been shown."""
    fields, parts = await fields_of(request), request.app[PARTS]
    asyncio.get_running_loop().call_later(LAST_S, parts.stop)
    if for_program(request):
        return done(request, fields, _("Kitsu Launcher ends."))
    return pages.page("ended.html")


def _unreadable() -> Refused:
    return Refused(_("The button sent something other than it should."), next_step=_("Load the page again."))
