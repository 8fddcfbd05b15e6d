"""The private door, in a real Windows Python: the pipe, who serves it, who knocks. Run by `test_under_wine`."""

import asyncio
import contextlib
import ctypes
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web

from launcher import door, handoff, itself
from launcher.door import pipe, win32
from launcher.errors import LauncherError
from launcher.knock import request
from launcher.listening import only_one
from launcher.paths import folders, private_folder
from launcher.system.windows import door as own_side
from launcher.system.windows import peer

LINK = "kitsu-launcher://run/open-in-blender?server=https%3A%2F%2Fkitsu.studio.test&task=1"


class Daemon:
    """aiohttp behind the real door, in a loop of its own thread; it notes who came with what."""

    def __init__(self) -> None:
        self.came: list[object] = []
        self.loop = asyncio.ProactorEventLoop()
        self.opened: own_side.PipeServer | None = None
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def do(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    async def take(self, asked: web.Request) -> web.Response:
        transport = asked.transport
        assert transport is not None
        self.came.append((peer.is_private(transport), peer.uid_at_door(transport), await asked.text()))
        return web.json_response({"long": "x" * 300_000} if asked.path == "/long" else {})

    async def open(self) -> None:
        app = web.Application(client_max_size=1 << 24)
        app.router.add_route("*", "/{path:.*}", self.take)
        self.runner = web.AppRunner(app, access_log=None)
        await self.runner.setup()
        server = self.runner.server
        self.opened = await own_side.listen(door.path(), lambda: server())

    async def close(self) -> None:
        if self.opened:
            self.opened.close()
        await self.runner.cleanup()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(door.ENV_HOME, str(tmp_path))
    private_folder(folders().runtime)
    return tmp_path


@pytest.fixture
def daemon() -> Iterator[Daemon]:
    daemon = Daemon()
    daemon.do(daemon.open())
    yield daemon
    daemon.do(daemon.close())
    daemon.loop.call_soon_threadsafe(daemon.loop.stop)
    daemon.thread.join(5)


def name() -> str:
    return Path(door.path()).read_text()


def test_whoever_knocks_is_known_by_his_sid(daemon: Daemon) -> None:
    assert request("POST", "/door/ping", {"a": 1}, start=False) == {}
    assert daemon.came == [(True, win32.own_sid(), '{"a": 1}')]
    assert win32.own_sid().startswith("S-1-5-")


def test_large_questions_and_answers_come_whole(daemon: Daemon) -> None:
    assert request("POST", "/long", {"a": "y" * 200_000}, start=False) == {"long": "x" * 300_000}
    assert len(str(daemon.came[0][2])) == 200_009


def test_many_at_once_are_all_answered(daemon: Daemon) -> None:
    answers: list[object] = []
    threads = [
        threading.Thread(target=lambda: answers.append(request("GET", "/door/ping", start=False))) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert answers == [{}] * 16


def test_the_pipe_is_for_this_user_alone_and_for_this_machine(daemon: Daemon) -> None:
    """Read back from the pipe itself. Flags: what asyncio's own server would not have asked for."""
    handle = pipe._opened(name(), 1)
    security = win32.library("advapi32")
    owner, rights, made = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
    kernel_object = 6
    answer = security.GetSecurityInfo(
        ctypes.c_void_p(handle),
        kernel_object,
        5,
        ctypes.byref(owner),
        None,
        ctypes.byref(rights),
        None,
        ctypes.byref(made),
    )
    assert answer == 0
    text = ctypes.c_wchar_p()
    assert security.ConvertSecurityDescriptorToStringSecurityDescriptorW(made, 1, 5, ctypes.byref(text), None)
    pipe._winapi.CloseHandle(handle)

    sid = win32.own_sid()
    assert text.value is not None
    assert text.value.startswith(f"O:{sid}D:P(A;;")
    assert text.value.endswith(f";;;{sid})")
    assert text.value.count("(") == 1
    assert own_side.descriptor("S-1-5-21-7-1001") == "O:S-1-5-21-7-1001G:S-1-5-21-7-1001D:P(A;;GA;;;S-1-5-21-7-1001)"
    assert own_side.REJECT_REMOTE_CLIENTS == 8


def test_each_daemon_draws_another_name(daemon: Daemon) -> None:
    first = name()
    daemon.do(daemon.close())
    daemon.do(daemon.open())
    assert name() != first
    assert len(name()) == len(pipe.PREFIX) + 32


@pytest.mark.parametrize(
    "planted", [r"\\evil.example\pipe\kitsu-launcher-1", r"\\.\pipe\other", pipe.PREFIX + r"x\..\y", "", "C:\\x"]
)
def test_a_door_that_names_another_pipe_is_not_ours(planted: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(door.path()).write_text(planted)

    assert handoff.main([LINK]) == 3
    assert "is not yours alone; nothing was sent" in capsys.readouterr().err


def test_a_pipe_that_another_user_serves_gets_nothing(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: a pipe and its server's process; only whose that is is made up: wine knows a single user."""
    monkeypatch.setattr(win32, "sid_of", lambda pid: "S-1-5-21-1-2-3-1002" if pid == os.getpid() else None)

    assert handoff.main([LINK]) == 3
    assert daemon.came == []


NOTES_AND_ENDS_WITH_7 = "import sys; open(sys.argv[1], 'a').write(' '.join(sys.argv[2:]) + chr(10)); sys.exit(7)"


def test_where_nobody_runs_the_command_line_starts_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Real: no door, and one that a killed daemon left; a program in our command's place, spaces in its arguments."""
    notes = tmp_path / "the notes"
    command = [sys.executable, "-c", NOTES_AND_ENDS_WITH_7, str(notes)]
    monkeypatch.setattr(itself, "command", lambda *arguments: [*command, *arguments])

    assert handoff.main([LINK]) == 7
    Path(door.path()).write_text(pipe.PREFIX + "0" * 32)
    assert handoff.main([LINK]) == 7

    assert notes.read_text().splitlines() == [f"open {LINK}"] * 2


def test_a_pipe_that_says_nothing_is_not_waited_for() -> None:
    silent = own_side.create(pipe.PREFIX + "1" * 32, first=True)
    Path(door.path()).write_text(pipe.PREFIX + "1" * 32)
    began = time.monotonic()

    with pytest.raises(TimeoutError):
        door.ask("GET", "/door/ping", None, patience_s=0.5)

    assert time.monotonic() - began < 3
    pipe._winapi.CloseHandle(silent)


def test_rubbish_and_a_caller_who_leaves_stop_nobody(daemon: Daemon) -> None:
    """Real: bytes that are no request, and a pipe closed before a word."""
    for said in (b"\x00\xff" * 50, b""):
        connection = door.connect(door.path(), 2)
        if said:
            connection.send(said)
        connection.close()
    assert request("GET", "/door/ping", start=False) == {}


def test_there_is_one_daemon_and_its_number_can_be_read(home: Path) -> None:
    """Real: the lock is held by another process."""
    script = (
        "import sys; from pathlib import Path; from launcher.listening import only_one\n"
        "with only_one(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(LauncherError) as raised, only_one(home):
            pass
        assert raised.value.tried == (f"{home}\\lock: held by process {other.pid}",)
        other.kill()
    with only_one(home):
        pass


def test_the_loops_private_names_are_there() -> None:
    """asyncio may rename them in any version; then this fails before anybody's door does."""
    loop = asyncio.ProactorEventLoop()
    with contextlib.closing(loop):
        assert callable(loop._proactor.accept_pipe)
        assert callable(loop._make_duplex_pipe_transport)
