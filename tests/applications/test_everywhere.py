"""Every program of the catalogue on every OS, on machines that are listings of what installers lay."""

from collections.abc import Callable, Mapping

import pytest

from launcher.applications import Applications
from launcher.catalogue import load_catalogue
from launcher.model import OS
from launcher.paths import folders
from launcher.plan.found import Candidates
from tests.support import machines
from tests.support.catalogue import app
from tests.support.listing import ListedPlaces, Listing

Machine = Callable[[], tuple[ListedPlaces, Listing]]
MACHINES: Mapping[OS, tuple[Machine, Mapping[str, Mapping[str, str]]]] = {
    OS.LINUX: (machines.linux, machines.LINUX_FOUND),
    OS.WINDOWS: (machines.windows, machines.WINDOWS_FOUND),
    OS.MACOS: (machines.macos, machines.MACOS_FOUND),
}


@pytest.fixture(params=list(OS))
def os(request: pytest.FixtureRequest) -> OS:
    return OS(request.param)


async def everything(os: OS, places: ListedPlaces) -> dict[str, Candidates]:
    wanted = {name: app(name, os) for name in load_catalogue(os)}
    return await Applications(folders(), places, os).find_all(wanted)


@pytest.mark.usefixtures("home")
async def test_every_program_is_found_with_its_version_and_nothing_that_only_looks_like_one(os: OS):
    """Compared whole, the newest first."""
    machine, expected = MACHINES[os]

    found = await everything(os, machine()[0])

    here = {name: [(str(one.path), one.version) for one in candidates.fits] for name, candidates in found.items()}
    assert {name: fits for name, fits in here.items() if fits} == {
        name: list(paths.items()) for name, paths in expected.items()
    }
    assert [candidates.rejected for candidates in found.values() if candidates.rejected] == []


def test_every_pattern_of_the_catalogue_leads_to_something_there(os: OS):
    """So that no pattern is there that no test has seen at work."""
    places, _listing = MACHINES[os][0]()

    for name in load_catalogue(os):
        for pattern in app(name, os).find.on(os):
            assert places.matches([pattern]), (name, pattern)


async def test_nothing_is_looked_into_that_does_not_fit_and_nothing_twice(os: OS, home: object):
    places, listing = MACHINES[os][0]()

    await everything(os, places)

    assert sorted(listing.listed) == sorted(set(listing.listed))
    lookalikes = ("Creative", "Launcher", "Beta", "Non-Commercial", "copy", "Server")
    assert [place for place in (*listing.listed, *listing.asked) if any(word in place for word in lookalikes)] == []


def test_a_production_can_ask_for_a_version_of_a_year(os: OS):
    """Maya and Photoshop are called by years, whatever their own files count."""
    for name in ("3dsmax", "photoshop", "after-effects", "premiere"):
        assert 1990 <= app(name, os).find.year_zero <= 2000
