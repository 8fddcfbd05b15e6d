"""Krita on a real display, started with our argument list; its windows and its exit tell what it opened."""

import subprocess
from pathlib import Path

from launcher.plan.argv import argv
from tests.support.catalogue import app
from tests.support.desktop import Display
from tests.support.needs import needs
from tests.support.real import Find, Run

pytestmark = needs("krita", "ffmpeg")


async def test_the_check_tells_the_version_without_a_display(installed: Find, monkeypatch):
    """Real: Krita, as a service or a terminal over ssh asks it."""
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert (await installed("krita")).version.count(".") == 2


def test_a_picture_with_a_name_that_hurts_is_opened(run: Run, tmp_path: Path, display: Display):
    """Real: Krita with a window."""
    file = tmp_path / "-P SH030 é #50%20.png"
    picture = ["-f", "lavfi", "-i", "color=red:s=64x64", "-frames:v", "1"]
    subprocess.run(["ffmpeg", "-v", "error", *picture, "-f", "image2", str(file)], check=True, timeout=60)

    run(list(argv(app("krita"), Path("/usr/bin/krita"), [file], (), None, False)))

    window = display.wait_for_window(r"-P SH030 é #50%20\.png", seconds=90)
    assert "Krita" in display._run("xprop", "-id", str(window), "WM_CLASS") or "krita" in display.title(window).lower()


def test_a_second_start_gives_its_file_to_the_first_and_ends(run: Run, tmp_path: Path, display: Display):
    """Real: Krita, twice. What `hands_over` says of it."""
    first, second = tmp_path / "first.png", tmp_path / "second.png"
    for file in (first, second):
        picture = ["-f", "lavfi", "-i", "color=red:s=64x64", "-frames:v", "1"]
        subprocess.run(["ffmpeg", "-v", "error", *picture, "-f", "image2", str(file)], check=True, timeout=60)
    krita = app("krita")
    assert krita.hands_over
    run(list(argv(krita, Path("/usr/bin/krita"), [first], (), None, False)))
    display.wait_for_window(r"first\.png", seconds=90)

    again = run(list(argv(krita, Path("/usr/bin/krita"), [second], (), None, False)))

    assert again.wait(60) == 0
    display.wait_for_window(r"second\.png", seconds=60)
