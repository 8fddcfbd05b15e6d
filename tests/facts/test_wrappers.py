"""Which wrapper stands before an application, on real folders; and the markers above working files."""

import os
import threading
from dataclasses import replace
from pathlib import Path, PurePath

import pytest

from launcher.applications import Applications
from launcher.config.schema import App, Find
from launcher.config.template import parse
from launcher.facts.wrappers import applied, marked
from launcher.model import OS
from launcher.paths import folders
from launcher.plan.found import Candidates, Installed
from launcher.plan.needs import FileState
from launcher.system.linux import places

APP = App(name="tool", title="Tool", wrap=(parse("wrap"),), find=Find(linux=("{path}/true",)))
BARE = replace(APP, executable="tool", version="==1.2.0")


@pytest.fixture
def applications(home: Path) -> Applications:
    return Applications(folders(), places)


def script(path: Path, mode: int = 0o755) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(mode)
    return path


async def found(applications: Applications, sought: str, *path: Path, app: App = BARE) -> Candidates:
    environ = {"PATH": ":".join(map(str, path))}
    one = await applications.find(app)
    return (await applied({"tool": one}, {"tool": sought}, {"tool": app}, environ, OS.LINUX, applications))["tool"]


async def test_the_first_in_path_that_may_be_started_is_taken(applications: Applications, tmp_path: Path) -> None:
    """Real: folders, files, their permissions."""
    script(tmp_path / "a" / "wrap", 0o644)
    (tmp_path / "b" / "wrap").mkdir(parents=True)
    wrapper = script(tmp_path / "c" / "wrap")
    script(tmp_path / "d" / "wrap")

    one = await found(applications, "wrap", *(tmp_path / name for name in "abcd"))

    assert one.wrapper == wrapper
    assert one.fits == (Installed("tool", "Tool", PurePath("tool"), "1.2.0", "studio"),)


async def test_with_a_bare_name_nothing_else_is_looked_for(applications: Applications) -> None:
    """Real: PATH has a `true`, which the entry's pattern would find."""
    assert [one.path for one in (await applications.find(BARE)).fits] == [PurePath("tool")]
    assert [one.path.name for one in (await applications.find(APP)).fits] == ["true"]


async def test_her_own_executable_is_one_more_candidate(applications: Applications, tmp_path: Path) -> None:
    """Real: a file. It tells no version, and an exact one is wanted."""
    own = replace(BARE, user_executable=str(script(tmp_path / "mine")))

    one = await applications.find(own)

    assert [candidate.path for candidate in one.fits] == [PurePath("tool")]
    assert [(str(rejected.path), rejected.reason) for rejected in one.rejected] == [
        (str(tmp_path / "mine"), "its version cannot be told, and ==1.2.0 is wanted")
    ]


async def test_without_a_wrapper_nothing_can_be_started(applications: Applications, tmp_path: Path) -> None:
    """Real: folders and files."""
    missing = await found(applications, "wrap", tmp_path)
    assert missing.fits == ()
    assert [(str(one.path), one.reason) for one in missing.rejected] == [
        ("wrap", "is in no folder of PATH; it wraps Tool")
    ]

    script(tmp_path / "wrap", 0o777)
    open_to_all = await found(applications, "wrap", tmp_path)
    assert [(str(one.path), one.reason) for one in open_to_all.rejected] == [
        (str(tmp_path / "wrap"), "everybody on this machine may change it")
    ]


async def test_an_absolute_path_is_its_own_place(applications: Applications, tmp_path: Path) -> None:
    """Real: a file; PATH is not looked at."""
    wrapper = script(tmp_path / "bin" / "wrap")

    assert (await found(applications, str(wrapper))).wrapper == wrapper


async def test_a_disk_that_hangs_is_told_in_time(applications: Applications) -> None:
    """Real: a thread that does not come back; the look itself stands in for a dead mount."""
    hangs = threading.Event()

    class Dead:
        disks = applications.disks

        def look(self, path: Path, *, batch: bool = False):
            hangs.wait(20)

    one = {"tool": Candidates((Installed("tool", "Tool", PurePath("tool"), "1.2.0", "studio"),))}
    try:
        told = await applied(one, {"tool": "/x/wrap"}, {"tool": BARE}, {}, OS.LINUX, Dead())
    finally:
        hangs.set()
    assert told["tool"].fits == ()
    assert [rejected.reason for rejected in told["tool"].rejected] == ["a disk did not answer within 2 s"]


def test_markers_above_a_file_within_its_root(tmp_path: Path) -> None:
    """Real: folders, files, a link that leads elsewhere."""
    root, elsewhere = tmp_path / "prod", tmp_path / "elsewhere"
    shot = root / "show" / "shot"
    (shot / "scenes").mkdir(parents=True)
    elsewhere.mkdir()
    for folder in (tmp_path, root / "show", elsewhere):
        (folder / "workspace.mel").touch()
    os.symlink(elsewhere, root / "linked")

    found = marked([shot / "scenes" / "a.ma", shot / "scenes" / "b.ma"], root, ["workspace.mel"])

    assert found == {
        root / "show" / "workspace.mel": FileState(True, root / "show" / "workspace.mel"),
        root / "show": FileState(True, root / "show", is_folder=True),
    }
    linked = marked([root / "linked" / "a.ma"], root, ["workspace.mel"])
    assert linked[root / "linked"] == FileState(True, elsewhere, is_folder=True)
    assert marked([tmp_path / "other" / "a.ma"], root, ["workspace.mel"]) == {}
    assert marked([shot / "a.ma"], root, []) == {}
