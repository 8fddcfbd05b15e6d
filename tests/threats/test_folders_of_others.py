"""Folders beside a task's own that a colleague has closed or filled: no click fails because of them."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from launcher.config.schema import LaunchAction
from launcher.config.template import parse
from launcher.facts import MOST_ENTRIES
from launcher.stamps import NAME
from tests.facts.test_whereabouts import NOW, look, prod, work
from tests.support.planned import OPEN, SHOT

__all__ = ["prod"]
PLAIN = replace(OPEN, file=parse("{roots.prod}/{project.code}/{entity.path}/{entity.name}.blend"))


def sees_all() -> bool:
    """Whether nothing is closed to this user, as to root."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0)
        return os.access(folder, os.R_OK)


root_sees_all = pytest.mark.skipif(sees_all(), reason="nothing is closed to root")


def closed(folder: Path) -> None:
    """It may be gone through, and its stamp be read, but nobody sees what it holds."""
    folder.chmod(0o311)


def filled(folder: Path) -> None:
    for number in range(MOST_ENTRIES + 1):
        (folder / f"{number}.x").touch()


@pytest.mark.parametrize("spoil", [pytest.param(closed, marks=root_sees_all), filled])
async def test_a_neighbour_with_this_tasks_stamp_that_cannot_be_looked_through_is_told(
    home: Path, prod: Path, spoil: Callable[[Path], None]
) -> None:
    """Real: a folder with a stamp, and without the right to list it, or with more than is looked at."""
    folder = work(prod, SHOT, "SH030_v001.blend")
    spoil(folder)
    try:
        found = await look(prod)
    finally:
        folder.chmod(0o755)

    assert (found.elsewhere, found.cut) == ((), True)


@root_sees_all
@pytest.mark.parametrize("action", [OPEN, PLAIN])
async def test_what_was_opened_before_and_lies_behind_a_closed_door_is_told(
    home: Path, prod: Path, action: LaunchAction
) -> None:
    """Real: a folder that was hers once; the click for the shot by its new name goes on."""
    folder = work(prod, SHOT, action=action)
    file = folder / ("SH030_v001.blend" if action is OPEN else "SH030.blend")
    file.touch()
    folder.chmod(0o600)
    try:
        found = await look(prod, NOW, action, before=(str(file),))
    finally:
        folder.chmod(0o755)

    assert (found.elsewhere, found.cut) == ((), True)


@root_sees_all
async def test_a_closed_folder_of_the_task_itself_is_no_fault_of_ours(home: Path, prod: Path) -> None:
    """Real: a template without revisions, whose folder nobody may enter."""
    folder = work(prod, SHOT, "SH030.blend", action=PLAIN)
    assert (folder / NAME).exists()
    folder.chmod(0o600)
    try:
        found = await look(prod, SHOT, PLAIN)
    finally:
        folder.chmod(0o755)

    assert (found.marks, found.trouble, found.elsewhere) == ((), "Permission denied", ())
