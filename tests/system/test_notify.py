"""How each desktop is given a notice: exact arguments, and a real bus with real programs in `tests/desktop`."""

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from launcher.system import Notice
from launcher.system.linux import notify as linux
from launcher.system.macos import notify as macos
from launcher.system.windows import notify as windows
from launcher.tray import TrayView

HOSTILE = '"; do shell script "id" -- <b>\\u202e`id`$(id)'
FAILED = Notice("key", "Open – SH010", "It is <b>not</b> & there.\nInstall it.", "Look there.", "Show", urgent=True)
OPENING = Notice("key", "Open – SH010", "Opening Notes", "Look there.", "Show", urgent=False)


# -- Linux -----------------------------------------------------------------------------------------------------------
def test_a_server_of_notices_is_told_what_it_can_do() -> None:
    name, before, icon, title, body, actions, hints, stays_ms = linux._arguments(
        FAILED, 7, ["actions", "body", "body-markup"], b"pixels"
    )

    assert (name, before, icon, title) == ("Kitsu Launcher", 7, "", "Open – SH010")
    assert body == "It is &lt;b&gt;not&lt;/b&gt; &amp; there.\nInstall it."
    assert (actions, stays_ms) == (["default", "Show"], 0)
    assert hints == {
        "urgency": ("y", 1),
        "desktop-entry": ("s", "kitsu-launcher"),
        "image-data": ("(iiibiiay)", (64, 64, 256, True, 8, 4, b"pixels")),
    }


def test_a_server_that_can_do_nothing_gets_plain_text_that_says_where_to_look() -> None:
    _name, _before, _icon, _title, body, actions, _hints, _stays = linux._arguments(FAILED, 0, [], b"")

    assert body == "It is <b>not</b> & there.\nInstall it.\nLook there."
    assert actions == []


def test_what_goes_well_is_low_and_not_kept() -> None:
    _name, _before, _icon, _title, body, _actions, hints, stays_ms = linux._arguments(OPENING, 0, [], b"")

    assert (body, stays_ms) == ("Opening Notes", -1)
    assert (hints["urgency"], hints["transient"]) == (("y", 0), ("b", True))


@pytest.mark.parametrize("address", ["unix:path=/nowhere", "nonsense", "tcp:host=127.0.0.1,port=9", ""])
async def test_without_a_bus_it_says_why_and_tries_again(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: addresses where no bus is."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    notices = linux.begin(lambda key: None)

    assert await notices.show(FAILED)
    assert await notices.show(FAILED)
    await notices.withdraw("key")
    await notices.close()


async def test_a_bus_that_does_not_answer_is_waited_for_a_few_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real: a socket that takes connections and says nothing. What is waited is made short, so that the test is."""
    monkeypatch.setattr(linux, "PATIENCE_S", 0.3)
    silent = await asyncio.start_unix_server(lambda reader, writer: None, tmp_path / "bus")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'bus'}")
    notices = linux.begin(lambda key: None)

    assert await asyncio.wait_for(notices.show(FAILED), 5) == "TimeoutError"
    silent.close()


# -- Windows ---------------------------------------------------------------------------------------------------------
async def test_windows_gives_notices_to_the_icon_in_their_order() -> None:
    tray = TrayView()
    notices = windows.begin(lambda key: None, tray)

    assert await notices.show(OPENING) == ""
    assert await notices.show(FAILED) == ""
    await notices.withdraw("key")

    assert tray.changed.is_set()
    assert [tray.told() for _ in range(4)] == [OPENING, FAILED, "key", None]


async def test_windows_without_an_icon_says_that_there_are_none() -> None:
    assert await windows.begin(lambda key: None).show(FAILED) == (
        "it runs without an icon, and on Windows notices are the icon's"
    )


# -- macOS -----------------------------------------------------------------------------------------------------------
def test_macos_gets_words_in_the_environment_alone() -> None:
    hostile = Notice("key", HOSTILE, HOSTILE, "Look there.", "Show", urgent=True)

    env = macos.environment(hostile, {"HOME": "/Users/mika", "PATH": "/usr/bin", "KITSU_LAUNCHER_KEY": "secret"})

    assert env == {
        "HOME": "/Users/mika",
        "PATH": "/usr/bin",
        "KITSU_NOTICE_TITLE": HOSTILE,
        "KITSU_NOTICE_TEXT": f"{HOSTILE}\nLook there.",
    }
    assert macos.environment(OPENING, {})["KITSU_NOTICE_TEXT"] == "Opening Notes"


def test_macos_runs_one_script_that_never_changes() -> None:
    assert macos.ARGV == ("/usr/bin/osascript", "-l", "JavaScript", "-e", macos.SCRIPT)
    assert macos.SCRIPT == (
        'ObjC.import("Foundation");\n'
        "const given = $.NSProcessInfo.processInfo.environment;\n"
        "const app = Application.currentApplication();\n"
        "app.includeStandardAdditions = true;\n"
        'app.displayNotification(given.objectForKey("KITSU_NOTICE_TEXT").js, {\n'
        '  withTitle: given.objectForKey("KITSU_NOTICE_TITLE").js,\n'
        "});\n"
    )


async def test_macos_shows_a_notice_and_says_why_it_cannot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: a program in osascript's place that notes what it was given."""
    stand_in, noted = tmp_path / "osascript", tmp_path / "noted"
    stand_in.write_text(
        f"#!{sys.executable} -IS\nimport json, os, sys\n"
        f"open({str(noted)!r}, 'w').write(json.dumps([sys.argv[1:], dict(os.environ)]))\n"
    )
    stand_in.chmod(0o755)
    monkeypatch.setattr(macos, "ARGV", (str(stand_in), *macos.ARGV[1:]))
    notices = macos.begin(lambda key: None)

    assert await notices.show(FAILED) == ""
    argv, env = json.loads(noted.read_text())
    assert argv == list(macos.ARGV[1:])
    assert env.items() >= macos.environment(FAILED, os.environ).items()

    monkeypatch.setattr(macos, "ARGV", (str(shutil.which("false")),))
    assert await notices.show(FAILED) == "it ended with exit code 1"
    monkeypatch.setattr(macos, "ARGV", (str(tmp_path / "absent"),))
    assert "No such file" in await notices.show(FAILED)
