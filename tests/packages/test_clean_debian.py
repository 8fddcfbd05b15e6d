"""Kitsu Launcher's package in a clean Debian: installed by apt, somebody logs in, clicks in Kitsu, and more come."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from launcher.launches import JOIN_S
from tests.packages.test_debians import SUITES
from tests.support import requests
from tests.support.debians import Debian, needs_root, opened
from tests.support.desktop import wait_until
from tests.support.linux_packages import Packages
from tests.support.needs import needs
from tests.support.workplace import (
    KITSU,
    PORT,
    FarKitsu,
    Session,
    apt,
    browse_by_recorder,
    far_kitsu,
    logged_in,
    make_person,
    put,
)
from tests.support.workstation import click, configure, frame
from tests.support.zou import Zou

SYSTEMS_OWN = "/usr/local/share/ca-certificates/lunar.crt"
"""Where Debian takes authorities of the house from."""


@dataclass
class Seat:
    """A workstation with our package on it, and somebody who sits there."""

    debian: Debian
    anna: Session
    kitsu: FarKitsu
    zou: Zou

    def trust(self) -> None:
        """As Debian's administrators add an authority."""
        self.debian.write(SYSTEMS_OWN, self.kitsu.authority.cert_pem.bytes())
        self.debian.run("update-ca-certificates")

    def log_in(self) -> Any:
        """At Kitsu, by the command line."""
        account = self.zou.account("user")
        return self.anna.launcher("login", "--email", account.email, "--password-stdin", input=account.password + "\n")

    def artist(self) -> None:
        """She has logged in at a Kitsu that this machine trusts, whichever test came first."""
        if self.anna.launcher("whoami").returncode:
            self.trust()
            done = self.log_in()
            assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module", params=SUITES)
def seat(request: pytest.FixtureRequest, zou: Zou, packages: Packages) -> Iterator[Seat]:
    """Real: Debian, its apt, Xfce, Zou behind an authority that nobody knows. She has logged in after the install."""
    needs_root()
    with ExitStack() as stack:
        debian = stack.enter_context(opened(f"{request.param}-workstation"))
        browse_by_recorder(debian)
        make_person(debian, "anna")
        apt(debian, "install", put(debian, packages.deb))
        configure(debian)
        kitsu = stack.enter_context(far_kitsu(debian, zou.url))
        anna = stack.enter_context(logged_in(debian, "anna"))
        wait_until(lambda: debian.listens(PORT), 20, "the daemon of whoever logged in")
        yield Seat(debian, anna, kitsu, zou)


def test_whoever_logs_in_has_one_daemon_with_an_icon_and_the_machines_studio_file(seat: Seat) -> None:
    """Real: the desktop started it from /etc/xdg/autostart; nobody has run a command of ours."""
    wait_until(lambda: "tray host=StatusNotifierItem" in seat.anna.log(), 20, "the icon in Xfce's panel")

    (daemon,) = seat.anna.daemons()
    assert seat.debian.processes("/kitsu-launcher serve --restart", seat.anna.uid)
    assert not seat.debian.processes("kitsu-launcher", uid=0)
    assert f"pid={daemon}" in seat.anna.log()
    told = seat.anna.told("config", "show")
    assert "Lunar Pictures" in json.dumps(told)
    found = {one["key"]: one["level"] for one in seat.anna.told("doctor")["findings"]}
    assert {found[name] for name in ("studio", "daemon", "port", "door", "links", "autostart", "tray")} == {"good"}


def test_a_link_opens_the_dashboard_in_her_browser(seat: Seat) -> None:
    """Real: xdg-open, which the package has brought, Xfce's own way of opening, a browser that writes down."""
    before = len(seat.anna.opened())
    time.sleep(JOIN_S)

    seat.anna.run("xdg-open", "kitsu-launcher://open")

    (address,) = wait_until(lambda: seat.anna.opened()[before:], 20, "the dashboard")
    assert address.startswith(f"http://127.0.0.1:{PORT}/enter/")
    page = seat.anna.send(requests.visit(PORT, address.partition(str(PORT))[2])(Sec_Fetch_Site="none").raw())
    assert page.status == 303
    assert len(seat.anna.daemons()) == 1


def test_a_kitsu_behind_an_authority_of_the_house_is_trusted_once_the_system_trusts_it(seat: Seat) -> None:
    """Real: the frozen program's TLS, update-ca-certificates; the daemon that runs need not start anew."""
    seat.debian.sh(f"rm -f {SYSTEMS_OWN}; update-ca-certificates --fresh")
    daemons = seat.anna.daemons()
    refused = seat.log_in()
    assert refused.returncode == 5
    assert refused.stderr.splitlines()[0] == (
        f"https://{KITSU} cannot be reached: nobody that this machine trusts has signed its certificate."
    )
    assert "next   Install the studio's authority on this machine, or set studio.ca_file to its PEM file." in (
        refused.stderr
    )

    seat.trust()

    accepted = seat.log_in()
    assert (accepted.returncode, accepted.stderr) == (0, "")
    assert seat.anna.daemons() == daemons


@needs("ffmpeg")
def test_a_click_in_kitsu_opens_mpv_which_outlives_the_daemon(seat: Seat, tmp_path: Path) -> None:
    """Real: the bytes of a browser, Zou by https, mpv with its window, asked over its own interface; two daemons."""
    seat.artist()
    file = frame(seat.debian, "SH010")

    launch = click(seat.anna, seat.zou, "Animation SH010")

    assert launch["state"] == "running", launch
    assert playing(seat.anna, "SH010") == file
    (pid,) = [one["pid"] for one in launch["processes"]]
    env = dict(one.partition("=")[::2] for one in seat.debian.text(f"/proc/{pid}/environ").split("\0"))
    wanted = {"KITSU_SERVER": f"https://{KITSU}", "KITSU_ENTITY_NAME": "SH010", "KITSU_FILE": file}
    assert {name: env.get(name) for name in wanted} == wanted
    assert json.loads(seat.debian.text(env["KITSU_CONTEXT"]))["tasks"]
    assert not [name for name in env if name.startswith(("_PYI", "_MEI", "LD_", "PYINSTALLER", "SSL_"))]
    assert not [value for name, value in env.items() if "/opt/kitsu-launcher" in value and name != "KITSU_CONTEXT"]
    assert "/opt/kitsu-launcher" not in seat.debian.text(f"/proc/{pid}/maps")

    assert seat.anna.launcher("quit").returncode == 0
    assert not seat.anna.daemons()
    assert playing(seat.anna, "SH010") == file
    seat.anna.run("xdg-open", "kitsu-launcher://open")
    wait_until(lambda: seat.debian.listens(PORT), 20, "the next daemon")
    assert seat.anna.told("launches", launch["id"])["state"] == "running"


def playing(session: Session, shot: str) -> str:
    """What her mpv has opened."""

    def look() -> str:
        try:
            with session.debian.connect(0, f"/tmp/mpv-{shot}") as connection:
                connection.settimeout(5)
                connection.sendall(b'{"command": ["get_property", "path"]}\n')
                for line in connection.makefile():
                    if "error" in (said := json.loads(line)):
                        return str(said.get("data") or "")
        except (OSError, AssertionError):
            pass
        return ""

    return wait_until(look, 20, "a file in mpv")


def test_no_route_of_the_installed_daemon_installs_anything(seat: Seat) -> None:
    """T37. Real: the frozen daemon's port, asked as our own page asks; nothing in /opt changes."""
    before = seat.debian.sh("find /opt /tmp | sort; ls /root")
    for name in ("update", "upgrade", "install", "self-update", "version", "download", "replace", "restart"):
        for path in (f"/{name}", f"/api/{name}", f"/door/{name}", f"/run/../{name}"):
            for method in ("GET", "POST"):
                answer = seat.anna.send(requests.own_page(PORT, method, path).raw())
                assert answer.status in (403, 404), (method, path, answer.status)
    assert seat.debian.sh("find /opt /tmp | sort; ls /root") == before


def test_a_second_person_at_the_same_machine_is_told_who_has_the_port(seat: Seat) -> None:
    """Real: two sessions at once. The second daemon waits for the port, and serves her once it is free."""
    make_person(seat.debian, "ben")
    with logged_in(seat.debian, "ben", 1) as ben:
        wait_until(ben.daemons, 20, "his daemon")
        wait_until(lambda: "port taken" in ben.log(), 20, "what it says of the port")
        assert f"127.0.0.1:{PORT}: held by a program of user anna" in ben.log()
        doctor = ben.launcher("doctor")
        assert doctor.returncode == 1
        assert "anna" in doctor.stdout
        link = ben.run("/opt/kitsu-launcher/kitsu-launcher-url", "kitsu-launcher://open", check=False)
        assert (link.returncode, link.stderr) == (
            3,
            f"kitsu-launcher: Port {PORT} is taken on 127.0.0.1; Kitsu Launcher needs it.\n",
        )
        # A click in his browser reaches her daemon, which takes none of another person's.
        form = requests.form(PORT, "review").raw()
        assert ben.send(form).status == 403
        assert len(seat.anna.daemons()) == len(ben.daemons()) == 1

        seat.anna.launcher("quit")
        wait_until(lambda: "listening port" in ben.log(), 20, "his turn")
        ben.launcher("quit")
    seat.anna.run("xdg-open", "kitsu-launcher://open")
    wait_until(lambda: seat.debian.listens(PORT), 20, "her daemon")
