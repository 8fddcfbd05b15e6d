"""Notes beside open files, on real disks: `launcher.opennotes` and `launcher.notefiles`."""

import asyncio
import json
import os
import socket
import stat
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from launcher.disks import Disks
from launcher.files import OutsideRoot, Taken
from launcher.filesystem import Folder
from launcher.model import LeaveNote
from launcher.opennote import STALE_S, Found, Standing, content_of
from launcher.opennotes import MOST_TRIES, OpenNotes
from tests.support.desktop import wait_until


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A working file below a root."""
    path = tmp_path / "prod" / "shots" / "SH030_v003.blend"
    path.parent.mkdir(parents=True)
    path.write_text("a scene")
    return path


def note_of(file: Path) -> Path:
    return file.with_name(f".{file.name}.kitsu-open")


def step(file: Path, person: str = "Ana Rossi", **more: object) -> LeaveNote:
    root = file.parent.parent
    return LeaveNote(file, root, person, "Blender 4.2.3", **more)  # type: ignore[arg-type]


def old(path: Path, seconds: float = STALE_S + 10) -> None:
    """Let a file be as if nobody had touched it for so long."""
    then = time.time() - seconds
    os.utime(path, (then, then), follow_symlinks=False)


async def look(notes: OpenNotes, file: Path) -> Found | None:
    return notes.look([file]).get(file)


async def until(seen: Callable[[], object], seconds: float = 5) -> None:
    await asyncio.to_thread(wait_until, seen, seconds, "a change of the notes")


# -- left, seen and taken away ---------------------------------------------------------------------------------------


async def test_a_note_is_left_whole_and_taken_away(file: Path) -> None:
    """Real: files."""
    ana, bob = OpenNotes(host="ws12"), OpenNotes(host="ws13")

    noted, why = await ana.leave(step(file))

    assert why == ""
    assert {key: json.loads(note_of(file).read_text())[key] for key in ("person", "host", "application")} == {
        "person": "Ana Rossi",
        "host": "ws12",
        "application": "Blender 4.2.3",
    }
    assert sorted(path.name for path in file.parent.iterdir()) == [note_of(file).name, file.name]
    here, there = await look(ana, file), await look(bob, file)
    assert here
    assert there
    assert there.note
    assert (here.standing, there.standing, there.note.host) == (Standing.HERE, Standing.OPEN, "ws12")
    assert (here.mark, there.mark) == ("", "")
    assert there.since == time.strftime("%H:%M", time.localtime(there.note.since.timestamp()))

    await ana.let_go([noted])

    assert list(file.parent.iterdir()) == [file]
    assert await look(bob, file) is None


async def test_colleagues_may_read_it(file: Path) -> None:
    """Real: the permissions of any new file."""
    before = os.umask(0o022)
    try:
        await OpenNotes().leave(step(file))
    finally:
        os.umask(before)

    assert stat.S_IMODE(note_of(file).stat().st_mode) == 0o644


async def test_a_scene_that_is_a_folder_has_its_note_beside_it(file: Path) -> None:
    """Real: a folder with files in it."""
    scene = file.parent / "SH030_v001"
    (scene / "elements").mkdir(parents=True)

    await OpenNotes().leave(step(scene))

    assert note_of(scene).is_file()
    assert [path.name for path in scene.iterdir()] == ["elements"]


async def test_of_many_at_once_exactly_one_leaves_its_note(file: Path) -> None:
    """Real: 12 threads, each of a daemon of its own."""
    those = [OpenNotes(host=f"ws{number}") for number in range(12)]

    came = await asyncio.gather(*(notes.leave(step(file)) for notes in those), return_exceptions=True)

    assert sum(isinstance(one, Taken) for one in came) == 11
    assert len(list(file.parent.iterdir())) == 2


async def test_of_many_who_replace_an_old_note_exactly_one_does(file: Path) -> None:
    """Real: 12 threads, 20 times."""
    for _round in range(20):
        note_of(file).write_text(content_of("Bob", "ws9", "Blender", _when()))
        old(note_of(file))
        those = [OpenNotes(host=f"ws{number}") for number in range(12)]
        found = await look(those[0], file)
        assert found
        assert found.standing is Standing.STALE

        came = await asyncio.gather(
            *(notes.leave(step(file, instead_of=found.mark)) for notes in those), return_exceptions=True
        )

        assert sum(isinstance(one, Taken) for one in came) == 11
        (kept,) = (one for one in came if isinstance(one, tuple))
        assert note_of(file).read_text() == kept[0].content
        assert len(list(file.parent.iterdir())) == 2
        note_of(file).unlink()


async def test_a_note_that_came_to_life_again_is_not_replaced(file: Path) -> None:
    """Real: a colleague's machine that slept, and touches its note between the look and the launch."""
    bob, ana = OpenNotes(host="ws9"), OpenNotes()
    await bob.leave(step(file, "Bob"))
    old(note_of(file))
    found = await look(ana, file)
    assert found
    assert (found.standing, bool(found.mark)) == (Standing.STALE, True)
    before = note_of(file).read_text()
    os.utime(note_of(file))

    with pytest.raises(Taken, match="was opened by somebody else at the same moment"):
        await ana.leave(step(file, instead_of=found.mark))

    assert note_of(file).read_text() == before


async def test_who_went_away_while_replacing_a_note_holds_up_nobody_for_long(file: Path) -> None:
    """Real: what is left of a machine that lost its power between two system calls."""
    note_of(file).write_text(content_of("Bob", "ws9", "Blender", _when()))
    old(note_of(file))
    notes = OpenNotes()
    found = await look(notes, file)
    assert found
    claim = file.with_name(f".{found.mark[:32]}.kitsu-open")
    claim.touch()

    with pytest.raises(Taken):
        await notes.leave(step(file, instead_of=found.mark))
    old(claim)
    with pytest.raises(Taken):
        await notes.leave(step(file, instead_of=found.mark))
    noted, why = await notes.leave(step(file, instead_of=found.mark))

    assert why == ""
    assert note_of(file).read_text() == noted.content
    assert len(list(file.parent.iterdir())) == 2


async def test_a_note_that_went_meanwhile_needs_no_replacing(file: Path) -> None:
    """Real: an old note that its daemon takes away between the look and the launch."""
    noted, why = await OpenNotes().leave(step(file, instead_of="ab" * 32))

    assert why == ""
    assert note_of(file).read_text() == noted.content
    assert len(list(file.parent.iterdir())) == 2


async def test_a_file_system_without_hard_links_has_notes_as_well(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: `link` refused as vfat refuses it."""
    monkeypatch.setattr(Folder, "publish", lambda self, temporary, name: False)
    ana, bob = OpenNotes(), OpenNotes()

    noted, why = await ana.leave(step(file))

    assert why == ""
    assert note_of(file).read_text() == noted.content
    with pytest.raises(Taken):
        await bob.leave(step(file))
    old(note_of(file))
    found = await look(bob, file)
    assert found
    await bob.leave(step(file, "Bob", instead_of=found.mark))
    assert json.loads(note_of(file).read_text())["person"] == "Bob"
    assert len(list(file.parent.iterdir())) == 2


# -- whatever lies there ---------------------------------------------------------------------------------------------


def _when() -> datetime:
    return datetime.now(UTC)


def _link(path: Path) -> None:
    other = path.with_name("secret")
    other.write_text(content_of("Bob", "ws9", "Blender", _when()))
    path.symlink_to(other)


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1_000_000_000)


def _socket(path: Path) -> None:
    here = os.getcwd()
    os.chdir(path.parent)
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(here)


@pytest.mark.parametrize(
    ("lay", "why"),
    [
        (lambda path: path.write_bytes(b""), "is not readable"),
        (lambda path: path.write_bytes(os.urandom(300)), "is not readable"),
        (_huge, "is too long"),
        (lambda path: path.mkdir(), "is no file"),
        (os.mkfifo, "is no file"),
        (_link, "is a link"),
        (lambda path: path.symlink_to(path), "is a link"),
        (_socket, "No such device or address"),
    ],
    ids=["empty", "garbage", "1 GB", "folder", "pipe", "link", "link to itself", "socket"],
)
async def test_a_bad_note_is_told_and_left_alone(file: Path, lay: Callable[[Path], None], why: str) -> None:
    """Real: files of every sort. Nothing waits, and nothing of them changes."""
    lay(note_of(file))
    before = os.lstat(note_of(file))
    notes = OpenNotes(touched_s=0.05)
    began = time.monotonic()

    found = await look(notes, file)
    noted, said = await notes.leave(step(file, follows=True))
    await asyncio.sleep(0.2)
    await notes.let_go([noted])

    assert found == Found(Standing.UNKNOWN, why=why)
    assert said == ""
    assert time.monotonic() - began < 2
    after = os.lstat(note_of(file))
    assert (after.st_ino, after.st_mtime_ns, after.st_size) == (before.st_ino, before.st_mtime_ns, before.st_size)


@pytest.mark.parametrize("lay", [_huge, os.mkfifo, _link, lambda path: path.mkdir()])
async def test_only_what_may_have_been_a_note_is_ever_replaced(file: Path, lay: Callable[[Path], None]) -> None:
    """Real: old files of every sort."""
    lay(note_of(file))
    old(note_of(file))

    found = await look(OpenNotes(), file)

    assert found
    assert found.mark == ""


async def test_an_old_note_that_a_crash_has_emptied_is_replaced(file: Path) -> None:
    """Real: an empty file, as a file system leaves it that lost its power."""
    note_of(file).touch()
    old(note_of(file))
    notes = OpenNotes()
    found = await look(notes, file)
    assert found
    assert (found.standing, found.why) == (Standing.UNKNOWN, "is not readable")

    noted, why = await notes.leave(step(file, instead_of=found.mark))

    assert why == ""
    assert note_of(file).read_text() == noted.content


async def test_a_note_from_the_far_future_counts_for_nothing(file: Path) -> None:
    """Real: a file with another year's time."""
    note_of(file).write_text(content_of("Bob", "ws9", "Blender", _when()))
    old(note_of(file), -365 * 86400)

    assert await look(OpenNotes(), file) == Found(Standing.UNKNOWN, why="has a time that cannot be")


async def test_a_read_only_folder_only_says_why(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: a folder that takes nothing new; for root, who may everything, the file system's answer is given."""
    if os.getuid() == 0:
        monkeypatch.setattr(Folder, "new_file", _refused)
    file.parent.chmod(0o555)
    try:
        notes = OpenNotes()
        noted, why = await notes.leave(step(file))
        await notes.let_go([noted])
    finally:
        file.parent.chmod(0o755)

    assert why == f"{note_of(file)}: Permission denied"
    assert list(file.parent.iterdir()) == [file]


def _refused(self: Folder, name: str) -> int:
    raise PermissionError(13, "Permission denied", name)


async def test_no_link_leads_a_note_out_of_its_root(file: Path, tmp_path: Path) -> None:
    """Real: a folder that became a link after the look."""
    elsewhere = tmp_path / "elsewhere"
    file.parent.rename(elsewhere)
    file.parent.symlink_to(elsewhere)

    with pytest.raises(OutsideRoot):
        await OpenNotes().leave(step(file))

    assert [path.name for path in elsewhere.iterdir()] == [file.name]


async def test_a_share_that_hangs_only_says_so(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: a thread that hangs where a dead mount would."""
    free = threading.Event()
    made = Folder.new_file
    monkeypatch.setattr(Folder, "new_file", lambda self, name: (free.wait(), made(self, name))[1])
    notes = OpenNotes()

    began = time.monotonic()
    noted, why = await notes.leave(step(file))
    _second, at_once = await notes.leave(step(file.with_name("other.blend")))

    assert why == at_once == f"{file.parent.parent} did not answer within 2 s"
    assert time.monotonic() - began < 3
    free.set()
    await until(note_of(file).exists)
    await notes.let_go([noted])
    assert not note_of(file).exists()


# -- clocks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [-3, 3])
async def test_a_clock_that_is_wrong_by_hours_is_seen_before_a_note_is_replaced(file: Path, hours: float) -> None:
    """Real: files, stamped by the disk's own clock; a machine whose clock is three hours wrong."""
    bob = OpenNotes(host="ws9")
    await bob.leave(step(file, "Bob"))
    wrong = OpenNotes(clock=lambda: time.time() + hours * 3600)
    found = await look(wrong, file)
    assert found
    if hours > 0:
        assert found.standing is Standing.STALE
        with pytest.raises(Taken):
            await wrong.leave(step(file, instead_of=found.mark))
        found = await look(wrong, file)
        assert found

    assert found.standing is Standing.OPEN


# -- while the application runs --------------------------------------------------------------------------------------


async def test_a_note_is_touched_as_long_as_it_is_kept(file: Path) -> None:
    """Real: files."""
    notes = OpenNotes(touched_s=0.05)
    noted, _why = await notes.leave(step(file))
    old(note_of(file))

    await until(lambda: time.time() - note_of(file).stat().st_mtime < 5)
    await notes.let_go([noted])
    await asyncio.sleep(0.2)

    assert not note_of(file).exists()


async def test_who_keeps_nothing_waits_for_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: the timers that the loop has been given, and which of them it still has."""
    timers: list[asyncio.TimerHandle] = []
    loop = asyncio.get_running_loop()
    real = loop.call_later
    monkeypatch.setattr(
        loop, "call_later", lambda delay, *args, **more: timers.append(real(delay, *args, **more)) or timers[-1]
    )
    notes = OpenNotes(touched_s=3600)
    waits = lambda: [one for one in timers if not one.cancelled() and one.when() > loop.time() + 60]  # noqa: E731
    assert waits() == []

    one, _why = await notes.leave(step(file))
    other, _why = await notes.leave(step(file.with_name("other.blend")))
    assert len(waits()) == 1

    await notes.let_go([one])
    assert len(waits()) == 1
    await notes.let_go([other])
    assert waits() == []


async def test_it_is_touched_every_five_minutes_if_nobody_says_otherwise(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real: the timer that the loop is given by a daemon's own notes."""
    timers: list[asyncio.TimerHandle] = []
    loop = asyncio.get_running_loop()
    real = loop.call_later
    monkeypatch.setattr(
        loop, "call_later", lambda delay, *args, **more: timers.append(real(delay, *args, **more)) or timers[-1]
    )
    notes = OpenNotes()

    noted, _why = await notes.leave(step(file))

    (waits,) = [one.when() - loop.time() for one in timers if not one.cancelled() and one.when() > loop.time() + 60]
    assert 295 < waits <= 300
    await notes.let_go([noted])


async def test_what_somebody_took_away_is_left_anew(file: Path) -> None:
    """Real: files."""
    notes = OpenNotes(touched_s=0.05)
    noted, _why = await notes.leave(step(file))
    note_of(file).unlink()

    await until(note_of(file).exists)

    assert note_of(file).read_text() == noted.content
    await notes.let_go([noted])


async def test_who_opened_it_anyway_comes_when_the_other_has_gone(file: Path) -> None:
    """Real: two daemons' notes on one file."""
    ana, bob = OpenNotes(), OpenNotes(touched_s=0.05)
    first, _why = await ana.leave(step(file))
    second, _why = await bob.leave(step(file, "Bob", follows=True))
    await asyncio.sleep(0.2)
    assert note_of(file).read_text() == first.content

    await ana.let_go([first])
    await until(note_of(file).exists)

    assert note_of(file).read_text() == second.content
    await bob.let_go([second])
    assert not note_of(file).exists()


async def test_nobody_takes_away_what_is_not_his(file: Path) -> None:
    """Real: a note that another daemon has replaced."""
    notes = OpenNotes()
    noted, _why = await notes.leave(step(file))
    note_of(file).write_text("somebody else's")

    await notes.let_go([noted])

    assert note_of(file).read_text() == "somebody else's"


async def test_what_cannot_be_taken_away_now_is_later_and_asks_nobody_here(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Real: a share that is away for a moment."""
    notes = OpenNotes(touched_s=0.2)
    noted, _why = await notes.leave(step(file))
    away = file.parent.with_name("away")
    file.parent.rename(away)
    await notes.let_go([noted])
    assert "note not removed" in caplog.text
    away.rename(file.parent)

    found = await look(notes, file)
    assert found
    assert found.standing is Standing.OVER
    await until(lambda: not note_of(file).exists())
    assert await look(notes, file) is None


async def test_a_share_that_stays_away_is_given_up(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Real: a folder that never comes back."""
    notes = OpenNotes(touched_s=0.01)
    noted, _why = await notes.leave(step(file))
    note_of(file).unlink()
    file.unlink()
    file.parent.rmdir()

    await notes.let_go([noted])
    await until(lambda: notes._timer is None and notes._over[noted] == MOST_TRIES)

    assert caplog.text.count("note not removed") == 1


async def test_a_touch_that_fails_is_told_once(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Real: a folder that is renamed while the application runs, and back."""
    notes = OpenNotes(touched_s=0.02)
    noted, _why = await notes.leave(step(file))
    away = file.parent.with_name("away")
    file.parent.rename(away)
    await asyncio.sleep(0.3)
    away.rename(file.parent)
    old(note_of(file))
    await until(lambda: time.time() - note_of(file).stat().st_mtime < 5)

    assert caplog.text.count("note not touched") == 1
    await notes.let_go([noted])


async def test_a_look_does_not_wait_for_a_touch_that_hangs(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: a thread that hangs in a touch, as on a dead mount."""
    free = threading.Event()
    notes = OpenNotes(Disks(), touched_s=0.02)
    noted, _why = await notes.leave(step(file))
    opened = Folder.open

    def slow(self: Folder, name: str, *, change: bool = False) -> int:
        if change:
            free.wait()
        return opened(self, name, change=change)

    monkeypatch.setattr(Folder, "open", slow)
    await asyncio.sleep(0.1)
    began = time.monotonic()
    found = await look(notes, file)

    assert found
    assert found.standing is Standing.HERE
    assert time.monotonic() - began < 1
    free.set()
    await notes.let_go([noted])
