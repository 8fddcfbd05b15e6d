"""Two Kitsus side by side at the face of one daemon, the real Zou and the sample one; nobody is logged in yet."""

import html
import json
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from aiohttp import web

from launcher.demo.kitsu import SampleKitsu
from launcher.demo.studio import EMAIL
from launcher.launches import Launch
from launcher.model import State
from tests.support.artist import STUDIO, TASKS
from tests.support.face import Face
from tests.support.requests import Answer, form, own_page, visit
from tests.support.secret_service import MemoryKeyring
from tests.support.zou import Zou

STUDIO_FILE = """
[studio]
name = "Lunar Pictures"
keys = ["env:KITSU_LAUNCHER_KEY"]
{servers}
[apps.sample]
title = "Sample"
executable = {python}
[actions.sample]
title = "Open in Sample"
kind = "launch"
app = "sample"
args = ["-c", "pass"]
"""
SERVER = """
[[studio.servers]]
origins = ["{origin}"]
api = "{api}"
insecure = true
{more}
"""


@dataclass
class Desk:
    """One face whose studio has one or two Kitsus, and what an artist does there."""

    face: Face
    home: Path
    servers: list[str]
    """Their origins."""

    def write(self, *servers: tuple[str, str, str]) -> None:
        """The studio file: origin, API and further lines of each Kitsu."""
        parts = [SERVER.format(origin=origin, api=api, more=more) for origin, api, more in servers]
        text = STUDIO_FILE.format(servers="".join(parts), python=json.dumps(sys.executable))
        (self.home / "machine" / "studio.toml").write_text(text)
        assert self.face.parts.loaded().problems == ()
        self.servers = [origin for origin, _api, _more in servers]

    async def click(self, email: str, person: str, task: str, server: int = 0) -> Launch:
        """A form of one of the Kitsus, as its page sends it; the launch that it began."""
        origin = self.servers[server]
        fields = {
            "personid": person,
            "personemail": email,
            "projectid": "",
            "currentpath": "/my-tasks",
            "currentserver": origin.partition("://")[2],
            "selection": task,
            "entitytype": "shot",
        }
        sent = form(self.face.port, "sample", key=None, origin=origin)(body=urlencode(fields).encode())
        answer = await self.face.send(sent)
        assert answer.status == 303, answer.text
        launch = self.face.launches.get(answer.headers["Location"].rpartition("/")[2])
        assert launch
        return launch

    async def mika(self) -> Launch:
        """Mika's click in the sample Kitsu."""
        return await self.click(EMAIL, STUDIO.person, TASKS[0], len(self.servers) - 1)

    async def waits(self, launch: Launch) -> None:
        """Until a launch waits for a login."""
        for _ in range(100):
            if launch.waiting_for:
                return
            await self.face.launches.wait(launch, launch.version, 0.1)
        raise AssertionError(f"{launch.state}: {launch.error}")

    async def settled(self, launch: Launch, *states: State) -> None:
        """Until a launch is in one of these states."""
        for _ in range(100):
            if launch.state in states:
                return
            await self.face.launches.wait(launch, launch.version, 0.1)
        raise AssertionError(f"{launch.state}: {launch.error} {launch.waiting_for}")

    async def page(self, launch: Launch) -> str:
        """The text of a launch's page."""
        return html.unescape((await self.face.send(visit(self.face.port, launch.url))).text)

    async def log_in(self, launch: Launch, **fields: str) -> Answer:
        """Fill in the form of a launch's page as it is now, and send it."""
        once = value(await self.page(launch), "once")
        body = urlencode({"once": once, **fields}).encode()
        return await self.face.send(own_page(self.face.port, "POST", f"{launch.url}/login", body))


def value(page: str, name: str) -> str:
    """What a hidden field of a page holds."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page
    return found[1]


@pytest.fixture
async def fox() -> AsyncIterator[str]:
    """The sample Kitsu's origin."""
    runner = web.AppRunner(SampleKitsu(STUDIO, []).app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
def fox_desk(face: Face, home: Path, fox: str, memory_keyring: MemoryKeyring) -> Desk:
    """A face with the sample Kitsu alone."""
    desk = Desk(face, home, [])
    desk.write((fox, f"{fox}/api", ""))
    return desk


@pytest.fixture
def zou_desk(face: Face, home: Path, fox: str, zou: Zou, memory_keyring: MemoryKeyring) -> Desk:
    """A face with the real Zou and the sample Kitsu."""
    desk = Desk(face, home, [])
    desk.write((zou.url, zou.url, ""), (fox, f"{fox}/api", ""))
    return desk
