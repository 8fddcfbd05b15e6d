"""The stamp of a task's folder: `launcher.stamps`, and how `launcher.files` writes it. On real folders."""

import json
import os
import stat
from pathlib import Path

import pytest

from launcher import stamps
from launcher.files import FileError, OutsideRoot, stamp
from launcher.model import Mark
from launcher.stamps import MOST_BYTES, MOST_MARKS, NAME, Stamped, read

ANIMATION = Mark("e1", "tt1", True, "SQ010/SH030", (("entity", "SH030"), ("sequence", "SQ010")))
LAYOUT = Mark("e1", "tt2", True, "SQ010/SH030", (("entity", "SH030"),))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "prod" / "SH030").mkdir(parents=True)
    return tmp_path / "prod"


def test_what_is_written_is_read(root: Path) -> None:
    """Real: the whole file; a name verbatim, with half a surrogate in it."""
    odd = Mark("e2", "tt1", False, 'a"/\ud800\u202e', (("entity", "é\n"),))

    stamp(root / "SH030", root, ANIMATION)
    stamp(root / "SH030", root, odd)

    assert read(root / "SH030") == Stamped((ANIMATION, odd))
    assert json.loads((root / "SH030" / NAME).read_text())["marks"][0] == {
        "entity": "e1",
        "task_type": "tt1",
        "own": True,
        "label": "SQ010/SH030",
        "names": {"entity": "SH030", "sequence": "SQ010"},
    }
    assert os.listdir(root / "SH030") == [NAME]
    assert stat.S_IMODE((root / "SH030" / NAME).stat().st_mode) & 0o044 == 0o044


def test_a_mark_replaces_the_one_of_the_same_task_type_alone(root: Path) -> None:
    """Real: a shot with another name; nothing is written where nothing changes."""
    renamed = Mark("e1", "tt1", True, "SQ010/SH035", (("entity", "SH035"),))
    for mark in (ANIMATION, LAYOUT, renamed):
        stamp(root / "SH030", root, mark)
    before = (root / "SH030" / NAME).stat()

    stamp(root / "SH030", root, LAYOUT)

    assert read(root / "SH030").marks == (LAYOUT, renamed)
    assert (root / "SH030" / NAME).stat().st_ino == before.st_ino


def test_a_stamp_never_grows_beyond_its_bound(root: Path) -> None:
    """Real: one more entity than it keeps; the longest of names, and still it is read again."""
    marks = [Mark(f"f{number}", "tt1", False, "x") for number in range(MOST_MARKS)]
    long = "\u0001" * 400
    longest = [Mark(f"f{number}", "tt1", False, long, (("entity", long), ("sequence", long))) for number in range(200)]

    (root / "SH030" / NAME).write_bytes(stamps.written(marks, ANIMATION))
    short = read(root / "SH030")
    (root / "SH030" / NAME).write_bytes(stamps.written(longest, ANIMATION))
    large = read(root / "SH030")

    assert (len(short.marks), short.marks[0].entity_id, short.marks[-1]) == (MOST_MARKS, "f1", ANIMATION)
    assert (large.trouble, large.marks[-1]) == ("", ANIMATION)


def test_a_folder_without_a_stamp_or_no_folder_says_nothing(root: Path) -> None:
    (root / "file").touch()

    assert [read(root / name) for name in ("SH030", "gone", "file")] == [Stamped()] * 3


GARBAGE = {
    b"": "no stamp of this program",
    b"\xff\xfe\x00": "no stamp of this program",
    b"[" * 100_000: "no stamp of this program",
    b"{}": "no stamp of this program",
    b'{"kitsu-launcher": "1", "marks": []}': "no stamp of this program",
    b'{"kitsu-launcher": 1, "marks": {}}': "no stamp of this program",
    b'{"kitsu-launcher": 1, "marks": [1]}': "no stamp of this program",
    b'{"kitsu-launcher": 1, "marks": [{"entity": "e", "task_type": "t", "own": 1, "label": "x"}]}':
        "no stamp of this program",
    b'{"kitsu-launcher": 1, "marks": [{"entity": "", "task_type": "t", "own": true, "label": "x"}]}':
        "no stamp of this program",
    b'{"kitsu-launcher": 1, "marks": [{"entity": "e", "task_type": "t", "own": true, "label": "x", "names": []}]}':
        "no stamp of this program",
    b'{"kitsu-launcher": 1, "marks": [' + b",".join([b"{}"] * (MOST_MARKS + 1)) + b"]}": "no stamp of this program",
    b"9" * 5000: "no stamp of this program",
    b'{"kitsu-launcher": 2, "what": "ever"}': "written by a newer Kitsu Launcher",
    b" " * (MOST_BYTES + 1): "too large",
}  # fmt: skip


@pytest.mark.parametrize("content", GARBAGE)
def test_a_stamp_of_others_making_does_not_count(root: Path, content: bytes) -> None:
    """Real: files of any content."""
    (root / "SH030" / NAME).write_bytes(content)

    found = read(root / "SH030")

    assert (found.marks, found.trouble) == ((), GARBAGE[content])


@pytest.mark.parametrize("what", ["link", "loop", "pipe", "folder", "sparse"])
def test_what_is_no_file_is_not_waited_for_and_not_followed(root: Path, tmp_path: Path, what: str) -> None:
    """Real: a link to a good stamp, one to itself, a pipe nobody writes to, a folder, a file of 1 GB."""
    path = root / "SH030" / NAME
    (tmp_path / "good").write_bytes(stamps.written((), ANIMATION))
    if what in ("link", "loop"):
        path.symlink_to(tmp_path / "good" if what == "link" else NAME)
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    else:
        with open(path, "wb") as file:
            file.truncate(1024**3)

    found = read(root / "SH030")

    expected = {"link": "a link", "loop": "a link", "pipe": "not a file", "folder": "not a file", "sparse": "too large"}
    assert (found.marks, found.trouble) == ((), expected[what])


@pytest.mark.parametrize("what", ["link", "pipe", "garbage"])
def test_what_stood_in_its_place_is_replaced_and_what_it_led_to_is_untouched(
    root: Path, tmp_path: Path, what: str
) -> None:
    """Real: a link to somebody's file, a pipe, garbage."""
    path = root / "SH030" / NAME
    (tmp_path / "precious").write_text("precious")
    if what == "link":
        path.symlink_to(tmp_path / "precious")
    elif what == "pipe":
        os.mkfifo(path)
    else:
        path.write_text("garbage")

    stamp(root / "SH030", root, ANIMATION)

    assert read(root / "SH030").marks == (ANIMATION,)
    assert not path.is_symlink()
    assert (tmp_path / "precious").read_text() == "precious"


def test_a_stamp_of_a_newer_version_is_left_alone(root: Path) -> None:
    newer = b'{"kitsu-launcher": 2, "marks": "more"}'
    (root / "SH030" / NAME).write_bytes(newer)

    with pytest.raises(FileError) as told:
        stamp(root / "SH030", root, ANIMATION)

    assert str(told.value) == (
        f"The stamp {root}/SH030/{NAME} cannot be changed.\n"
        f"  tried  {root}/SH030/{NAME}: written by a newer Kitsu Launcher\n"
        "  next   Update Kitsu Launcher."
    )
    assert (root / "SH030" / NAME).read_bytes() == newer


def test_a_folder_in_its_place_is_told_and_nothing_is_left(root: Path) -> None:
    (root / "SH030" / NAME).mkdir()

    with pytest.raises(FileError, match="could not be written"):
        stamp(root / "SH030", root, ANIMATION)

    assert os.listdir(root / "SH030") == [NAME]


def test_no_stamp_is_written_outside_the_root(root: Path, tmp_path: Path) -> None:
    """Real: a link that leads out of the root."""
    (tmp_path / "outside").mkdir()
    (root / "SH040").symlink_to(tmp_path / "outside")

    with pytest.raises(OutsideRoot):
        stamp(root / "SH040", root, ANIMATION)

    assert os.listdir(tmp_path / "outside") == []
