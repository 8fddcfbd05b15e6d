"""Where a task's work is after a rename: `launcher.facts.whereabouts`, by `launcher.facts`, on real folders."""

import os
import shutil
import time
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from launcher import facts, stamps
from launcher.applications import Applications
from launcher.config.schema import App, Config, Find, LaunchAction, Root
from launcher.config.template import parse
from launcher.facts import whereabouts
from launcher.model import OS, Mark, Named, Task
from launcher.paths import folders
from launcher.plan import wanted
from launcher.plan.kin import Elsewhere, Whereabouts
from launcher.plan.renamed import remembered
from launcher.stamps import NAME
from launcher.system.linux import places
from tests.support.planned import OPEN, PERSON, SERVER, SHOT, at, named

TRUE = App(name="blender", title="Blender", argv=("{file}",), find=Find(linux=("{path}/true",)))
SHOTS = "BBB/shots/SQ010"
NOW = named(SHOT, "SH035")
"""The shot, renamed in Kitsu; it was SH030."""


@pytest.fixture
def prod(tmp_path: Path) -> Path:
    root = tmp_path / "prod"
    root.mkdir()
    (root / ".prod").touch()
    return root


def config(prod: Path) -> Config:
    return Config(roots={"prod": Root(linux=str(prod), marker=".prod")}, apps={"blender": TRUE})


async def look(prod: Path, task: Task = NOW, action: LaunchAction = OPEN, before: tuple[str, ...] = ()) -> Whereabouts:
    asked = wanted(action, [task], PERSON, config(prod), OS.LINUX, SERVER)
    asked = remembered(asked, {task.id: before})
    known = await facts.read(asked, Applications(folders(), places), config(prod), PurePosixPath("/ctx"), {}, OS.LINUX)
    return known.whereabouts[task.id]


def work(prod: Path, task: Task = SHOT, *files: str, action: LaunchAction = OPEN) -> Path:
    """The folder of a task, stamped as a launch stamps it, with files in it."""
    kin = wanted(action, [task], PERSON, config(prod), OS.LINUX, SERVER).kins[task.id]
    folder = Path(kin.folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_bytes(stamps.written(stamps.read(folder).marks, kin.mark))
    for file in files:
        (folder / file).touch()
    return folder


async def test_a_renamed_shot_is_found_beside_its_new_name(home: Path, prod: Path) -> None:
    """Real: folders, stamps; the newest by its earlier name, among other shots' and other task types'."""
    folder = work(prod, SHOT, "SH030_v001.blend", "SH030_v012.blend", "SH035_v099.txt")
    work(prod, at(SHOT, "t5", "SH040"), "SH040_v001.blend")
    layout = replace(SHOT, task_type=replace(SHOT.task_type, id="tt2", name="Layout"))
    work(prod, layout, "SH030_v050.blend")

    found = await look(prod)

    assert (found.marks, found.trouble, found.cut) == ((), "", False)
    assert found.elsewhere == (Elsewhere(folder / "SH030_v012.blend", 12, "SQ010/SH030"),)


async def test_a_shot_that_was_moved_to_another_sequence_is_found(home: Path, prod: Path) -> None:
    """Real: folders, stamps; its new sequence is there already, with another shot."""
    folder = work(prod, SHOT, "SH030_v003.blend")
    moved = replace(SHOT, sequence=Named("sq2", "SQ020"))
    work(prod, replace(at(SHOT, "t5", "SH010"), sequence=Named("sq2", "SQ020")))

    assert [one.file for one in (await look(prod, moved)).elsewhere] == [folder / "SH030_v003.blend"]


async def test_a_renamed_sequence_and_a_renamed_production_are_found(home: Path, prod: Path) -> None:
    """Real: folders, stamps."""
    folder = work(prod, SHOT, "SH030_v003.blend")
    sequence = replace(SHOT, sequence=Named("sq1", "SQ011"))

    assert [one.file for one in (await look(prod, sequence)).elsewhere] == [folder / "SH030_v003.blend"]


async def test_a_new_shot_is_found_nowhere(home: Path, prod: Path) -> None:
    """Real: folders, stamps of others."""
    work(prod, at(SHOT, "t5", "SH040"), "SH040_v001.blend")

    assert (await look(prod)).elsewhere == ()


async def test_a_working_file_at_its_place_is_enough(home: Path, prod: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: folders; the usual click opens one stamp more and lists no folder more."""
    work(prod, SHOT, "SH030_v001.blend")
    work(prod, NOW, "SH035_v001.blend")
    opened: list[str] = []
    open_, scandir = os.open, os.scandir
    monkeypatch.setattr(os, "open", lambda path, *a, **k: opened.append(str(path)) or open_(path, *a, **k))
    monkeypatch.setattr(os, "scandir", lambda path: opened.append(str(path)) or scandir(path))

    found = await look(prod)

    assert found.elsewhere == ()
    folder = f"{prod}/{SHOTS}/SH035/animation"
    assert {path for path in opened if path.startswith(f"{prod}/")} == {folder, f"{folder}/{NAME}"}
    assert opened.count(f"{folder}/{NAME}") == 1


async def test_a_folder_that_was_renamed_by_hand_keeps_its_earlier_files(home: Path, prod: Path) -> None:
    """Real: the TD renames the folder, its files have the earlier name still."""
    work(prod, SHOT, "SH030_v004.blend")
    (prod / SHOTS / "SH030").rename(prod / SHOTS / "SH035")

    found = await look(prod)

    assert [one.file for one in found.elsewhere] == [prod / SHOTS / "SH035/animation/SH030_v004.blend"]
    assert found.marks[0].entity_id == SHOT.entity.id


async def test_in_a_shared_folder_the_earlier_files_are_found(home: Path, prod: Path) -> None:
    """Real: files of many shots in their sequence's folder."""
    action = replace(OPEN, file=parse("{roots.prod}/{sequence.name}/{entity.name}_v{revision:03}.blend"))
    work(prod, SHOT, "SH030_v002.blend", "SH040_v009.blend", action=action)

    found = await look(prod, action=action)

    assert found.elsewhere == (Elsewhere(prod / "SQ010" / "SH030_v002.blend", 2, "SQ010/SH030"),)


async def test_a_template_without_a_revision_is_found_by_its_file(home: Path, prod: Path) -> None:
    """Real: one file for each shot."""
    action = replace(OPEN, file=parse("{roots.prod}/{entity.name}/{entity.name}.blend"))
    work(prod, SHOT, "SH030.blend", action=action)

    found = await look(prod, action=action)

    assert found.elsewhere == (Elsewhere(prod / "SH030" / "SH030.blend", 0, "SQ010/SH030"),)


async def test_scenes_that_are_folders_are_found(home: Path, prod: Path) -> None:
    """Real: Harmony's way, a folder for each revision."""
    action = replace(OPEN, file=parse("{roots.prod}/{entity.name}/v{revision:03}/{entity.name}.xstage"))
    folder = work(prod, SHOT, action=action)
    for number in (1, 3):
        (folder / f"v00{number}").mkdir()
        (folder / f"v00{number}" / "SH030.xstage").touch()

    found = await look(prod, action=action)

    assert [one.file for one in found.elsewhere] == [prod / "SH030" / "v003" / "SH030.xstage"]


SCENE = replace(
    OPEN,
    file=parse("{roots.prod}/{sequence.name}/{entity.name}/{entity.name}_v{revision:03}"),
    inside=parse("stage/{entity.name}.xstage"),
)
"""Harmony's way: the scene is a folder, and what is opened in it is called after the shot, too."""


async def test_what_is_opened_in_a_renamed_scene_has_its_earlier_name_too(home: Path, prod: Path) -> None:
    """Real: folders; known by the stamp, and by the journal alone."""
    folder = work(prod, SHOT, action=SCENE)
    file = folder / "SH030_v002" / "stage" / "SH030.xstage"
    file.parent.mkdir(parents=True)
    file.touch()

    stamped = await look(prod, action=SCENE)
    (folder / NAME).unlink()
    remembered_one = await look(prod, action=SCENE, before=(str(file),))

    assert stamped.elsewhere == (Elsewhere(folder / "SH030_v002", 2, "SQ010/SH030", ("stage", "SH030.xstage")),)
    assert remembered_one.elsewhere == (Elsewhere(folder / "SH030_v002", 0, "", ("stage", "SH030.xstage")),)


async def test_the_journal_knows_what_no_stamp_tells(home: Path, prod: Path) -> None:
    """Real: a folder somewhere else, without a stamp; with one, its newest file counts."""
    other = prod / "old" / "place"
    other.mkdir(parents=True)
    for name in ("SH030_v001.blend", "SH030_v002.blend"):
        (other / name).touch()
    before = (str(other / "gone.blend"), str(other / "SH030_v001.blend"))

    plain = await look(prod, before=before)
    (other / NAME).write_bytes(stamps.written((), _mark()))
    stamped = await look(prod, before=before)

    assert plain.elsewhere == (Elsewhere(other / "SH030_v001.blend", 0),)
    assert stamped.elsewhere == (Elsewhere(other / "SH030_v002.blend", 2, "SQ010/SH030"),)


def _mark() -> Mark:
    names = (("entity", "SH030"), ("sequence", "SQ010"))
    return Mark(SHOT.entity.id, SHOT.task_type.id, True, "SQ010/SH030", names)


async def test_hostile_neighbours_hold_up_nothing(home: Path, prod: Path) -> None:
    """Real: a pipe, a link to itself, a link out, garbage, a folder in stamps' places; the right one is found."""
    folder = work(prod, SHOT, "SH030_v001.blend")
    for number in range(5):
        (prod / SHOTS / f"X{number}" / "animation").mkdir(parents=True)
    os.mkfifo(prod / SHOTS / "X0/animation" / NAME)
    (prod / SHOTS / "X1/animation" / NAME).symlink_to(NAME)
    (prod / SHOTS / "X2/animation" / NAME).symlink_to(folder / NAME)
    (prod / SHOTS / "X3/animation" / NAME).write_bytes(b"[" * 100_000)
    (prod / SHOTS / "X4/animation" / NAME).mkdir()
    (prod / SHOTS / "loop").symlink_to("loop")
    (prod / SHOTS / "out").symlink_to("/")
    began = time.monotonic()

    found = await look(prod)

    assert [one.file for one in found.elsewhere] == [folder / "SH030_v001.blend"]
    assert time.monotonic() - began < 2


async def test_copied_folders_are_all_told_the_highest_revision_first(home: Path, prod: Path) -> None:
    """Real: somebody copied the whole folder, and went on working in one of them."""
    folder = work(prod, SHOT, "SH030_v001.blend")
    shutil.copytree(prod / SHOTS / "SH030", prod / SHOTS / "SH030_bak")
    (folder / "SH030_v002.blend").touch()

    found = await look(prod)

    assert [one.revision for one in found.elsewhere] == [2, 1]


async def test_no_more_folders_are_looked_at_than_a_click_has_time_for(
    home: Path, prod: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real: folders, one more than a (lowered) bound."""
    monkeypatch.setattr(whereabouts.Budget, "__init__", _small)
    for number in range(5):
        (prod / SHOTS / f"SH0{number}" / "animation").mkdir(parents=True)

    assert (await look(prod)).cut


def _small(self: whereabouts.Budget) -> None:
    self.folders, self.ends = 4, time.monotonic() + 60


async def test_two_thousand_folders_beside_it_are_looked_at_in_time(home: Path, prod: Path) -> None:
    """Real: 2,000 folders; the last of them is the right one."""
    for number in range(1999):
        (prod / SHOTS / f"A{number:04}").mkdir(parents=True)
    folder = work(prod, SHOT, "SH030_v001.blend")
    began = time.monotonic()

    found = await look(prod)

    assert [one.file for one in found.elsewhere] == [folder / "SH030_v001.blend"]
    assert time.monotonic() - began < 2
