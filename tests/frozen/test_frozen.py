"""The frozen folder that packages will hold: the command, the daemon, and the small hand-off that links start."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from launcher.launches import JOIN_S
from tests.support.desktop import wait_until
from tests.support.person import Person
from tests.support.sample import program

TOP = Path(__file__).parents[2]


@pytest.fixture
def hers(person: Person, frozen: Path) -> Iterator[Person]:
    """A person without any Python of ours: what she has is the frozen folder. Her daemon does not run yet."""
    before = person.env.pop("PYTHONPATH")
    yield person
    command(frozen, person, "quit", "--wait", "10")
    person.env["PYTHONPATH"] = before


def command(frozen: Path, hers: Person, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """The frozen command, in her session."""
    argv = [str(frozen / "kitsu-launcher"), *arguments]
    return subprocess.run(argv, env=hers.env, capture_output=True, text=True, timeout=60, check=False)


def link(frozen: Path, hers: Person, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """The frozen hand-off, as the desktop starts it."""
    argv = [str(frozen / "kitsu-launcher-url"), *arguments]
    return subprocess.run(argv, env=hers.env, capture_output=True, text=True, timeout=60, check=False)


def test_a_link_starts_the_daemon_and_reaches_it(frozen: Path, hers: Person) -> None:
    """Real: both frozen programs; the hand-off becomes the command, which starts the daemon. Then the same again."""
    done = link(frozen, hers, "kitsu-launcher://open")

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(command(frozen, hers, "launches", "--json").stdout) == []
    (first,) = wait_until(lambda: hers.opened() or None, 20, "the dashboard")
    assert "/enter/" in first
    time.sleep(JOIN_S)  # sooner it is the first one, pressed twice
    assert link(frozen, hers, "kitsu-launcher://open").returncode == 0
    wait_until(lambda: len(hers.opened()) == 2, 20, "the dashboard of the same daemon")


def test_it_starts_at_login_from_its_first_start_and_never_after_a_no(frozen: Path, hers: Person) -> None:
    """Real: the frozen daemon, her home; `unregister` is her no."""
    entry = hers.home / ".config/autostart/kitsu-launcher.desktop"
    command(frozen, hers)
    wait_until(entry.exists, 20, "start at login")
    assert f"Exec={frozen}/kitsu-launcher serve --restart\n" in entry.read_text()

    command(frozen, hers, "unregister")
    command(frozen, hers, "quit", "--wait", "10")
    command(frozen, hers)
    wait_until(hers.entry.exists, 20, "the links, which are registered again")
    command(frozen, hers, "quit", "--wait", "10")

    assert "Hidden=true\n" in entry.read_text()


@pytest.mark.parametrize(
    "arguments",
    [(), ("kitsu-launcher://open", "--evil"), ("--help",), ("KITSU-LAUNCHER://open",), ("kitsu-launcher://a b",)],
)
def test_the_hand_off_takes_exactly_one_link_and_no_option(
    frozen: Path, hers: Person, arguments: tuple[str, ...]
) -> None:
    """Real: the frozen hand-off; nothing is started for such a line."""
    done = link(frozen, hers, *arguments)

    assert done.returncode == 2
    assert done.stderr.startswith("kitsu-launcher: ")
    assert hers.opened() == []


def test_the_hand_off_holds_nothing_that_it_does_not_need(frozen: Path) -> None:
    """Real: the archive of modules in the frozen hand-off."""
    viewer = [sys.executable, "-m", "PyInstaller.utils.cliutils.archive_viewer", "--list", "--recursive", "--brief"]
    listed = subprocess.run(
        [*viewer, str(frozen / "kitsu-launcher-url")], capture_output=True, text=True, timeout=60, check=True
    ).stdout
    ours = {line.strip() for line in listed.splitlines() if line.strip().startswith("launcher")}

    assert ours == {
        "launcher",
        "launcher.door",
        "launcher.door.unix",
        "launcher.handoff",
        "launcher.itself",
        "launcher.replacing",
    }


def test_an_application_gets_nothing_of_the_bundle(frozen: Path, hers: Person) -> None:
    """Real: the frozen daemon, a started process; its environment is her own, and what a click adds."""
    assert link(frozen, hers, "kitsu-launcher://open").returncode == 0
    hers.env["PYTHONPATH"] = str(TOP)  # the tests' own question to the door
    hers.log_in()
    del hers.env["PYTHONPATH"]
    done = command(frozen, hers, "run", "open", "--task", hers.task(), "--yes")
    assert done.returncode == 0, done.stderr
    (note,) = wait_until(lambda: hers.notes() or None, 20, "the application's note")
    got = json.loads(note.read_text())["env"]

    assert {name for name in got if name.startswith(("_PYI", "_MEI", "PYINSTALLER", "LD_", "DYLD_"))} == set()
    assert not any(str(frozen) in value for value in got.values())
    assert {name: value for name, value in hers.env.items() if got.get(name) != value} == {
        name: hers.env[name] for name in hers.env if name.startswith("KITSU_LAUNCHER") or name == "PYTHONPATH"
    }
    assert os.path.isabs(got["KITSU_FILE"])


OLD = """
[apps.old]
title = "Old"
executable = "/HOME/old"
opens = [".blend"]
file_version = "blend"
check = { args = ["--version"], prints = "Old {version}" }

[actions.old]
title = "Open in Old"
kind = "launch"
app = "old"
file = "{roots.prod}/scene.blend"
"""


def test_a_compressed_file_tells_its_version(frozen: Path, hers: Person) -> None:
    """Real: the frozen daemon, which has to unpack the header; a file packed by zstd."""
    program(hers.home / "old", "#!/bin/sh\necho Old 1.0\n")
    file = hers.home / ".config" / "kitsu-launcher" / "studio.toml"
    file.write_text(file.read_text() + OLD.replace("/HOME", str(hers.home)))
    (hers.home / "prod" / "scene.blend").write_bytes(zstandard.compress(b"BLENDER17-01v0405" + bytes(5000)))
    assert link(frozen, hers, "kitsu-launcher://open").returncode == 0
    hers.env["PYTHONPATH"] = str(TOP)  # the tests' own question to the door
    hers.log_in()
    del hers.env["PYTHONPATH"]

    done = command(frozen, hers, "run", "old", "--task", hers.task(), "--dry-run")

    assert done.returncode == 0, done.stderr
    assert "asks first: scene.blend was saved by Old 4.5." in done.stdout
