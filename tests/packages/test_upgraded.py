"""The next version's package over a daemon that runs: it is replaced, and what it has started goes on."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from launcher import __version__
from tests.packages.test_clean_debian import Seat, playing
from tests.support.debians import needs_root, opened
from tests.support.desktop import wait_until
from tests.support.linux_packages import NEXT, Packages
from tests.support.workplace import PORT, apt, browse_by_recorder, far_kitsu, logged_in, make_person, put
from tests.support.workstation import click, configure, frame
from tests.support.zou import Zou


@pytest.fixture
def seat(zou: Zou, packages: Packages) -> Iterator[Seat]:
    """Real: Debian 13 with this version's package; she has logged in, at her desktop and at Kitsu."""
    needs_root()
    with ExitStack() as stack:
        debian = stack.enter_context(opened("trixie-workstation"))
        browse_by_recorder(debian)
        make_person(debian, "anna")
        apt(debian, "install", put(debian, packages.deb))
        configure(debian)
        kitsu = stack.enter_context(far_kitsu(debian, zou.url))
        anna = stack.enter_context(logged_in(debian, "anna"))
        wait_until(lambda: debian.listens(PORT), 20, "the daemon")
        yield Seat(debian, anna, kitsu, zou)


def version(seat: Seat) -> str:
    """What the command says of itself."""
    return seat.anna.launcher("--version").stdout.strip()


def environment(seat: Seat, pid: int) -> set[str]:
    """The variables that a process was started with, but for the one that the bundle sets for itself."""
    words = seat.debian.text(f"/proc/{pid}/environ").split("\0")
    return {word for word in words if not word.startswith("LD_LIBRARY_PATH=/opt/kitsu-launcher/")}


def test_an_upgrade_replaces_the_daemon_and_leaves_mpv_alone(seat: Seat, next_packages: Packages) -> None:
    """Real: apt, two frozen versions, mpv, the journal of the first version read by the second."""
    seat.artist()
    file = frame(seat.debian, "SH010")
    launch = click(seat.anna, seat.zou, "Animation SH010")
    (pid,) = [one["pid"] for one in launch["processes"]]
    assert playing(seat.anna, "SH010") == file
    (old,) = seat.anna.daemons()
    before = environment(seat, old)

    apt(seat.debian, "install", put(seat.debian, next_packages.deb))

    (new,) = wait_until(seat.anna.daemons, 20, "the next daemon")
    assert new != old
    wait_until(lambda: seat.debian.listens(PORT), 20, "its port")
    assert version(seat).endswith(NEXT)
    assert NEXT in seat.anna.told("doctor")["system"]
    assert playing(seat.anna, "SH010") == file
    known = seat.anna.told("launches", launch["id"])
    assert (known["state"], known["processes"][0]["pid"]) == ("running", pid)
    assert environment(seat, new) == before
    assert len(seat.debian.processes("kitsu-launcher serve --restart")) == 1
    assert seat.debian.sh("ls /opt/kitsu-launcher").split() == [NEXT, "kitsu-launcher", "kitsu-launcher-url"]
    assert not seat.debian.processes("kitsu-launcher", uid=0)


def test_an_upgrade_ends_a_daemon_that_hangs(seat: Seat, next_packages: Packages) -> None:
    """Real: SIGSTOP, apt; it does not wait for ever, and one daemon of the next version runs."""
    (old,) = seat.anna.daemons()
    seat.debian.sh(f"kill -STOP {old}")

    apt(seat.debian, "install", put(seat.debian, next_packages.deb))

    assert wait_until(seat.anna.daemons, 20, "the next daemon") != [old]
    assert version(seat).endswith(NEXT)
    assert not seat.debian.processes(f"/proc/{old}")


def test_an_upgrade_that_cannot_begin_leaves_the_old_version_at_work(seat: Seat, next_packages: Packages) -> None:
    """Real: apt, a preinst that fails because /run cannot be written; no half of an installation."""
    before = seat.debian.sh("find /opt/kitsu-launcher | sort | md5sum")
    (old,) = seat.anna.daemons()
    package = put(seat.debian, next_packages.deb)
    seat.debian.sh("rm -rf /run/kitsu-launcher; ln -s /nowhere/at/all /run/kitsu-launcher")

    done = apt(seat.debian, "install", package, check=False)

    assert done.returncode == 100
    assert "/run/kitsu-launcher" in done.stdout + done.stderr
    assert seat.debian.sh("find /opt/kitsu-launcher | sort | md5sum") == before
    assert version(seat).endswith(__version__)
    assert seat.anna.daemons() == [old]
    assert seat.debian.listens(PORT)
    seat.debian.run("rm", "/run/kitsu-launcher")
    apt(seat.debian, "install", package)
    assert version(seat).endswith(NEXT)
