"""Ten studios' files, and what each click of theirs would do on three systems, compared whole.

Real: the files, the loader, the catalogue, the planner. Disks and installed programs are listings (`clicks.toml`).
"""

from pathlib import Path

import pytest

from launcher.model import OS
from tests.studios.rehearsed import STUDIOS, rehearsals, studio

NAMES = [folder.name for folder in STUDIOS]


def test_there_are_ten_studios():
    assert len(STUDIOS) == 10


@pytest.mark.parametrize("os", OS)
@pytest.mark.parametrize("folder", STUDIOS, ids=NAMES)
def test_a_studio_file_has_no_error(folder: Path, os: OS, tmp_path: Path):
    assert [str(problem) for problem in studio(folder, os, tmp_path).problems if not problem.warning] == []


@pytest.mark.parametrize("os", OS)
@pytest.mark.parametrize("folder", STUDIOS, ids=NAMES)
def test_each_click_does_what_is_written_down(folder: Path, os: OS, tmp_path: Path):
    assert rehearsals(folder, studio(folder, os, tmp_path), os) == (folder / f"{os}.txt").read_text("utf-8")
