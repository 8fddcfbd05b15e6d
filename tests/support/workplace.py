"""A workstation with a desktop: packages installed as IT does, people who log in, and the studio's Kitsu, far away."""

import base64
import contextlib
import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import trustme

from tests.support.debians import Debian, once
from tests.support.desktop import wait_until
from tests.support.requests import Answer
from tests.support.sample import read

PORT = 24517
KITSU = "kitsu.studio.test"
"""As in the captured clicks."""
QUIETLY = {"DEBIAN_FRONTEND": "noninteractive"}
BROWSER = """#!/bin/sh
printf '%s\\n' "$1" >> "$HOME/opened"
"""
"""A browser that only writes down what it is to open."""
SESSION = """
Xvfb "$DISPLAY" -screen 0 1280x800x24 -nolisten tcp -fbdir "$XDG_RUNTIME_DIR" &
dbus-daemon --session --nofork --address="$DBUS_SESSION_BUS_ADDRESS" &
while [ ! -S "/tmp/.X11-unix/X${DISPLAY#:}" ] || [ ! -S "$XDG_RUNTIME_DIR/bus" ]; do sleep 0.05; done
exec xfce4-session
"""
"""A login at a screen, without what manages displays: the desktop itself reads /etc/xdg/autostart."""


@dataclass(frozen=True)
class Session:
    """Somebody who is logged in."""

    debian: Debian
    name: str
    uid: int
    env: dict[str, str]

    def run(self, *argv: str, **how: Any) -> "subprocess.CompletedProcess[str]":
        """A command in her session."""
        return self.debian.run(*argv, user=self.name, env=self.env, **how)

    def launcher(self, *arguments: str, **how: Any) -> "subprocess.CompletedProcess[str]":
        """The installed command; a test looks at its exit code itself, unless it says `check`."""
        return self.run("kitsu-launcher", *arguments, **{"check": False, **how})

    def told(self, *arguments: str) -> Any:
        """What it says as JSON."""
        return json.loads(self.launcher(*arguments, "--json").stdout)

    def daemons(self) -> list[int]:
        """Her daemons, without those who look after them."""
        found = self.debian.processes("/kitsu-launcher serve", uid=self.uid)
        return [one.pid for one in found if "--restart" not in one.line]

    def opened(self) -> list[str]:
        """The addresses that her browser was given."""
        return self.debian.text(f"/home/{self.name}/opened").splitlines()

    def send(self, request: bytes) -> Answer:
        """One request to the port, as her browser sends it."""
        with self.debian.connect(PORT, uid=self.uid) as connection:
            connection.settimeout(20)
            with contextlib.suppress(ConnectionError):  # refused before all of it was read: the answer is there
                connection.sendall(request)
            return read(connection)

    def log(self) -> str:
        """Her daemon's log."""
        return self.debian.run(
            "sh", "-c", f"cat /home/{self.name}/.local/state/kitsu-launcher/*/logs/*", check=False
        ).stdout

    def screenshot(self, path: Path) -> None:
        """A picture of her screen, as PNG."""
        raw = self.debian.sh(f"base64 {self.env['XDG_RUNTIME_DIR']}/Xvfb_screen0")
        subprocess.run(["convert", "xwd:-", str(path)], input=base64.b64decode(raw), check=True, timeout=60)


def make_person(debian: Debian, name: str) -> int:
    """A person of this machine; her user id."""
    debian.run("useradd", "--create-home", "--shell", "/bin/bash", name)
    return int(debian.run("id", "-u", name).stdout)


@contextmanager
def logged_in(debian: Debian, name: str, screen: int = 0) -> Iterator[Session]:
    """A session at a screen of her own; everything of it is ended afterwards, as at logout."""
    uid = int(debian.run("id", "-u", name).stdout)
    runtime = f"/run/user/{uid}"
    debian.sh(f"mkdir -p -m 755 /run/user; mkdir -p -m 1777 /tmp/.X11-unix; install -d -m 700 -o {name} {runtime}")
    env = {"DISPLAY": f":{screen}", "XDG_RUNTIME_DIR": runtime, "DBUS_SESSION_BUS_ADDRESS": f"unix:path={runtime}/bus"}
    env |= {"XDG_CURRENT_DESKTOP": "XFCE", "DESKTOP_SESSION": "xfce", "XDG_SESSION_TYPE": "x11"}
    session = Session(debian, name, uid, env)
    with debian.started("sh", "-c", SESSION, user=name, env=env):
        desktop = "xfce4-panel"
        assert once(lambda: bool(debian.processes(desktop, uid)), 30), debian.processes()
        yield session
    log_out(debian, uid)


def log_out(debian: Debian, uid: int) -> None:
    """End whatever she runs, as systemd-logind does, and take away her folder below /run."""
    debian.run(
        "sh", "-c", 'kill -9 $(grep -l "^Uid:.$1[^0-9]" /proc/[0-9]*/status | cut -d/ -f3)', "sh", str(uid), check=False
    )
    wait_until(lambda: not debian.processes(uid=uid), 10, "the end of her session")
    debian.sh(f"rm -rf /run/user/{uid} /tmp/.X11-unix/* /tmp/.X*-lock")


def browse_by_recorder(debian: Debian) -> None:
    """The browser of everybody here, by the name that Debian's desktops ask for."""
    debian.write("/usr/local/bin/sensible-browser", BROWSER, mode="755")


def put(debian: Debian, package: Path, *, download: bool = True) -> str:
    """Copy a package into the machine, with what it needs from Debian in apt's cache; its path there."""
    path = f"/root/{package.name}"
    debian.write(path, package.read_bytes())
    if download:
        debian.run("apt-get", "-q", "-y", "install", "--download-only", path, outside=True, env=QUIETLY)
    return path


def apt(debian: Debian, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
    """What IT types. The machine's own network has no mirror: what is not in the cache cannot come."""
    return debian.run("apt", "-y", *arguments, env=QUIETLY, check=check)


@dataclass
class FarKitsu:
    """The studio's Kitsu: https with an authority of the studio's own, before a real Zou on the tests' side."""

    authority: trustme.CA
    listening: socket.socket
    context: ssl.SSLContext
    behind: tuple[str, int]

    def serve(self) -> None:
        """Until the socket is closed."""
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(connection,), daemon=True).start()

    def _pass_on(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):  # a client that does not trust hangs up
            secure = self.context.wrap_socket(connection, server_side=True)
            with secure, socket.create_connection(self.behind) as zou:
                back = threading.Thread(target=_pump, args=(zou, secure), daemon=True)
                back.start()
                _pump(secure, zou)
                back.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while part := source.recv(65536):
            target.sendall(part)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def far_kitsu(debian: Debian, zou_url: str) -> Iterator[FarKitsu]:
    """Seen from inside as https://kitsu.studio.test. Nobody trusts it yet."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(KITSU).configure_cert(context)
    debian.sh(f'echo "127.0.0.1 {KITSU}" >> /etc/hosts')
    where = urlsplit(zou_url)
    with debian.listen(443) as listening:
        kitsu = FarKitsu(authority, listening, context, (where.hostname or "", where.port or 80))
        threading.Thread(target=kitsu.serve, daemon=True).start()
        yield kitsu
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
