"""What this machine has right now: `launcher.facts`, on real folders."""

import asyncio
import os
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pytest

from launcher import facts
from launcher.applications import Applications
from launcher.config.schema import App, Config, CopyFrom, Find, LaunchAction, Root
from launcher.config.template import parse
from launcher.model import OS, LeaveNote, Start, Task
from launcher.opennote import STALE_S, Standing, content_of, name_beside
from launcher.paths import folders
from launcher.plan import plan, wanted
from launcher.plan.needs import Facts, FileState, RootState
from launcher.system.linux import places
from tests.support.planned import CLICK, OPEN, PERSON, SERVER, SHOT, at

FOLDER = "BBB/shots/SQ010/SH030/animation"
COPY = replace(OPEN, when_missing=CopyFrom(copy=parse("{roots.prod}/templates/first.blend")))
TRUE = App(name="blender", title="Blender", argv=("{file}",), find=Find(linux=("{path}/true",)))
"""A program that every machine has, in Blender's place."""


@pytest.fixture
def prod(tmp_path: Path) -> Path:
    """A root that is there."""
    root = tmp_path / "prod"
    (root / FOLDER).mkdir(parents=True)
    (root / ".prod").touch()
    return root


@pytest.fixture
def applications(home: Path) -> Applications:
    return Applications(folders(), places)


def studio(prod: Path, marker: str = ".prod", **roots: Root) -> Config:
    return Config(roots={"prod": Root(linux=str(prod), marker=marker), **roots}, apps={"blender": TRUE})


async def seen(
    applications: Applications, config: Config, *tasks: Task, action: LaunchAction = OPEN, patience_s: float = 2
) -> Facts:
    asked = wanted(action, tasks or (SHOT,), PERSON, config, OS.LINUX, SERVER)
    environ = {"HOME": "/home/zoe"}
    return await facts.read(asked, applications, config, PurePosixPath("/ctx"), environ, OS.LINUX, patience_s)


def touch(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()


async def test_a_click_is_planned_from_what_is_really_there(prod: Path, applications: Applications) -> None:
    """Real: folders, files, PATH; the whole way from wish to plan."""
    touch(prod / FOLDER, "SH030_v001.blend", "SH030_v002.blend", "SH030_v002.blend1", "notes.txt")
    config = studio(prod)

    known = await seen(applications, config)

    newest = prod / FOLDER / "SH030_v002.blend"
    assert sorted(known.found["t1"]) == [("SH030_v001.blend",), ("SH030_v002.blend",)]
    assert known.roots == {
        "prod": RootState(
            prod, True, real=Path(os.path.realpath(prod)), identity=(prod.stat().st_dev, prod.stat().st_ino)
        )
    }
    assert known.files[newest] == FileState(True, Path(os.path.realpath(newest)))
    assert (known.environment, known.context_folder) == ({"HOME": "/home/zoe"}, PurePosixPath("/ctx"))
    assert known.startup_folder == Path(facts.__file__).parents[1] / "catalogue" / "startup"
    made = plan(OPEN, [SHOT], PERSON, config, known, OS.LINUX, SERVER, "l", CLICK)
    (start,) = (step for step in made.steps if isinstance(step, Start))
    assert start.argv[1:] == (str(newest),)


async def test_what_is_not_there_yet_is_known_too(prod: Path, applications: Applications) -> None:
    """Real: a task without a folder, a template that is a file."""
    touch(prod / "templates", "first.blend")
    (prod / FOLDER).rmdir()

    known = await seen(applications, studio(prod), action=COPY)

    assert known.found == {"t1": ()}
    assert {path.name: (state.exists, state.is_folder) for path, state in known.files.items()} == {
        "SH030_v001.blend": (False, False),
        "animation": (False, False),
        "first.blend": (True, False),
    }


@pytest.mark.parametrize(
    ("make", "marker", "why"),
    [
        ("", ".prod", "is not there"),
        ("", "", "is not there"),
        ("empty", ".prod", "has no .prod in it"),
        ("empty", "", "is empty"),
        ("file", "", "cannot be read: Not a directory"),
        ("full", ".prod", "has no .prod in it"),
        ("full", "", ""),
    ],
)
async def test_a_root_is_there_when_its_marker_is_or_else_something(
    tmp_path: Path, applications: Applications, make: str, marker: str, why: str
) -> None:
    """Real: folders and files in the root's place."""
    root = tmp_path / "root"
    if make == "file":
        root.touch()
    elif make:
        root.mkdir()
    if make == "full":
        (root / "x").touch()

    state = (await seen(applications, studio(root, marker))).roots["prod"]

    assert (state.present, state.why) == (not why, why)


async def test_nothing_below_an_absent_root_is_looked_at(prod: Path, applications: Applications) -> None:
    """Real: files that are there, under a root whose marker is not."""
    touch(prod / FOLDER, "SH030_v001.blend")
    (prod / ".prod").unlink()

    known = await seen(applications, studio(prod))

    assert known.found == {}
    assert not any(state.exists for state in known.files.values())


async def test_a_root_that_hangs_is_told_in_time_and_holds_up_nothing(
    prod: Path, tmp_path: Path, applications: Applications, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real: the threads and the clock; `os.stat` of one root is held as a dead mount holds it."""
    release, stat = threading.Event(), os.stat

    def held(path: object, *args: object, **more: object) -> os.stat_result:
        if str(path).startswith(f"{tmp_path}/dead"):
            release.wait(30)
        return stat(path, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "stat", held)
    touch(prod / FOLDER, "SH030_v003.blend")
    config = studio(prod, dead=Root(linux=str(tmp_path / "dead"), marker=".x"))
    action = replace(OPEN, when_missing=CopyFrom(copy=parse("{roots.dead}/first.blend")))
    began = time.monotonic()

    known = await seen(applications, config, action=action, patience_s=0.3)

    assert time.monotonic() - began < 2
    assert known.roots["dead"] == RootState(tmp_path / "dead", False, "did not answer within 0.3 s")
    assert known.found == {"t1": (("SH030_v003.blend",),)}
    assert plan(action, [SHOT], PERSON, config, known, OS.LINUX, SERVER, "l", CLICK).steps
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "disk")
    release.set()
    await asyncio.sleep(0)


async def test_further_clicks_on_a_root_that_hangs_are_told_at_once_and_hang_no_thread(
    prod: Path, applications: Applications, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real: the threads and the clock; once the mount answers again, so does the root."""
    release, stat = threading.Event(), os.stat

    def held(path: object, *args: object, **more: object) -> os.stat_result:
        if str(path) == f"{prod}/.prod":
            release.wait(30)
        return stat(path, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "stat", held)
    touch(prod / FOLDER, "SH030_v003.blend")
    first = await seen(applications, studio(prod), patience_s=0.3)
    hanging = [thread for thread in threading.enumerate() if thread.name == "disk"]
    began = time.monotonic()

    later = [await seen(applications, studio(prod), patience_s=5) for _ in range(10)]

    assert time.monotonic() - began < 2
    assert {known.roots["prod"].why for known in [first]} == {"did not answer within 0.3 s"}
    assert {known.roots["prod"].why for known in later} == {"did not answer within 5 s"}
    for thread in [thread for thread in threading.enumerate() if thread.name == "disk" and thread not in hanging]:
        await asyncio.to_thread(thread.join, 5)
        assert not thread.is_alive(), "only those that looked for applications came after the first"
    release.set()
    for thread in [thread for thread in threading.enumerate() if thread.name == "disk"]:
        await asyncio.to_thread(thread.join, 10)
    assert (await seen(applications, studio(prod))).found == {"t1": (("SH030_v003.blend",),)}


async def test_a_folder_with_too_many_files_is_told_rather_than_cut(
    prod: Path, applications: Applications, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real: one file more than a (lowered) bound; the newest could be the one that is not seen."""
    monkeypatch.setattr(facts, "MOST_ENTRIES", 3)
    touch(prod / FOLDER, *(f"SH030_v00{i}.blend" for i in range(4)))

    with pytest.raises(facts.FolderUnreadable) as raised:
        await seen(applications, studio(prod))

    assert str(raised.value) == (
        "A folder holds more than 3 files.\n"
        f"  tried  {prod / FOLDER}\n"
        "  next   Tidy it up, or let the template make folders of their own."
    )


async def test_a_folder_that_cannot_be_read_never_counts_as_empty(prod: Path, applications: Applications) -> None:
    """Real: a link that leads to itself, which nobody can list, not even root."""
    (prod / FOLDER).rmdir()
    (prod / FOLDER).symlink_to(prod / FOLDER)

    with pytest.raises(facts.FolderUnreadable) as raised:
        await seen(applications, studio(prod), action=COPY)

    assert raised.value.tried == (f"{prod / FOLDER}: Too many levels of symbolic links",)


async def test_only_folders_that_fit_are_looked_into(prod: Path, applications: Applications) -> None:
    """Real: scenes that are folders, and one folder that is not of this task."""
    action = replace(OPEN, file=parse("{roots.prod}/{entity.name}_v{revision:03}/scene.{revision}.xstage"))
    for name in ("SH030_v001", "SH030_v12", "SH031_v001", "SH030_vX"):
        touch(prod / name, "scene.1.xstage", "scene.12.xstage", "scene.xstage")
    touch(prod, "SH030_v007")

    known = await seen(applications, studio(prod), action=action)

    assert sorted(known.found["t1"]) == [
        ("SH030_v001", "scene.1.xstage"),
        ("SH030_v001", "scene.12.xstage"),
        ("SH030_v12", "scene.1.xstage"),
        ("SH030_v12", "scene.12.xstage"),
    ]
    assert prod / "SH030_v12" / "scene.12.xstage" in known.files


async def test_tasks_of_one_folder_list_it_once(
    prod: Path, applications: Applications, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real: listings counted at the operating system's door."""
    listed: list[str] = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: listed.append(str(path)) or scandir(path))
    touch(prod / FOLDER, "SH030_v001.blend")
    action = replace(OPEN, selection="all")

    known = await seen(applications, studio(prod), SHOT, replace(SHOT, id="t9"), action=action)

    assert known.found["t1"] == known.found["t9"] == (("SH030_v001.blend",),)
    assert listed.count(str(prod / FOLDER)) == 1


async def test_links_are_followed_to_where_they_lead(prod: Path, tmp_path: Path, applications: Applications) -> None:
    """Real: a working file, a task's folder and a root that are links."""
    outside = tmp_path / "outside"
    touch(outside, "SH030_v001.blend", "x.blend")
    (prod / FOLDER / "SH030_v002.blend").symlink_to(outside / "x.blend")
    (prod / "BBB/shots/SQ010/SH040").mkdir()
    (prod / "BBB/shots/SQ010/SH040/animation").symlink_to(outside)
    by_link = tmp_path / "link"
    by_link.symlink_to(prod)

    known = await seen(
        applications, studio(by_link), SHOT, at(SHOT, "t4", "SH040"), action=replace(OPEN, selection="all")
    )

    real = {path.relative_to(by_link).as_posix(): state.real for path, state in known.files.items()}
    assert known.roots["prod"].real == Path(os.path.realpath(prod))
    assert real[f"{FOLDER}/SH030_v002.blend"] == Path(os.path.realpath(outside)) / "x.blend"
    assert real["BBB/shots/SQ010/SH040/animation/SH040_v001.blend"] == Path(os.path.realpath(outside)) / (
        "SH040_v001.blend"
    )


async def test_the_applications_are_looked_for(prod: Path, applications: Applications) -> None:
    """Real: a program that is in every PATH."""
    fits = (await seen(applications, studio(prod))).applications["blender"].fits

    assert [one.path.name for one in fits] == ["true"]


async def test_a_failing_thread_fails_the_click_that_waits_for_it(prod: Path, applications: Applications) -> None:
    """Real: a root's name with a NUL, which no system call takes."""
    config = studio(prod)
    config = replace(config, roots={"prod": Root(linux="/mnt/\0", marker="")})

    with pytest.raises(ValueError, match="null byte"):
        await seen(applications, config)


async def test_a_file_tells_which_version_saved_it_and_what_lies_outside_is_not_read(
    prod: Path, applications: Applications, tmp_path: Path
) -> None:
    """Real: files with headers, one of them a link out of the root, one a pipe that nobody writes to."""
    config = studio(prod)
    blender = replace(TRUE, opens=(".blend",), file_version="blend")
    config = replace(config, apps={"blender": blender})
    (tmp_path / "secret.blend").write_bytes(b"BLENDER-v405")
    touch(prod / FOLDER)
    newest = prod / FOLDER / "SH030_v002.blend"
    newest.write_bytes(b"BLENDER-v402")
    assert (await seen(applications, config)).files[newest].saved_by == "4.2"

    newest.unlink()
    newest.symlink_to(tmp_path / "secret.blend")
    assert (await seen(applications, config)).files[newest].saved_by == ""

    newest.unlink()
    os.mkfifo(newest)
    state = (await seen(applications, config)).files[newest]
    assert (state.exists, state.saved_by) == (True, "")


# -- notes beside open files -----------------------------------------------------------------------------------------


def leave(file: Path, seconds_ago: float = 0) -> None:
    """A colleague's note beside a file, touched so long ago."""
    note = file.with_name(name_beside(file.name))
    note.write_text(content_of("Ana Rossi", "ws12", "Blender 4.2.3", datetime.now(UTC)))
    os.utime(note, (time.time() - seconds_ago,) * 2)


async def test_a_note_is_read_of_what_may_be_opened_and_of_nothing_else(prod: Path, applications: Applications) -> None:
    """Real: notes beside the newest file, an older one, and one of another shot."""
    touch(prod / FOLDER, "SH030_v001.blend", "SH030_v002.blend", "SH030_v003.blend")
    for name in ("SH030_v002.blend", "SH030_v003.blend", "SH040_v001.blend"):
        leave(prod / FOLDER / name)

    known = await seen(applications, studio(prod))

    assert list(known.notes) == [prod / FOLDER / "SH030_v003.blend"]
    assert known.notes[prod / FOLDER / "SH030_v003.blend"].standing is Standing.OPEN
    assert len(known.found["t1"]) == 3


async def test_a_note_of_a_file_that_is_about_to_be_made_is_read(prod: Path, applications: Applications) -> None:
    """Real: a note beside the next revision, of somebody who has not copied it yet, or whose machine went away."""
    touch(prod / FOLDER, "SH030_v001.blend")
    leave(prod / FOLDER / "SH030_v002.blend", STALE_S + 10)
    action = replace(OPEN, open="next-revision")

    known = await seen(applications, studio(prod), action=action)
    made = plan(action, [SHOT], PERSON, studio(prod), known, OS.LINUX, SERVER, "l", CLICK)

    (note,) = (step for step in made.steps if isinstance(step, LeaveNote))
    assert note.file == prod / FOLDER / "SH030_v002.blend"
    assert note.instead_of == known.notes[prod / FOLDER / "SH030_v002.blend"].mark != ""


async def test_a_note_is_never_a_working_file(prod: Path, applications: Applications) -> None:
    """Real: a template that takes anything, also what is hidden."""
    touch(prod / FOLDER, "SH030_v001.blend")
    leave(prod / FOLDER / "SH030_v001.blend")
    loose = parse("{roots.prod}/{project.code}/{entity.path}/animation/.{entity.name}_v{revision}.blend{*}")

    known = await seen(applications, studio(prod), action=replace(OPEN, file=loose))

    assert known.found == {"t1": ()}


async def test_where_the_studio_wants_no_notes_none_is_read(prod: Path, applications: Applications) -> None:
    """Real: a note, below a root with `notes = false`."""
    touch(prod / FOLDER, "SH030_v001.blend")
    leave(prod / FOLDER / "SH030_v001.blend")
    config = studio(prod)

    known = await seen(applications, replace(config, roots={"prod": replace(config.roots["prod"], notes=False)}))

    assert known.notes == {}
