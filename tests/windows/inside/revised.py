"""The next revision and whose files are, in a real Windows Python. Run by `test_under_wine`."""

import os
from pathlib import Path

import pytest

from launcher.copying import copy_earlier
from launcher.files import Taken
from launcher.system.windows import owner


def test_whose_a_new_file_is(tmp_path: Path) -> None:
    file = tmp_path / "a.blend"
    file.write_text("work")

    whose = owner.of(file, os.stat(file))

    # Windows may give what an administrator makes to their group.
    assert whose in (owner.own(), "S-1-5-32-544")
    assert owner.named(owner.own())
    assert owner.of(tmp_path / "gone", os.stat(file)) is None
    assert owner.named("S-1-5-21-1-2-3-4711") == "S-1-5-21-1-2-3-4711"
    assert owner.named("no SID") == "no SID"


def test_the_next_revision_of_a_file_and_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a_v1.blend").write_text("work")
    (tmp_path / "s_v1" / "elements" / "Ink").mkdir(parents=True)
    (tmp_path / "s_v1" / "elements" / "Ink" / "Ink-1.tvg").write_text("ink")
    (tmp_path / "s_v1" / "s.xstage").write_text("scene")

    copy_earlier(tmp_path / "a_v1.blend", tmp_path, tmp_path / "a_v2.blend", tmp_path)
    copy_earlier(tmp_path / "s_v1", tmp_path, tmp_path / "s_v2", tmp_path)

    assert (tmp_path / "a_v2.blend").read_text() == "work"
    assert (tmp_path / "s_v2" / "elements" / "Ink" / "Ink-1.tvg").read_text() == "ink"
    assert (tmp_path / "s_v2" / "s.xstage").read_text() == "scene"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a_v1.blend", "a_v2.blend", "s_v1", "s_v2"]


def test_what_is_taken_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "s_v1").mkdir()
    (tmp_path / "s_v1" / "x").write_text("mine")
    (tmp_path / "a_v1").write_text("mine")
    (tmp_path / "taken").write_text("theirs")
    (tmp_path / "empty").mkdir()

    for source in ("s_v1", "a_v1"):
        for target in ("taken", "empty"):
            with pytest.raises(Taken):
                copy_earlier(tmp_path / source, tmp_path, tmp_path / target, tmp_path)

    assert (tmp_path / "taken").read_text() == "theirs"
    assert list((tmp_path / "empty").iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a_v1", "empty", "s_v1", "taken"]
