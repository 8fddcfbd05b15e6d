"""VLC on a real display, started with our argument list, and asked over its remote control. It refuses root."""

import os
import subprocess
from pathlib import Path

import pytest

from launcher.plan.argv import argv
from tests.support.catalogue import app
from tests.support.desktop import wait_until
from tests.support.needs import needs
from tests.support.players import ask_vlc
from tests.support.real import Find, Run

pytestmark = [needs("vlc", "ffmpeg"), pytest.mark.skipif(os.getuid() == 0, reason="VLC refuses root")]

NAMES = ["-dash.mp4", "a b é.mp4", "-x :sout=#file{dst=sout.mp4}.mp4"]


async def test_the_check_tells_the_version(installed: Find):
    """Real: VLC."""
    assert (await installed("vlc")).version.startswith("3.")


def test_every_file_of_a_selection_is_in_the_playlist(run: Run, tmp_path: Path):
    """Real: VLC with a window; names that look like options, one of which would write a file."""
    folder = tmp_path / "clips"
    folder.mkdir()
    files = [folder / name for name in NAMES]
    picture = ["-f", "lavfi", "-i", "color=red:s=64x64:d=20:r=24"]
    subprocess.run(["ffmpeg", "-v", "error", *picture, str(folder / "first.mp4")], check=True, timeout=60)
    for file in files:
        file.write_bytes((folder / "first.mp4").read_bytes())
    pipe = tmp_path / "s"
    extra = ["--no-qt-privacy-ask", "--aout=none", "--extraintf=oldrc", f"--rc-unix={pipe}", "--rc-fake-tty"]

    run(list(argv(app("vlc"), Path("/usr/bin/vlc"), files, extra, None, False)))

    wait_until(lambda: pipe.exists() and "-dash.mp4" in ask_vlc(pipe, "status"), 40, "a file in VLC")
    playlist = ask_vlc(pipe, "playlist")
    assert [name for name in NAMES if name in playlist] == NAMES
    assert "play state: 3" in ask_vlc(pipe, "status")  # 3: playing
    assert not list(tmp_path.rglob("sout.mp4"))
    assert sorted(one.name for one in folder.iterdir()) == sorted([*NAMES, "first.mp4"])
