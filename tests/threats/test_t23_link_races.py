"""T23: a link planted where we write is an error, and what it points at is unchanged."""

import ctypes
import os
import sys
import threading
from pathlib import Path

import pytest

from launcher import door
from launcher.errors import LauncherError
from launcher.execute import Hands, carry_out
from launcher.files import OutsideRoot, Taken, copy, make_folder
from launcher.launches import Launches
from launcher.logs import PrivateFile
from launcher.model import Copy, MakeFolder, Plan, State, WriteContext
from launcher.paths import FolderError, Folders, private_folder
from tests.support.launching import click, python
from tests.support.sample import Make, SampleStudio


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "prod"
    folder.mkdir()
    return folder


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """Where an attacker wants us to write."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "precious").write_text("precious")
    return folder


def untouched(outside: Path) -> bool:
    return [path.name for path in outside.iterdir()] == ["precious"] and (
        outside / "precious"
    ).read_text() == "precious"


def test_a_link_in_the_way_of_a_new_folder_is_not_followed(root: Path, outside: Path) -> None:
    (root / "shots").symlink_to(outside)

    with pytest.raises(OutsideRoot) as told:
        make_folder(root / "shots" / "SQ010", root)

    assert str(told.value) == (
        f"{root}/shots/SQ010 leads out of its root {root}.\n"
        f"  tried  it leads to {outside}/SQ010\n"
        "  next   Remove the link that leads there, or ask who put it there; nothing was written."
    )
    assert untouched(outside)


@pytest.mark.parametrize("link", ["..", "../outside", "/", "loop"])
def test_no_link_leads_a_copy_out_of_its_root(root: Path, outside: Path, link: str) -> None:
    (root / "t").write_text("template")
    (root / "loop").symlink_to(link)

    with pytest.raises(LauncherError) as told:
        copy(root / "t", root / "loop" / "x.blend", root)

    assert told.value.code in ("outside-root", "file")
    assert untouched(outside)


@pytest.mark.parametrize("to", ["precious", "not-there"])
def test_a_link_in_the_targets_place_is_neither_followed_nor_replaced(root: Path, outside: Path, to: str) -> None:
    (root / "t").write_text("template")
    (root / "x.blend").symlink_to(outside / to)

    with pytest.raises(Taken):
        copy(root / "t", root / "x.blend", root)

    assert (root / "x.blend").is_symlink()
    assert sorted(path.name for path in root.iterdir()) == ["t", "x.blend"]
    assert untouched(outside)


def test_a_folder_that_is_swapped_for_a_link_all_the_time_never_leads_out(root: Path, outside: Path) -> None:
    """Real: a thread that swaps a folder and a link as fast as it can, while 300 copies and folders are made."""
    (root / "t").write_text("template")
    (root / "shots").mkdir()
    (root / "link").symlink_to(outside)
    stop = threading.Event()
    swaps = 0

    def swap() -> None:
        nonlocal swaps
        while not stop.is_set():
            exchange(root / "shots", root / "link")
            swaps += 1

    thread = threading.Thread(target=swap)
    thread.start()
    outcomes = set()
    try:
        for number in range(300):
            for act in (
                lambda number=number: copy(root / "t", root / "shots" / f"{number}.blend", root),
                lambda number=number: make_folder(root / "shots" / f"f{number}" / "deep", root),
            ):
                try:
                    act()
                    outcomes.add("made")
                except LauncherError as error:
                    outcomes.add(error.code)
    finally:
        stop.set()
        thread.join()

    assert untouched(outside)
    assert outcomes - {"file"} == {"made", "outside-root"}
    assert swaps > 100


def exchange(one: Path, other: Path) -> None:
    """Give two names each other's content at once; Python has no call for it."""
    here, swap_both = -100, 2
    if ctypes.CDLL(None, use_errno=True).renameat2(here, bytes(one), here, bytes(other), swap_both):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


async def carried_out(launches: Launches, *steps: object) -> LauncherError | None:
    launch = launches.begin(click(), "Open in Blender")
    await carry_out(Plan(steps), launch, launches, Hands(tuple))  # type: ignore[arg-type]
    return launch.error


async def test_a_link_in_a_plans_way_fails_the_launch(launches: Launches, root: Path, outside: Path) -> None:
    """Real: a launch that is carried out."""
    (root / "t").write_text("template")
    (root / "shots").symlink_to(outside)

    error = await carried_out(
        launches,
        MakeFolder(root / "shots" / "SQ010", root),
        Copy(root / "t", root / "shots" / "SQ010" / "x.blend", root),
    )

    assert isinstance(error, OutsideRoot)
    assert untouched(outside)


async def test_a_link_in_the_logs_place_starts_nothing(
    launches: Launches, folders: Folders, tmp_path: Path, outside: Path
) -> None:
    """Real: a launch that would start Python."""
    launch = launches.begin(click(), "Open in Blender")
    path = launches.log_path(launch)
    path.symlink_to(outside / "precious")

    await carry_out(Plan((python("open('started', 'w')"),)), launch, launches, Hands(tuple))

    assert launch.state is State.FAILED
    assert str(launch.error) == (
        f"The log {path} is there already.\n"
        f"  tried  {path}: a link\n"
        "  next   Click again; if it happens again, ask IT who put it there."
    )
    assert launch.processes == ()
    assert untouched(outside)


async def test_a_link_in_the_context_files_place_is_replaced_not_followed(
    launches: Launches, folders: Folders, outside: Path
) -> None:
    """Real: files."""
    folder = folders.launches / "x"
    folder.mkdir()
    (folder / "context.json").symlink_to(outside / "precious")

    assert await carried_out(launches, WriteContext(folder / "context.json", {"a": 1})) is None

    assert not (folder / "context.json").is_symlink()
    assert untouched(outside)


async def test_a_link_in_the_context_folders_place_is_refused(
    launches: Launches, folders: Folders, outside: Path
) -> None:
    """Real: files."""
    (folders.launches / "x").symlink_to(outside)

    error = await carried_out(launches, WriteContext(folders.launches / "x" / "context.json", {"a": 1}))

    assert isinstance(error, FolderError)
    assert str(error) == (
        f"{folders.launches}/x is not a folder of your own.\n"
        f"  tried  {folders.launches}/x: a link\n"
        "  next   Remove it, or ask IT who put it there; it will be made anew."
    )
    assert untouched(outside)


def test_a_link_in_the_daemons_logs_place_is_not_followed(tmp_path: Path, outside: Path) -> None:
    (tmp_path / "daemon.log").symlink_to(outside / "precious")

    with pytest.raises(OSError, match="Too many levels of symbolic links"):
        PrivateFile(tmp_path / "daemon.log", encoding="utf-8")

    assert untouched(outside)


def test_a_link_in_one_of_our_folders_places_is_refused(tmp_path: Path, outside: Path) -> None:
    (tmp_path / "run").symlink_to(outside)

    with pytest.raises(FolderError):
        private_folder(tmp_path / "run")

    assert untouched(outside)


PLACES = {
    "state": "folder",
    "state/logs": "folder",
    "state/launches": "folder",
    "cache": "folder",
    "state/logs/daemon.log": "precious",
    "state/launches.sqlite": "precious",
    "cache/versions.json": "precious",
    "config/studio.last-good.toml": "precious",
}
"""Where we write, and what a link there leads to."""


@pytest.mark.parametrize("place", PLACES)
def test_a_link_planted_before_a_daemon_starts_is_not_followed(make_studio: Make, outside: Path, place: str) -> None:
    """Real: daemon, sample Kitsu, processes. She can work all the same, or the daemon says at once what is wrong."""

    def plant(home: Path) -> None:
        (home / place).parent.mkdir(exist_ok=True, parents=True)
        (home / place).symlink_to(outside if PLACES[place] == "folder" else outside / "precious")

    if place == "state":
        with pytest.raises(AssertionError, match="state is not a folder of your own"):
            make_studio(before=plant)
    elif place == "state/logs":
        with pytest.raises(AssertionError, match="logs is not a folder of your own"):
            make_studio(before=plant)
    else:
        studio = make_studio(before=plant)
        launch = studio.clicked(studio.form("title"))
        # Without its context no application is started; all else is only lost.
        assert launch["state"] == ("failed" if place == "state/launches" else "done"), launch
        assert len(studio.notes()) == (0 if place == "state/launches" else 1)
    assert untouched(outside)


def test_a_link_in_the_runtime_folders_place_is_refused(make_studio: Make, outside: Path) -> None:
    """Real: a daemon that does not start, and a command that sends nothing there."""

    def plant(home: Path) -> None:
        (home / "run").symlink_to(outside)

    with pytest.raises(AssertionError, match="run is not a folder of your own"):
        make_studio(before=plant)
    assert untouched(outside)


@pytest.mark.parametrize("place", ["state/logs", "state/launches", "state/logs/daemon.log", "cache"])
def test_a_link_planted_while_a_daemon_runs_is_not_followed(
    sample_studio: SampleStudio, outside: Path, place: str
) -> None:
    """Real: daemon, sample Kitsu; what was there is moved aside, a link takes its place, and she clicks."""
    path = sample_studio.home / place
    if path.exists():
        path.rename(path.with_name(f"{path.name}.aside"))
    path.symlink_to(outside / "precious" if place.endswith(".log") else outside)

    launch = sample_studio.clicked(sample_studio.form("open"))

    assert launch["state"] in ("done", "failed")
    assert untouched(outside)


@pytest.mark.parametrize("to", ["precious", "not-there"])
def test_a_link_in_the_first_working_files_place_is_not_written_through(
    sample_studio: SampleStudio, outside: Path, to: str
) -> None:
    """Real: daemon, sample Kitsu, disk."""
    folder = sample_studio.prod / "FT" / "shots" / "SQ010" / "SH010"
    folder.mkdir(parents=True)
    (folder / "SH010_v001.txt").symlink_to(outside / to)

    launch = sample_studio.clicked(sample_studio.form("open"))

    assert (launch["state"], sample_studio.notes()) == ("refused", [])
    assert untouched(outside)


def test_a_link_in_the_place_of_the_folder_of_a_macs_door_is_refused(
    tmp_path: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real: files; the Mac's folder for its user's caches is one of the test's own."""
    monkeypatch.delenv(door.ENV_HOME, raising=False)
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(os, "confstr", lambda name: str(tmp_path))
    (tmp_path / "kitsu-launcher").symlink_to(outside)

    with pytest.raises(FolderError):
        private_folder(Path(door.runtime_folder()))
    with pytest.raises(door.NotOurs):
        door.ask("GET", "/door/ping", None, patience_s=1)

    assert untouched(outside)
