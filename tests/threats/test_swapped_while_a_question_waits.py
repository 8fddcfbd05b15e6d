"""A colleague who may write to the share changes it while a question waits: what she agreed to is what is done."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

from launcher.launches import JOIN_S
from launcher.opennote import content_of, name_beside
from launcher.stamps import NAME
from tests.clicks.test_renamed import rename
from tests.support.sample import SampleStudio


def folder_of(studio: SampleStudio, shot: str) -> Path:
    return studio.prod / "FT/shots/SQ010" / shot


def answered(studio: SampleStudio, launch: str, choose: str) -> None:
    studio.daemon.ask("POST", f"/door/launches/{launch}/answer", {"choose": choose})


def test_what_was_found_under_another_name_is_opened_only_if_it_is_still_that(sample_studio: SampleStudio) -> None:
    """Real: daemon, sample Kitsu, disk. A stamp and a higher revision are planted in a folder beside it meanwhile."""
    sample_studio.clicked(sample_studio.form())
    task = sample_studio.task()
    rename(sample_studio, "SH015")
    asks = sample_studio.clicked(sample_studio.form("open", task), "asks")
    old = folder_of(sample_studio, "SH010") / "SH010_v001.txt"
    assert str(old) in asks["question"]["reasons"][0]
    evil = folder_of(sample_studio, "A")
    evil.mkdir()
    stamp = json.loads((old.parent / NAME).read_text())
    stamp["marks"][0] |= {"label": "SQ010/A", "names": {**stamp["marks"][0]["names"], "entity": "A"}}
    (evil / NAME).write_text(json.dumps(stamp))
    (evil / "A_v099.txt").write_text("evil")

    answered(sample_studio, asks["id"], "found")

    again = sample_studio.settled(asks["id"], "asks")
    assert again["processes"] == []
    assert again["question"]["reasons"] == [
        f"SQ010/SH015/Animation has no working file in {folder_of(sample_studio, 'SH015')}, but {evil / 'A_v099.txt'} "
        "is its work from when it was called SQ010/A."
    ]
    answered(sample_studio, asks["id"], "found")
    assert sample_studio.settled(asks["id"], "done")["processes"][0]["file"] == str(evil / "A_v099.txt")


def test_anyway_is_the_answer_about_the_file_that_was_named(sample_studio: SampleStudio) -> None:
    """Real: daemon, sample Kitsu, disk. Another revision, which somebody else has open, appears meanwhile."""
    folder = folder_of(sample_studio, "SH010")
    folder.mkdir(parents=True)

    def note(file: str, person: str) -> str:
        (folder / file).touch()
        (folder / name_beside(file)).write_text(content_of(person, "host", "Notes", datetime.now(UTC)))
        return f"{person} has {file} open already: in Notes on host, since "

    first = note("SH010_v001.txt", "Bob")
    asks = sample_studio.clicked(sample_studio.form(), "asks")
    assert [reason.startswith(first) for reason in asks["question"]["reasons"]] == [True]
    second = note("SH010_v900.txt", "Eve")

    answered(sample_studio, asks["id"], "anyway")

    again = sample_studio.settled(asks["id"], "asks")
    assert [reason.startswith(second) for reason in again["question"]["reasons"]] == [True]
    assert again["processes"] == []


def test_an_answer_that_a_terminal_gives_beforehand_is_about_whatever_is_there(sample_studio: SampleStudio) -> None:
    """Real: as above, by `--choose`."""
    sample_studio.clicked(sample_studio.form())
    rename(sample_studio, "SH015")
    time.sleep(JOIN_S)

    done = sample_studio.daemon.cli("run", "open", "--task", sample_studio.task(), "--choose", "found")

    assert done.returncode == 0, done.stdout + done.stderr
    assert str(folder_of(sample_studio, "SH010") / "SH010_v001.txt") in done.stdout
