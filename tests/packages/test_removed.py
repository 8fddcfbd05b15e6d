"""Removed by apt: nothing that runs, and nothing that lies there, but the person's own files. T37: nobody listens."""

from pathlib import PurePosixPath

import pytest

from tests.packages.test_debians import SUITES
from tests.support.debians import Debian, needs_root, opened
from tests.support.desktop import wait_until
from tests.support.linux_packages import Packages
from tests.support.workplace import PORT, Session, apt, browse_by_recorder, logged_in, make_person, put
from tests.support.workstation import configure

GONE_WITH_THE_SESSION = "/run/user"
"""A lock that nobody holds lies there until she logs out."""
APTS_OWN = ("/var/lib/dpkg", "/var/lib/apt", "/var/cache", "/var/log", "/root", "/etc/ld.so.cache")
"""What apt and dpkg write down of themselves, the caches that they make anew, and the downloaded package."""


def left_behind(debian: Debian, before: dict[str, str], *not_looked_at: str) -> list[str]:
    """What was not there before, is gone, or is another now."""
    now = debian.footprint()
    others = sorted(path for path in {*before, *now} if before.get(path) != now.get(path))
    mine = (*APTS_OWN, *not_looked_at)
    return [path for path in others if not any(PurePosixPath(path).is_relative_to(top) for top in mine)]


@pytest.mark.parametrize("suite", SUITES)
def test_removal_ends_the_daemons_of_two_people_and_leaves_only_their_files(suite: str, packages: Packages) -> None:
    """Real: apt, two sessions of Xfce; every file, process and user of the machine before and after."""
    needs_root()
    with opened(f"{suite}-workstation") as debian:
        browse_by_recorder(debian)
        for name in ("anna", "ben"):
            make_person(debian, name)
        configure(debian)
        with logged_in(debian, "anna") as anna, logged_in(debian, "ben", 1) as ben:
            settle(anna, ben)
            without_us = packages_of(debian)
            before, users = debian.footprint(), debian.text("/etc/passwd") + debian.text("/etc/group")
            homes = tuple(f"/home/{session.name}/{own}" for session in (anna, ben) for own in desktops_own())
            apt(debian, "install", put(debian, packages.deb))
            use(anna, ben)

            apt(debian, "remove", "kitsu-launcher")

            assert debian.processes("kitsu-launcher") == []
            assert not debian.listens(PORT)
            assert (
                debian.sh("ls -d /opt/kitsu-launcher /usr/bin/kitsu-launcher 2>&1 || true").count("No such file") == 2
            )
            assert anna.run("xdg-mime", "query", "default", "x-scheme-handler/kitsu-launcher").stdout == ""
            apt(debian, "purge", "kitsu-launcher")
            apt(debian, "purge", *(packages_of(debian) - without_us))

            assert debian.text("/etc/passwd") + debian.text("/etc/group") == users
            left = left_behind(debian, before, GONE_WITH_THE_SESSION, *homes)
            left = [path for path in left if path != "/opt"]  # dpkg takes it away where nothing else is in it
            theirs = [path for path in left if path.startswith("/home/")]
            assert "\n".join(path for path in left if path not in theirs) == ""
            assert {path for path in theirs if "kitsu-launcher" not in path} <= {
                f"/home/{name}{own}"
                for name in ("anna", "ben")
                for own in ("/.local/state", "/.local/share/applications")
            }
            assert debian.processes("kitsu-launcher") == []
            assert debian.sh("find /run /tmp -name '*kitsu*' -type s; find / -xdev -type s -name door") == ""


def packages_of(debian: Debian) -> set[str]:
    """What is installed. Debian's own that came with ours stay when another package recommends them too."""
    return set(debian.sh("dpkg-query -W -f '${Package}\n'").split())


def desktops_own() -> tuple[str, ...]:
    """What the desktop goes on writing while somebody sits there."""
    return (".cache/sessions", ".config/xfce4", ".xsession-errors", "opened")


def settle(*sessions: Session) -> None:
    """The desktop has written what it writes at a first login."""
    for session in sessions:
        wait_until(lambda one=session: one.debian.processes("libsystray", one.uid), 20, "the whole panel")


def use(anna: Session, ben: Session) -> None:
    """Both have used it: she by a link, he by the command."""
    anna.run("xdg-open", "kitsu-launcher://open")
    wait_until(anna.opened, 20, "the dashboard")
    ben.launcher()
    wait_until(ben.daemons, 20, "his daemon")
