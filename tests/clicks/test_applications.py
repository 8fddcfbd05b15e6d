"""The applications themselves, started by clicks, are asked what they have opened, each by its own interface."""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.desktop import wait_until
from tests.support.needs import needs
from tests.support.players import ask_mpv, ask_vlc
from tests.support.real import read_json
from tests.support.studio import WORKING_FILE, Studio

ASK_BLENDER = """
import bpy, json, os

def ask():
    scene = bpy.context.scene
    answer = {
        "file": bpy.data.filepath,
        "frames": [scene.frame_start, scene.frame_end],
        "fps": round(scene.render.fps / scene.render.fps_base, 3),
        "resolution": [scene.render.resolution_x, scene.render.resolution_y],
        "objects": sorted(bpy.data.objects.keys()),
    }
    with open(os.environ["ANSWER"] + ".part", "w") as file:
        json.dump(answer, file)
    os.rename(file.name, os.environ["ANSWER"])

bpy.app.timers.register(ask, first_interval=0.2, persistent=True)
"""
"""The studio's own script stands before the file: what it asks must wait until the file is there."""
BLENDER = f"""
[actions.blender]
title = "Open in Blender"
kind = "launch"
app = "blender"
file = "{WORKING_FILE}.blend"
args = ["--python", "{{roots.prod}}/ask.py"]
env.ANSWER = "{{roots.prod}}/{{task.id}}.json"
"""
COPIES = 'when_missing = { copy = "{roots.prod}/templates/{task_type.name|slug}.blend" }\n'
EMPTY = 'when_missing = "empty"\n'


def blender(studio: Studio, task: str, more: str = "") -> tuple[dict[str, Any], dict[str, Any]]:
    """Click, and what the Blender then says of itself: the launch and the answer."""
    studio.write(BLENDER + more)
    (studio.prod / "ask.py").write_text(ASK_BLENDER)
    launch = studio.done("blender", task)
    return launch, read_json(studio.prod / f"{studio.zou.task(task)}.json")


@needs("blender")
def test_blender_has_the_newest_working_file_as_the_artist_left_it(studio: Studio, blend: Path):
    """Real: Zou, the daemon, Blender with its window, asked over its own Python."""
    folder = studio.prod / "LS" / "shots" / "SQ01" / "SH010" / "animation"
    folder.mkdir(parents=True)
    for name in ("SH010_v001.blend", "SH010_v002.blend", "SH010_v003.blend", "SH010_v003.blend1", "SH020_v009.blend"):
        shutil.copy(blend, folder / name)

    launch, answer = blender(studio, "Animation SH010")

    assert answer == {
        "file": str(folder / "SH010_v003.blend"),
        "frames": [5, 50],
        "fps": 12,
        "resolution": [1920, 1080],
        "objects": ["Camera", "Light", "Robot"],
    }
    assert launch["processes"][0]["file"] == answer["file"]
    window = studio.display.wait_for_window("^SQ01/SH010/Animation")
    assert studio.display.title(window) == f"SQ01/SH010/Animation – Lab Short · Blender [{answer['file']}]"


@needs("blender")
def test_blender_has_a_first_file_from_a_template_with_the_shots_own_settings(studio: Studio, blend: Path):
    """Real: Zou, the daemon, Blender. SH030 has its own fps and resolution; the others have the production's."""
    (studio.prod / "templates").mkdir()
    shutil.copy(blend, studio.prod / "templates" / "animation.blend")

    launch, answer = blender(studio, "Animation SH030", COPIES)

    file = studio.prod / "LS" / "shots" / "SQ01" / "SH030" / "animation" / "SH030_v001.blend"
    assert answer == {
        "file": str(file),
        "frames": [1001, 1102],
        "fps": 30,
        "resolution": [3840, 2160],
        "objects": ["Camera", "Light", "Robot"],
    }
    assert [step.split()[0] for step in launch["steps"]] == ["make", "leave", "copy", "write", "start", "note"]
    assert file.read_bytes() == blend.read_bytes()


@needs("blender")
def test_blender_begins_an_empty_file_with_the_productions_settings(studio: Studio):
    """Real: Zou, the daemon, Blender. A TV show: the episode is in the path, and 23.976 frames are a second."""
    _, answer = blender(studio, "TV Animation", EMPTY)

    file = studio.prod / "LTV" / "shots" / "E01" / "SQ01" / "SH0010" / "animation" / "SH0010_v001.blend"
    assert answer == {
        "file": str(file),
        "frames": [1, 48],
        "fps": 23.976,
        "resolution": [1280, 720],
        "objects": ["Camera", "Cube", "Light"],
    }
    assert file.stat().st_size > 100_000
    studio.display.wait_for_window("^E01/SQ01/SH0010/Animation – Lab TV · Blender")


@needs("blender")
def test_blender_outlives_a_killed_daemon_and_its_end_is_told_by_the_next(studio: Studio):
    """Real: Zou, two daemons after each other, Blender with its window."""
    launch, _ = blender(studio, "Animation SH020", EMPTY)
    pid = launch["processes"][0]["pid"]

    studio.daemon.stop(signal.SIGKILL)
    studio.start()

    assert studio.launch(launch["id"])["state"] == "running"
    assert pid in studio.applications()
    window = studio.display.wait_for_window("^SQ01/SH020/Animation")
    subprocess.run(["xdotool", "windowclose", str(window)], env=studio.display.environment, check=True, timeout=20)
    assert studio.wait(launch["id"], "done")["processes"][0]["ended"]


# -- players ---------------------------------------------------------------------------------------------------------
PLAY = """
[actions.play]
title = "Play"
kind = "launch"
app = "{app}"
file = "{{roots.prod}}/{{project.name}}/{{entity.path}}/{{task_type.name}}/{{entity.name}}_v{{revision:03}}.mp4"
when_missing = {{ copy = "{{roots.prod}}/clip.mp4" }}
selection = "all"
limit = 40
args = [{args}]
"""


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty seconds of red."""
    file = tmp_path_factory.mktemp("clip") / "clip.mp4"
    picture = ["-f", "lavfi", "-i", "color=red:s=64x64:d=20:r=24"]
    subprocess.run(["ffmpeg", "-v", "error", *picture, str(file)], check=True, timeout=60)
    return file


def play_all_nasty(studio: Studio, app: str, clip: Path, *args: str) -> tuple[dict[str, Any], list[str]]:
    """Click on every task whose name tries to break something; the launch, and the files that it made."""
    shutil.copy(clip, studio.prod / "clip.mp4")
    studio.write(PLAY.format(app=app, args=", ".join(map(json.dumps, args))))
    tasks = [one["task"] for one in studio.zou.ids["nasty"].values()]

    launch = studio.done("play", *tasks, seconds=60)
    made = [str(path) for path in studio.prod.rglob("*.mp4") if path.name != "clip.mp4"]
    assert len(made) == len(tasks)
    assert all(len(Path(path).relative_to(studio.prod).parts) == 6 for path in made), made
    assert not [path for path in studio.home.rglob("*") if path.name in ("x", "y")]  # as "$(touch x)`y`" would leave
    return launch, made


@needs("mpv", "ffmpeg")
def test_mpv_plays_exactly_the_files_of_tasks_with_names_that_hurt(studio: Studio, clip: Path):
    """Real: Zou's hostile names asked by lists, the daemon, mpv with its window, asked over its JSON interface."""
    pipe = studio.home / "mpv"
    options = ("--no-config", "--vo=x11", "--ao=null", "--pause", f"--input-ipc-server={pipe}")

    launch, made = play_all_nasty(studio, "mpv", clip, *options)

    wait_until(lambda: pipe.exists() and ask_mpv(pipe, "path"), 20, "a file in mpv")
    playlist = [entry["filename"] for entry in ask_mpv(pipe, "playlist")]
    assert sorted(playlist) == sorted(made)
    assert ask_mpv(pipe, "path") == playlist[0] == launch["processes"][0]["file"]
    assert ask_mpv(pipe, "duration") == pytest.approx(20, abs=0.1)
    assert studio.applications() == [launch["processes"][0]["pid"]]


@needs("vlc", "ffmpeg")
@pytest.mark.skipif(os.getuid() == 0, reason="VLC refuses root")
def test_vlc_plays_exactly_the_files_of_tasks_with_names_that_hurt(studio: Studio, clip: Path):
    """Real: Zou's hostile names, the daemon, VLC with its window, asked over its remote control."""
    pipe = studio.home / "vlc"
    options = ("--no-qt-privacy-ask", "--aout=none", "--extraintf=oldrc", f"--rc-unix={pipe}", "--rc-fake-tty")

    launch, made = play_all_nasty(studio, "vlc", clip, *options)

    first = Path(launch["processes"][0]["file"])
    wait_until(lambda: pipe.exists() and "play state: 3" in ask_vlc(pipe, "status"), 40, "a film in VLC")
    assert "clip" not in ask_vlc(pipe, "status")
    playlist = ask_vlc(pipe, "playlist")
    assert [path for path in made if Path(path).name not in playlist] == []
    assert first.name in playlist


@needs("krita", "ffmpeg")
def test_krita_opens_the_newest_picture(studio: Studio):
    """Real: Zou, the daemon, Krita with its window, whose title names the file."""
    studio.write(
        f"""
[actions.paint]
title = "Paint"
kind = "launch"
app = "krita"
file = "{WORKING_FILE}.png"
"""
    )
    folder = studio.prod / "LS" / "assets" / "Props" / "Lamp" / "modeling"
    folder.mkdir(parents=True)
    picture = ["-f", "lavfi", "-i", "color=red:s=64x64", "-frames:v", "1"]
    for name in ("Lamp_v001.png", "Lamp_v002.png"):
        subprocess.run(["ffmpeg", "-v", "error", *picture, str(folder / name)], check=True, timeout=60)

    launch = studio.done("paint", "Modeling Lamp")

    assert launch["processes"][0]["file"] == str(folder / "Lamp_v002.png")
    studio.display.wait_for_window(r"Lamp_v002\.png", 60)
