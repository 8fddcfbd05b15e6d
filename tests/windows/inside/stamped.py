"""Roots, stamps and links, in a real Windows Python. Run by `test_under_wine`."""

import ctypes
import os
from pathlib import Path

import pytest

from launcher import filesystem, stamps
from launcher.files import Moved, copy, make_folder, stamp
from launcher.model import Mark

MARK = Mark("e1", "tt1", True, "SQ010/SH030", (("entity", "SH030"),))
HIDDEN = 0x2


def test_a_stamp_is_written_read_replaced_and_hidden(tmp_path: Path) -> None:
    """Real: the file and its attribute; it replaces one that is hidden already."""
    other = Mark("e2", "tt1", False, "é", ())

    stamp(tmp_path, tmp_path, MARK)
    stamp(tmp_path, tmp_path, other)

    assert stamps.read(tmp_path).marks == (MARK, other)
    assert os.listdir(tmp_path) == [stamps.NAME]
    assert ctypes.windll.kernel32.GetFileAttributesW(str(tmp_path / stamps.NAME)) & HIDDEN


def test_a_root_that_was_replaced_gets_nothing(tmp_path: Path) -> None:
    """Real: folders; what tells one from another on Windows."""
    root = tmp_path / "prod"
    root.mkdir()
    (root / "t").write_text("x")
    seen = (root.stat().st_dev, root.stat().st_ino)
    assert make_folder(root / "shots", root, seen) == [root / "shots"]
    root.rename(tmp_path / "before")
    root.mkdir()
    (root / "t").write_text("x")

    with pytest.raises(Moved):
        make_folder(root / "shots", root, seen)
    with pytest.raises(Moved):
        copy(root / "t", root / "a", root, seen)

    assert os.listdir(root) == ["t"]


@pytest.mark.parametrize("path", [r"\\evil\s\x", "//evil/s", "\\\\?\\C:\\", r"\\.\pipe\x"])
def test_what_would_ask_another_machine_is_known_by_its_text(path: str) -> None:
    assert filesystem.SHARES
    assert filesystem.is_share(path)
    assert not any(filesystem.is_share(other) for other in ("C:\\x", r"..\x", "x", r"\x"))
