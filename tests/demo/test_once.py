"""The first thing a newcomer runs."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.desktop import Display
from tests.support.needs import needs


def demo(*args: str, **changes: str) -> subprocess.CompletedProcess[str]:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "KITSU_LAUNCHER_HOME")
    env = {name: value for name, value in os.environ.items() if name not in hidden} | changes
    argv = [sys.executable, "-m", "launcher", "demo", *args]
    return subprocess.run(argv, env=env, capture_output=True, text=True, timeout=180, check=False)


def test_without_a_display_it_clicks_by_itself_and_says_what_was_started(tmp_path: Path):
    """Real: the whole demo as a process of its own: sample Kitsu, daemon, Kitsu's bytes, a started program."""
    done = demo(TMPDIR=str(tmp_path))

    first, *lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout + done.stderr
    assert first == "There is no display, so the demo clicks by itself."
    assert lines[1] == "Open in the sample program (form): done"
    assert lines[2].endswith("'launcher' 'demo' '--sample-program' '" + lines[3].split()[1] + "'")
    assert lines[3].startswith(f"  file: {tmp_path}/kitsu-demo-")
    assert lines[3].endswith("/prod/FT/shots/SQ010/SH010/animation/SH010_v002.json")
    assert lines[4:] == ["What is known of it (form): done", "", "All of it happened."]
    assert done.stderr == ""


def test_for_programs_it_prints_a_list_with_argv_and_file():
    """Real: as above, with --json."""
    done = demo("--once", "--json")

    scene, page = json.loads(done.stdout)
    assert (scene["action"], scene["sent"], scene["state"], scene["happened"]) == (
        "open-scene",
        "form",
        "running",
        True,
    )
    assert scene["argv"][-1] == scene["file"]
    assert (page["action"], page["state"], page["argv"], page["happened"]) == ("what-is-known", "done", [], True)


def test_nothing_of_it_stays(tmp_path: Path):
    """Real: its folder, its processes and the person's own home, looked at afterwards."""
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    temporary.mkdir()

    done = demo("--once", HOME=str(home), TMPDIR=str(temporary), XDG_RUNTIME_DIR=str(home))

    assert done.returncode == 0, done.stderr
    assert [*home.rglob("*"), *temporary.iterdir()] == []
    assert str(temporary) not in running()


def running() -> str:
    """Every command line on this machine."""
    lines = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            lines.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return "\n".join(lines)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_closed_terminal_leaves_nothing_behind(tmp_path: Path, number: signal.Signals):
    """Real: the demo waiting for clicks, ended by a signal; its daemon and its folder are gone."""
    browser = tmp_path / "xdg-open"
    browser.write_text("#!/bin/sh\nexit 0\n")
    browser.chmod(0o755)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    changes = {"DISPLAY": ":99", "TMPDIR": str(temporary), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    argv = [sys.executable, "-m", "launcher", "demo"]
    process = subprocess.Popen(argv, env={**os.environ, **changes}, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline().startswith("A sample of Kitsu is at http://127.0.0.1:")

    process.send_signal(number)

    assert process.wait(30) == 0
    process.stdout.close()
    assert list(temporary.iterdir()) == []
    assert str(temporary) not in running()


@needs("mpv", "blender", "krita")
def test_with_a_display_real_applications_open(display: Display):
    """Real: Blender, Krita and mpv under Xvfb, each on its file."""
    environ = {name: display.environment[name] for name in ("DISPLAY", "LIBGL_ALWAYS_SOFTWARE")}

    done = demo("--once", "--json", **environ)

    outcomes = {outcome["action"]: outcome for outcome in json.loads(done.stdout)}
    assert done.returncode == 0, done.stdout + done.stderr
    assert outcomes["open-in-blender"]["argv"][0].endswith("/blender")
    assert outcomes["open-in-blender"]["file"].endswith("/SH010_v001.blend")
    assert outcomes["paint-in-krita"]["file"].endswith("/SH010_board_v001.ppm")
    assert outcomes["look-at-it"]["sent"] == "AJAX"
    assert outcomes["look-at-it"]["argv"][-2:] == ["--", outcomes["look-at-it"]["file"]]
    assert outcomes["look-at-it"]["file"].endswith("/SH010_playblast_v002.y4m")
    assert outcomes["what-is-known"]["happened"]


def test_an_outcome_that_is_none_is_told():
    """Pure: what the report says when a program ended at once."""
    from launcher.demo.once import Outcome

    ended = Outcome("open-scene", "Open", "form", "failed", ["/bin/x"], "/f", False, "it ended with exit code 1")

    assert list(ended.lines(str)) == [
        "Open (form): FAILED",
        "  command: '/bin/x'",
        "  file: /f",
        "  it ended with exit code 1",
    ]
