"""Bodies of requests: read with bounds. The guard has refused packed ones, and those that say they are too large."""

import asyncio

from aiohttp import web

from launcher import incoming
from launcher.words import _

PATIENCE_S = 10


class TooSlow(incoming.IncomingError):
    """A body that does not arrive."""

    code = "slow"
    status = 408


async def read(request: web.Request) -> bytes:
    """The body's bytes, as they came.

    Raises: IncomingError when it is larger than any click's, or not there within 10 s; ConnectionError when the
    sender has gone.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(PATIENCE_S):
            async for piece in request.content.iter_any():
                body += piece
                if len(body) > incoming.MAX_BODY_BYTES:
                    raise incoming.TooLarge(
                        _("The request is larger than {n} KiB.", n=incoming.MAX_BODY_BYTES // 1024),
                        next_step=_("Select fewer tasks and click again."),
                    )
    except TimeoutError as error:
        raise TooSlow(_("The request did not arrive whole."), next_step=_("Click again in Kitsu.")) from error
    return bytes(body)


async def fields(request: web.Request) -> dict[str, str]:
    """The fields of a form of our own pages.

    Raises: IncomingError.
    """
    return dict(incoming.fields(await read(request)))
