"""The launcher in a real Windows Python under wine: its own tests there, and whole ways through the real programs.

What wine 8 cannot show: other users, junctions, the processes of IPv6 connections, a squatted pipe name.
"""

import ast
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.needs import needs
from tests.support.wine import Windows, WindowsDaemon

INSIDE = Path(__file__).with_name("inside")
pytestmark = needs("wine", "unzip", "uv")


def names(file: str) -> list[str]:
    """The tests that a file holds."""
    tree = ast.parse((INSIDE / f"{file}.py").read_text())
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


@pytest.fixture(scope="module")
def told(windows: Windows) -> dict[str, str]:
    """What each test said that ran on Windows."""
    return {**windows.tests(INSIDE / "doors.py"), **windows.tests(INSIDE / "programs.py")}


@pytest.mark.parametrize("name", [*names("doors"), *names("programs")])
def test_on_windows(told: dict[str, str], name: str) -> None:
    """Real: the Windows Python, pipes, processes, files and the registry of wine."""
    results = {case: text for case, text in told.items() if case == name or case.startswith(f"{name}[")}

    assert results, f"{name} did not run"
    assert not any(results.values()), "\n\n".join(results.values())


GET = """
import socket, sys
for host in sys.argv[2:]:
    with socket.create_connection((host, int(sys.argv[1]))) as connection:
        name = f"[{host}]" if ":" in host else host
        head = f"GET /healthz HTTP/1.1\\r\\nHost: {name}:{sys.argv[1]}\\r\\nConnection: close\\r\\n\\r\\n"
        connection.sendall(head.encode())
        print(connection.makefile("rb").readline().decode().strip())
"""


def test_the_daemon_serves_its_own_user_and_nobody_else(windows: Windows, windows_daemon: WindowsDaemon) -> None:
    """Real: a program of Windows, and one of Linux: of that one Windows knows no user."""
    done = windows.python("-c", GET, str(windows_daemon.port), "127.0.0.1", "::1")
    assert done.stdout.splitlines() == ["HTTP/1.1 200 OK", "HTTP/1.1 403 Forbidden"], done  # wine: no owner on IPv6

    with socket.create_connection(("127.0.0.1", windows_daemon.port), timeout=20) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % windows_daemon.port)
        assert connection.makefile("rb").readline() == b"HTTP/1.1 403 Forbidden\r\n"


def test_commands_a_link_a_second_start_and_quit_use_the_private_door(
    windows: Windows, windows_daemon: WindowsDaemon
) -> None:
    """Real: five programs of Windows, one daemon."""
    assert windows.python("-m", "launcher", "launches", "--json").stdout.strip() == "[]"
    link = windows.python("-m", "launcher", "kitsu-launcher://run/x?task=1")
    assert link.returncode == 2, link.stdout
    assert link.stdout.startswith("kitsu-launcher: "), link.stdout
    second = windows.python("-m", "launcher", "serve", "--port", "0")
    assert second.returncode == 2, second.stdout
    assert second.stdout.splitlines()[0] == "Kitsu Launcher runs already."
    assert windows.python("-m", "launcher", "launches", "--json").stdout.strip() == "[]"

    assert "Traceback" not in windows_daemon.stop()
    assert windows_daemon.process.returncode == 0
    assert not (windows.home / "kitsu" / "run" / "door").exists()
    assert windows.python("-m", "launcher", "quit").returncode == 0


def unused() -> int:
    """A port that nobody holds now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_command_starts_a_daemon_that_outlives_it(windows: Windows) -> None:
    """Real: a command with no daemon. Under wine the daemon keeps the command's output open: its end is read last."""
    home = windows.path(windows.home / "started")
    machine = windows.home / "started" / "machine"
    machine.mkdir(parents=True)
    # The daemon of a command takes the studio's port, and somebody's own may hold the usual one here.
    (machine / "studio.toml").write_text(f"[studio]\nport = {unused()}\n")

    command = windows.begin("-m", "launcher", "launches", "--json", KITSU_LAUNCHER_HOME=home)
    assert command.stdout is not None
    assert command.stdout.readline() == "[]\n"
    time.sleep(1)
    pid = windows.python(
        "-c",
        "from launcher.knock import request; print(request('GET', '/door/ping', start=False))",
        KITSU_LAUNCHER_HOME=home,
    )
    assert "'pid'" in pid.stdout, pid
    assert windows.python("-m", "launcher", "quit", KITSU_LAUNCHER_HOME=home).returncode == 0
    windows.stop()
    assert command.wait(30) == 0
    windows.keep()


@pytest.fixture
def recorder(windows: Windows) -> Iterator[Path]:
    """The real door with somebody behind it who notes every link."""
    notes = windows.home / "links"
    notes.unlink(missing_ok=True)
    process = windows.begin(windows.path(INSIDE / "recorder.py"), windows.path(notes))
    deadline = time.monotonic() + 30
    while not notes.exists():
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.05)
    yield notes
    notes.unlink()
    process.communicate(timeout=20)


HOSTILE = [
    "kitsu-launcher://open",
    "kitsu-launcher://run/a?task=1&calc.exe&x=1|calc.exe",
    "kitsu-launcher://run/a?x=^&y=%00%0d%0a%22%20--evil",
    "kitsu-launcher://run/--evil?$(id);`id`'x'<>!{}~#f",
    "kitsu-launcher://run/a?" + "x" * 200,  # wine's `start` drops more than 259 characters
]
REFUSED = ["kitsu-launcher://run/a b --evil", "kitsu-launcher://run/é", "KITSU-LAUNCHER://open"]


def test_links_of_the_desktop_reach_the_daemon_as_they_were(windows: Windows, recorder: Path) -> None:
    """Real: the command that registers, keys in the person's registry, `start` of Windows' shell, hand-off, pipe."""
    said = windows.python("-m", "launcher", "register").stdout
    assert said.splitlines() == ["Links open here now.", "It starts at each login from now on."]
    key = r"Software\Classes\kitsu-launcher"
    try:
        # Wine 8 does not lay the person's classes over the machine's, as Windows does.
        assert windows.program("reg", "copy", rf"HKCU\{key}", rf"HKLM\{key}", "/s", "/f").returncode == 0
        for link in (*REFUSED, *HOSTILE):
            windows.program("start", "/wait", link)
        deadline = time.monotonic() + 20
        while len(recorder.read_text().splitlines()) < len(HOSTILE) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert recorder.read_text(encoding="utf-8").splitlines() == HOSTILE
    finally:
        windows.program("reg", "delete", rf"HKLM\{key}", "/f")
        gone = windows.python("-m", "launcher", "unregister").stdout.strip()
        assert gone.splitlines()[0] == "Links open here no more."


@pytest.fixture(scope="module")
def told_in_tray(windows: Windows) -> Iterator[dict[str, str]]:
    """What each test of the tray said, on a display of its own."""
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        display = f":{process.stdout.readline().strip()}"
        # Wine's desktop lives on, and without the display that the first program had none.
        windows.stop()
        yield windows.tests(INSIDE / "tray.py", WINE_DISPLAY=display)
    finally:
        windows.stop()
        process.terminate()
        process.wait(10)


@needs("Xvfb")
@pytest.mark.parametrize("name", names("tray"))
def test_in_the_tray(told_in_tray: dict[str, str], name: str) -> None:
    """Real: pystray's win32 backend under wine, on a display."""
    assert told_in_tray[name] == ""
