"""A whole studio without Zou: a daemon of its own process, a sample Kitsu, somebody logged in, actions that work.

Its one application is a small real program that writes down what it was given: each note is one started process.
"""

import base64
import contextlib
import http.client
import json
import socket
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import web
from multidict import CIMultiDict

from launcher.demo import clicks
from launcher.demo.kitsu import SampleKitsu
from launcher.demo.show import served
from launcher.demo.studio import EMAIL, PASSWORD, Studio, sample
from tests.support.daemon import SOURCES, Daemon
from tests.support.desktop import wait_until
from tests.support.requests import CLICKED, FORM_TYPE, KEY, NAVIGATES, SCRIPTED, Answer, Request

STUDIO_FILE = """\
[studio]
name = "Fox Tales"
{studio}
servers = [{{ origins = ["{origin}"], insecure = true }}]
keys = [{keys}]

[roots]
prod = {{ linux = "{home}/prod", marker = ".prod"{root} }}

[apps.notes]
title = "Notes"
executable = "{home}/notes"
opens = [".txt"]

[actions.open]
title = "Open"
kind = "launch"
app = "notes"
file = "{{roots.prod}}/{{project.code}}/{{entity.path}}/{{entity.name}}_v{{revision:03}}.txt"
when_missing = {{ copy = "{{roots.prod}}/first.txt" }}
selection = "each"
limit = 2

[actions.title]
title = "Title"
kind = "launch"
app = "notes"
args = ["--title={{entity.name}}"]
env.SHOT_TITLE = "{{entity.name}}"

[actions.folder]
title = "Folder"
kind = "open"
folder = "{{roots.prod}}/{{project.code}}"

[actions.known]
title = "What is known"
kind = "page"
{more}
"""
NOTES = """\
#!{python} -IS
import json, os, sys
name = "{folder}/%d" % os.getpid()
with open(name + ".part", "w") as file:
    json.dump({{"argv": sys.argv[1:], "env": dict(os.environ)}}, file)
os.rename(name + ".part", name + ".json")
print("noted", *sys.argv[1:])
"""
BROWSER = """\
#!/bin/sh
printf '%s\\n' "$1" >> "{home}/opened"
"""


class WatchedKitsu(SampleKitsu):
    """The sample Kitsu, that remembers what it was asked and answers what a test wants."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio, [])
        self.asked: list[str] = []
        """Paths, in order."""
        self.instead: bytes | None = None
        """What every request gets that asks for data."""
        self.lasts_s: float | None = None
        """How long a login lasts; None for ever."""

    async def login(self, request: web.Request) -> web.Response:
        answer = await super().login(request)
        if self.lasts_s is None or answer.status != 200:
            return answer
        claims = base64.urlsafe_b64encode(json.dumps({"exp": time.time() + self.lasts_s}).encode())
        said = json.loads(answer.body)  # type: ignore[arg-type]
        return web.json_response(said | {"refresh_token": f"e30.{claims.decode().rstrip('=')}.x"})

    @property
    def looked_up(self) -> list[str]:
        """The paths of its data that were asked for; who is logged in, the doctor of a daemon asks as well."""
        return [path for path in self.asked if path.startswith("/api/data/")]

    def app(self) -> web.Application:
        app = super().app()

        @web.middleware
        async def watch(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            self.asked.append(request.path)
            if self.instead is not None and request.path.startswith("/api/data/"):
                return web.Response(body=self.instead, content_type="application/json")
            return await handler(request)

        app.middlewares.append(watch)
        return app


@dataclass
class SampleStudio:
    """One person at her workstation."""

    home: Path
    studio: Studio
    kitsu: WatchedKitsu
    host: str
    """Host and port of the sample Kitsu."""
    start: Callable[[], Daemon]
    """Starts its daemon."""
    key: str
    """Empty where the studio has none."""

    def __post_init__(self) -> None:
        self.daemon = self.start()

    def restart(self) -> None:
        """End the daemon and start it again."""
        self.daemon.stop()
        self.daemon = self.start()

    # -- what she has ------------------------------------------------------------------------------------------------
    @property
    def port(self) -> int:
        return self.daemon.port

    @property
    def origin(self) -> str:
        return f"http://{self.host}"

    @property
    def prod(self) -> Path:
        return self.home / "prod"

    def task(self, name: str = "SH010") -> str:
        """The id of the task on the shot or asset of this name."""
        return next(str(row["id"]) for row in self.studio.tables["tasks"].values() if row["name"] == f"{name} main")

    def shot(self, name: str, sequence: str | None = None) -> str:
        """A new shot in Kitsu, its name verbatim; the id of its task. In SQ010, or in a new sequence."""
        tables = self.studio.tables
        task = tables["tasks"][self.task()]
        entity = tables["entities"][str(task["entity_id"])]
        if sequence is not None:
            parent = {**tables["entities"][str(entity["parent_id"])], "id": str(uuid.uuid4()), "name": sequence}
            tables["entities"][parent["id"]] = parent
            entity = {**entity, "parent_id": parent["id"]}
        made = {**entity, "id": str(uuid.uuid4()), "name": name}
        tables["entities"][made["id"]] = made
        work = {**task, "id": str(uuid.uuid4()), "name": "of a test", "entity_id": made["id"]}
        tables["tasks"][work["id"]] = work
        return str(work["id"])

    def log_in(self) -> None:
        self.daemon.ask("POST", "/door/login", {"server": self.origin, "email": EMAIL, "password": PASSWORD})

    # -- clicks ------------------------------------------------------------------------------------------------------
    def form(self, action: str = "open", *tasks: str, key: str | None = None, origin: str = "null") -> Request:
        """What a browser sends for a plain action: by an https Kitsu, whose origin it hides, unless one is given."""
        raw = clicks.request(self._selection(tasks), action, self.port, ajax=False)
        return self._request(f"/run/{action}", raw, key, origin, {"Content-Type": FORM_TYPE, **CLICKED})

    def ajax(self, action: str = "open", *tasks: str, key: str | None = None, origin: str = "") -> Request:
        """What it sends for an AJAX action, after the preflight."""
        raw = clicks.request(self._selection(tasks), action, self.port, ajax=True)
        headers = {"Content-Type": "application/json", **SCRIPTED}
        return self._request(f"/run/{action}", raw, key, origin or self.origin, headers)

    def _selection(self, tasks: tuple[str, ...]) -> clicks.Selection:
        ids = tasks or (self.task(),)
        project = str(self.studio.tables["tasks"][self.task()]["project_id"])
        return clicks.Selection(self.host, self.studio.person, EMAIL, project, "shot", ids)

    def _request(self, target: str, raw: bytes, key: str | None, origin: str, headers: dict[str, str]) -> Request:
        query = f"?key={quote(self.key if key is None else key)}" if key != "" else ""
        whole = {"Host": f"127.0.0.1:{self.port}", "Origin": origin, **headers}
        return Request("POST", target + query, dict(whole), raw.partition(b"\r\n\r\n")[2])

    def page(self, target: str) -> Request:
        """A page of ours that a tab is led to."""
        return Request("GET", target, {"Host": f"127.0.0.1:{self.port}", **NAVIGATES})

    def send(self, request: Request | bytes, host: str = "127.0.0.1") -> Answer:
        """One request on a connection of its own; status 0 where nothing is answered."""
        raw = request if isinstance(request, bytes) else request.raw()
        with socket.create_connection((host, self.port), timeout=20) as connection:
            with contextlib.suppress(ConnectionError):  # refused before all of it was read: the answer is there
                connection.sendall(raw)
            return read(connection)

    # -- what became of it -------------------------------------------------------------------------------------------
    def launched(self, answer: Answer) -> str:
        """The id of the launch that an answer leads to."""
        assert answer.status in (202, 303), (answer.status, answer.text)
        where = answer.headers["Location"] if answer.status == 303 else json.loads(answer.body)["url"]
        assert "/launches/" in where
        return str(where).rpartition("/")[2]

    def settled(self, launch: str, *states: str, seconds: float = 15) -> dict[str, Any]:
        """One launch, once it is in one of these states, or in any that lasts."""
        wanted, seen = states or ("asks", "refused", "done", "failed"), {}

        def reached() -> bool:
            seen.update(self.daemon.ask("GET", f"/door/launches/{launch}"))
            return seen["state"] in wanted

        with contextlib.suppress(AssertionError):
            wait_until(reached, seconds, f"{launch} {wanted}")
        assert seen["state"] in wanted, seen
        return seen

    def clicked(self, request: Request, *states: str) -> dict[str, Any]:
        """Send a click and see what becomes of it."""
        return self.settled(self.launched(self.send(request)), *states)

    def launches(self) -> list[dict[str, Any]]:
        return list(self.daemon.ask("GET", "/door/launches"))

    def notes(self) -> list[dict[str, Any]]:
        """What each started process was given: `argv` without the program, `env`."""
        return [json.loads(path.read_text()) for path in sorted((self.home / "marks").glob("*.json"))]

    def opened(self) -> list[str]:
        """The addresses that were opened in her browser."""
        path = self.home / "opened"
        return path.read_text().splitlines() if path.exists() else []

    @contextmanager
    def untouched(self) -> Iterator[None]:
        """What happens inside begins no launch, starts no process, opens no page, and makes or changes no file.

        Only the daemon's log may say something.
        """
        before = self._footprint()
        yield
        assert self._footprint() == before

    def _footprint(self) -> tuple[list[object], dict[str, tuple[int, int]]]:
        """Each launch with its version, and every file below the home with size and time of change.

        The log may grow, and the journal be written a moment after a launch has changed.
        """
        files: dict[str, tuple[int, int]] = {}
        for path in sorted(self.home.rglob("*")):
            if not path.name.startswith(("daemon.log", "launches.sqlite")) and not path.is_dir():
                status = path.lstat()
                files[str(path.relative_to(self.home))] = (status.st_size, status.st_mtime_ns)
        return [(launch["id"], launch["version"]) for launch in self.launches()], files

    def refused(self, request: Request | bytes, status: int = 403, host: str = "127.0.0.1") -> Answer:
        """Send what must be refused at once, and see that it is."""
        answer = self.send(request, host)
        assert answer.status == status, (answer.status, answer.text)
        return answer

    def log_lines(self, holding: str = "") -> list[str]:
        """The lines of the daemon's log, of what was rotated away too."""
        texts = [path.read_text() for path in sorted((self.home / "state" / "logs").glob("daemon.log*"))]
        return [line for text in texts for line in text.splitlines() if holding in line]


def read(connection: socket.socket) -> Answer:
    """One answer from a connection; status 0 for none."""
    response = http.client.HTTPResponse(connection)
    try:
        response.begin()
        return Answer(response.status, CIMultiDict(response.getheaders()), response.read())
    except (http.client.HTTPException, ConnectionError):
        return Answer(0)


def lay(home: Path, origin: str, keyed: bool = True, studio: str = "", root: str = "", more: str = "") -> None:
    """Write the project, the program and both configuration files below `home`."""
    for folder in (home / "prod", home / "machine", home / "config", home / "marks"):
        folder.mkdir(exist_ok=True)
    (home / "prod" / ".prod").touch()
    (home / "prod" / "first.txt").write_text("first")
    (home / "machine" / "studio.toml").write_text(
        STUDIO_FILE.format(
            origin=origin,
            home=home,
            keys='"env:KITSU_LAUNCHER_KEY"' if keyed else "",
            studio=studio,
            root=root,
            more=more.replace("/HOME", str(home)),
        )
    )
    (home / "config" / "config.toml").write_text(f'desk.browser = ["{home}/browser"]\n')
    program(home / "notes", NOTES.format(python=sys.executable, folder=home / "marks"))
    program(home / "browser", BROWSER.format(home=home))


def program(path: Path, text: str) -> None:
    """A script that may be started."""
    path.write_text(text)
    path.chmod(0o755)


Make = Callable[..., SampleStudio]


@pytest.fixture
def make_studio(home: Path, start_daemon: Callable[..., Daemon]) -> Iterator[Make]:
    """`make_studio(keyed=False, studio="…", more="…", env={…}, log_in=False)`: put away after the test."""
    with ExitStack() as stack:

        def make(
            keyed: bool = True,
            studio: str = "",
            root: str = "",
            more: str = "",
            env: dict[str, str] | None = None,
            log_in: bool = True,
            before: Callable[[Path], None] = lambda home: None,
            program: Sequence[str] = SOURCES,
        ) -> SampleStudio:
            film = sample()
            kitsu = WatchedKitsu(film)
            host = stack.enter_context(served(kitsu))
            lay(home, f"http://{host}", keyed, studio, root, more)
            before(home)
            whole = {"KITSU_LAUNCHER_KEY": KEY, **(env or {})}
            one = SampleStudio(
                home, film, kitsu, host, partial(start_daemon, env=whole, program=program), KEY if keyed else ""
            )
            if log_in:
                one.log_in()
            return one

        yield make


@pytest.fixture
def sample_studio(make_studio: Make) -> SampleStudio:
    """Real: daemon, sockets, sample Kitsu, program; she is logged in."""
    return make_studio()
