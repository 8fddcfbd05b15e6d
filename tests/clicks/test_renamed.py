"""A shot that is renamed in Kitsu between two clicks: the second one asks instead of beginning an empty scene."""

import json
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from launcher.launches import JOIN_S
from launcher.stamps import NAME
from tests.support.sample import SampleStudio
from tests.support.studio import SAMPLE_ACTION, WORKING_FILE, Studio

MAKES = SAMPLE_ACTION.replace('when_missing = "empty"', 'when_missing = { copy = "{roots.prod}/first.txt" }')
SHOT = "Animation SH010"


@pytest.fixture
def called(studio: Studio) -> Iterator["Calls"]:
    """Renames a shot in Zou; afterwards it is called as before."""
    calls = Calls(studio)
    before = calls.name()
    yield calls
    calls.name(before)


class Calls:
    """The entity of the shot, as an administrator changes it."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        admin = studio.zou.admin
        answer = self._ask("auth/login", {"email": admin.email, "password": admin.password}, "POST")
        self.token = answer["access_token"]
        self.entity = self._ask(f"data/tasks/{studio.zou.task(SHOT)}")["entity_id"]

    def name(self, new: str | None = None) -> str:
        """What it is called; with a name, from now on."""
        change = {"name": new} if new else None
        return str(self._ask(f"data/entities/{self.entity}", change, "PUT" if new else "GET")["name"])

    def _ask(self, path: str, body: object = None, method: str = "GET") -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        if hasattr(self, "token"):
            headers["Authorization"] = f"Bearer {self.token}"
        data = json.dumps(body).encode() if body is not None else None
        with urlopen(Request(f"{self.studio.zou.url}/{path}", data, headers, method=method), timeout=30) as answer:
            return dict(json.loads(answer.read()))


def tree(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_shot_that_is_renamed_between_two_clicks_is_asked_about(studio: Studio, called: Calls) -> None:
    """Real: Zou, in which the shot is renamed; the daemon, the disk, a started program."""
    (studio.prod / "first.txt").write_text("first")
    studio.write(MAKES)
    first = Path(studio.done("sample", SHOT)["processes"][0]["file"])
    assert json.loads((first.parent / NAME).read_text())["marks"][0]["label"] == "SQ01/SH010"
    before = tree(studio.prod)
    time.sleep(JOIN_S)
    called.name("SH015")

    asks = studio.wait(studio.click("sample", SHOT), "asks")

    new = Path(str(first).replace("SH010", "SH015"))
    reason, note = asks["question"]["reasons"]
    assert reason == (
        f"SQ01/SH015/Animation has no working file in {new.parent}, but {first} is its work from when it was called "
        "SQ01/SH010."
    )
    assert note.startswith("SH010_v001.txt is open here already, in Sample, since ")
    assert asks["question"]["choices"] == ["found", "anyway"]
    assert tree(studio.prod) == before
    studio.daemon.ask("POST", f"/door/launches/{asks['id']}/answer", {"choose": "found"})
    launch = studio.wait(asks["id"], "running")
    assert launch["processes"][0]["file"] == str(first)
    assert studio.answers(2)[1]["argv"][1:] == [str(first)]
    assert tree(studio.prod) == before


def test_another_shot_that_gets_its_name_does_not_get_its_folder(studio: Studio, called: Calls) -> None:
    """Real: Zou, in which a shot is renamed and another one takes its name; the daemon, the disk."""
    (studio.prod / "first.txt").write_text("first")
    studio.write(MAKES)
    folder = Path(studio.done("sample", "Animation SH020")["processes"][0]["file"]).parent
    before = tree(studio.prod)
    called.name("SH020.")

    launch = studio.wait(studio.click("sample", SHOT), "refused")

    assert launch["error"] == {
        "code": "another-entity",
        "exit_code": 3,
        "problem": "The folder of SQ01/SH020./Animation holds the work of SQ01/SH020.",
        "tried": [
            f"{folder / NAME}: its stamp names SQ01/SH020",
            f"actions.sample.file = {WORKING_FILE}.txt gives {folder} for both",
        ],
        "next": "Rename one of the two in Kitsu, or ask your studio to tell them apart in the template. "
        "If SQ01/SH020 is no more, remove that stamp.",
    }
    assert tree(studio.prod) == before


def rename(studio: SampleStudio, name: str) -> None:
    """Rename the shot in the sample Kitsu; long enough after the last click for the next one to be another."""
    time.sleep(JOIN_S)
    tables = studio.studio.tables
    entity = str(tables["tasks"][studio.task()]["entity_id"])
    tables["entities"][entity] = {**tables["entities"][entity], "name": name}


def test_anyway_begins_a_new_scene_and_from_then_on_it_is_opened(sample_studio: SampleStudio) -> None:
    """Real: daemon, sample Kitsu, disk; a dry-run tells the same before."""
    sample_studio.clicked(sample_studio.form())
    task = sample_studio.task()
    rename(sample_studio, "SH015")
    dry = sample_studio.daemon.cli("run", "open", "--task", task, "--dry-run").stdout
    asks = sample_studio.clicked(sample_studio.form("open", task), "asks")
    assert f"asks first: {asks['question']['reasons'][0]}" in dry
    assert "note in " in dry

    sample_studio.daemon.ask("POST", f"/door/launches/{asks['id']}/answer", {"choose": "anyway"})

    launch = sample_studio.settled(asks["id"], "done")
    folder = sample_studio.prod / "FT/shots/SQ010/SH015"
    assert launch["processes"][0]["file"] == str(folder / "SH015_v001.txt")
    assert json.loads((folder / NAME).read_text())["marks"][0]["label"] == "SQ010/SH015"
    time.sleep(JOIN_S)
    assert sample_studio.clicked(sample_studio.form("open", task))["state"] == "done"


def test_the_journal_finds_it_where_no_stamp_could_be_written(sample_studio: SampleStudio) -> None:
    """Real: daemon, sample Kitsu, disk; something stands in the stamp's place, and the daemon was restarted."""
    folder = sample_studio.prod / "FT/shots/SQ010/SH010"
    (folder / NAME).mkdir(parents=True)
    first = sample_studio.clicked(sample_studio.form())
    assert first["state"] == "done"
    assert first["warnings"] == [
        f"The stamp {folder / NAME} was not read: not a file.",
        f"If SQ010/SH010 is renamed in Kitsu, this folder will not be found again: {folder / NAME}: Is a directory.",
    ]
    task = sample_studio.task()
    rename(sample_studio, f"SH{uuid.uuid4().hex[:6]}")
    sample_studio.restart()
    sample_studio.log_in()

    asks = sample_studio.clicked(sample_studio.form("open", task), "asks")

    assert asks["question"]["reasons"][0].endswith(f"but {folder / 'SH010_v001.txt'} is its work.")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere: tests/run runs it as another user")
def test_a_folder_that_is_read_only_warns_and_is_opened(sample_studio: SampleStudio) -> None:
    """Real: daemon, sample Kitsu, disk."""
    folder = sample_studio.prod / "FT/shots/SQ010/SH010"
    folder.mkdir(parents=True)
    (folder / "SH010_v003.txt").touch()
    folder.chmod(0o555)

    launch = sample_studio.clicked(sample_studio.form())

    folder.chmod(0o755)
    assert launch["processes"][0]["argv"][1:] == [str(folder / "SH010_v003.txt")]
    assert launch["warnings"][-1] == (
        f"If SQ010/SH010 is renamed in Kitsu, this folder will not be found again: {folder / NAME}: Permission denied."
    )
    assert os.listdir(folder) == ["SH010_v003.txt"]
