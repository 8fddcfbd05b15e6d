"""What the Mac's `open` is told: exact argument lists, and what never reaches it."""

import json
import sys
from pathlib import Path

import pytest

from launcher.system.macos import desktop
from launcher.system.refusals import NotOpenable

URL = "http://127.0.0.1:24517/launches/00112233445566778899aabbccddeeff"


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`open`, played by a program that writes down what it is told, where, and with which environment."""
    tool, said = tmp_path / "bin" / "open", tmp_path / "said"
    tool.parent.mkdir()
    tool.write_text(
        f"#!{sys.executable} -I\nimport json, os, sys\n"
        f"json.dump([sys.argv[1:], os.getcwd(), dict(os.environ)], open({str(said)!r}, 'w'))\n"
    )
    tool.chmod(0o755)
    monkeypatch.setattr(desktop, "OPEN", str(tool))
    return said


def test_the_program_is_apples_own() -> None:
    assert desktop.OPEN == "/usr/bin/open"


def test_an_address_is_one_argument_from_the_root_in_a_clean_environment(
    opened: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real: a process; `open` would take a file named like the address, in its folder, for what is meant."""
    monkeypatch.setenv("KITSU_LAUNCHER_KEY", "secret")

    assert desktop.open_url(URL, {"LC_ALL": "C"}).wait(20) == 0

    argv, folder, env = json.loads(opened.read_text())
    assert (argv, folder) == ([URL], "/")
    assert env == {"LC_ALL": "C"}


def test_a_persons_own_browser_command_wins(opened: Path) -> None:
    """Real: a process."""
    desktop.open_url(URL, {"LC_ALL": "C"}, (desktop.OPEN, "-a", "Firefox Nightly")).wait(20)

    assert json.loads(opened.read_text())[0] == ["-a", "Firefox Nightly", URL]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "/Applications/Chess.app", "-a", "x-apple.systempreferences:"])
def test_nothing_but_an_address_for_a_browser_is_opened(opened: Path, url: str) -> None:
    with pytest.raises(NotOpenable):
        desktop.open_url(url, {})

    assert not opened.exists()


def test_a_folder_is_shown_by_pointing_at_something_in_it(opened: Path, tmp_path: Path) -> None:
    """Real: a process, a folder whose name could be an option."""
    folder = tmp_path / "-a b;$(id)"
    for name in (".DS_Store", "b.blend", "a.app"):
        (folder / name).mkdir(parents=True)

    assert desktop.open_folder(folder, {"LC_ALL": "C"}).wait(20) == 0

    assert json.loads(opened.read_text())[0] == ["-R", str(folder / "a.app")]


def test_an_empty_folder_is_shown_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "SH010").mkdir()
    (tmp_path / "SH010" / ".hidden").touch()

    assert desktop.reveal(tmp_path / "SH010") == ["/usr/bin/open", "-R", str(tmp_path / "SH010")]


def test_what_is_no_folder_is_not_opened(opened: Path, tmp_path: Path) -> None:
    """Text compared whole."""
    (tmp_path / "x.command").write_text("#!/bin/sh\ntouch /tmp/owned\n")

    with pytest.raises(NotOpenable) as told:
        desktop.open_folder(tmp_path / "x.command", {})

    assert str(told.value) == (
        f"{tmp_path}/x.command is not a folder.\n"
        "  next   Check the action's `folder` in the studio file: it must name a folder that is there."
    )
    with pytest.raises(NotOpenable):
        desktop.open_folder(Path("."), {})
    assert not opened.exists()
