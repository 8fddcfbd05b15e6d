"""T19 and T23: whoever may write to the project puts something else where a working file is looked for."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.sample import SampleStudio

FOLDER = "FT/shots/SQ010/SH010"


def folder_of(studio: SampleStudio) -> Path:
    folder = studio.prod / FOLDER
    folder.mkdir(parents=True)
    return folder


def loop(studio: SampleStudio) -> None:
    (studio.prod / "FT/shots/SQ010").mkdir(parents=True)
    (studio.prod / FOLDER).symlink_to("SH010")


def many(studio: SampleStudio) -> None:
    folder = folder_of(studio)
    for number in range(10_001):
        os.mknod(folder / f"x{number}")


def a_file_for_a_folder(studio: SampleStudio) -> None:
    (studio.prod / "FT/shots").mkdir(parents=True)
    (studio.prod / "FT/shots/SQ010").write_text("")


def a_pipe_for_the_template(studio: SampleStudio) -> None:
    (studio.prod / "first.txt").unlink()
    os.mkfifo(studio.prod / "first.txt")


def a_folder_for_the_template(studio: SampleStudio) -> None:
    (studio.prod / "first.txt").unlink()
    (studio.prod / "first.txt").mkdir()


def a_device_for_the_template(studio: SampleStudio) -> None:
    (studio.prod / "first.txt").unlink()
    (studio.prod / "first.txt").symlink_to("/dev/zero")


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (loop, "unreadable"),
        (many, "unreadable"),
        (a_file_for_a_folder, "file"),
        (a_pipe_for_the_template, "file"),
        (a_folder_for_the_template, "template-file"),
        (a_device_for_the_template, "outside root"),
    ],
)
def test_it_is_told_at_once_starts_nothing_and_the_next_click_works(
    sample_studio: SampleStudio, make: Callable[[SampleStudio], None], code: str
) -> None:
    """Real: daemon, sample Kitsu, disk."""
    make(sample_studio)
    began = time.monotonic()

    launch = sample_studio.clicked(sample_studio.form("open"))

    assert time.monotonic() - began < 5
    assert launch["state"] in ("failed", "refused")
    assert launch["error"]["code"] == code, launch["error"]
    assert launch["error"]["next"]
    assert sample_studio.notes() == []
    assert sample_studio.clicked(sample_studio.form("title"))["state"] == "done"


def test_names_that_only_look_like_revisions_are_not_taken(sample_studio: SampleStudio) -> None:
    """Real: daemon, sample Kitsu, disk; names of other bytes, other digits, other endings, and far too many digits."""
    folder = folder_of(sample_studio)
    (folder / "SH010_v002.txt").write_text("hers")
    for name in (
        "SH010_v٣٣٣.txt",
        "SH010_v003.txt\n",
        "SH010_v003.txt.exe",
        "SH010_v003.TXT",
        "SH010_v-03.txt",
        f"SH010_v{'9' * 19}.txt",
        "SH010_v004.txt/..",
        ".SH010_v005.txt",
    ):
        (folder / name.replace("/", "_")).write_text("not hers")
    (Path(os.fsdecode(os.fsencode(folder) + b"/SH010_v006\xff.txt"))).write_text("not hers")

    launch = sample_studio.clicked(sample_studio.form("open"))

    assert launch["processes"][0]["argv"][1:] == [str(folder / "SH010_v002.txt")]


def test_a_pipe_for_a_working_file_holds_up_nobody_but_its_application(sample_studio: SampleStudio) -> None:
    """Real: daemon, sample Kitsu, disk; whoever opens a pipe waits until somebody writes into it."""
    folder = folder_of(sample_studio)
    os.mkfifo(folder / "SH010_v001.txt")

    launch = sample_studio.clicked(sample_studio.form("open"))

    assert launch["state"] == "done"
    assert sample_studio.notes()[0]["argv"] == [str(folder / "SH010_v001.txt")]
    assert sample_studio.clicked(sample_studio.form("title"))["state"] == "done"
