"""The hand-off as the desktop starts it: a fresh process with one argument, and the private door."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from launcher import itself
from launcher.web import guard
from tests.support.desktop import wait_until
from tests.support.foreign import Foreign
from tests.support.requests import TASK
from tests.support.sample import Make

LINK = f"kitsu-launcher://run/open-in-blender?server=https%3A%2F%2Fkitsu.studio.test&task={TASK}"


async def handoff(*argv: str) -> tuple[int, str]:
    """Exit code and stderr of the real program."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "launcher", *argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    output, errors = await asyncio.wait_for(process.communicate(), 30)
    assert output == b""
    return process.returncode or 0, errors.decode()


@pytest.fixture
def run(home: Path) -> Path:
    """The folder of the private door."""
    folder = home / "run"
    folder.mkdir(mode=0o700)
    return folder


class Daemon:
    """Something real behind the private door that answers as it is told."""

    def __init__(self) -> None:
        self.received: list[object] = []
        self.status = 202
        self.answer: object = {"launch": "0" * 32}

    async def take(self, request: web.Request) -> web.Response:
        self.received.append((request.method, request.path, request.content_type, await request.json()))
        return web.json_response(self.answer, status=self.status)


@pytest.fixture
async def daemon(run: Path) -> AsyncIterator[Daemon]:
    """aiohttp on the door's Unix socket, behind the guard."""
    daemon = Daemon()
    app = web.Application(middlewares=[guard.middleware(lambda: guard.Rules(1, frozenset(), (), "key"))])
    app.router.add_post("/door/link", daemon.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.UnixSite(runner, str(run / "door")).start()
    yield daemon
    await runner.cleanup()


async def test_a_link_reaches_the_daemon(daemon: Daemon) -> None:
    """Real: a process, a Unix socket, aiohttp."""
    assert await handoff(LINK) == (0, "")
    assert daemon.received == [("POST", "/door/link", "application/json", {"url": LINK})]


async def test_what_is_registered_takes_nothing_from_where_the_link_was_clicked(daemon: Daemon, tmp_path: Path) -> None:
    """Real: a process, with Python variables as an application sets them for its own, and our names in its folder."""
    for name in ("launcher.py", "_socket.py", "sitecustomize.py"):
        (tmp_path / name).write_text("raise SystemExit(9)")
    env = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONHOME": str(tmp_path)}
    process = await asyncio.create_subprocess_exec(*itself.link_handler(), LINK, env=env, cwd=tmp_path)

    assert await asyncio.wait_for(process.wait(), 30) == 0
    assert daemon.received == [("POST", "/door/link", "application/json", {"url": LINK})]


async def test_a_link_of_another_case_is_no_link_and_no_option(daemon: Daemon) -> None:
    """Real: a process. It must not reach the command line's parser either."""
    for url in ("KITSU-LAUNCHER://open", "Kitsu-Launcher:open", "kitsu-launcher:--help"):
        assert await handoff(url) == (2, f"kitsu-launcher: not a link that it knows: {url!r}\n")
    assert daemon.received == []


async def test_the_daemons_own_error_is_told_in_one_line(daemon: Daemon) -> None:
    """Real: a process, a Unix socket, aiohttp."""
    daemon.status = 422
    daemon.answer = {"error": {"problem": "Nothing was\nselected.", "tried": [], "next": "…", "exit_code": 2}}

    assert await handoff(LINK) == (2, "kitsu-launcher: Nothing was selected.\n")


@pytest.mark.parametrize(
    "answer", [[], {"error": 7}, {"error": {"problem": "x"}}, {"error": {"problem": "x", "exit_code": "y"}}]
)
async def test_a_strange_error_is_told_by_its_number(daemon: Daemon, answer: object) -> None:
    """Real: a process, a Unix socket, aiohttp."""
    daemon.status, daemon.answer = 500, answer

    assert await handoff(LINK) == (1, "kitsu-launcher: answered HTTP 500\n")


@pytest.mark.parametrize("left_behind", [False, True])
def test_where_none_runs_one_is_started(make_studio: Make, home: Path, left_behind: bool) -> None:
    """Real: no door, or one that a killed daemon left; then a whole daemon, which shows its page and starts nothing."""
    studio = make_studio()
    studio.daemon.stop(signal.SIGKILL if left_behind else signal.SIGTERM)
    assert studio.daemon.door.exists() is left_behind
    link = f"kitsu-launcher://run/open?task={studio.task()}"
    env = studio.daemon.env
    (home / "machine" / "studio.toml").write_text(
        (home / "machine" / "studio.toml").read_text().replace("[studio]", f"[studio]\nport = {studio.port}")
    )

    done = subprocess.run(
        [sys.executable, "-m", "launcher", link], env=env, capture_output=True, text=True, timeout=60, check=False
    )

    try:
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        (launch, *_earlier) = studio.launches()
        wait_until(studio.opened, 10, "the launch's page")
        assert studio.opened() == [f"http://127.0.0.1:{studio.port}{launch['url']}"]
        assert studio.notes() == []
        pid = studio.daemon.ask("GET", "/door/ping")["pid"]
        # In a session of its own: it outlives whatever the desktop does to the hand-off.
        assert os.getsid(pid) not in (os.getsid(0), studio.daemon.pid)
    finally:
        studio.daemon.cli("quit")


def test_what_cannot_be_started_is_told(home: Path) -> None:
    """Real: a file in the place of the state folder; the command line's own words."""
    (home / "state").write_text("")

    done = subprocess.run(
        [sys.executable, "-m", "launcher", LINK], capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[0] == f"{home}/state/logs cannot be used."


def test_a_folder_of_another_user_gets_nothing_and_no_daemon(home: Path, foreign: Foreign) -> None:
    """Real: another OS user has made the folder, with no door in it."""
    home.chmod(0o777)
    foreign.squat_unix(home / "run", "other")

    done = subprocess.run(
        [sys.executable, "-m", "launcher", LINK], capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.returncode, done.stderr) == (
        3,
        f"kitsu-launcher: {home / 'run'} is not yours alone; nothing was sent\n",
    )
    assert not (home / "state").exists(), "no daemon was started"


async def test_a_door_that_others_may_open_gets_nothing(daemon: Daemon, run: Path) -> None:
    """Real: a folder that another user could have put a socket into."""
    run.chmod(0o755)

    code, text = await handoff(LINK)

    assert (code, text) == (3, f"kitsu-launcher: {run} is not yours alone; nothing was sent\n")
    assert daemon.received == []


async def test_a_link_in_the_place_of_the_folder_gets_nothing(daemon: Daemon, run: Path) -> None:
    """Real: a symbolic link to a folder that is fine by itself."""
    run.rename(run.with_name("elsewhere"))
    run.symlink_to("elsewhere")

    assert (await handoff(LINK))[0] == 3
    assert daemon.received == []


async def test_a_door_of_another_user_gets_nothing(home: Path, foreign: Foreign) -> None:
    """Real: another OS user has made the folder first, and listens in it."""
    home.chmod(0o777)
    foreign.squat_unix(home / "run", "door")

    assert await handoff(LINK) == (3, f"kitsu-launcher: {home / 'run'} is not yours alone; nothing was sent\n")
    assert foreign.free() == b""


@pytest.mark.parametrize("spoken", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\xff" * 100])
async def test_what_is_not_http_is_no_daemon(run: Path, spoken: bytes) -> None:
    """Real: a Unix socket that says something else."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"}")
        writer.write(spoken)
        writer.close()

    async with await asyncio.start_unix_server(speak, str(run / "door")):
        assert await handoff(LINK) == (1, "kitsu-launcher: did not answer: its answer is not HTTP\n")


async def test_a_daemon_that_says_nothing_is_not_waited_for(run: Path) -> None:
    """Real: a Unix socket that takes all and answers nothing, byte by byte nothing."""
    from launcher import handoff as module

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(100):
            writer.write(b"H")
            await asyncio.sleep(0.05)

    async with await asyncio.start_unix_server(silent, str(run / "door")):
        began = time.monotonic()
        patience, module.PATIENCE_S = module.PATIENCE_S, 0.5
        try:
            assert await asyncio.to_thread(module.main, [LINK]) == 1
        finally:
            module.PATIENCE_S = patience
        assert time.monotonic() - began < 3


async def test_it_imports_next_to_nothing(daemon: Daemon) -> None:
    """Real: a fresh interpreter, up to the daemon's answer."""
    script = (
        "import sys; before = set(sys.modules); from launcher import __main__; sys.argv[1:] = [sys.argv[1]]\n"
        "assert __main__.main() == 0\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {os.getcwd()!r}); {script}", LINK],
        stdout=subprocess.PIPE,
    )
    output, _ = await process.communicate()

    assert re.sub(rb"__mp_main__ ", b"", output).split() == [
        b"_socket",
        b"launcher",
        b"launcher.__main__",
        b"launcher.door",
        b"launcher.door.unix",
        b"launcher.handoff",
        b"launcher.itself",
        b"launcher.replacing",
    ]


async def test_anything_else_goes_to_the_command_line(home: Path) -> None:
    """Real: a process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "launcher", "--version", stdout=subprocess.PIPE
    )

    assert (await process.communicate())[0].startswith(b"kitsu-launcher ")
    assert process.returncode == 0
