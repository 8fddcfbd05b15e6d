"""A colleague's hidden note for a revision that nobody will ever make: the next revision is made all the same."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pytest

from launcher import facts
from launcher.applications import Applications
from launcher.model import OS, Choice, Copy, How
from launcher.opennote import content_of, name_beside
from launcher.paths import folders
from launcher.plan import plan, wanted
from launcher.system.linux import places
from tests.facts.test_whereabouts import config, prod, work
from tests.support.planned import CLICK, OPEN, PERSON, SERVER, SHOT

__all__ = ["prod"]


@pytest.mark.parametrize(("promised", "made"), [("9" * 18, 2), ("102", 2), ("101", 102), ("5", 6)])
async def test_a_note_reserves_no_number_far_ahead(home: Path, prod: Path, promised: str, made: int) -> None:
    """Real: a folder with one working file, and beside it a note of a moment ago. The last number has no next one."""
    folder = work(prod, SHOT, "SH030_v001.blend")
    note = content_of("Eve", "host", "Blender", datetime.now(UTC))
    (folder / name_beside(f"SH030_v{promised}.blend")).write_text(note)
    choice = Choice(How.NEXT)
    asked = wanted(OPEN, [SHOT], PERSON, config(prod), OS.LINUX, SERVER, choice)
    known = await facts.read(asked, Applications(folders(), places), config(prod), PurePosixPath("/ctx"), {}, OS.LINUX)

    click = replace(CLICK, choice=choice)
    planned = plan(OPEN, [SHOT], PERSON, config(prod), known, OS.LINUX, SERVER, "x", click)

    (copy,) = (step for step in planned.steps if isinstance(step, Copy))
    assert copy.target.name == f"SH030_v{made:03}.blend"
