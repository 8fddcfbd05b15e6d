"""`apps` as a person and a program read it, against a disk of the test's own."""

import argparse
import json
from pathlib import Path

import pytest

from launcher.cli.apps import add, table
from launcher.plan.found import Candidates, Installed, Rejected
from tests.support.catalogue import app


def test_the_table_names_what_is_taken_what_is_not_and_what_is_missing():
    wanted = {"blender": app("blender"), "mpv": app("mpv"), "vlc": app("vlc"), "maya": app("maya")}
    found = {
        "blender": Candidates(
            (
                Installed("blender", "Blender", Path("/home/zoe/blender/blender"), "4.2.0", "user"),
                Installed("blender", "Blender", Path("/opt/blender-4.10.1/blender"), "4.10.1", "found"),
            ),
            (Rejected(Path("/usr/bin/blender"), "3.4.1, too old for >=4.2,<5"),),
        ),
        "mpv": Candidates((Installed("mpv", "mpv", Path("/usr/bin/mpv"), "0.35.1", "found"),)),
        "vlc": Candidates(rejected=(Rejected(Path("/opt/vlc"), "is not a file"),)),
        "maya": Candidates(),
    }
    assert table(wanted, found) == (
        "blender  Blender  4.2.0   /home/zoe/blender/blender    (user file)\n"
        "blender  Blender  4.10.1  /opt/blender-4.10.1/blender\n"
        "mpv      mpv      0.35.1  /usr/bin/mpv\n"
        "\n"
        "Not used:\n"
        "  blender  /usr/bin/blender  3.4.1, too old for >=4.2,<5\n"
        "  vlc      /opt/vlc          is not a file\n"
        "\n"
        "Not here: VLC, Maya."
    )


def test_an_empty_machine_says_so():
    assert table({"mpv": app("mpv")}, {"mpv": Candidates()}) == "No application was found.\n\nNot here: mpv."


def command(*argv: str) -> int:
    parser = argparse.ArgumentParser()
    add(parser.add_subparsers())
    args = parser.parse_args(argv)
    return args.func(args)


@pytest.fixture
def studio(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with one mpv in PATH, and a studio file that wants a newer one of its own."""
    for folder, version in (("bin", "0.35.1"), ("studio", "0.41.0")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mpv").write_text(f"#!/bin/sh\necho mpv v{version} Copyright\n")
        (tmp_path / folder / "mpv").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (home / "machine").mkdir()
    text = f'[apps.mpv]\nversion = ">=0.40"\nexecutable = "{tmp_path}/studio/mpv"\n'
    (home / "machine" / "studio.toml").write_text(text)
    return tmp_path


def test_apps_works_without_a_daemon(studio: Path, capsys: pytest.CaptureFixture[str]):
    """Real: the command, the studio file, two programs that tell their versions."""
    assert command("apps") == 0
    printed = capsys.readouterr().out
    assert f"mpv  mpv  0.41.0  {studio}/studio/mpv  (studio file)\n" in printed
    assert f"mpv  {studio}/bin/mpv  0.35.1, too old for >=0.40\n" in printed
    assert not list(studio.glob("**/*.sock"))


def test_apps_for_programs(studio: Path, capsys: pytest.CaptureFixture[str]):
    assert command("apps", "--json") == 0
    listed = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert listed["mpv"] == {
        "name": "mpv",
        "title": "mpv",
        "version": ">=0.40",
        "fits": [{"version": "0.41.0", "path": f"{studio}/studio/mpv", "source": "studio"}],
        "rejected": [{"path": f"{studio}/bin/mpv", "reason": "0.35.1, too old for >=0.40"}],
    }
    assert listed["maya"]["fits"] == []
