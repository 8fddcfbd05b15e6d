"""The catalogue's entries as data: complete, readable, and what each says of a disk."""

from pathlib import Path

import pytest

from launcher.catalogue import STARTUP, load_catalogue
from launcher.config import patterns
from launcher.model import OS
from launcher.system.linux import places
from tests.support.catalogue import app

NAMES = [
    *("3dequalizer", "3dsmax", "after-effects", "blender", "cinema4d", "djv", "flame", "fusion", "harmony", "hiero"),
    *("houdini", "krita", "marmoset-toolbag", "marvelous-designer", "maya", "mocha-pro", "motionbuilder", "mpv"),
    *("nuke", "nukeassist", "nukestudio", "nukex", "photoshop", "premiere", "resolve", "rv", "silhouette"),
    *("speedtree", "storyboard-pro", "substance-painter", "tvpaint", "unreal", "vlc", "wrap", "xstudio", "zbrush"),
]
PLACEHOLDERS = {"{args}", "{file}", "{files}", "{script}", "{no_scripts}", "{workspace}"}


def test_these_are_the_applications():
    assert sorted(load_catalogue()) == NAMES


def test_what_a_caller_changes_stays_the_callers():
    load_catalogue()["blender"]["title"] = "changed"
    assert load_catalogue()["blender"]["title"] == "Blender"


@pytest.mark.parametrize("os", OS)
@pytest.mark.parametrize("name", NAMES)
def test_an_entry_is_whole(name: str, os: OS):
    entry = app(name, os)

    assert entry.title
    assert all(ending.startswith(".") and ending == ending.lower() for ending in entry.opens)
    assert any(entry.find.on(one) for one in OS)
    assert list(patterns.faults(entry.find)) == []
    assert not entry.script or (STARTUP / entry.script).is_file()
    items = {one for item in entry.argv for one in ([item] if isinstance(item, str) else item)}
    assert "{args}" in items
    assert ("{files}" in items) == entry.many
    assert {item for item in items if "{" in item} <= PLACEHOLDERS
    assert entry.check is None or "{version}" in entry.check.prints
    told = entry.workspace.env or "{workspace}" in items
    assert told if entry.workspace.marker else "{workspace}" not in items
    of_the_studio = [
        entry.wrap,
        entry.batch,
        entry.executable,
        entry.user_executable,
        entry.version,
        entry.args,
        entry.env,
    ]
    assert not any(of_the_studio)


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_says_where_it_comes_from(name: str):
    text = (STARTUP.parent / f"{name}.toml").read_text()
    known = ("AYON", "ShotGrid", "ftrack", "OpenRV", "guess", "tried with", "vlcj", "man page", "Debian", "Avalon")
    assert any(source in text for source in known)
    assert ("tried with" in text) or text.startswith("# Not tried with a real ")


@pytest.mark.parametrize(
    ("name", "path", "version"),
    [
        ("blender", "/opt/blender-4.2.3-linux-x64/blender", "4.2.3"),
        ("blender", "/opt/blender-4.2/blender", "4.2"),
        ("blender", "/opt/blender-git/blender", ""),
        ("krita", "/opt/krita-5.2.9-x86_64.AppImage", "5.2.9"),
        ("krita", "/opt/krita-5.2.2-x86_64.appimage", "5.2.2"),
        ("maya", "/usr/autodesk/maya2024/bin/maya", "2024"),
        ("maya", "/usr/autodesk/maya2016-x64/bin/maya", "2016"),
        ("houdini", "/opt/hfs20.5.332/bin/houdini", "20.5.332"),
        ("nuke", "/usr/local/Nuke15.0v2/Nuke15.0", "15.0v2"),
        ("nuke", "/usr/local/Nuke13.2v10/Nuke13.2", "13.2v10"),
        ("nuke", "/usr/local/Nuke15.0v2/NukeX", ""),
        ("rv", "/opt/rv-2024.2.0-linux/bin/rv", "2024.2.0"),
        ("houdini", "/studio/tools/hfs20.5.332/bin/houdini", "20.5.332"),  # wherever its folder lies
        ("houdini", "/opt/hfs20.5.332/bin/houdini/more", ""),
        ("houdini", "/opt/oldhfs20.5.332/bin/houdini", ""),
        ("maya", "/usr/autodesk/maya２０２４/bin/maya", ""),  # digits, though not ours
    ],
)
def test_the_version_in_a_path(name: str, path: str, version: str):
    assert places.version_in(app(name).find.linux, Path(path)) == version


def test_nukes_variants_have_a_flag_but_on_macos_where_they_are_applications_of_their_own():
    flags = {"nukex": "--nukex", "nukestudio": "--studio", "nukeassist": "--nukeassist", "hiero": "--hiero"}

    for name, flag in flags.items():
        assert app(name, OS.LINUX).argv == app(name, OS.WINDOWS).argv == ("{file}", flag, "{args}")
        assert app(name, OS.MACOS).argv == ("{file}", "{args}") == app("nuke").argv


def test_these_give_their_file_to_the_instance_that_runs_already():
    """Those that have not, as VLC by its own settings, start once more."""
    known = {name for name in NAMES if app(name).hands_over}
    assert known == {"after-effects", "cinema4d", "krita", "photoshop", "premiere", "xstudio"}


def test_what_is_laid_over_on_one_os_stays_there():
    assert (app("vlc").check, app("vlc", OS.MACOS).check) != (None, None)
    assert app("vlc", OS.WINDOWS).check is None
    assert "on" not in load_catalogue(OS.WINDOWS)["vlc"]
