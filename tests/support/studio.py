"""A whole studio of one artist: Zou, Kitsu's stand-in, a project folder, a studio file, a daemon she is logged in to.

Everything blocks: inside an async test call it by `asyncio.to_thread`.
"""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.support import requests
from tests.support.browsers import Browser
from tests.support.daemon import Daemon
from tests.support.desktop import Display, wait_until
from tests.support.kitsu_page import KitsuPage, Serve
from tests.support.requests import KEY, Answer, Request
from tests.support.zou import Account, Zou

WORKING_FILE = (
    "{roots.prod}/{project.code|or:project.name}/{entity.path}/{task_type.name|slug}/{entity.name}_v{revision:03}"
)
SAMPLE = """#!/usr/bin/python3 -I
import json, os, sys, time
print("the sample program says hello", flush=True)
answer = {"argv": sys.argv, "cwd": os.getcwd(), "pid": os.getpid(), "env": dict(os.environ)}
path = f"{os.environ['HOME']}/answers/{os.getpid()}.json"
with open(path + ".part", "w") as file:
    json.dump(answer, file)
os.rename(path + ".part", path)
then = os.environ.get("THEN", "stay")
if then == "crash":
    os.abort()
if then != "stay":
    sys.exit(int(then))
time.sleep(600)
"""
"""An application that says how it was started, and then stays, crashes or ends, as $THEN tells it."""
RECORDER = """#!/bin/sh
printf '%s\\n' "$1" >> "$HOME/opened"
"""
"""A browser that only writes down what it is to open."""
SAMPLE_ACTION = f"""
[actions.sample]
title = "Open in Sample"
kind = "launch"
app = "sample"
file = "{WORKING_FILE}.txt"
when_missing = "empty"
"""
ENDED = ("refused", "done", "failed")


@dataclass
class Studio:
    """One artist's machine and her Kitsu."""

    home: Path
    """`KITSU_LAUNCHER_HOME`; the other folders are below it."""
    zou: Zou
    display: Display
    kitsu: KitsuPage
    """The stand-in on http."""
    secure: KitsuPage
    """The stand-in on https."""
    start_daemon: Callable[..., Daemon]
    daemon: Daemon = field(init=False)

    @property
    def prod(self) -> Path:
        """The project folder, with its marker."""
        return self.home / "prod"

    @property
    def user(self) -> Path:
        """The artist's own home, which applications get as $HOME."""
        return self.home / "user"

    @property
    def artist(self) -> Account:
        return self.zou.account("user")

    @property
    def file(self) -> Path:
        """The studio file."""
        return self.home / "machine" / "studio.toml"

    # -- setting up --------------------------------------------------------------------------------------------------
    def build(self) -> None:
        """Folders, the sample application, the recording browser and a first studio file; no daemon yet."""
        for folder in (
            self.file.parent,
            self.prod,
            self.user / "answers",
            *(self.home / name for name in ("config", "bin")),
        ):
            folder.mkdir(parents=True)
        (self.home / "runtime").mkdir(mode=0o700)
        (self.prod / ".prod").touch()
        (self.file.parent / "studio.key").write_text(KEY)
        for name, text in (("sample", SAMPLE), ("browser", RECORDER)):
            (self.home / "bin" / name).write_text(text)
            (self.home / "bin" / name).chmod(0o755)
        self.use_browser(self.home / "bin" / "browser")
        self.write(SAMPLE_ACTION)

    def use_browser(self, command: Path) -> None:
        """Let the daemon open pages by this command."""
        (self.home / "config" / "config.toml").write_text(f"[desk]\nbrowser = [{json.dumps(str(command))}]\n")

    def write(self, actions: str, *, studio: str = 'keys = ["file:studio.key"]', api: str = "") -> None:
        """The studio file: `actions` beneath a beginning that is always the same. It counts from the next click on."""
        origins = json.dumps([self.kitsu.origin, self.secure.origin])
        text = f"""
[studio]
name = "Lunar Pictures"
{studio}

[[studio.servers]]
origins = {origins}
api = "{api or self.zou.url}"
insecure = true

[roots]
prod = {{ linux = {json.dumps(str(self.prod))}, marker = ".prod" }}

[apps.sample]
title = "Sample"
executable = {json.dumps(str(self.home / "bin" / "sample"))}
many = true
argv = ["{{args}}", "{{files}}"]
{actions}
"""
        self.file.write_text(text)

    def start(self, **env: str) -> Daemon:
        """Start a daemon with this display and this home; the last one has ended before."""
        own = {"HOME": str(self.user), "XDG_RUNTIME_DIR": str(self.home / "runtime")}
        self.daemon = self.start_daemon(env={**self.display.environment, **own, **env})
        return self.daemon

    def login(self, key: str = "user") -> subprocess.CompletedProcess[str]:
        """`kitsu-launcher login` as one of the seeded people."""
        account = self.zou.account(key)
        return self.daemon.cli("login", "--email", account.email, "--password-stdin", input=account.password + "\n")

    # -- clicks ------------------------------------------------------------------------------------------------------
    def url(self, action: str, *, key: str | None = KEY) -> str:
        """The address of one action, as it is published in Kitsu."""
        address = f"http://127.0.0.1:{self.daemon.port}/run/{action}"
        return address if key is None else f"{address}?key={key}"

    def form_fields(self, page: KitsuPage) -> dict[str, str]:
        """What the stand-in's form says of the artist."""
        return {
            "personid": self.artist.id,
            "personemail": self.artist.email,
            "projectid": self.zou.ids["project_short"],
            "currentserver": page.server,
        }

    def form_page(self, page: KitsuPage, action: str, *tasks: str, key: str | None = KEY) -> str:
        """A page of Kitsu with a plain action; `tasks` are seeded ones, "Animation SH010"."""
        ids = [self.zou.task(task) for task in tasks]
        return page.form(self.url(action, key=key), ids, **self.form_fields(page))

    def ajax_page(self, page: KitsuPage, action: str, *tasks: str) -> str:
        """A page of Kitsu with an AJAX action."""
        ids = [self.zou.task(task) for task in tasks]
        person = {"userid": self.artist.id, "useremail": self.artist.email}
        return page.ajax(self.url(action), ids, productionid=self.zou.ids["project_short"], **person)

    def press(self, browser: Browser, page: KitsuPage, address: str) -> float:
        """Open a page of Kitsu in a real browser and press its button with the keyboard; when that was."""
        self.show(browser, page, address)
        pressed = time.time()
        self.display.key("Return")
        return pressed

    def show(self, browser: Browser, page: KitsuPage, address: str) -> None:
        """Open a page of Kitsu in a real browser, and wait until its button has the keyboard."""
        browser.open(address)
        page.wait("loaded", seconds=60)
        self.display.focus(self.display.wait_for_window("Kitsu stand-in"))
        page.wait("ready")

    def post(self, action: str, *tasks: str, key: str | None = KEY, **changes: Any) -> Answer:
        """The form's bytes as an https Kitsu sends them. `tasks` are seeded ones, or ids."""
        ids = [self.zou.ids["tasks"].get(task, task) for task in tasks]
        fields = {**requests.FORM_FIELDS, **self.form_fields(self.secure), "selection": ",".join(ids)}
        request = requests.form(self.daemon.port, action, key=key)
        return self.send(request(body=urlencode(fields).encode(), **changes))

    def send(self, request: Request | bytes) -> Answer:
        """One request to the port."""
        raw = request if isinstance(request, bytes) else request.raw()
        return asyncio.run(requests.send(raw, self.daemon.port))

    def click(self, action: str, *tasks: str, **changes: Any) -> str:
        """A form's click that begins a launch; its id."""
        answer = self.post(action, *tasks, **changes)
        assert answer.status == 303, answer.text
        return answer.headers["Location"].removeprefix("/launches/")

    # -- what became of it -------------------------------------------------------------------------------------------
    def launch(self, launch_id: str) -> dict[str, Any]:
        """One launch as the private door tells it."""
        return self.daemon.ask("GET", f"/door/launches/{launch_id}")

    def wait(self, launch_id: str, *states: str, seconds: float = 30) -> dict[str, Any]:
        """The launch as soon as it is in one of the states.

        Raises: AssertionError when it ends in another one, or after `seconds`, with all of it.
        """

        def look() -> dict[str, Any] | None:
            found = self.launch(launch_id)
            return found if found["state"] in (*states, *ENDED) else None

        found = wait_until(look, seconds, f"launch {launch_id} in {states}")
        assert found["state"] in states, json.dumps(found, indent=1, ensure_ascii=False)
        return found

    def done(self, action: str, *tasks: str, seconds: float = 30) -> dict[str, Any]:
        """Click, and wait until it runs."""
        return self.wait(self.click(action, *tasks), "running", "done", seconds=seconds)

    def latest(self, seconds: float = 20) -> dict[str, Any]:
        """The newest launch, as soon as there is one."""
        return wait_until(lambda: self.daemon.ask("GET", "/door/launches"), seconds, "a launch")[0]

    def page(self, launch_id: str) -> str:
        """The words of a launch's page, as a browser that loads it gets them."""
        answer = self.send(requests.visit(self.daemon.port, f"/launches/{launch_id}"))
        assert answer.status == 200, answer.text
        return unescape(answer.text)

    def answers(self, count: int = 1, seconds: float = 15) -> list[dict[str, Any]]:
        """What that many started sample applications said of themselves, the first one first."""

        def look() -> list[Path]:
            found = sorted((self.user / "answers").glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
            return found if len(found) >= count else []

        found = wait_until(look, seconds, f"{count} sample applications")
        assert len(found) == count
        return [json.loads(path.read_text()) for path in found]

    def opened(self) -> list[str]:
        """The addresses that the recording browser was given."""
        record = self.user / "opened"
        return record.read_text().split() if record.exists() else []

    def applications(self) -> list[int]:
        """Every process of this studio's launches: they have its context file in their environment."""
        mark = f"KITSU_CONTEXT={self.home}/".encode()
        found = []
        for environ in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                if mark in environ.read_bytes():
                    found.append(int(environ.parent.name))
        return found

    def close(self) -> None:
        """End the applications of this studio, by their ids."""
        for pid in self.applications():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not self.applications(), 10, "the end of the applications")


@pytest.fixture
def studio_without_daemon(
    home: Path,
    zou: Zou,
    display: Display,
    serve_kitsu_page: Serve,
    start_daemon: Callable[..., Daemon],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Studio]:
    """Real: all but a daemon, which the test starts."""
    for name in [name for name in os.environ if name.startswith(("XDG_", "DBUS_"))]:
        monkeypatch.delenv(name)
    one = Studio(home, zou, display, serve_kitsu_page("http"), serve_kitsu_page("https"), start_daemon)
    one.build()
    yield one
    one.close()


@pytest.fixture
def studio(studio_without_daemon: Studio) -> Studio:
    """Real: Zou, Kitsu's pages, the daemon as a process of its own, the artist logged in by the command line."""
    studio_without_daemon.start()
    studio_without_daemon.login()
    return studio_without_daemon


@pytest.fixture(scope="session")
def blend(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real: a file that an artist saved in Blender, with an object and settings of her own."""
    file = tmp_path_factory.mktemp("blend") / "made.blend"
    text = (
        "import bpy; s = bpy.context.scene; s.frame_start, s.frame_end, s.render.fps = 5, 50, 12; "
        "bpy.data.objects['Cube'].name = 'Robot'; "
        f"bpy.ops.wm.save_as_mainfile(filepath={str(file)!r})"
    )
    command = ["blender", "-b", "--factory-startup", "--python-expr", text]
    subprocess.run(command, check=True, capture_output=True, timeout=120, env={**os.environ, "HOME": str(file.parent)})
    return file
