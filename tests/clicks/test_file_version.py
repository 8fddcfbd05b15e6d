"""A click on a file that a newer Blender saved: it asks; yes opens it, no does not. With Debian's Blender."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.needs import needs
from tests.support.sample import Make, SampleStudio

pytestmark = needs("blender")
ACTION = """
[actions.blender]
title = "Open in Blender"
kind = "launch"
app = "blender"
file = "{roots.prod}/{entity.name}_v{revision:03}.blend"
args = ["-b", "--factory-startup"]
[apps.blender]
executable = "/usr/bin/blender"
script = ""
"""


@pytest.fixture
def studio(make_studio: Make) -> SampleStudio:
    return make_studio(more=ACTION)


@pytest.fixture(scope="module")
def version() -> str:
    """As Debian's Blender tells it, as in "3.4.1"."""
    return subprocess.run(["blender", "--version"], capture_output=True, text=True, timeout=60).stdout.split()[1]


def save(file: Path, header: bytes = b"") -> None:
    """Real: Blender saves its first scene; then the file says that another version did."""
    text = f"import bpy; bpy.ops.wm.save_as_mainfile(filepath={str(file)!r}, compress=False)"
    command = ["blender", "-b", "--factory-startup", "--python-expr", text]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    content = file.read_bytes()
    file.write_bytes((header or content[:12]) + content[12:])


def answered(studio: SampleStudio, launch: dict[str, Any], word: str) -> dict[str, Any]:
    """Answer the question as the page's button does, at the private door; what became of the launch."""
    studio.daemon.ask("POST", f"/door/launches/{launch['id']}/answer", {"yes": word == "yes"})
    return studio.settled(launch["id"], "done", "failed", "refused", seconds=60)


def test_a_newer_file_asks_and_yes_opens_it(studio: SampleStudio, version: str) -> None:
    """Real: daemon, sample Kitsu, Blender, which says what it reads."""
    file = studio.prod / "SH010_v001.blend"
    save(file, b"BLENDER-v405")

    asks = studio.clicked(studio.form("blender"))

    assert asks["state"] == "asks"
    assert asks["question"]["reasons"] == [
        f"SH010_v001.blend was saved by Blender 4.5. The newest that fits here is {version}: it may lose what it does"
        " not know, or not open the file at all."
    ]
    assert asks["processes"] == []
    done = answered(studio, asks, "yes")
    assert (done["state"], [process["exit_code"] for process in done["processes"]]) == ("done", [0])
    assert f"Read blend: {file}" in Path(done["processes"][0]["log"]).read_text().replace('"', "")


def test_no_opens_nothing(studio: SampleStudio) -> None:
    """Real: daemon, sample Kitsu; a file in the header of Blender 5."""
    (studio.prod / "SH010_v001.blend").write_bytes(b"BLENDER17-01v0500" + bytes(1000))

    refused = answered(studio, studio.clicked(studio.form("blender")), "no")

    assert (refused["state"], refused["processes"]) == ("refused", [])


def test_a_file_that_blender_cannot_read_at_all_is_told_in_its_own_words(studio: SampleStudio) -> None:
    """Real: Blender, on a header that is newer than all it knows."""
    (studio.prod / "SH010_v001.blend").write_bytes(b"BLENDER17-01v0500" + bytes(1000))

    ended = answered(studio, studio.clicked(studio.form("blender")), "yes")

    assert ended["state"] == "failed"
    assert [line for line in ended["error"]["tried"] if "SH010_v001.blend" in line and "not a blend file" in line]


def test_its_own_version_and_an_unknown_one_open_unasked(studio: SampleStudio) -> None:
    """Real: Blender, on its own file, and on one whose header says nothing."""
    file = studio.prod / "SH010_v001.blend"
    save(file)
    assert studio.clicked(studio.form("blender"), "done", "asks")["state"] == "done"
    shutil.copy("/dev/null", studio.prod / "SH010_v002.blend")

    assert studio.clicked(studio.form("blender"), "done", "failed", "asks")["state"] != "asks"
