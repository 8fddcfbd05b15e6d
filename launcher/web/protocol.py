"""The answer to what is not even HTTP: aiohttp's own repeats the request and names its version (threats.md T6, T31)."""

import asyncio
import logging
import time

from aiohttp import hdrs, web

from launcher.web.guard import Hush

log = logging.getLogger("launcher.web")


class PlainProtocol(web.RequestHandler):
    """One connection. What it refuses itself, it refuses in one plain sentence."""

    def __init__(self, manager: web.Server, loop: asyncio.AbstractEventLoop, hush: Hush) -> None:
        super().__init__(manager, loop=loop, access_log=None)  # type: ignore[arg-type]  # aiohttp's "none"
        self._hush = hush

    def log_exception(self, *args: object, **more: object) -> None:
        """What is left of a refused body is read to its end, and may be broken: that is no fault of ours."""
        error = more.get("exc_info")
        broken = isinstance(error, web.RequestPayloadError)
        if not self._hush.may_say("payload" if broken else "fault", time.monotonic()):
            return
        if broken:
            log.info("refused payload fault=%s", type(error).__name__)
        else:
            super().log_exception(*args, **more)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Say only that it was no request. The log names the fault, never the bytes: they may hold a key."""
        if isinstance(exc, ConnectionError):
            raise exc  # whoever asked has gone in the middle of it: aiohttp then only puts the connection away
        if self._hush.may_say("http", time.monotonic()):
            log.info("refused http status=%d fault=%s", status, type(exc).__name__)
        if request.writer.output_size > 0:
            raise ConnectionError("a part of the answer is sent already")
        response = web.Response(status=status, text="This is not a request.\n", headers={hdrs.SERVER: ""})
        response.force_close()
        return response
