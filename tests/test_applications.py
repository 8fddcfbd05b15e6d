"""Discovery on a disk of the test's own: real executables, that are small shell scripts."""

import asyncio
import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path, PurePath

import pytest

from launcher import applications
from launcher.applications import Applications, told_by
from launcher.config.schema import App, Check, Find
from launcher.paths import Folders, folders
from launcher.plan.found import Candidates, Rejected, VersionError
from launcher.system.linux import places
from tests.support.catalogue import app
from tests.support.desktop import wait_until

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Make an executable that prints a line and counts how often it is started."""

    def make_one(path: str, prints: str = "", *, body: str = "", mode: int = 0o755) -> Path:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\necho started >> {file}.starts\n{body}\necho '{prints}'\n")
        file.chmod(mode)
        return file

    return make_one


def starts(file: Path) -> int:
    counted = file.with_name(f"{file.name}.starts")
    return len(counted.read_text().splitlines()) if counted.exists() else 0


@pytest.fixture
def own(home: Path) -> Folders:
    return folders()


@pytest.fixture
def machine(own: Folders) -> Applications:
    return Applications(own, places)


def blender(tmp_path: Path, **changes: object) -> App:
    """The catalogue's Blender, looked for in the test's folder."""
    patterns = (f"{tmp_path}/opt/blender-{{version}}*/blender", "{path}/blender")
    return app("blender", find=Find(linux=patterns), **changes)


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:relative::{tmp_path}/nowhere")


def paths(found: Candidates) -> list[tuple[str, str]]:
    return [(one.version, one.source) for one in found.fits]


async def test_several_versions_side_by_side_the_newest_first(make: Make, machine: Applications, tmp_path: Path):
    make("opt/blender-4.9.0-linux-x64/blender")
    make("opt/blender-4.10.1-linux-x64/blender")
    make("bin/blender", "Blender 3.4.1")

    found = await machine.find(blender(tmp_path))

    assert paths(found) == [("4.10.1", "found"), ("4.9.0", "found"), ("3.4.1", "found")]
    assert found.fits[0].path == tmp_path / "opt/blender-4.10.1-linux-x64/blender"
    assert found.rejected == ()


async def test_each_candidate_that_does_not_fit_says_why(make: Make, machine: Applications, tmp_path: Path):
    old = make("opt/blender-4.1.1/blender")
    new = make("opt/blender-5.0.0/blender")
    plain = make("opt/blender-4.2.1/blender", mode=0o644)
    open_to_all = make("opt/blender-4.2.2/blender", mode=0o777)
    (tmp_path / "opt/blender-4.2.3/blender").mkdir(parents=True)
    fits = make("opt/blender-4.2.4/blender")

    found = await machine.find(blender(tmp_path, version=">=4.2,<5"))

    assert [one.path for one in found.fits] == [fits]
    assert {(one.path, one.reason) for one in found.rejected} == {
        (old, "4.1.1, too old for >=4.2,<5"),
        (new, "5.0.0, too new for >=4.2,<5"),
        (open_to_all, "everybody on this machine may change it"),
        (tmp_path / "opt/blender-4.2.3/blender", "is not a file"),
        (plain, "may not be executed"),
    }
    assert (starts(old), starts(open_to_all)) == (0, 0)


async def test_a_short_version_in_the_path_is_asked_for_in_full(make: Make, machine: Applications, tmp_path: Path):
    make("opt/blender-4.2/blender", "Blender 4.2.3")
    make("opt/blender-4.1/blender", "segmentation fault")

    assert paths(await machine.find(blender(tmp_path))) == [("4.2.3", "found"), ("4.1", "found")]


async def test_named_executables_come_first_but_must_fit(make: Make, machine: Applications, tmp_path: Path):
    make("opt/blender-4.5.0/blender")
    studio = make("studio/blender", "Blender 4.3.0")
    mine = make("home/blender", "Blender 4.2.0")
    wanted = blender(tmp_path, version=">=4.2", executable=str(studio), user_executable=str(mine))

    found = await machine.find(wanted)
    assert paths(found) == [("4.2.0", "user"), ("4.3.0", "studio"), ("4.5.0", "found")]

    found = await machine.find(blender(tmp_path, version=">=4.3", executable=str(studio), user_executable=str(mine)))
    assert paths(found) == [("4.3.0", "studio"), ("4.5.0", "found")]
    assert [(one.path, one.reason) for one in found.rejected] == [(mine, "4.2.0, too old for >=4.3")]


@pytest.mark.parametrize(
    ("text", "reason"), [("blender", "is not an absolute path"), ("/nowhere/blender", "does not exist")]
)
async def test_a_wrong_executable_is_told(machine: Applications, tmp_path: Path, text: str, reason: str):
    found = await machine.find(blender(tmp_path, user_executable=text))
    assert [(str(one.path), one.reason) for one in found.rejected] == [(text, reason)]


async def test_a_named_executable_has_the_version_of_the_pattern_it_fits(
    make: Make, machine: Applications, tmp_path: Path
):
    nuke = make("Nuke15.0v2/Nuke15.0")
    find = Find(linux=(f"{tmp_path}/Nuke{{version}}/Nuke[0-9]*.[0-9]",))

    found = await machine.find(app("nuke", find=find, executable=str(nuke), version="==15.0v2"))

    assert paths(found) == [("15.0v2", "studio")]


async def test_one_program_found_by_two_ways_counts_once(make: Make, machine: Applications, tmp_path: Path):
    """/bin is a link to /usr/bin; a link of another name is a studio's wrapper and counts for itself."""
    make("opt/blender-4.2.0/blender")
    (tmp_path / "opt/blender-4.2.0-stable").symlink_to("blender-4.2.0")
    wrapper = make("studio/wrapper", "Blender 4.4.0")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/blender").symlink_to(wrapper)

    found = await machine.find(blender(tmp_path, executable=str(wrapper)))

    assert paths(found) == [("4.4.0", "studio"), ("4.4.0", "found"), ("4.2.0", "found")]


async def test_a_program_is_asked_once_even_by_two_daemons(make: Make, own: Folders, tmp_path: Path):
    program = make("bin/blender", "Blender 4.2.3")
    first = Applications(own, places)

    await asyncio.gather(*(first.find(blender(tmp_path)) for _ in range(5)))
    found = await Applications(own, places).find(blender(tmp_path))

    assert (starts(program), paths(found)) == (1, [("4.2.3", "found")])


async def test_an_update_is_asked_again(make: Make, machine: Applications, own: Folders, tmp_path: Path):
    program = make("bin/blender", "Blender 4.2.3")
    await machine.find(blender(tmp_path))
    make("bin/blender", "Blender 4.2.10")

    assert paths(await machine.find(blender(tmp_path))) == [("4.2.10", "found")]
    assert starts(program) == 2
    assert len(json.loads((own.cache / "versions.json").read_text())) == 1


@pytest.mark.parametrize(
    "garbage", [b"", b"\0\xff", b"{}", b"[[]]", b'[["/x", true, 1, "a", "b"]]', b"[" * 60_000, b"null", b'{"a": 1}']
)
async def test_a_damaged_memory_is_as_none(make: Make, own: Folders, tmp_path: Path, garbage: bytes):
    make("bin/blender", "Blender 4.2.3")
    own.cache.mkdir(parents=True)
    (own.cache / "versions.json").write_bytes(garbage)

    assert paths(await Applications(own, places).find(blender(tmp_path))) == [("4.2.3", "found")]
    assert json.loads((own.cache / "versions.json").read_text())[0][-1] == "4.2.3"


async def test_a_memory_that_cannot_be_written_stops_nothing(make: Make, own: Folders, tmp_path: Path):
    make("bin/blender", "Blender 4.2.3")
    own.cache.parent.mkdir(parents=True, exist_ok=True)
    own.cache.symlink_to(tmp_path)

    assert paths(await Applications(own, places).find(blender(tmp_path))) == [("4.2.3", "found")]
    assert not (tmp_path / "versions.json").exists()


async def test_a_program_that_hangs_is_ended_with_its_children(
    make: Make, machine: Applications, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("launcher.applications.TIMEOUT_S", 0.5)
    program = make("bin/blender", body=f"/bin/sleep 60 & echo $! > {tmp_path}/child; wait")
    before = time.monotonic()

    found = await machine.find(blender(tmp_path, version=">=4"))
    again = await machine.find(blender(tmp_path, version=">=4"))

    assert time.monotonic() - before < 5
    assert [(one.path, one.reason) for one in found.rejected] == [
        (program, "did not tell its version in 0.5 s, and >=4 is wanted")
    ]
    assert (again, starts(program)) == (found, 1)
    child = Path(f"/proc/{(tmp_path / 'child').read_text().strip()}/stat")
    await asyncio.to_thread(wait_until, lambda: not child.exists() or child.read_text().split()[2] == "Z", 2, "its end")


async def test_a_child_that_goes_on_does_not_hold_the_answer(make: Make, machine: Applications, tmp_path: Path):
    make("bin/blender", "Blender 4.2.3", body="/bin/sleep 3 &")
    before = time.monotonic()
    assert paths(await machine.find(blender(tmp_path))) == [("4.2.3", "found")]
    assert time.monotonic() - before < 2


async def test_a_silent_program_is_asked_again_a_minute_later(
    make: Make, machine: Applications, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """It may only have been slow: a share that was just mounted."""
    program = make("bin/blender", "busy")
    await machine.find(blender(tmp_path))
    monkeypatch.setattr("launcher.applications.RETRY_S", 0.0)
    await machine.find(blender(tmp_path))
    assert starts(program) == 2


async def test_what_is_asked_sees_none_of_our_own_variables(
    make: Make, machine: Applications, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("KITSU_LAUNCHER_KEY", "secret")
    make("bin/blender", "Blender 4.2.3", body=f"/usr/bin/env > {tmp_path}/env; /bin/cat")
    assert paths(await machine.find(blender(tmp_path))) == [("4.2.3", "found")]
    assert "secret" not in (tmp_path / "env").read_text()


async def test_a_program_beside_is_asked_instead(make: Make, machine: Applications, tmp_path: Path):
    krita = make("bin/krita", "no display")
    make("bin/krita_version", "5.1.5")

    assert paths(await machine.find(app("krita"))) == [("5.1.5", "found")]
    assert starts(krita) == 0


async def test_without_the_program_beside_there_is_no_version(make: Make, machine: Applications):
    make("bin/krita", "no display")
    found = await machine.find(app("krita", version=">=5"))
    assert [one.reason for one in found.rejected] == ["did not tell its version in 5 s, and >=5 is wanted"]


async def test_an_application_without_a_check_has_no_version(make: Make, machine: Applications):
    tool = make("bin/tool")
    plain = App(name="tool", title="Tool", executable=str(tool))
    assert paths(await machine.find(plain)) == [("", "studio")]

    wanted = App(name="tool", title="Tool", executable=str(tool), version=">=1")
    found = await machine.find(wanted)
    assert [one.reason for one in found.rejected] == ["its version cannot be told, and >=1 is wanted"]


async def test_several_applications_at_once(make: Make, machine: Applications):
    make("bin/mpv", "mpv v0.37.0 Copyright © 2000-2023 mpv/MPlayer/mplayer2 projects")
    found = await machine.find_all({"mpv": app("mpv"), "vlc": app("vlc")})
    assert [one.label for one in found["mpv"].fits] == ["mpv 0.37.0"]
    assert found["vlc"] == Candidates()


async def test_a_share_that_hangs_is_told_and_holds_up_no_other_application(
    make: Make, machine: Applications, monkeypatch: pytest.MonkeyPatch
):
    """Real: threads and the clock; `os.stat` of one share is held as a dead mount holds it.

    Two threads hang there: the one that looked for all at once, and then the application's own.
    """
    release, stat = threading.Event(), os.stat

    def held(path: object, *args: object, **more: object) -> os.stat_result:
        if str(path).startswith("/dead"):
            release.wait(30)
        return stat(path, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "stat", held)
    monkeypatch.setattr(applications, "TIMEOUT_S", 0.3)
    make("bin/mpv", "mpv v0.37.0 Copyright")
    wanted = {"mpv": app("mpv"), "tool": App(name="tool", title="Tool", executable="/dead/tool")}
    before = set(threading.enumerate())

    found = [await machine.find_all(wanted) for _ in range(20)]

    assert all(one["mpv"].fits for one in found)
    assert found[-1]["tool"].rejected == (Rejected(PurePath("/dead/tool"), "a disk did not answer within 5 s"),)
    # A thread that has answered may need a moment to end.
    for thread in [thread for thread in threading.enumerate() if thread.name == "disk"]:
        await asyncio.to_thread(thread.join, 0.2)
    assert len([thread for thread in threading.enumerate() if thread.name == "disk" and thread not in before]) == 2
    release.set()


async def test_what_was_looked_for_ahead_is_the_answer_once(make: Make, machine: Applications, tmp_path: Path):
    """Real: a program that is installed after the look ahead; the next question sees it."""
    make("opt/blender-4.2.1/blender")
    wanted = blender(tmp_path)
    machine.ahead([wanted])
    await asyncio.wait([task for _, _, task in machine._ahead.values()], timeout=10)
    make("opt/blender-4.5.0/blender")

    assert paths(await machine.find(wanted)) == [("4.2.1", "found")]
    assert paths(await machine.find(wanted)) == [("4.5.0", "found"), ("4.2.1", "found")]


async def test_a_look_ahead_does_not_answer_for_another_configuration(
    make: Make, machine: Applications, tmp_path: Path
):
    """A production may want another version than the studio does."""
    make("opt/blender-4.2.1/blender")
    machine.ahead([blender(tmp_path)])

    assert paths(await machine.find(blender(tmp_path, version=">=5"))) == []


async def test_an_old_look_ahead_is_no_answer(
    make: Make, machine: Applications, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """As after a click that waited long for Kitsu."""
    monkeypatch.setattr(applications, "AHEAD_S", -1.0)
    wanted = blender(tmp_path)
    machine.ahead([wanted])
    await asyncio.wait([task for _, _, task in machine._ahead.values()], timeout=10)
    make("opt/blender-4.2.1/blender")

    assert paths(await machine.find(wanted)) == [("4.2.1", "found")]


async def test_a_wrong_version_found_ahead_is_told_to_who_asks(machine: Applications, tmp_path: Path):
    """And to nobody else: a click that ends before leaves no complaint behind."""
    wrong = blender(tmp_path, version="four")
    machine.ahead([wrong])

    with pytest.raises(VersionError):
        await machine.find(wrong)


async def test_a_version_that_cannot_be_read_is_an_error_at_once(machine: Applications):
    with pytest.raises(VersionError):
        await machine.find(app("mpv", version="about four"))


@pytest.mark.parametrize(
    ("prints", "printed", "version"),
    [
        ("Blender {version}", "Blender 3.4.1\n\tbuild date: 2023", "3.4.1"),
        ("Blender {version}", "Read prefs: /x\nBlender 4.3.0 Alpha", "4.3.0"),
        ("Blender {version}", "A Blender 4.3.0", ""),
        ("mpv {version}", "mpv v0.37.0 Copyright", "0.37.0"),
        ("mpv {version}", "mpv UNKNOWN", ""),
        ("{version}", "5.1.5", "5.1.5"),
        ("Tool {version} (x64)", "Tool 1.2 (x64)", "1.2"),
        ("Tool {version} (x64)", "Tool 1.2", ""),
        ("VLC version {version}", "VLC version 3.0.24 Vetinari (3.0.24-rc1)", "3.0.24"),
    ],
)
def test_the_version_in_what_is_printed(prints: str, printed: str, version: str):
    assert told_by(Check(args=(), prints=prints).prints, printed) == version
