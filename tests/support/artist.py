"""An artist at the face of a daemon: Mika, logged in to the sample Kitsu, with actions for her tasks."""

import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from launcher.demo.kitsu import SampleKitsu
from launcher.demo.studio import EMAIL, PASSWORD, sample
from tests.support.face import Face

STUDIO = sample()
TASKS = list(STUDIO.tables["tasks"])


@pytest.fixture
async def sample_kitsu() -> AsyncIterator[web.AppRunner]:
    """The sample Kitsu; `cleanup` takes it away."""
    runner = web.AppRunner(SampleKitsu(STUDIO, []).app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner
    await runner.cleanup()


@pytest.fixture
async def artist(face: Face, home: Path, sample_kitsu: web.AppRunner) -> str:
    """Mika is logged in to the sample Kitsu, and the studio file has actions for her; its `host:port`."""
    host = f"127.0.0.1:{sample_kitsu.addresses[0][1]}"
    (home / "machine" / "studio.toml").write_text(
        f"""
[studio]
keys = ["env:KITSU_LAUNCHER_KEY"]
[[studio.servers]]
origins = ["http://{host}"]
insecure = true
[apps.sample]
title = "Sample"
executable = {json.dumps(sys.executable)}
[actions.sample]
title = "Open in Sample"
kind = "launch"
app = "sample"
selection = "each"
args = ["-c", "pass"]
[actions.debug]
title = "Debug"
kind = "page"
"""
    )
    assert face.parts.loaded().problems == ()
    (server,) = face.parts.loaded().config.studio.servers
    await face.parts.accounts.login(server, EMAIL, PASSWORD)
    return host
