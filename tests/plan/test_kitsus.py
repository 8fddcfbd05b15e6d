"""What Kitsu says of applications and files, as it is understood here. Pure; `tests/kitsu/test_filetree` asks Kitsu."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath, PureWindowsPath

import pytest

from launcher.config.schema import App, LaunchAction, Root
from launcher.config.template import parse
from launcher.model import OS
from launcher.plan import kitsus
from launcher.plan.kitsus import KitsusOwn, Recorded, Software
from launcher.plan.matching import newest
from launcher.plan.naming import path, search
from tests.support.planned import BLENDER, SHOT, configured

MAYA = App(name="maya", title="Maya", opens=(".ma", ".mb"))
CLIP = App(name="clip", title="Clip Studio Paint", opens=(".clip",))
APPS = {app.name: app for app in (BLENDER, MAYA, CLIP)}
OWN = LaunchAction(name="open", title="Open", app=("kitsu",), file=parse("kitsu"))
BLEND = Software("s1", "Blender", "blender", (".blend",))
HERE = "/mnt/prod/films/fox/sq010/sh030/animation/fox_sq010_sh030_animation"
CONFIG = configured(OWN, apps=(BLENDER, MAYA))


def settled(place: str = HERE, second: str = "", recorded: Recorded | None = None, os: OS = OS.LINUX, **roots: Root):
    config = replace(CONFIG, roots={**CONFIG.roots, **roots})
    places = (place, second or place)
    return kitsus.settle(OWN, SHOT, config, os, BLENDER, BLEND, places, recorded)


def filled(one: kitsus.Settled, os: OS = OS.LINUX, revision: int = 1) -> str:
    """The working file with this revision, as a plan makes its path."""
    assert one.file
    roots = {OS.LINUX: "/mnt/prod", OS.WINDOWS: "P:/", OS.MACOS: "/Volumes/prod"}
    return str(path(one.file, {"roots.prod": roots[os], "revision": revision}, os))


# -- files -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("os", "file"),
    [
        (OS.LINUX, "/mnt/prod/films/fox/sq010/sh030/animation/fox_sq010_sh030_animation_v012.blend"),
        (OS.WINDOWS, r"P:\films\fox\sq010\sh030\animation\fox_sq010_sh030_animation_v012.blend"),
        (OS.MACOS, "/Volumes/prod/films/fox/sq010/sh030/animation/fox_sq010_sh030_animation_v012.blend"),
    ],
)
def test_kitsus_one_mount_point_is_the_root_of_each_os(os: OS, file: str) -> None:
    """Values in, values out."""
    assert filled(settled(os=os), os, 12) == file


@pytest.mark.parametrize(
    "place",
    [
        "P:/films/fox/a",
        r"P:\films\fox\a",
        r"p:\films/fox\a",
        "/Volumes/prod/films/fox/a",
        "/mnt/prod//films/./fox/a",
    ],
)
def test_a_file_tree_may_be_written_for_any_os(place: str) -> None:
    """Values in, values out: here on Linux."""
    assert filled(settled(place)) == "/mnt/prod/films/fox/a_v001.blend"


def test_a_server_that_windows_names_is_a_root_too() -> None:
    """A UNC path; the root has that place on Windows."""
    nas = Root(linux="/mnt/nas", windows="//nas/films")

    one = settled(r"\\nas\films\fox\a", nas=nas)

    assert (one.root, one.file and one.file.text) == ("nas", "{roots.nas}/fox/a_v{revision:03}.blend")


def test_of_two_roots_the_longer_one_counts() -> None:
    """Values in, values out."""
    assert settled(films=Root(linux="/mnt/prod/films"), mnt=Root(linux="/mnt")).root == "films"


def test_a_name_like_a_roots_is_not_below_it() -> None:
    """`/mnt/production` begins with the letters of `/mnt/prod`."""
    with pytest.raises(KitsusOwn) as caught:
        settled("/mnt/production/fox/a")

    assert str(caught.value) == (
        "Kitsu's file tree leads to a place that is no root here.\n"
        "  tried  SQ010/SH030/Animation: /mnt/production/fox/a\n"
        "         SQ010/SH030/Animation: roots.prod: /mnt/prod, P:/, /Volumes/prod\n"
        "  next   Let [roots] have a place, on any OS, that the file tree's mount point begins with."
    )
    assert caught.value.key == "actions.open.file"


@pytest.mark.parametrize(
    "place",
    [
        "/mnt/prod/../../etc/passwd",
        "/mnt/prod/films/../../../home/zoe/.ssh/a",
        "/mnt/prod/films/a\0b/c",
        "/mnt/prod/films/\0",
        "/mnt/prod",
        "/mnt/prod/films/a\nb/c",
        "/mnt/prod/films/a\u202eb/c",
        "/mnt/prod/films/a:stream",
        "/mnt/prod/films/NUL",
        "/mnt/prod/films/con.a/x",
        "/mnt/prod/films/-P/x",
        "/mnt/prod/films/.hidden/x",
        "/mnt/prod/films/end. /x",
        r"/mnt/prod/films/..\..\x",
        "/mnt/prod/films/" + "x" * 256,
        r"P:\films\..\..\Windows\x",
        r"P:\films\x:stream",
    ],
)
def test_a_path_that_could_lead_anywhere_is_refused_whole(place: str) -> None:
    """A hostile Kitsu's answers: nothing of them is mended."""
    with pytest.raises(KitsusOwn) as caught:
        settled(place)

    assert caught.value.problem == "Kitsu's file tree names a path that cannot be."
    assert "\0" not in str(caught.value)
    assert "\u202e" not in str(caught.value)


@pytest.mark.parametrize(
    "place", ["", "films/fox", "P:films/fox", "Q:/films/a", r"\\evil\share\x", r"\\?\P:\films\x", "file:///mnt/prod/x"]
)
def test_what_is_no_whole_path_or_on_another_drive_is_no_root(place: str) -> None:
    """A hostile Kitsu's answers: nothing of it is ever looked at."""
    with pytest.raises(KitsusOwn) as caught:
        settled(place)

    assert caught.value.problem == "Kitsu's file tree leads to a place that is no root here."


def test_a_brace_in_a_name_stays_one() -> None:
    """Never parsed: it would be a name of a template."""
    assert filled(settled("/mnt/prod/{project.data.x}/{roots.prod}")) == (
        "/mnt/prod/{project.data.x}/{roots.prod}_v001.blend"
    )


@pytest.mark.parametrize(
    ("first", "second", "file"),
    [
        ("/mnt/prod/fox/a_v111", "/mnt/prod/fox/a_v222", "/mnt/prod/fox/a_v007.blend"),
        ("/mnt/prod/v111/sh111_111", "/mnt/prod/v222/sh111_222", "/mnt/prod/v007/sh111_007.blend"),
        ("/mnt/prod/fox/sh1111", "/mnt/prod/fox/sh1222", "/mnt/prod/fox/sh1007.blend"),
    ],
)
def test_a_revision_of_the_file_trees_own_is_found_out(first: str, second: str, file: str) -> None:
    """Values in, values out: what Zou answers for revision 111 and for 222."""
    one = settled(first, second)

    assert filled(one, revision=7) == file
    assert one.others == ()


@pytest.mark.parametrize("second", ["/mnt/prod/fox/b", "/mnt/prod/fox/a1", "/mnt/prod/fox/a_v333", ""])
def test_answers_that_do_not_agree_are_refused(second: str) -> None:
    """A hostile Kitsu's answers."""
    with pytest.raises(KitsusOwn) as caught:
        kitsus.settle(OWN, SHOT, CONFIG, OS.LINUX, BLENDER, BLEND, ("/mnt/prod/fox/a_v111", second), None)

    assert caught.value.problem == "Kitsu names another working file each time it is asked."


def test_the_highest_revision_is_found_by_listing() -> None:
    """As every template does."""
    one = settled()
    assert one.file
    looked = search(one.file, {"roots.prod": "/mnt/prod"}, OS.LINUX)
    names = [("fox_sq010_sh030_animation_v002.blend",), ("fox_sq010_sh030_animation_v10.blend",), ("other_v99.blend",)]

    found = newest(names, looked)

    assert found
    assert (found.path, found.revision) == (PurePosixPath(f"{HERE}_v10.blend"), 10)


@pytest.mark.parametrize(
    ("recorded", "others"),
    [
        (None, ((f"{HERE}.blend", 0),)),
        (HERE, ((f"{HERE}.blend", 7),)),
        (f"{HERE}.BLEND", ((f"{HERE}.blend", 0), (f"{HERE}.BLEND", 7))),
        ("P:/films/fox/old", ((f"{HERE}.blend", 0), ("/mnt/prod/films/fox/old.blend", 7))),
        ("/old/mount/films/a", ((f"{HERE}.blend", 0),)),
        ("/mnt/prod/../etc/a", ((f"{HERE}.blend", 0),)),
        ("/mnt/prod/a\0b", ((f"{HERE}.blend", 0),)),
    ],
)
def test_a_recorded_file_counts_beside_them_where_it_is_below_the_same_root(
    recorded: str | None, others: Sequence[tuple[str, int]]
) -> None:
    """Values in, values out: a studio may have moved since; what is recorded elsewhere is passed over."""
    one = settled(recorded=Recorded(recorded, 7, "main", "s1") if recorded else None)

    assert one.others == tuple((PurePosixPath(file), revision) for file, revision in others)


def test_on_windows_the_recorded_file_is_a_windows_path() -> None:
    """Recorded on Linux, opened on Windows."""
    one = settled(recorded=Recorded("/mnt/prod/fox/old_v003", 3, "main", ""), os=OS.WINDOWS)

    assert one.others[-1] == (PureWindowsPath(r"P:\fox\old_v003.blend"), 3)


# -- applications ----------------------------------------------------------------------------------------------------
def named(*softwares: Software) -> tuple[App, Software | None]:
    known = {one.id: one for one in softwares}
    return kitsus.program(OWN, SHOT, known, list(known), APPS)


@pytest.mark.parametrize(
    ("software", "app"),
    [
        (BLEND, "blender"),
        (Software("s", "BLENDER", "", ()), "blender"),
        (Software("s", "Clip Studio Paint", "csp", (".lip",)), "clip"),
        (Software("s", "Autodesk's thing", "am", (".ma", ".mb")), "maya"),
    ],
)
def test_an_application_is_known_by_its_name_or_by_its_files(software: Software, app: str) -> None:
    """Values in, values out."""
    assert named(software)[0].name == app


def test_of_several_softwares_the_first_that_is_known_counts() -> None:
    """Values in, values out."""
    assert named(Software("s0", "Inhouse", "ih", (".ih",)), BLEND, Software("s2", "Maya", "maya", (".ma",)))[1] == BLEND


def test_files_that_two_applications_open_name_neither() -> None:
    """Nothing is guessed."""
    apps = {**APPS, "other": App(name="other", title="Other", opens=(".blend",))}
    painter = Software("s", "A painter", "ap", (".blend",))

    with pytest.raises(KitsusOwn):
        kitsus.program(OWN, SHOT, {"s": painter}, ["s"], apps)


def test_a_software_that_is_not_known_is_named_with_the_way_to_add_it() -> None:
    """The text that people read, whole."""
    with pytest.raises(KitsusOwn) as caught:
        named(Software("s", 'In"house\u202e', "In House", (".ih", ".ih2")))

    assert str(caught.value) == (
        'In"house, which Big Buck Bunny uses for Animation, is not known here.\n'
        '  tried  SQ010/SH030/Animation: In"house: files .ih, .ih2\n'
        '  next   Add it to the studio file: [apps.inhouse] with title = "Inhouse" and an executable.'
    )
    assert caught.value.key == "actions.open.app"


def test_a_task_type_without_software_is_told_so() -> None:
    """The text that people read, whole."""
    with pytest.raises(KitsusOwn) as caught:
        kitsus.program(OWN, SHOT, {"s1": BLEND}, [], APPS)

    assert str(caught.value) == (
        "Kitsu names no software for Animation in Big Buck Bunny.\n"
        "  next   Choose one in the production's settings in Kitsu, or name an application here."
    )


@pytest.mark.parametrize(
    ("app", "software", "last"),
    [
        (BLENDER, BLEND, ".blend"),
        (MAYA, Software("s", "Maya", "maya", (".mb",)), ".mb"),
        (MAYA, Software("s", "Maya", "maya", (".exe", ".mb")), ".mb"),
        (MAYA, Software("s", "Maya", "maya", (".exe",)), ".ma"),
        (MAYA, None, ".ma"),
        (App(name="x", title="X"), Software("s", "X", "x", (".x",)), ".x"),
    ],
)
def test_a_first_file_ends_as_kitsu_says_if_the_application_opens_it(app: App, software: Software | None, last: str):
    """Values in, values out: an ending that nothing here opens is not made."""
    assert kitsus.ending(app, software) == last


def test_endings_are_read_however_they_were_typed() -> None:
    """Zou's own 3ds Max has a dot, Blender in most studios none."""
    assert kitsus.endings([".max", "Blend", " ma ", "ma", "", "../x", "a/b", "x" * 13]) == (".max", ".blend", ".ma")
