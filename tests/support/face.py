"""The whole face behind real sockets: our application with its real parts, and Chromium to look at it."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, async_playwright

from launcher.applications import Applications
from launcher.config.load import Watched
from launcher.config.schema import PageAction, Server
from launcher.errors import LauncherError
from launcher.execute import Hands
from launcher.kitsu.accounts import Accounts
from launcher.launches import Launch, Launches
from launcher.model import (
    OS,
    Click,
    Entity,
    FrameRange,
    LeftOut,
    Named,
    Person,
    Plan,
    Project,
    PurePosixPath,
    Resolution,
    Sender,
    Start,
    State,
    Task,
    TaskType,
)
from launcher.noticeside import NoticeSide
from launcher.paths import Folders, folders
from launcher.plan.page import debug, describe
from launcher.run import Run
from launcher.system.linux import notify as linux
from launcher.system.linux import places
from launcher.web.app import build
from launcher.web.parts import Parts
from tests.support.browsers import PROGRAMS, sandbox
from tests.support.needs import needs
from tests.support.requests import FORM_FIELDS, KEY, KITSU, TASK, Answer, Request, own_page, send, send_private, visit

STUDIO_FILE = f"""
[studio]
name = "Lunar Pictures"
servers = ["{KITSU}"]
keys = ["env:KITSU_LAUNCHER_KEY"]

[actions.open-in-blender]
title = "Open in Blender"
kind = "launch"
app = "blender"

[actions.debug]
title = "Debug"
kind = "page"
"""
EVIL = "<script>document.title='owned'</script><img src=x onerror=alert(1)>\u202egpj.exe\u200b\"'&"
"""A name as Kitsu stores it verbatim."""
EVIL_SHOWN = "<script>document.title='owned'</script><img src=x onerror=alert(1)>\\u{202e}gpj.exe\\u{200b}\"'&"
needs_chromium = needs(PROGRAMS["chromium"])


@dataclass
class Face:
    """One daemon's face on 127.0.0.1 and behind a private door. Nobody is logged in, and its Kitsu is not there."""

    parts: Parts
    door: Path
    opened: list[str | None] = field(default_factory=list)
    """The pages that would have been opened in the person's browser: ids of launches, None for the front page."""
    stopped: list[bool] = field(default_factory=list)
    count: int = 0

    @property
    def port(self) -> int:
        return self.parts.port

    @property
    def launches(self) -> Launches:
        return self.parts.launches

    def url(self, launch: Launch | None = None) -> str:
        return f"http://127.0.0.1:{self.port}{launch.url if launch else '/'}"

    async def send(self, request: Request) -> Answer:
        return await send(request.raw(), self.port)

    async def ask(self, method: str, target: str, body: bytes = b"") -> Answer:
        """A request through the private door, as the command line sends it."""
        headers = {"Host": "localhost", "Content-Type": "application/json"}
        return await send_private(Request(method, target, headers, body).raw(), self.door)

    def launch(self, title: str = "Open in Blender", tasks: tuple[str, ...] = ("SQ010/SH030/Animation",)) -> Launch:
        """A launch that is being prepared; each is another click."""
        self.count += 1
        click = Click(
            "open-in-blender",
            (TASK,),
            Sender.FORM,
            server=KITSU.partition("://")[2],
            person_id=f"{self.count}",
            page=FORM_FIELDS["currentpath"],
        )
        launch = self.launches.begin(click, title)
        self.launches.update(launch, tasks=tasks)
        return launch

    def in_state(self, state: State, error: LauncherError | None = None, **changes: object) -> Launch:
        """A launch that has come to `state` by the ways there are."""
        launch = self.launch(**changes)  # type: ignore[arg-type]
        made = plan()
        self.launches.update(launch, plan=made, lines=describe(made))
        if state is State.ASKS:
            self.launches.ask(launch, ["nobody pressed a button there."])
        elif state is not State.PREPARING:
            self.launches.update(launch, state=state, error=error)
        return launch

    def debug(self, tasks: list[Task], outcomes: list[tuple[str, str, Plan | LauncherError]] | None = None) -> Launch:
        """A finished debug page, made by the same function that makes real ones."""
        ids = tuple(task.id for task in tasks)
        click = Click("debug", ids, Sender.FORM, received=tuple(FORM_FIELDS.items()))
        server = Server(origins=(KITSU,), api=f"{KITSU}/api")
        action = PageAction(name="debug", title="Debug")
        made = debug(action, tasks, PERSON, server, {"prod": "/mnt/prod"}, click, outcomes or [])
        launch = self.launch("Debug", tuple(task.label for task in tasks))
        self.launches.update(launch, plan=made, lines=describe(made), state=State.DONE)
        return launch


PERSON = Person("p1", "ana@lunar.example", "Ana", "Brandt", "user")


def plan() -> Plan:
    """The plan of one application on one file, with something left out and something to warn of."""
    file = PurePosixPath("/mnt/prod/BBB/shots/SQ010/SH030/animation/SH030_v012.blend")
    start = Start(
        application="Blender 4.2.3",
        argv=("/opt/blender-4.2.3/blender", "-Y", str(file)),
        env={"SECRET_OF_THE_ENVIRONMENT": "hidden"},
        cwd=file.parent,
        task_ids=(TASK,),
        file=file,
    )
    left = LeftOut("SQ010/SH040/Layout", "is no task of type Animation")
    return Plan((start,), left_out=(left,), warnings=("studio.toml:14: run `kitsu-launcher config check`",))


def task(number: int = 1, name: str = "") -> Task:
    """A task with something in every field."""
    return Task(
        id=f"49e61584-c7c4-48e5-ab28-{number:012x}",
        name="main",
        project=Project("pr", "Big Buck Bunny", "BBB", "short", 24.0, Resolution(1920, 1080), "16:9"),
        entity=Entity("en", name or f"SH{number:03}0", {"notes": "a note"}),
        task_type=TaskType("tt", "Animation", "anim", "Shot"),
        status=Named("st", "wip"),
        sequence=Named("sq", "SQ010"),
        frames=FrameRange(101, 180),
        fps=24.0,
        resolution=Resolution(1920, 1080),
    )


@pytest.fixture
async def face(home: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Face]:
    """A face of its own, in an empty home with a small studio file."""
    monkeypatch.setenv("KITSU_LAUNCHER_KEY", KEY)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    (home / "machine").mkdir()
    (home / "machine" / "studio.toml").write_text(STUDIO_FILE)
    ours: Folders = folders()
    loaded = Watched(ours, os=OS.LINUX, hostname="bench", environ=os.environ)
    assert loaded().problems == ()
    launches, accounts = Launches(ours), Accounts(lambda: loaded().config.studio, os.environ, ours.cache)
    applications = Applications(ours, places)
    opened: list[str | None] = []
    stopped: list[bool] = []

    def open_page(launch: Launch | None, to: str = "/") -> None:
        opened.append(launch.id if launch else None)

    run = Run(loaded, accounts, applications, launches, ours, Hands(tuple), OS.LINUX)
    parts = Parts(run, launches, accounts, applications, loaded, ours, 0, lambda: stopped.append(True), open_page)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    telling = NoticeSide(parts, linux.begin)
    runner = web.AppRunner(build(parts), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    parts.port = runner.addresses[0][1]
    (home / "run").mkdir(mode=0o700)
    await web.UnixSite(runner, str(home / "run" / "door")).start()
    yield Face(parts, home / "run" / "door", opened, stopped)
    await run.close()
    await telling.close()
    await runner.cleanup()
    await accounts.close()
    launches.close()


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    """Debian's Chromium, without a window."""
    async with async_playwright() as playwright:
        path = f"/usr/bin/{PROGRAMS['chromium']}"
        browser = await playwright.chromium.launch(executable_path=path, args=list(sandbox()))
        yield browser
        await browser.close()


@pytest.fixture
async def context(chromium: Browser) -> AsyncIterator[BrowserContext]:
    """A fresh profile in it."""
    context = await chromium.new_context(viewport={"width": 1000, "height": 800})
    yield context
    await context.close()


# -- the dashboard ---------------------------------------------------------------------------------------------------
def cookie(face: Face) -> str:
    """The `Cookie` header of a browser that has just come in."""
    sessions = face.parts.sessions
    return f"{sessions.cookie}={sessions.enter(sessions.enter_url().rpartition('/')[2])}"


def at_home(face: Face, target: str, cookie: str) -> Request:
    """A page of the dashboard, as a link of our own page asks for it."""
    return visit(face.port, target)(Cookie=cookie, Sec_Fetch_Site="same-origin")


async def press(face: Face, target: str, cookie: str, **fields: str) -> Answer:
    """A button of the dashboard, as its page's script sends it, with the value of the session."""
    session = face.parts.sessions.find([cookie])
    body = urlencode({"form": session.form_value if session else "", **fields}).encode()
    return await face.send(own_page(face.port, "POST", target, body)(Cookie=cookie))
