"""How patterns are followed: lazily, on listings; and what of Windows' registry counts."""

from collections.abc import Mapping

import pytest

from launcher.model import OS
from launcher.system.linux import places as linux
from launcher.system.windows import places as windows
from launcher.system.windows import versions
from tests.support.listing import Listing

WINDOWS_FOLDERS = {
    "ProgramW6432": r"C:\Program Files",
    "ProgramFiles": r"C:\PROGRAM FILES",
    "ProgramFiles(x86)": r"C:\Program Files (x86)",
    "Path": r".;C:\mpv\;\\evil\share;//evil/share;\\?\C:\mpv;D:\[x];C:\mpv",
    "UserProfile": r"C:\Users\zoe",
}
Registry = Mapping[str, Mapping[str, object]]


def on_windows(patterns: list[str], *paths: str, registry: Registry | None = None, **more: object) -> list[str]:
    """The paths that patterns lead to; a listing of Windows never lets itself be asked for a share."""
    listing = Listing(OS.WINDOWS, paths, WINDOWS_FOLDERS, registry=registry, **more)  # type: ignore[arg-type]
    return [match.path for match in windows.found(patterns, listing.look())]


def on_linux(patterns: list[str], *paths: str) -> tuple[list[tuple[str, str]], Listing]:
    listing = Listing(OS.LINUX, paths, {"HOME": "/home/zoe", "PATH": "/usr/bin"})
    return [(match.path, match.version) for match in linux.found(patterns, listing.look())], listing


def test_only_levels_with_wildcards_are_listed_and_only_what_fits_is_entered():
    paths = [f"/opt/{name}/bin/tool" for name in ("tool-1.2", "tool-1.10", "other", "tool-x")]

    found, listing = on_linux(["/opt/tool-{version}/bin/tool"], *paths)

    assert found == [("/opt/tool-1.10/bin/tool", "1.10"), ("/opt/tool-1.2/bin/tool", "1.2")]
    assert listing.listed == ["/opt"]
    assert sorted(listing.asked) == ["/opt/tool-1.10/bin/tool", "/opt/tool-1.2/bin/tool"]


def test_a_path_without_wildcards_lists_nothing():
    found, listing = on_linux(["/opt/a/tool", "/opt/b/tool", "{path}/tool"], "/opt/a/tool", "/usr/bin/tool")

    assert found == [("/opt/a/tool", ""), ("/usr/bin/tool", "")]
    assert listing.listed == []


def test_a_version_that_is_known_is_a_name_and_no_wildcard():
    found, listing = on_linux(["/opt/t{version}/t{version}/t"], "/opt/t1.2/t1.2/t", "/opt/t1.3/t1.2/t")

    assert found == [("/opt/t1.2/t1.2/t", "1.2")]
    assert listing.listed == ["/opt"]


@pytest.mark.parametrize(
    ("pattern", "path", "version"),
    [
        ("/opt/t{version}*/t", "/opt/t4.2.3-linux-x64/t", "4.2.3"),
        ("/opt/t{version}/t", "/opt/t15.0v2/t", "15.0v2"),
        ("/opt/t[0-9]?/t", "/opt/t1x/t", ""),
        ("/opt/*/t", "/opt/anything/t", ""),
        ("/opt/[*]/t", "/opt/*/t", ""),
        ("/opt/[[]x]/t", "/opt/[x]/t", ""),
        ("/opt/x{version}/[*]{version}", "/opt/x1/*1", "1"),
        ("/opt/.t{version}/t", "/opt/.t1/t", "1"),
        ("~/t-{version}/t", "/home/zoe/t-1/t", "1"),
    ],
)
def test_what_a_pattern_means(pattern: str, path: str, version: str):
    assert on_linux([pattern], path, "/opt/.hidden/t", "/opt/a/b/t")[0] == [(path, version)]


@pytest.mark.parametrize(
    "name",
    ["t1.2\n", "t1.2 ", "t1.", "t.1", "t１", "t1.2\u202e", "T1.2", "tt1.2", "t1.2v", "t{version}", "t*", "t-1"],
)
def test_a_folder_of_an_odd_name_is_not_taken(name: str):
    found, listing = on_linux(["/opt/t{version}/t"], f"/opt/{name}/t")

    assert (found, listing.asked) == ([], [])


def test_an_uninstalled_versions_empty_folder_is_nothing():
    assert on_linux(["/opt/t{version}/t"], "/opt/t1.2/", "/opt/t1.3/left/over")[0] == []


def test_program_files_are_on_every_disk_of_the_machine_and_listed_once():
    """Network drives are none of its disks; capitals make no other folder."""
    paths = [rf"{place}\T 1\t.exe" for place in (r"C:\Program Files", r"C:\Program Files (x86)", r"D:\Program Files")]
    listing = Listing(OS.WINDOWS, [*paths, r"P:\Program Files\T 1\t.exe"], WINDOWS_FOLDERS, drives=["C:", "D:"])
    patterns = [r"{program_files}\T {version}\t.exe", r"{program_files}\t {version}\T.EXE"]

    found = windows.found(patterns, listing.look())

    assert [match.path for match in found[:3]] == paths
    assert [match.path.lower() for match in found[3:]] == [path.lower() for path in paths]
    assert listing.listed == [r"C:\Program Files", r"C:\Program Files (x86)", r"D:\Program Files"]


def test_no_share_is_asked_for_on_windows():
    """threats.md T18: looking there would tell another machine who this user is. Devices are none of our business."""
    paths = (r"C:\mpv\mpv.exe", r"D:\[x]\mpv.exe", r"C:\Users\zoe\t\mpv.exe", r"D:\x\mpv.exe", r"C:\x\mpv.exe")

    assert on_windows([r"{path}\mpv.exe"], *paths) == [r"C:\mpv\mpv.exe", r"D:\[x]\mpv.exe"]
    assert on_windows([r"~\t\mpv.exe", r"C:\x\mpv.exe"], *paths) == [r"C:\Users\zoe\t\mpv.exe", r"C:\x\mpv.exe"]
    assert on_windows([r"\\evil\share\mpv.exe", "//evil/share/mpv.exe", r"\\?\C:\mpv\mpv.exe"], *paths) == []


@pytest.mark.parametrize(
    "text",
    [r"\\evil\share\t", "//evil/share/t", r"\\?\C:\t", r"\\.\C:\t", r"t\t", r"C:t", "", " ", '"', "C:\\t\nt", "C:\\t\0",
     r"C:\t\..\..\secret", r'"\\evil\share\t.exe" "%1"', r"%SHARE%\t", 7, ["C:\\t"], None],
)  # fmt: skip
def test_what_the_registry_names_must_be_on_this_machine(text: object):
    paths = (r"C:\t\t.exe", r"C:\secret\t.exe")

    assert (
        on_windows([r"{registry:HKLM\SOFTWARE\T|Dir}\t.exe"], *paths, registry={r"HKLM\SOFTWARE\T": {"Dir": text}})
        == []
    )


@pytest.mark.parametrize(
    "text", ["D:\\t", "D:\\t\\", "D:/t/", '"D:\\t"', r"%Drive%\t", r"%DRIVE%\t", '"D:\\t" -x', 'D:\\t "%1"', " D:\\t"]
)
def test_a_value_names_a_folder_in_several_ways(text: str):
    listing = Listing(OS.WINDOWS, [r"D:\t\t.exe"], {"drive": "D:"}, registry={r"HKLM\SOFTWARE\T": {"dir": text}})
    found = windows.found([r"{registry:HKLM\SOFTWARE\T|Dir}\t.exe"], listing.look())

    assert [match.path.replace("/", "\\") for match in found] == [r"D:\t\t.exe"]


def test_64_bit_programs_come_before_32_bit_ones_and_the_persons_part_is_asked_where_it_is_named():
    registry = {
        r"HKLM\SOFTWARE\Wow6432Node\T\1.0": {"": r"C:\32\t.exe"},
        r"HKLM\SOFTWARE\T\1.0": {"": r"C:\64\t.exe"},
        r"HKCU\Software\T\1.0": {"": r"C:\own\t.exe"},
    }
    paths = (r"C:\32\t.exe", r"C:\64\t.exe", r"C:\own\t.exe")

    assert on_windows([r"{registry:HKLM\SOFTWARE\T\{version}}"], *paths, registry=registry) == list(paths[1::-1])
    assert on_windows([r"{registry:HKCU\Software\T\1.0}"], *paths, registry=registry) == [paths[2]]


def test_the_folder_above_and_a_key_with_a_version():
    registry = {
        r"HKLM\SOFTWARE\T\1.5\Setup": {"Command": r'"E:\Tools\T\t-launcher.exe" "%1"'},
        r"HKLM\SOFTWARE\T\Common\Setup": {"Command": r'"E:\Tools\T\t-launcher.exe" "%1"'},
    }
    listing = Listing(OS.WINDOWS, [r"E:\Tools\T\t.exe"], registry=registry)
    pattern = r"{registry:HKLM\SOFTWARE\T\{version}\Setup|Command}\..\t.exe"

    found = windows.found([pattern], listing.look())

    assert [(match.path, match.version) for match in found] == [(r"E:\Tools\T\t.exe", "1.5")]
    assert r"E:\Tools\T\t-launcher.exe" not in listing.asked


def test_a_path_from_the_registry_has_the_version_of_its_own_name():
    registry = {r"HKLM\SOFTWARE\T\26.0": {"Dir": r"D:\big\T Pro 2024"}, r"HKLM\SOFTWARE\T\27.0": {"Dir": r"D:\other"}}
    listing = Listing(OS.WINDOWS, [r"D:\big\T Pro 2024\t.exe", r"D:\other\t.exe"], registry=registry)
    patterns = [r"{program_files}\Maker\T Pro {version}\t.exe", r"{registry:HKLM\SOFTWARE\T\*|Dir}\t.exe"]

    found = windows.found(patterns, listing.look())

    assert [(match.path, match.version) for match in found] == [
        (r"D:\big\T Pro 2024\t.exe", "2024"),
        (r"D:\other\t.exe", ""),
    ]


@pytest.mark.parametrize(
    ("block", "version"),
    [
        ("bd04effe 00000100 00000300 00001400", "3.0.20"),
        ("bd04effe 00000100 01000a00 04000200", "10.1.2.4"),
        ("bd04effe 00000100 00000000 00000000", ""),
        ("00000000 00000100 00000300 00001400", ""),
        ("bd04effe 00000100", ""),
        ("", ""),
    ],
)
def test_the_version_in_a_programs_resources(block: str, version: str):
    """VS_FIXEDFILEINFO, as Windows gives it: signature, its own version, then two halves of ours."""
    assert versions.of_block(bytes.fromhex(block)) == version
