"""`kitsu-launcher` alone: it opens the dashboard, or says exactly why it cannot."""

import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from launcher.trust import REASONS
from tests.support.daemon import Daemon
from tests.support.desktop import wait_until


@pytest.fixture
def opened(home: Path) -> Path:
    """What the browser of these tests would open, written down."""
    seen = home / "opened.txt"
    code = f"import sys; open({str(seen)!r}, 'a').write(sys.argv[1] + '\\n')"
    (home / "config").mkdir()
    (home / "config" / "config.toml").write_text(f"desk.browser = {json.dumps([sys.executable, '-c', code])}\n")
    return seen


def test_a_port_in_other_hands_is_told_with_who_holds_it_and_nothing_is_opened_there(
    home: Path, start_daemon: Callable[..., Daemon], opened: Path
):
    """Real: another program on the port, the daemon, the command. No page could say it: there is none."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        daemon = start_daemon(port=port)
        done = daemon.cli(check=False)

    name = Path("/proc/self/comm").read_text().strip()
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        f"Port {port} is taken on 127.0.0.1; Kitsu Launcher needs it.\n"
        f"  tried  127.0.0.1:{port}: held by {name}, process {os.getpid()}\n"
        "  next   It is taken as soon as it is free: end the program that holds it, or let the studio file set another"
        " `studio.port` for everybody.\n"
    )
    assert not opened.exists()


def test_it_opens_an_address_that_enters_once(home: Path, start_daemon: Callable[..., Daemon], opened: Path):
    """Real: the daemon, the command, a program in the browser's place."""
    daemon = start_daemon()

    daemon.cli()

    wait_until(lambda: opened.exists() and opened.read_text().endswith("\n"), 10, "the browser")
    (url,) = opened.read_text().split()
    head, _sep, once = url.rpartition("/")
    assert head == f"http://127.0.0.1:{daemon.port}/enter"
    fetch = "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Site: none\r\n"
    asked = (
        f"GET /enter/{once} HTTP/1.1\r\nHost: 127.0.0.1:{daemon.port}\r\n{fetch}Connection: close\r\n\r\n"
    ).encode()
    assert daemon.send(asked).startswith(b"HTTP/1.1 303")
    assert daemon.send(asked).startswith(f"HTTP/1.1 {REASONS['session'][0]}".encode())
