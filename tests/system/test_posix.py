"""What Linux and macOS have in common, by the names that each gives it. Real: sockets, locks, signals."""

import asyncio
import importlib
import inspect
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from launcher.errors import LauncherError
from launcher.system.macos import peer as mac_peer

ROOT = Path(__file__).parents[2]
ASKED = {
    "autostart": ("state", "enable", "disable"),
    "desktop": ("open_folder", "open_url"),
    "door": ("listen",),
    "lock": ("hold",),
    "peer": ("own_uid", "uid_of", "is_private", "uid_at_door"),
    "places": ("look", "matches", "found", "version_in", "version_of", "program", "says"),
    "ports": ("holder",),
    "process": ("clean_environment", "start", "watch", "birth", "lives", "watch_again"),
    "scheme": ("register", "unregister", "registered", "state", "receive"),
    "signals": ("when_told_to_end",),
    "tray": ("run", "host"),
}
"""What the program asks of each OS's modules."""


@pytest.fixture(params=["linux", "macos"])
def system(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def module(system: str, name: str) -> ModuleType:
    return importlib.import_module(f"launcher.system.{system}.{name}")


@pytest.mark.parametrize("name", ASKED)
def test_each_module_has_what_is_asked_of_it_with_equal_parameters(name: str) -> None:
    """Real: the modules; those of macOS can be imported on Linux, too."""
    linux, macos = module("linux", name), module("macos", name)

    for function in ASKED[name]:
        mine, other = (inspect.signature(getattr(one, function)).parameters for one in (macos, linux))
        assert list(mine) == list(other), function


async def test_the_door_is_a_socket_for_this_user_alone(system: str, tmp_path: Path) -> None:
    """Real: a Unix socket in place of what a crash left, and no file afterwards."""
    path = tmp_path / "door"
    path.write_text("left behind")
    came = asyncio.Event()

    class Came(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            came.set()
            transport.close()  # type: ignore[attr-defined]

    door = await module(system, "door").listen(str(path), Came)

    mode = path.stat().st_mode
    assert (stat.S_ISSOCK(mode), stat.S_IMODE(mode)) == (True, 0o600)
    reader, writer = await asyncio.open_unix_connection(path)
    await asyncio.wait_for(came.wait(), 5)
    assert await reader.read() == b""
    writer.close()
    door.close()
    assert not path.exists()


async def test_a_path_too_long_for_a_macs_socket_is_told(system: str) -> None:
    """104 bytes with the end of the text, on macOS; compared whole."""
    path = "/" + "x" * 104

    with pytest.raises(LauncherError) as told:
        await module(system, "door").listen(path, asyncio.Protocol)

    assert str(told.value) == (
        "The private door's path is too long for a Unix socket.\n"
        f"  tried  {path}: 105 bytes, 100 at most\n"
        "  next   Set KITSU_LAUNCHER_HOME to a shorter path."
    )


async def test_who_comes_by_the_door_is_told_from_who_comes_by_the_port(system: str, tmp_path: Path) -> None:
    """Real: both kinds of socket."""
    peer, loop = module(system, "peer"), asyncio.get_running_loop()
    seen: list[bool] = []

    class Look(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            seen.append(peer.is_private(transport))
            transport.close()  # type: ignore[attr-defined]

    door = await module(system, "door").listen(str(tmp_path / "door"), Look)
    port = await loop.create_server(Look, "127.0.0.1", 0)
    for opened in (
        asyncio.open_unix_connection(tmp_path / "door"),
        asyncio.open_connection(*port.sockets[0].getsockname()),
    ):
        reader, writer = await opened
        await reader.read()
        writer.close()
    door.close()
    port.close()

    assert seen == [True, False]
    assert peer.own_uid() == os.getuid()


def test_one_process_alone_holds_the_lock(system: str, tmp_path: Path) -> None:
    """Real: a second process; the lock ends with the one that holds it."""
    code = (
        f"import os, sys; sys.path.insert(0, {str(ROOT)!r})\n"
        f"from launcher.system.{system} import lock\n"
        "lock.hold(os.open(sys.argv[1], os.O_RDWR | os.O_CREAT))\n"
        "print('held', flush=True); sys.stdin.read()"
    )
    argv = [sys.executable, "-c", code, str(tmp_path / "lock")]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        file = os.open(tmp_path / "lock", os.O_RDWR)
        with pytest.raises(BlockingIOError):
            module(system, "lock").hold(file)
        holder.kill()
        holder.wait(10)
        module(system, "lock").hold(file)
        os.close(file)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_each_way_to_be_told_to_end_is_heard(system: str, number: signal.Signals) -> None:
    """Real: a process that is sent the signal."""
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "import threading\n"
        f"from launcher.system.{system} import signals\n"
        "end = threading.Event(); signals.when_told_to_end(end.set)\n"
        "print('ready', flush=True); print(end.wait(10))"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.stdout.read() == "True\n"


def test_an_end_of_a_connection_is_packed_as_the_kernel_writes_it() -> None:
    assert mac_peer.packed("::1%lo0", 80) == (socket.inet_pton(socket.AF_INET6, "::1"), 80)
    with pytest.raises(OSError, match="illegal IP"):
        mac_peer.packed("localhost", 80)
