"""Exact argument lists of every application of the catalogue, and what never becomes an argument."""

from pathlib import PurePath, PurePosixPath, PureWindowsPath

import pytest

from launcher.config.template import Template, parse
from launcher.plan.argv import ArgumentError, argument, argv
from tests.support.catalogue import app

SCRIPT = PurePosixPath("/opt/kitsu-launcher/startup/blender.py")


def made(name: str, *files: str, extra: tuple[str, ...] = (), may_run: bool = False, script: bool = False) -> list[str]:
    entry = app(name)
    paths = [PurePosixPath(file) for file in files]
    program = PurePosixPath("/usr/bin", name)
    return list(argv(entry, program, paths, extra, SCRIPT if script else None, may_run))


def test_blender_gets_its_file_between_the_ban_on_scripts_and_our_own_script():
    assert made("blender", "/prod/a b.blend", extra=("--log", "*"), script=True) == [
        "/usr/bin/blender",
        "-Y",
        "--log",
        "*",
        "/prod/a b.blend",
        "--python",
        "/opt/kitsu-launcher/startup/blender.py",
    ]


def test_blender_may_run_scripts_below_a_root_that_says_so():
    assert made("blender", "/prod/a.blend", may_run=True) == ["/usr/bin/blender", "/prod/a.blend"]


def test_python_goes_with_its_script_and_two_dashes_go_with_the_files():
    assert made("blender") == ["/usr/bin/blender", "-Y"]
    assert made("vlc", extra=("--no-audio",)) == ["/usr/bin/vlc", "--no-audio"]


def test_mpv_takes_several_files_after_two_dashes():
    assert made("mpv", "/prod/a.mp4", "/prod/-b.mp4", extra=("--fs",)) == [
        "/usr/bin/mpv",
        "--ytdl=no",
        "--force-window=yes",
        "--keep-open=yes",
        "--idle=once",
        "--fs",
        "--",
        "/prod/a.mp4",
        "/prod/-b.mp4",
    ]


@pytest.mark.parametrize(
    ("name", "files", "extra", "wanted"),
    [
        ("vlc", ["/p/a.mp4", "/p/b.mp4"], ["--no-audio"], ["--no-audio", "--", "/p/a.mp4", "/p/b.mp4"]),
        ("krita", ["/p/a.kra", "/p/b.kra"], ["--nosplash"], ["--nosplash", "/p/a.kra", "/p/b.kra"]),
        ("rv", ["/p/a.mov", "/p/b.mov"], ["-fps", "24"], ["-fps", "24", "/p/a.mov", "/p/b.mov"]),
        ("maya", ["/p/a.ma"], ["-noAutoloadPlugins"], ["-noAutoloadPlugins", "-file", "/p/a.ma"]),
        ("maya", [], [], []),
        ("houdini", ["/p/a.hip"], ["-foreground"], ["-foreground", "/p/a.hip"]),
        ("nuke", ["/p/a.nk"], ["--nukex"], ["/p/a.nk", "--nukex"]),
    ],
)
def test_exact_arguments(name: str, files: list[str], extra: list[str], wanted: list[str]):
    assert made(name, *files, extra=tuple(extra)) == [f"/usr/bin/{name}", *wanted]


def test_windows_paths_are_paths_and_no_schemes():
    file = PureWindowsPath("P:/bbb/a.blend")
    found = argv(app("blender"), PureWindowsPath("C:/b/blender.exe"), [file], (), None, False)
    assert found == ("C:\\b\\blender.exe", "-Y", "P:\\bbb\\a.blend")


@pytest.mark.parametrize(
    "hostile",
    [
        "-P",
        "--python-expr=import os",
        ":sout=#file{dst=/tmp/x}",
        "@/tmp/rsp",
        "[",
        "edl://x",
        "rvlink://%20-eval",
        "-",
        "",
    ],
)
def test_what_is_no_absolute_path_starts_nothing(hostile: str):
    with pytest.raises(ArgumentError):
        argv(app("blender"), PurePosixPath("/usr/bin/blender"), [PurePosixPath(hostile)], (), None, False)


@pytest.mark.parametrize("path", ["/prod/a\nb.blend", "/prod/a\0.blend", "/prod/\ud800.blend"])
def test_no_path_holds_control_characters(path: str):
    with pytest.raises(ArgumentError) as caught:
        argv(app("blender"), PurePosixPath("/usr/bin/blender"), [PurePosixPath(path)], (), None, False)
    assert str(caught.value) == (
        f"Blender cannot be given {path!r}.\n"
        f"  tried  {path!r}: not an absolute path of plain characters\n"
        "  next   Begin the path in the configuration with a root, as in {roots.prod}/…."
    )


def test_the_executable_and_the_script_are_held_to_the_same():
    blender = PurePosixPath("/usr/bin/blender")
    with pytest.raises(ArgumentError):
        argv(app("blender"), PurePath("blender"), [], (), None, False)
    with pytest.raises(ArgumentError):
        argv(app("blender"), blender, [], (), PurePosixPath("-c"), False)


def filled(value: str):
    """Fill every field with one value from Kitsu."""

    def fill(template: Template) -> str:
        return "".join(part if isinstance(part, str) else value for part in template.parts)

    return fill


def test_a_value_behind_an_option_may_be_anything():
    template = parse("--title={entity.name}")
    assert argument(template, filled("-P ; $(id)"), "SQ010/SH030/Animation") == "--title=-P ; $(id)"


def test_a_root_may_begin_an_argument():
    assert argument(parse("{roots.prod}/x.lua"), filled("/mnt/prod"), "SH030") == "/mnt/prod/x.lua"


@pytest.mark.parametrize("value", ["-P", "--script=/tmp/x.lua", ":sout=#x", "@rsp", "[", "edl://x", "av:x"])
def test_a_value_that_begins_an_argument_cannot_become_an_option(value: str):
    with pytest.raises(ArgumentError) as caught:
        argument(parse("{entity.name}"), filled(value), "SQ010/SH030/Animation")
    assert str(caught.value) == (
        f"The argument '{{entity.name}}' of SQ010/SH030/Animation would be {value!r}.\n"
        f"  tried  {{entity.name}}: {value!r}\n"
        "  next   Rename it in Kitsu, or put the value behind an option of its own, as in --title={entity.name}."
    )
