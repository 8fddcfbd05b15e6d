"""Versions, what fits, and the words for what does not."""

from pathlib import PurePosixPath

import pytest

from launcher.model import OS
from launcher.plan.found import (
    Candidates,
    Installed,
    Rejected,
    VersionError,
    dated,
    missing,
    oldest,
    specifiers,
    version,
    why_unfit,
)
from tests.support.catalogue import app


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("4.9.1", "4.10"),
        ("15.0v2", "15.0v10"),
        ("14.1v8", "15.0v1"),
        ("20.5.332", "20.5.487"),
        ("2024", "2025.1"),
        ("4.2.0-beta", "4.2.0"),
        ("4.2.0", "4.3.0 Alpha"),
    ],
)
def test_programs_count_their_versions_in_their_own_ways(older: str, newer: str):
    assert version(older) < version(newer)


@pytest.mark.parametrize("text", ["", "unknown", "v", "Vetinari"])
def test_what_is_no_version_is_none(text: str):
    assert version(text) is None


@pytest.mark.parametrize(
    ("has", "wanted", "why"),
    [
        ("4.2.3", ">=4.2,<5", ""),
        ("4.2.3", "", ""),
        ("", "", ""),
        ("4.1.1", ">=4.2,<5", "4.1.1, too old for >=4.2,<5"),
        ("5.0.0", ">=4.2,<5", "5.0.0, too new for >=4.2,<5"),
        ("5.0", ">4.2,<=4.9", "5.0, too new for >4.2,<=4.9"),
        ("4.2.0", ">4.2", "4.2.0, too old for >4.2"),
        ("3.6.9", "==3.6.*", ""),
        ("3.5", "==3.6.*", "3.5, too old for ==3.6.*"),
        ("3.7", "==3.6.*", "3.7, too new for ==3.6.*"),
        ("4.2.1", "!=4.2.1", "4.2.1, not allowed for !=4.2.1"),
        ("15.0v2", "==15.0v2", ""),
        ("15.0v2", ">=15.0v4", "15.0v2, too old for >=15.0v4"),
        ("15.0v2", "==15.0.*", ""),
        ("5.0.0b1", ">=4", ""),
        ("unknown", ">=4", "its version is not known, and >=4 is wanted"),
    ],
)
def test_why_a_version_does_not_count(has: str, wanted: str, why: str):
    assert why_unfit(has, wanted) == why


def test_what_says_no_versions_is_told():
    with pytest.raises(VersionError) as caught:
        specifiers("4.2 or so")
    assert str(caught.value) == (
        '\'4.2 or so\' says no versions.\n  next   Write ">=4.2,<5", "==3.6.*" or another PEP 440 specifier.'
    )


@pytest.mark.parametrize(("wanted", "install"), [(">=4.2,<5", "4.2"), ("==3.6.*", "3.6"), ("<5", ""), ("", "")])
def test_which_version_to_install(wanted: str, install: str):
    assert oldest(wanted) == install


def test_a_missing_application_says_what_was_looked_at_and_what_to_do():
    blender = app("blender", version=">=4.2,<5")
    rejected = (
        Rejected(PurePosixPath("/opt/blender-4.1.1/blender"), "4.1.1, too old for >=4.2,<5"),
        Rejected(PurePosixPath("/usr/bin/blender"), "3.6.9, too old for >=4.2,<5"),
    )
    assert str(
        missing([blender], {"blender": Candidates(rejected=rejected)}, PurePosixPath("/home/zoe/config.toml"), OS.LINUX)
    ) == (
        "Blender >=4.2,<5 is not installed here.\n"
        "  tried  /opt/blender-4.1.1/blender   4.1.1, too old for >=4.2,<5\n"
        "         /usr/bin/blender             3.6.9, too old for >=4.2,<5\n"
        "  next   Install Blender 4.2, or set apps.blender.executable in /home/zoe/config.toml"
    )


def test_several_missing_applications_are_one_error():
    settings = PurePosixPath("/home/zoe/config.toml")
    error = missing([app("maya"), app("mpv"), app("vlc")], {}, settings, OS.LINUX)
    assert str(error) == (
        "Maya, mpv or VLC is not installed here.\n"
        "  tried  /usr/autodesk/maya{version}/bin/maya       nothing there\n"
        "         /usr/autodesk/maya{version}-x64/bin/maya   nothing there\n"
        "         {path}/mpv                                 nothing there\n"
        "         {path}/vlc                                 nothing there\n"
        "  next   Install Maya, or set apps.maya.executable in /home/zoe/config.toml"
    )
    assert (error.code, error.exit_code, error.status) == ("application", 4, 404)


def test_one_without_a_known_place_says_so():
    """Compared whole: Photoshop on Linux, where none is made."""
    error = missing([app("photoshop", version="==2024.*")], {}, PurePosixPath("/c/config.toml"), OS.LINUX)
    assert str(error) == (
        "Photoshop ==2024.* is not installed here.\n"
        "  tried  where Photoshop is installed on this system is not known\n"
        "  next   Install Photoshop 2024, or set apps.photoshop.executable in /c/config.toml"
    )


@pytest.mark.parametrize(
    ("told", "dated_as"),
    [("25.6.0", "2024.6.0"), ("25", "2024"), ("2024", "2024"), ("2024.1", "2024.1"), ("", ""), ("x.1", "x.1")],
)
def test_a_number_that_is_called_by_a_year(told: str, dated_as: str):
    assert dated(told, 1999) == dated_as
    assert dated(told, 0) == told


def test_an_installed_application_has_a_name_for_people():
    path = PurePosixPath("/usr/bin/x")
    assert Installed("blender", "Blender", path, "4.2.3", "found").label == "Blender 4.2.3"
    assert Installed("tool", "Tool", path, "", "studio").label == "Tool"
