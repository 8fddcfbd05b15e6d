"""The guard, `incoming` and `trust` behind real sockets, and nothing behind them: clicks are only written down."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from aiohttp import web

from launcher import incoming, trust
from launcher.config.schema import Config, Server, Studio
from launcher.errors import LauncherError
from launcher.model import Click
from launcher.trust import Rules
from launcher.web import body, guard, pages
from tests.support.requests import KEY, KITSU, Answer, Request, send, send_private

STUDIO = Studio(
    servers=(
        Server(origins=(KITSU,), api=KITSU + "/api"),
        Server(origins=("http://127.0.0.1:8080",), api="http://127.0.0.1:8080/api", insecure=True),
        Server(origins=("http://10.77.0.1:8080",), api="http://10.77.0.1:8080/api", insecure=True),
        Server(origins=("http://careless.test",), api="http://careless.test/api"),
    ),
    keys=("the-key-of-last-year-1234567890", KEY),
)
"""As a studio would have it; the last server is http without saying that this is meant."""
LAUNCH = "/launches/" + "0" * 32


@dataclass
class Gate:
    """One guarded application on 127.0.0.1, on ::1 and behind a private door."""

    rules: Rules
    port: int = 0
    door: Path = Path()
    clicks: list[Click] = field(default_factory=list)
    """What got through, in order."""
    verdicts: list[object] = field(default_factory=list)

    async def send(self, request: Request | bytes, host: str = "127.0.0.1") -> Answer:
        """One request on a connection of its own."""
        return await send(request if isinstance(request, bytes) else request.raw(), self.port, host)

    async def send_private(self, request: Request) -> Answer:
        return await send_private(request.raw(), self.door)

    def without_keys(self) -> None:
        """As if the studio file had no keys."""
        self.rules = replace(self.rules, keys=())

    def application(self) -> web.Application:
        app = web.Application(middlewares=[_tell, guard.middleware(lambda: self.rules)])
        app.on_response_prepare.append(pages.secure)
        app.router.add_post("/run/{action}", self._click)
        app.router.add_get("/run/{action}", self._question, allow_head=False)
        app.router.add_post("/run/{action}/ask", _ok)
        app.router.add_get("/refused/{code}", _refused)
        app.router.add_post(LAUNCH + "/answer", _ok)
        for path in ("/", LAUNCH, LAUNCH + ".json", "/healthz", "/favicon.ico", "/static/kitsu.css", "/door/ping"):
            app.router.add_get(path, _ok)
        app.router.add_post("/door/quit", _ok)
        return app

    async def _click(self, request: web.Request) -> web.Response:
        read = incoming.ajax if request.content_type == "application/json" else incoming.form
        content_type = request.headers.get("Content-Type", "")
        click = read(request.match_info["action"], content_type, await body.read(request))
        self.clicks.append(click)
        self.verdicts.append(request[guard.VERDICT])
        if read is incoming.ajax:
            return web.json_response({}, status=202)
        return web.Response(status=303, headers={"Location": LAUNCH})

    async def _question(self, request: web.Request) -> web.Response:
        click = incoming.question(request.match_info["action"], request.rel_url.raw_query_string)
        return web.Response(text=f"{click.action}: {len(click.task_ids)} tasks")


@web.middleware
async def _tell(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except LauncherError as error:
        return pages.error_page(error, error.status)


async def _ok(request: web.Request) -> web.Response:
    return web.Response(text="ok")


async def _refused(request: web.Request) -> web.Response:
    found = trust.explained(request.match_info["code"])
    assert found
    return pages.refusal(found)


@pytest.fixture
async def gate() -> AsyncIterator[Gate]:
    """A fresh gate, for `STUDIO`."""
    gate = Gate(Rules.of(Config(studio=STUDIO), 0))
    runner = web.AppRunner(gate.application(), access_log=None)
    await runner.setup()
    with TemporaryDirectory(prefix="kl-", dir="/tmp") as folder:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        gate.port = runner.addresses[0][1]
        gate.rules = replace(gate.rules, port=gate.port)
        await web.TCPSite(runner, "::1", gate.port).start()
        gate.door = Path(folder) / "door"
        await web.UnixSite(runner, str(gate.door)).start()
        gate.door.chmod(0o777)
        Path(folder).chmod(0o755)
        yield gate
        await runner.cleanup()
