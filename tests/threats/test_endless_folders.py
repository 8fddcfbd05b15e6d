"""Folders that a colleague has made to be looked through without end: bounded in time and in memory."""

import time
import tracemalloc
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from launcher import facts
from launcher.applications import Applications
from launcher.config.template import parse
from launcher.facts import FolderUnreadable
from launcher.model import OS
from launcher.paths import folders
from launcher.plan import wanted
from launcher.system.linux import places
from tests.facts.test_whereabouts import config, prod
from tests.support.planned import OPEN, PERSON, SERVER, SHOT

__all__ = ["prod"]
IN_FOLDERS = replace(OPEN, file=parse("{roots.prod}/shots/v{revision}/scene_v{revision}.blend"), when_missing="empty")


async def test_links_without_number_to_one_full_folder_are_given_up(home: Path, prod: Path) -> None:
    """Real: 2,000 links, each a revision's folder, to one folder of 5,000 files: ten million names."""
    full = prod / "shots" / "v1"
    full.mkdir(parents=True)
    for number in range(5_000):
        (full / f"scene_v{number}.blend").touch()
    for number in range(2, 2_002):
        full.with_name(f"v{number}").symlink_to("v1")
    asked = wanted(IN_FOLDERS, [SHOT], PERSON, config(prod), OS.LINUX, SERVER)
    applications, began = Applications(folders(), places), time.monotonic()
    tracemalloc.start()
    try:
        with pytest.raises(FolderUnreadable) as told:
            await facts.read(asked, applications, config(prod), PurePosixPath("/ctx"), {}, OS.LINUX, patience_s=60)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert told.value.problem == "A folder holds more than 10000 files."
    assert time.monotonic() - began < 20
    assert most < 50_000_000
