"""`apps` as a person and a program read it, against a disk of the test's own."""

import argparse
import json
from pathlib import Path

import pytest

from launcher.cli.apps import add, one, table
from launcher.model import OS
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
        "One other is not installed here; `kitsu-launcher apps --all` names it."
    )


def test_an_empty_machine_says_so():
    wanted = {name: app(name) for name in ("mpv", "storyboard-pro")}
    found = dict.fromkeys(wanted, Candidates())

    assert table(wanted, found) == (
        "No application was found.\n\n2 others are not installed here; `kitsu-launcher apps --all` lists them."
    )
    assert table(wanted, found, everything=True) == (
        "No application was found.\n\nNot here:\n  mpv             mpv\n  storyboard-pro  Storyboard Pro"
    )


def test_one_application_with_every_place_that_was_looked_at():
    """Compared whole; a folder's name cannot command the terminal."""
    found = Candidates(
        (Installed("nuke", "Nuke", Path("/usr/local/Nuke15.0v2/Nuke15.0"), "15.0v2", "found"),),
        (Rejected(Path("/home/zoe/Nuke13.2v3/Nuke13.2\x1b[2J"), "is not a file"),),
    )

    assert one(app("nuke"), found, OS.LINUX, Path("/c/config.toml")) == (
        "nuke  Nuke  15.0v2  /usr/local/Nuke15.0v2/Nuke15.0\n"
        "\n"
        "Not used:\n"
        "  nuke  /home/zoe/Nuke13.2v3/Nuke13.2\\x1b[2J  is not a file\n"
        "\n"
        "Looked at:\n"
        "  /usr/local/Nuke{version}/Nuke[0-9]*.[0-9]\n"
        "  ~/Nuke{version}/Nuke[0-9]*.[0-9]"
    )
    assert one(app("photoshop", version="==2024.*"), Candidates(), OS.LINUX, Path("/c/config.toml")) == (
        "Photoshop ==2024.* was not found here.\n"
        "\n"
        "Where Photoshop is installed on this system is not known: name it as apps.photoshop.executable in"
        " /c/config.toml."
    )


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


def test_apps_of_a_name_and_of_one_that_is_none(studio: Path, capsys: pytest.CaptureFixture[str]):
    """Real: the command and the studio file."""
    assert command("apps", "mpv", "mpv") == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"mpv  mpv  0.41.0  {studio}/studio/mpv  (studio file)\n")
    assert printed.endswith("Looked at:\n  {path}/mpv\n")

    assert command("apps", "mpv", "blendr") == 2
    assert capsys.readouterr() == ("", 'unknown application "blendr"; did you mean "blender"?\n')


def test_apps_for_programs(studio: Path, capsys: pytest.CaptureFixture[str]):
    assert command("apps", "--json") == 0
    listed = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert listed["mpv"] == {
        "name": "mpv",
        "title": "mpv",
        "version": ">=0.40",
        "fits": [{"version": "0.41.0", "path": f"{studio}/studio/mpv", "source": "studio"}],
        "rejected": [{"path": f"{studio}/bin/mpv", "reason": "0.35.1, too old for >=0.40"}],
        "looked": ["{path}/mpv"],
    }
    assert listed["maya"]["fits"] == []
