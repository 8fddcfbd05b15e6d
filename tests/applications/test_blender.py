"""Blender on a real display, started with our argument list, and asked over its own Python."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from launcher.catalogue import STARTUP
from launcher.plan.argv import argv
from launcher.plan.environment import context
from tests.support.catalogue import PERSON, app, shot
from tests.support.desktop import Display, wait_until
from tests.support.needs import needs
from tests.support.real import Find, Run, read_json

pytestmark = needs("blender")

ASK = """
import bpy, json, os
scene = bpy.context.scene
answer = {
    "file": bpy.data.filepath,
    "dirty": bpy.data.is_dirty,
    "frames": [scene.frame_start, scene.frame_end, scene.frame_current],
    "fps": [scene.render.fps, round(scene.render.fps_base, 6)],
    "resolution": [scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage],
    "objects": sorted(bpy.data.objects.keys()),
    "backups": bpy.context.preferences.filepaths.save_version,
}
with open(os.environ["ANSWER"] + ".part", "w") as file:
    json.dump(answer, file)
os.rename(file.name, os.environ["ANSWER"])
"""
TITLE = "E01/SQ010/SH030/Animation – Big Buck Bunny · Blender"
Open = Callable[..., dict[str, Any]]


@pytest.fixture
def opened(run: Run, tmp_path: Path) -> Open:
    """Start Blender as a plan does, and ask it what it has."""
    (tmp_path / "ask.py").write_text(ASK)

    def start(*files: Path, file: Path | None, new: bool, then: str = "", **changes: object) -> dict[str, Any]:
        (tmp_path / "then.py").write_text(then)
        content = context([shot(**changes)], PERSON, "https://k", "open", "blender", file, new)
        (tmp_path / "context.json").write_text(json.dumps(content))
        script = STARTUP / "blender.py"
        argument_list = argv(app("blender"), Path("/usr/bin/blender"), files, (), script, False)
        after = ["--python", str(tmp_path / "ask.py"), "--python", str(tmp_path / "then.py")]
        answer = tmp_path / "answer.json"
        run([*argument_list, *after], {"KITSU_CONTEXT": str(tmp_path / "context.json"), "ANSWER": str(answer)})
        return read_json(answer)

    return start


@pytest.fixture
def made(run: Run, tmp_path: Path) -> Iterator[Path]:
    """A working file that an artist saved before, with an object and settings of her own."""
    file = tmp_path / "SH030 é_v001.blend"
    text = (
        "import bpy; s = bpy.context.scene; s.frame_start, s.frame_end, s.render.fps = 5, 50, 12; "
        "bpy.data.objects['Cube'].name = 'Robot'; "
        f"bpy.ops.wm.save_as_mainfile(filepath={str(file)!r})"
    )
    assert run(["/usr/bin/blender", "-b", "--factory-startup", "--python-expr", text]).wait(60) == 0
    return file


async def test_the_check_tells_the_version(installed: Find):
    """Real: Blender."""
    found = await installed("blender")
    assert found.version.count(".") == 2
    assert found.label == f"Blender {found.version}"


def test_a_new_scene_has_the_tasks_settings_and_is_saved(opened: Open, display: Display, tmp_path: Path):
    """Real: Blender with a window; nothing is in the folder but the new file, not even a backup of it."""
    folder = tmp_path / "shots"
    folder.mkdir()
    file = folder / "SH030 é_v001.blend"

    answer = opened(file=file, new=True)

    assert answer == {
        "file": str(file),
        "dirty": False,
        "frames": [1001, 1096, 1001],
        "fps": [24, 1.001],
        "resolution": [2048, 858, 100],
        "objects": ["Camera", "Cube", "Light"],
        "backups": 1,
    }
    assert [one.name for one in folder.iterdir()] == [file.name]
    window = display.wait_for_window("^E01/SQ010/SH030/Animation")
    assert display.title(window) == f"{TITLE} [{file}]"


def test_a_new_scene_keeps_what_kitsu_does_not_know(opened: Open, tmp_path: Path):
    """Real: Blender with a window."""
    answer = opened(file=None, new=True, frames=None, fps=None, resolution=None)
    assert (answer["file"], answer["frames"][:2], answer["resolution"]) == ("", [1, 250], [1920, 1080, 100])


def test_an_existing_working_file_is_opened_as_the_artist_left_it(opened: Open, display: Display, made: Path):
    """Real: Blender with a window."""
    before = made.read_bytes()

    answer = opened(made, file=made, new=False)

    assert (answer["file"], answer["objects"]) == (str(made), ["Camera", "Light", "Robot"])
    assert (answer["frames"][:2], answer["fps"]) == ([5, 50], [12, 1.0])
    assert display.title(display.wait_for_window("^E01/SQ010/SH030/Animation")) == f"{TITLE} [{made}]"
    assert made.read_bytes() == before


def test_a_copied_template_gets_the_settings_and_waits_to_be_saved(opened: Open, made: Path):
    """Real: Blender with a window."""
    before = made.read_bytes()
    answer = opened(made, file=made, new=True)
    assert (answer["objects"], answer["frames"][:2]) == (["Camera", "Light", "Robot"], [1001, 1096])
    assert made.read_bytes() == before


def test_a_file_that_came_in_between_is_never_overwritten(opened: Open, tmp_path: Path):
    """Real: Blender with a window; somebody else made the file after the plan."""
    file = tmp_path / "theirs.blend"
    file.write_bytes(b"theirs")
    assert opened(file=file, new=True)["file"] == ""
    assert file.read_bytes() == b"theirs"


def test_a_link_is_not_followed_to_a_new_file(opened: Open, tmp_path: Path):
    """Real: Blender with a window."""
    (tmp_path / "link.blend").symlink_to(tmp_path / "elsewhere.blend")
    assert opened(file=tmp_path / "link.blend", new=True)["file"] == ""
    assert not (tmp_path / "elsewhere.blend").exists()


def test_a_folder_that_cannot_be_written_is_one_line_and_blender_goes_on(opened: Open, tmp_path: Path):
    """Real: Blender with a window."""
    file = tmp_path / "nowhere" / "a.blend"
    answer = opened(file=file, new=True)
    assert (answer["file"], answer["frames"][:2]) == ("", [1001, 1096])
    told = [line for line in (tmp_path / "log").read_text().splitlines() if "kitsu-launcher" in line]
    assert told == [f"kitsu-launcher: {str(file)!r} was not saved: [Errno 2] No such file or directory: {str(file)!r}"]


def test_the_task_stays_in_the_title_when_blender_writes_its_own(opened: Open, display: Display, tmp_path: Path):
    """Real: Blender with a window, whose file is saved under another name two seconds later."""
    other = tmp_path / "other.blend"
    then = f"""
import bpy
bpy.app.timers.register(lambda: bpy.ops.wm.save_as_mainfile(filepath={str(other)!r}) and None, first_interval=2)
"""
    opened(file=None, new=False, then=then)
    display.wait_for_window("^E01/SQ010/SH030/Animation")
    wait_until(other.is_file, 20, "the other file")
    assert display.title(display.wait_for_window(r"^E01/.*other\.blend")) == f"{TITLE} [{other}]"


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"new": true, "task": {"frame_in": "x", "frame_out": 1}}'])
def test_whatever_is_wrong_with_the_context_blender_starts(run: Run, tmp_path: Path, content: str | None):
    """Real: Blender, in the background."""
    (tmp_path / "ask.py").write_text(ASK)
    env = {"ANSWER": str(tmp_path / "answer.json")}
    if content is not None:
        (tmp_path / "context.json").write_text(content)
        env["KITSU_CONTEXT"] = str(tmp_path / "context.json")
    start = ["/usr/bin/blender", "-b", "--python-exit-code", "7", "--python", str(STARTUP / "blender.py")]

    assert run([*start, "--python", str(tmp_path / "ask.py")], env).wait(60) == 0

    assert read_json(tmp_path / "answer.json")["frames"] == [1, 250, 1]
    told = [line for line in (tmp_path / "log").read_text().splitlines() if line.startswith("kitsu-launcher: ")]
    assert len(told) == 1


@pytest.mark.parametrize("content", ["{}", '{"new": true, "task": null, "file": null}'])
def test_without_a_task_nothing_is_done(run: Run, tmp_path: Path, content: str):
    """Real: Blender, in the background."""
    (tmp_path / "context.json").write_text(content)
    start = ["/usr/bin/blender", "-b", "--python-exit-code", "7", "--python", str(STARTUP / "blender.py")]
    assert run(start, {"KITSU_CONTEXT": str(tmp_path / "context.json")}).wait(60) == 0
    assert "kitsu-launcher" not in (tmp_path / "log").read_text()


RATES = """
import bpy, json, os, runpy
answer = []
for fps in json.loads(os.environ["RATES"]):
    with open(os.environ["KITSU_CONTEXT"], "w") as file:
        json.dump({"new": True, "file": None, "task": {"fps": fps, "label": "x", "project": {"name": "y"}}}, file)
    runpy.run_path(os.environ["SCRIPT"])
    render = bpy.context.scene.render
    answer.append([render.fps, round(render.fps_base, 6)])
with open(os.environ["ANSWER"], "w") as file:
    json.dump({"rates": answer}, file)
"""


def test_frame_rates_are_what_blenders_own_presets_have(run: Run, tmp_path: Path):
    """Real: Blender, in the background. scripts/presets/framerate has 23.98, 29.97, 59.94 as N / 1.001."""
    rates = {24: [24, 1.0], 25.0: [25, 1.0], 23.976: [24, 1.001], 23.98: [24, 1.001], 29.97: [30, 1.001]}
    rates |= {59.94: [60, 1.001], 119.88: [120, 1.001], 12.5: [12, 0.96], 0.5: [1, 2.0], 60: [60, 1.0]}
    (tmp_path / "rates.py").write_text(RATES)
    env = {
        "RATES": json.dumps(list(rates)),
        "KITSU_CONTEXT": str(tmp_path / "context.json"),
        "SCRIPT": str(STARTUP / "blender.py"),
        "ANSWER": str(tmp_path / "answer.json"),
    }
    assert run(["/usr/bin/blender", "-b", "--python", str(tmp_path / "rates.py")], env).wait(60) == 0
    assert read_json(tmp_path / "answer.json")["rates"] == list(rates.values())
