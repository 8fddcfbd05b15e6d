"""Where programs are on a Mac: applications with their Info.plist, on a disk of the test's own."""

import plistlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from launcher.model import OS
from launcher.system import Place
from launcher.system.macos import places
from tests.support.listing import Listing


def application(path: Path, name: object = "Maya", version: object = "2025.1", **more: object) -> Path:
    """An application as Xcode lays it out; the program in it."""
    program = path / "Contents" / "MacOS" / str(name)
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho hello\n")
    program.chmod(0o755)
    values = {"CFBundleExecutable": name, "CFBundleShortVersionString": version, **more}
    (path / "Contents" / "Info.plist").write_bytes(
        plistlib.dumps({key: value for key, value in values.items() if value is not None})
    )
    return program


def test_an_application_stands_for_its_program(tmp_path: Path) -> None:
    """The version is the path's own where the pattern has one."""
    maya = application(tmp_path / "maya2025" / "Maya.app")

    assert places.matches([f"{tmp_path}/maya{{version}}/Maya.app"]) == [Place(maya, "2025")]


def test_without_a_version_in_its_path_an_application_is_asked_for_it(tmp_path: Path) -> None:
    """Nothing is started for it."""
    rv = application(tmp_path / "RV-9.app", "RV", "2024.2.1")

    assert places.matches([f"{tmp_path}/RV*.app"]) == [Place(rv, "2024.2.1")]
    assert places.matches([f"{tmp_path}/RV*.app/Contents/MacOS/RV"]) == [Place(rv, "2024.2.1")]


@pytest.mark.parametrize(
    ("written", "version"),
    [("4.2.3 2024-10-14", "4.2.3"), ("15.0v2", "15.0v2"), ("5.2.2", "5.2.2"), ("UNKNOWN", ""), ("4.2-beta", ""),
     (None, ""), (42, ""), ("", "")],
)  # fmt: skip
def test_what_an_application_says_of_its_version(tmp_path: Path, written: object, version: str) -> None:
    program = application(tmp_path / "Tool.app", "Tool", written)

    assert places.version_of(program) == version


@pytest.mark.parametrize("name", [None, 7, "", ".", "..", "../../../bin/sh", "/bin/sh", "a/b", "x\0y"])
def test_an_application_that_names_a_program_elsewhere_is_none(tmp_path: Path, name: object) -> None:
    """Somebody who may write there could have the person start anything by a known name."""
    bundle = tmp_path / "Tool.app"
    application(bundle)
    values = {} if name is None else {"CFBundleExecutable": name}
    try:
        (bundle / "Contents" / "Info.plist").write_bytes(plistlib.dumps(values, fmt=plistlib.FMT_BINARY))
    except ValueError:
        pytest.fail("a binary plist takes every text")

    assert places.executable(bundle) is None
    assert places.matches([f"{tmp_path}/Tool.app"]) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"<plist", b"<?xml version='1.0'?><plist><dict><key>a</key></plist>", b"bplist00\xff" + b"\xff" * 60,
     plistlib.dumps(["Tool"]), b"\0" * 2_000_000,
     b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'x'>]><plist><dict><key>&a;</key><true/></dict></plist>"],
    ids=["empty", "cut off", "odd", "binary", "a list", "huge", "entities"],
)  # fmt: skip
def test_a_broken_info_plist_tells_nothing(tmp_path: Path, content: bytes) -> None:
    program = application(tmp_path / "Tool.app", "Tool")
    (tmp_path / "Tool.app" / "Contents" / "Info.plist").write_bytes(content)

    assert places.executable(tmp_path / "Tool.app") is None
    assert places.version_of(program) == ""


def found(patterns: list[str], *bundles: str, environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """What is found on a Mac that has these applications, each with a program "Tool" of version 1.2."""
    plist = plistlib.dumps({"CFBundleExecutable": "Tool", "CFBundleShortVersionString": "1.2"})
    contents = {f"{bundle}/Contents/Info.plist": plist for bundle in bundles if bundle.endswith(".app")}
    listing = Listing(OS.MACOS, bundles, environ, contents=contents)
    return [(match.path, match.version) for match in places.found(patterns, listing.look())]


def test_the_persons_own_applications_count_too() -> None:
    """Her home's name is no pattern."""
    home, everybodys = "/Users/a[d]a", "/Applications/RV-7.app"
    own = f"{home}/Applications/RV-8.app"
    tool = f"{home}/Tools/x"
    inside = "Contents/MacOS/Tool"

    here = {"environ": {"HOME": home}}
    paths = (everybodys, own, tool, "/Users/ada/Applications/RV-9.app", "/Users/ada/Tools/x")
    assert found(["/Applications/RV*.app"], *paths, **here) == [
        (f"{everybodys}/{inside}", "1.2"),
        (f"{own}/{inside}", "1.2"),
    ]
    assert found(["~/Tools/x"], *paths, **here) == [(tool, "")]
    for environ in ({}, {"HOME": "relative"}):
        assert found(["/Applications/RV*.app"], *paths, environ=environ) == [(f"{everybodys}/{inside}", "1.2")]
        assert found(["~/Tools/x"], *paths, environ=environ) == []


def test_only_absolute_folders_of_path_count() -> None:
    paths = ("/opt/homebrew/bin/mpv", "/usr/bin/mpv", "/bin/mpv", "/mpv")

    assert found(["{path}/mpv"], *paths, environ={"PATH": "bin::.:/opt/homebrew/bin/:/usr/bin:/usr/bin"}) == [
        ("/opt/homebrew/bin/mpv", ""),
        ("/usr/bin/mpv", ""),
    ]


def test_a_named_program_has_the_version_of_its_path_or_of_its_application(tmp_path: Path) -> None:
    maya = application(tmp_path / "maya2025" / "Maya.app", version="2025.1.0")
    pattern = "/Applications/Autodesk/maya{version}/Maya.app"

    assert places.version_in([pattern], maya) == "2025"
    assert places.version_in([pattern], tmp_path / "maya2025" / "Maya.app") == "2025"
    assert places.version_in(["/Applications/RV*.app"], maya) == ""
    assert places.version_of(maya) == "2025.1.0"
    assert places.version_of(Path("/usr/bin/true")) == ""


def test_an_applications_folder_is_no_program_and_the_right_one_is_named(tmp_path: Path) -> None:
    maya = application(tmp_path / "Maya.app")

    assert places.program(tmp_path / "Maya.app").refusal == f"is an application; its program is {maya}"
    assert places.program(maya).refusal == ""
    (tmp_path / "Empty.app").mkdir()
    assert places.program(tmp_path / "Empty.app").refusal == "is not a file"


@pytest.mark.parametrize(
    ("mode", "refusal"), [(0o757, "everybody on this machine may change it"), (0o644, "may not be executed")]
)
def test_a_program_that_everybody_may_change_is_refused(tmp_path: Path, mode: int, refusal: str) -> None:
    maya = application(tmp_path / "Maya.app")
    maya.chmod(mode)

    assert places.program(maya).refusal == refusal
    assert places.program(Path("Maya")).refusal == "is not an absolute path"
    assert places.program(tmp_path / "gone").refusal == "does not exist"


def test_what_a_program_prints(tmp_path: Path) -> None:
    """Real: sh."""
    assert places.says([str(application(tmp_path / "Maya.app"))], 5) == "hello\n"
    assert places.says(["/bin/sleep", "5"], 0.1) is None
