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
from tests.support.wine import REPOSITORY, Windows, WindowsDaemon

INSIDE = Path(__file__).with_name("inside")
FILES = ("discovery", "doors", "notes", "programs", "replaced", "restart", "revised", "runner", "stamped")
ON_A_DISPLAY = ("tray", "console")
pytestmark = needs("wine", "unzip", "uv")


def names(file: str) -> list[str]:
    """The tests that a file holds."""
    tree = ast.parse((INSIDE / f"{file}.py").read_text())
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


@pytest.fixture(scope="module")
def told(windows: Windows) -> dict[str, str]:
    """What each test said that ran on Windows."""
    return {name: said for file in FILES for name, said in windows.tests(INSIDE / f"{file}.py").items()}


@pytest.mark.parametrize("name", [name for file in FILES for name in names(file)])
def test_on_windows(told: dict[str, str], name: str) -> None:
    """Real: the Windows Python, pipes, processes, files and the registry of wine."""
    results = {case: text for case, text in told.items() if case == name or case.startswith(f"{name}[")}

    assert results, f"{name} did not run"
    assert not any(results.values()), "\n\n".join(results.values())


PING = "from launcher.knock import request; print(request('GET', '/door/ping', start=False))"
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
        PING,
        KITSU_LAUNCHER_HOME=home,
    )
    assert "'pid'" in pid.stdout, pid
    assert windows.python("-m", "launcher", "quit", KITSU_LAUNCHER_HOME=home).returncode == 0
    windows.stop()
    assert command.wait(30) == 0
    windows.keep()


def test_a_link_starts_a_daemon_where_none_runs(windows: Windows) -> None:
    """Real: what the registry's command names, with one link; the command, and the daemon that it starts."""
    machine = windows.home / "linked" / "machine"
    machine.mkdir(parents=True)
    (machine / "studio.toml").write_text(f"[studio]\nport = {unused()}\n")
    env = {"KITSU_LAUNCHER_HOME": windows.path(windows.home / "linked")}

    handler = windows.path(REPOSITORY / "launcher" / "link.py")
    link = windows.begin("-I", "-S", handler, "kitsu-launcher://run/x?task=1", **env)
    assert link.stdout is not None
    # The daemon's own words: it has read the link.
    assert link.stdout.readline() == "'1' is not the id of a task.\n"
    asked = windows.python("-c", PING, **env)
    assert "'pid'" in asked.stdout, asked
    assert windows.python("-m", "launcher", "quit", **env).returncode == 0
    windows.stop()
    link.wait(30)
    windows.keep()


def test_doctor_tells_what_is_wrong_and_ends(windows: Windows) -> None:
    """Real: what a session sees, and what IT's rule does; in English, and in French by config.toml and by LANGUAGE."""
    home = windows.home / "doctor"
    env = {"KITSU_LAUNCHER_HOME": windows.path(home)}
    alone = windows.python("-m", "launcher", "doctor", **env)
    machine = windows.python("-m", "launcher", "doctor", "--machine", LANGUAGE="fr", **env)
    (home / "config").mkdir(parents=True, exist_ok=True)
    (home / "config" / "config.toml").write_text('desk.language = "fr"\n')
    hers = windows.python("-m", "launcher", "doctor", **env)

    for done in (alone, machine, hers):
        assert done.returncode == 1, done
        assert "Traceback" not in done.stdout
        assert done.stdout.startswith("Kitsu Launcher ")
    assert "No daemon runs: a click in Kitsu reaches nobody." in alone.stdout
    assert "Port " in alone.stdout
    assert "Aucun paquet n’ouvre les liens pour tous." in machine.stdout
    assert "un clic dans Kitsu n’atteint personne." in hers.stdout


def test_the_demo_clicks_by_itself(windows: Windows) -> None:
    """Real: sample Kitsu, daemon, Kitsu's bytes, a started program; its folder is gone afterwards."""
    done = windows.python("-m", "launcher", "demo", "--once", LANGUAGE="en")

    first, command, file, *rest = done.stdout.splitlines()
    assert done.returncode == 0, done
    assert first == "Open in the sample program (form): done"
    assert command.startswith("  command: 'Z:")
    assert file.endswith("\\prod\\FT\\shots\\SQ010\\SH010\\animation\\SH010_v002.json")
    assert rest == ["What is known of it (form): done", "", "All of it happened."]
    looked = windows.python("-c", "import os, sys; print(os.path.exists(sys.argv[1]))", file.partition("\\prod")[0][8:])
    assert looked.stdout.strip() == "False"


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
def told_on_a_display(windows: Windows) -> Iterator[dict[str, str]]:
    """What each test of the tray and of a console said, on a display of its own."""
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
        files = [INSIDE / f"{name}.py" for name in ON_A_DISPLAY]
        yield {name: said for file in files for name, said in windows.tests(file, WINE_DISPLAY=display).items()}
    finally:
        windows.stop()
        process.terminate()
        process.wait(10)


@needs("Xvfb")
@pytest.mark.parametrize("name", [name for file in ON_A_DISPLAY for name in names(file)])
def test_on_a_display(told_on_a_display: dict[str, str], name: str) -> None:
    """Real: pystray's win32 backend and a console of wine's, on a display."""
    assert told_on_a_display[name] == ""
