"""Notes beside open files, in a real Windows Python. Run by `test_under_wine`."""

import asyncio
import os
import stat
import time
from pathlib import Path

from launcher.files import Taken
from launcher.model import LeaveNote
from launcher.opennote import STALE_S, Found, Standing
from launcher.opennotes import OpenNotes


def laid(tmp_path: Path) -> tuple[Path, LeaveNote]:
    """A working file, and the step that leaves its note."""
    file = tmp_path / "SH030_v003.blend"
    file.write_text("a scene")
    return file, LeaveNote(file, tmp_path, "Ana Rossi", "Blender 4.2.3")


async def look(notes: OpenNotes, file: Path) -> Found:
    return notes.look([file])[file]


def test_a_note_is_left_hidden_touched_and_taken_away(tmp_path: Path) -> None:
    """Real: a file with its attributes."""
    file, step = laid(tmp_path)
    note = tmp_path / ".SH030_v003.blend.kitsu-open"

    async def work() -> None:
        ana, bob = OpenNotes(touched_s=0.1), OpenNotes()
        noted, why = await ana.leave(step)
        assert why == ""
        assert sorted(path.name for path in tmp_path.iterdir()) == [note.name, file.name]
        assert os.stat(note).st_file_attributes & stat.FILE_ATTRIBUTE_HIDDEN
        assert ((await look(ana, file)).standing, (await look(bob, file)).standing) == (Standing.HERE, Standing.OPEN)
        os.utime(note, (1_700_000_000, 1_700_000_000))
        await asyncio.sleep(0.5)
        assert time.time() - note.stat().st_mtime < 5
        await ana.let_go([noted])
        assert list(tmp_path.iterdir()) == [file]

    asyncio.run(work())


def test_of_six_at_once_one_leaves_a_note_and_one_replaces_an_old_one(tmp_path: Path) -> None:
    """Real: threads, a rename that replaces nothing."""
    file, step = laid(tmp_path)
    note = tmp_path / ".SH030_v003.blend.kitsu-open"

    async def work(instead_of: str = "") -> None:
        steps = [LeaveNote(step.file, step.root, step.person, step.application, instead_of)] * 6
        came = await asyncio.gather(*(OpenNotes().leave(one) for one in steps), return_exceptions=True)
        left = [one for one in came if isinstance(one, tuple) and not one[1]]
        assert len(left) == 1, came
        assert all(isinstance(one, Taken) for one in came if one not in left), came
        assert note.read_text(encoding="utf-8") == left[0][0].content
        assert len(list(tmp_path.iterdir())) == 2

    asyncio.run(work())
    os.utime(note, (time.time() - STALE_S - 10,) * 2)
    found = asyncio.run(look(OpenNotes(), file))
    assert found.standing is Standing.STALE
    asyncio.run(work(found.mark))
