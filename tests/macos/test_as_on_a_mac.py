"""The whole program with macOS' own modules: doors, guard, peers, processes. Only the kernel is Linux'."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def mac(tmp_path: Path) -> dict[str, str]:
    """The environment of a Mac whose `open` writes down what it is told."""
    tool = tmp_path / "open"
    tool.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> "{tmp_path}/opened"\n')
    tool.chmod(0o755)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"PYTHONPATH": f"{Path(__file__).parent / 'kernel'}:{ROOT}", "KITSU_TEST_OPEN": str(tool)}


def test_the_demos_clicks_happen(mac: dict[str, str], tmp_path: Path) -> None:
    """Real: the demo's Kitsu and its clicks, byte for byte; the daemon's port and door; a program that is started,
    watched to its end and asked of. The output is compared whole."""
    done = subprocess.run(
        [sys.executable, "-m", "launcher", "demo", "--once"],
        env=mac,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    shot = "HOME/prod/FT/shots/SQ010/SH010/animation"
    home = re.search(r"(/\S*?/kitsu-demo-\w+)", done.stdout)
    assert home, done.stdout + done.stderr
    assert (done.stdout.replace(home[1], "HOME"), done.stderr, done.returncode) == (
        "Open in the sample program (form): done\n"
        f"  command: '{sys.executable}' '-P' '-m' 'launcher' 'demo' '--sample-program' '{shot}/SH010_v002.json'\n"
        f"  file: {shot}/SH010_v002.json\n"
        "What is known of it (form): done\n"
        "\n"
        "All of it happened.\n",
        "",
        0,
    )
    assert not (tmp_path / "opened").exists(), "nobody would close what it opens by itself"
