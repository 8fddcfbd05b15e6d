"""One daemon: its lock, its two addresses, its private door, its end."""

import asyncio
import ctypes
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from launcher import listening
from launcher.errors import LauncherError
from launcher.system.linux import door
from tests.support.daemon import Daemon


def test_it_listens_on_both_loopback_addresses_and_at_its_private_door(start_daemon):
    """Real: a daemon of its own process, TCP over IPv4 and IPv6, the Unix socket."""
    daemon: Daemon = start_daemon()

    for host in ("127.0.0.1", "::1"):
        head = b"[::1]" if host == "::1" else b"127.0.0.1"
        request = b"GET /healthz HTTP/1.1\r\nHost: %s:%d\r\nConnection: close\r\n\r\n" % (head, daemon.port)
        answer = daemon.send(request, host)
        assert answer.startswith(b"HTTP/1.1 200")
    mode = daemon.door.stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600
    assert stat.S_IMODE(daemon.door.parent.stat().st_mode) == 0o700


def test_the_health_page_tells_nothing_but_that_it_lives(start_daemon):
    """Real: the daemon's own answer, whole."""
    daemon: Daemon = start_daemon()

    answer = daemon.send(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n" % daemon.port)

    head, _, body = answer.partition(b"\r\n\r\n")
    assert body.strip() == b"ok"
    assert b"0.1.0" not in head
    assert b"aiohttp" not in head.lower()


def test_a_second_start_says_so_and_leaves_the_first_ones_door_alone(start_daemon):
    """Real: two processes, one lock (verified.md R4: a second server would unlink the living door)."""
    daemon: Daemon = start_daemon()

    second = daemon.cli("serve", "--port", "0", check=False)

    assert second.returncode == 2
    assert second.stderr == (
        "Kitsu Launcher runs already.\n"
        f"  tried  {daemon.home}/run/lock: held by process {daemon.pid}\n"
        "  next   Use it as it is, or end it with `kitsu-launcher quit`.\n"
    )
    assert daemon.ask("GET", "/door/ping")["pid"] == daemon.pid


def test_after_a_kill_the_next_start_takes_everything_over(start_daemon):
    """Real: SIGKILL leaves lock file and socket behind."""
    first: Daemon = start_daemon()
    port = first.port
    first.stop(signal.SIGKILL)
    assert first.door.exists()

    second: Daemon = start_daemon(port=port)

    assert second.port == port
    assert second.ask("GET", "/door/ping")["pid"] == second.process.pid


def test_quit_ends_it_cleanly_and_never_starts_one(start_daemon):
    """Real: the command against a running daemon, and against none."""
    daemon: Daemon = start_daemon()

    assert daemon.cli("quit").returncode == 0
    assert daemon.process.wait(10) == 0
    assert not daemon.door.exists()
    before = time.monotonic()
    assert daemon.cli("quit").returncode == 0
    assert time.monotonic() - before < 5
    assert not daemon.door.exists()


def test_a_signal_ends_it_cleanly(start_daemon):
    """Real: SIGTERM, as a session manager sends it."""
    daemon: Daemon = start_daemon()

    assert daemon.stop(signal.SIGTERM) == 0
    assert not daemon.door.exists()


def test_a_signal_that_another_thread_gets_ends_it_too(start_daemon):
    """Real: SIGTERM, which the kernel may give to any thread; Python's own lock then never wakes the main one."""
    daemon: Daemon = start_daemon()
    others = [int(thread) for thread in os.listdir(f"/proc/{daemon.pid}/task") if int(thread) != daemon.pid]

    assert ctypes.CDLL(None).tgkill(daemon.pid, others[0], int(signal.SIGTERM)) == 0

    assert daemon.process.wait(10) == 0
    assert not daemon.door.exists()


def test_two_daemons_with_different_homes_run_side_by_side(start_daemon, tmp_path_factory, home):
    """Real: two processes; KITSU_LAUNCHER_HOME isolates lock, door, port, journal and logs."""
    other = home.with_name(home.name + "b")
    one, two = start_daemon(), start_daemon(home=other)
    try:
        assert one.port != two.port
        assert {one.ask("GET", "/door/ping")["pid"], two.ask("GET", "/door/ping")["pid"]} == {one.pid, two.pid}
        two.stop()
        assert one.ask("GET", "/door/ping")["pid"] == one.pid
    finally:
        subprocess.run(["rm", "-r", str(other)], check=True)


def test_nothing_is_written_outside_the_home(start_daemon, home, tmp_path):
    """Real: a daemon whose HOME and XDG folders are watched empty ones."""
    watched = tmp_path / "watched"
    watched.mkdir()
    names = ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME")

    daemon: Daemon = start_daemon(env=dict.fromkeys(names, str(watched)))
    daemon.cli("launches", "--json")
    daemon.cli("apps", "--json")
    daemon.stop()

    assert list(watched.rglob("*")) == []


def test_a_taken_port_is_told_and_neither_address_is_kept(free_port):
    """Real: another listener on ::1 alone (threats.md T25's first half)."""
    with socket.socket(socket.AF_INET6) as squatter:
        squatter.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        squatter.bind(("::1", free_port))
        squatter.listen()

        with pytest.raises(listening.PortTaken) as raised:
            listening.addresses(free_port)

    assert str(raised.value).splitlines()[0] == f"Port {free_port} is taken on ::1; Kitsu Launcher needs it."
    for sock in listening.addresses(free_port):
        sock.close()


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_path_too_long_for_a_socket_is_told(tmp_path):
    """Pure: the OS's own message would name neither path nor cure."""
    path = str(tmp_path / ("x" * 120) / "door")

    with pytest.raises(LauncherError) as raised:
        asyncio.run(door.listen(path, asyncio.Protocol))

    assert str(raised.value) == (
        "The private door's path is too long for a Unix socket.\n"
        f"  tried  {path}: {len(path)} bytes, 100 at most\n"
        "  next   Set KITSU_LAUNCHER_HOME to a shorter path."
    )


def test_a_link_in_place_of_the_lock_is_not_followed(tmp_path):
    """Real: a planted symlink must not let us truncate its target (threats.md T23)."""
    target = tmp_path / "precious"
    target.write_text("keep")
    (tmp_path / "lock").symlink_to(target)

    with pytest.raises(OSError, match="Too many levels"), listening.only_one(tmp_path):
        pass

    assert target.read_text() == "keep"


def test_a_command_starts_a_daemon_when_none_runs(home):
    """Real: `launches` with no daemon; it outlives the command and answers the next one."""
    env = {**os.environ, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    (home / "machine").mkdir()
    (home / "machine" / "studio.toml").write_text(f"[studio]\nport = {_unused()}\n")

    def command(*args: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "launcher", *args]
        return subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=True)

    try:
        assert json.loads(command("launches", "--json").stdout) == []
        pid = int((home / "run" / "lock").read_text())
        assert Path(f"/proc/{pid}").exists()
        command("launches")
        assert int((home / "run" / "lock").read_text()) == pid
    finally:
        command("quit")
    assert not (home / "run" / "door").exists()


def _unused() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_broken_studio_file_is_told_on_stderr_and_the_daemon_starts_all_the_same(home, start_daemon):
    """Real: design.md: the daemon always starts."""
    (home / "machine").mkdir()
    (home / "machine" / "studio.toml").write_text("[studio]\nnmae = 'x'\n")

    daemon: Daemon = start_daemon()
    daemon.stop()

    told = daemon.process.stderr.read()
    assert f'{home}/machine/studio.toml:2: studio: unknown key "nmae"; did you mean "name"?' in told
