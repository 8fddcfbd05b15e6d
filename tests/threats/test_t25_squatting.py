"""T25: another OS user sits where the daemon or its door would be. Red state, no other port, nothing is sent there."""

import contextlib
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from launcher import door
from launcher.knock import Told
from launcher.system import Holder
from launcher.system.macos import ports as mac_ports
from tests.support.daemon import Daemon
from tests.support.desktop import wait_until
from tests.support.foreign import Foreign
from tests.support.requests import TASK
from tests.support.sample import Make, SampleStudio

NO_KEYRING = re.compile(r"([\d-]+ [\d:]+ WARNING keyring reason='this machine has no keyring'\n)?")
"""What its log says on stderr besides: tests have none, and a daemon looks for one as it warms up."""
LINK = f"kitsu-launcher://run/open?task={TASK}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(host: str, port: int) -> bytes:
    """What an address answers; empty where nobody does."""
    name = f"[{host}]" if ":" in host else host
    try:
        with socket.create_connection((host, port), timeout=2) as connection:
            connection.sendall(f"GET /healthz HTTP/1.1\r\nHost: {name}:{port}\r\nConnection: close\r\n\r\n".encode())
            return connection.recv(4096)
    except OSError:
        return b""


def link(env: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """The hand-off as the desktop starts it."""
    argv = [sys.executable, "-m", "launcher", LINK]
    return subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def squatted(request: pytest.FixtureRequest, make_studio: Make, foreign: Foreign) -> Iterator[SampleStudio]:
    """A daemon of hers, at whose port another user sits already: on the address that the test's parameter says."""
    studio = make_studio(log_in=False)
    port = studio.port
    studio.daemon.stop()
    foreign.squat_tcp(request.param, port)
    process = subprocess.Popen(
        [sys.executable, "-m", "launcher", "serve", "--no-tray", "--port", str(port)],
        env=studio.daemon.env,
        text=True,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    studio.daemon = Daemon(studio.home, studio.daemon.env, process, port)
    wait_until(lambda: (studio.home / "run" / "door").exists(), 20, "the door")
    yield studio
    studio.daemon.stop()


@pytest.mark.parametrize("squatted", ["127.0.0.1", "::1"], indirect=True)
def test_neither_address_is_served_and_no_other_port(squatted: SampleStudio, foreign: Foreign) -> None:
    """Real: a second OS user holds one of the two; the daemon's own sockets, by the kernel's tables."""
    daemon = squatted.daemon
    pid = daemon.ask("GET", "/door/ping")["pid"]

    time.sleep(2.5)  # it has tried again meanwhile

    assert b"200 OK" not in answers("127.0.0.1", daemon.port) + answers("::1", daemon.port)
    assert listening(pid) == []
    assert daemon.ask("GET", "/door/ping")["port"] == daemon.port
    # What the squatter heard is this test's own question, and nothing of the daemon's.
    assert b"run/" not in foreign.free()


@pytest.mark.parametrize("squatted", ["127.0.0.1", "::1"], indirect=True)
def test_it_is_told_who_sits_there(squatted: SampleStudio, request: pytest.FixtureRequest) -> None:
    """Real: on stderr once, at the dashboard's entrance; texts compared whole."""
    daemon = squatted.daemon
    host = request.node.callspec.params["squatted"]
    address = f"[{host}]:{daemon.port}" if ":" in host else f"{host}:{daemon.port}"
    user = "kitsu-other" if os.environ.get("KITSU_TEST_FOREIGN") else "nobody"
    text = (
        f"Port {daemon.port} is taken on {host}; Kitsu Launcher needs it.\n"
        f"  tried  {address}: held by a program of user {user}\n"
        "  next   It is taken as soon as it is free: end the program that holds it, or let the studio file set another"
        " `studio.port` for everybody."
    )
    with pytest.raises(Told) as raised:
        daemon.ask("POST", "/door/enter")
    assert str(raised.value) == text
    time.sleep(2.5)
    daemon.stop()

    assert daemon.process.stderr is not None
    before, told, after = daemon.process.stderr.read().partition(text + "\n")
    assert (before, bool(told)) == ("", True)
    assert NO_KEYRING.fullmatch(after)
    (line,) = [line for line in daemon.log().splitlines() if "port taken" in line]
    assert f"by='{address}: held by a program of user {user}'" in line


@pytest.mark.parametrize("squatted", ["127.0.0.1", "::1"], indirect=True)
def test_a_link_is_refused_and_nothing_is_opened_there(squatted: SampleStudio, foreign: Foreign) -> None:
    """Real: the hand-off, the daemon, a browser that would only write down what it is to open."""
    done = link(squatted.daemon.env)

    assert done.returncode == 3
    assert done.stderr.startswith(f"kitsu-launcher: Port {squatted.port} is taken on ")
    assert squatted.opened() == []
    assert squatted.launches() == []
    assert foreign.free() == b""


@pytest.mark.parametrize("squatted", ["127.0.0.1", "::1"], indirect=True)
def test_as_soon_as_it_is_free_it_is_taken(squatted: SampleStudio, foreign: Foreign) -> None:
    """Real: the squatter leaves; both addresses answer, and the dashboard opens."""
    foreign.free()

    wait_until(lambda: b"200 OK" in answers("127.0.0.1", squatted.port), 10, "the port")

    assert b"200 OK" in answers("::1", squatted.port)
    url = squatted.daemon.ask("POST", "/door/enter")["url"]
    assert url.startswith(f"http://127.0.0.1:{squatted.port}/enter/")


def listening(pid: int) -> list[str]:
    """The TCP addresses that a process listens at."""
    inodes = set()
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            inodes.add(os.readlink(path))
    rows = [row.split() for table in ("tcp", "tcp6") for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
    return [row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in inodes]


@pytest.mark.parametrize("name", ["door", "other"])
def test_a_runtime_folder_of_another_user_gets_nothing(home: Path, foreign: Foreign, name: str) -> None:
    """Real: another user has made the folder of the private door, with or without a door in it."""
    home.chmod(0o777)
    foreign.squat_unix(home / "run", name)
    env = dict(os.environ)

    done = link(env)
    serve = subprocess.run(
        [sys.executable, "-m", "launcher", "serve", "--no-tray", "--port", "0"],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert serve.returncode == 1
    assert serve.stderr.splitlines()[0] == f"{home}/run is not a folder of your own."
    assert foreign.free() == b""


def test_a_port_of_ones_own_program_is_told_by_its_name(home: Path, start_daemon: Callable[..., Daemon]) -> None:
    """Real: the commonest squatter is no attacker."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        daemon = start_daemon(port=server.getsockname()[1])
        with pytest.raises(Told) as raised:
            daemon.ask("POST", "/door/enter")

    name = Path("/proc/self/comm").read_text().strip()
    assert raised.value.tried == (f"127.0.0.1:{daemon.port}: held by {name}, process {os.getpid()}",)


def test_a_macs_door_that_another_user_has_made_gets_nothing(foreign: Foreign, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: a second OS user's folder and socket, where this user's would be on a Mac."""
    with tempfile.TemporaryDirectory(prefix="kl-", dir="/tmp") as caches:
        Path(caches).chmod(0o777)
        foreign.squat_unix(Path(caches, "kitsu-launcher"), "door")
        monkeypatch.delenv(door.ENV_HOME, raising=False)
        monkeypatch.setattr(sys, "platform", "darwin")
        monkeypatch.setattr(os, "confstr", lambda name: caches)

        with pytest.raises(door.NotOurs, match="not yours alone; nothing was sent"):
            door.ask("POST", "/door/link", b"{}", patience_s=1)

        assert foreign.free() == b""


def test_on_a_mac_who_sits_at_the_port_is_asked_of_lsof() -> None:
    """Exact arguments, an answer as lsof writes it; of another user's program macOS tells nothing."""
    assert mac_ports.question("127.0.0.1", 24517) == [
        *("/usr/sbin/lsof", "-nP", "-iTCP@127.0.0.1:24517", "-sTCP:LISTEN", "-Fpc"),
    ]
    assert mac_ports.told("p48\ncAdobe CEF Helper\nf21\n") == Holder(program="Adobe CEF Helper", pid=48)
    assert mac_ports.told("") is None
