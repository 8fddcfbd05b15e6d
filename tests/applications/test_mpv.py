"""mpv on a real display, started with our argument list, and asked over its JSON interface."""

import subprocess
from pathlib import Path

import pytest

from launcher.plan.argv import argv
from tests.support.catalogue import app
from tests.support.desktop import Display, wait_until
from tests.support.needs import needs
from tests.support.players import ask_mpv
from tests.support.real import Find, Run

pytestmark = needs("mpv", "ffmpeg")

NAMES = ["-dash.mp4", "a b é日本.mp4", "#50%20.mp4", "x:?[]{}*.mp4"]


@pytest.fixture
def clips(tmp_path: Path) -> list[Path]:
    """Two seconds of colour, under names that hurt."""
    folder = tmp_path / "clips"
    folder.mkdir()
    first = folder / "first.mp4"
    picture = ["-f", "lavfi", "-i", "color=red:s=64x64:d=2:r=24"]
    subprocess.run(["ffmpeg", "-v", "error", *picture, str(first)], check=True, timeout=60)
    files = [folder / name for name in NAMES]
    for file in files:
        file.write_bytes(first.read_bytes())
    return files


def start(run: Run, tmp_path: Path, *files: Path) -> tuple[Path, "subprocess.Popen[bytes]"]:
    pipe = tmp_path / "s"
    extra = ["--no-config", "--vo=x11", "--ao=null", "--pause", f"--input-ipc-server={pipe}"]
    process = run(list(argv(app("mpv"), Path("/usr/bin/mpv"), files, extra, None, False)))
    return pipe, process


async def test_the_check_tells_the_version(installed: Find):
    """Real: mpv."""
    assert (await installed("mpv")).version.count(".") >= 1


def test_every_file_of_a_selection_is_in_the_playlist(run: Run, tmp_path: Path, clips: list[Path], display: Display):
    """Real: mpv with a window; names that look like options, URLs and wildcards."""
    pipe, _ = start(run, tmp_path, *clips)
    wait_until(lambda: pipe.exists() and ask_mpv(pipe, "path"), 20, "a file in mpv")

    assert ask_mpv(pipe, "path") == str(clips[0])
    assert [entry["filename"] for entry in ask_mpv(pipe, "playlist")] == [str(clip) for clip in clips]
    assert (ask_mpv(pipe, "keep-open"), ask_mpv(pipe, "ytdl")) == (True, False)
    assert display.title(display.wait_for_window("-dash.mp4")) == "-dash.mp4 - mpv"


def test_each_of_the_names_plays(run: Run, tmp_path: Path, clips: list[Path]):
    """Real: mpv, to the end of every file, without a window."""
    command = argv(app("mpv"), Path("/usr/bin/mpv"), clips, ["--no-config", "--vo=null", "--ao=null"], None, False)
    quick = ["--keep-open=no", "--force-window=no", "--untimed"]
    assert run([command[0], *command[1:-5], *quick, *command[-5:]]).wait(60) == 0


def test_without_a_file_the_window_stays(run: Run, tmp_path: Path, display: Display):
    """Real: mpv with a window."""
    pipe, process = start(run, tmp_path)
    wait_until(lambda: pipe.exists() and ask_mpv(pipe, "idle-active"), 20, "an idle mpv")
    assert display.title(display.wait_for_window("No file - mpv")) == "No file - mpv"
    assert process.poll() is None


def test_a_file_that_cannot_be_played_ends_it_with_a_code(run: Run, tmp_path: Path):
    """Real: mpv; the launch's page tells of an exit code other than 0."""
    broken = tmp_path / "broken.mp4"
    broken.write_text("no film")
    _, process = start(run, tmp_path, broken)
    assert process.wait(30) == 2
