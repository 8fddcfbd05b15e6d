"""The private door's route about the configuration: another studio file, tried on the last clicks. JSON."""

import asyncio
from pathlib import Path

from aiohttp import web

from launcher import replay
from launcher.incoming import IncomingError
from launcher.web import language
from launcher.web.door import USE, fields, said, text
from launcher.web.parts import PARTS
from launcher.words import _

routes = web.RouteTableDef()


@routes.post("/door/config/try")
async def attempt(request: web.Request) -> web.Response:
    """What the last clicks would do under another studio file; or every error in that file."""
    parts, wish = request.app[PARTS], await fields(request)
    path, last = Path(text(wish, "path")), wish.get("last")
    if type(last) is not int or not path.is_absolute():
        raise IncomingError(_('"{name}" of the request must be a whole number.', name="last"), next_step=USE)
    loaded = await asyncio.to_thread(parts.loaded.with_studio, path)
    errors = [language.say(str(one)) for one in loaded.problems if not one.warning]
    if errors:
        return web.json_response({"errors": errors, "clicks": []})
    outcomes = await replay.last(parts.run, loaded, last)
    return said({"errors": [], "clicks": [outcome.as_json() for outcome in outcomes]})
