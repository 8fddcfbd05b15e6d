"""`studio.requires`: a file of a later release says "update" alone, wherever its errors are read."""

import html
import json
import re
from collections.abc import Callable

import pytest

from launcher import __version__
from tests.support.configured import Machine
from tests.support.face import Face, at_home, cookie
from tests.support.sample import SampleStudio
from tests.test_config_cli import run

LATER = """\
[studio]
requires = ">=9"
name = ["of", "another", "sort"]
quantum = true
[holograms.one]
kind = "unheard"
[roots.prod]
orbit = "LEO"
[apps.blender]
vresion = 5
[actions.a]
title = "A"
kind = "hologram"
beam = "{entity.spin}"
[projects.P]
actions.a.beam = 1
[[machines]]
match = { mood = "good" }
"""
"""Nothing in it is of today but `requires`."""
UPDATE = f"studio.requires: this file needs kitsu-launcher >=9, this is {__version__}: update it"
GOOD = '[studio]\nname = "Good"\nkeys = ["env:KITSU_LAUNCHER_KEY"]\n[actions.a]\ntitle = "A"\nkind = "page"\n'


def test_check_says_update_and_nothing_else(configured: Machine) -> None:
    """Real: a process; the text whole, with a last good copy and without one."""
    done = run(configured.write(LATER), "check")
    assert (done.returncode, done.stdout) == (2, f"machine/studio.toml:2: {UPDATE}\n1 error.\n")

    configured.write(GOOD).load()
    done = run(configured.write(LATER), "check")

    first, second, third = done.stdout.splitlines()
    assert (done.returncode, first, third) == (2, f"machine/studio.toml:2: {UPDATE}", "1 error.")
    assert re.fullmatch(r"config/studio\.last-good\.toml: the configuration of \w+ \d\d:\d\d stays in use", second)
    assert json.loads(run(configured, "check", "--json").stdout)["problems"][0] == {
        "file": "machine/studio.toml",
        "line": 2,
        "key": "studio.requires",
        "text": UPDATE.partition(": ")[2],
        "warning": False,
    }


def test_the_last_good_copy_stays_and_is_not_overwritten(configured: Machine) -> None:
    """Real: files on disk; also after a start that knows only the later file."""
    configured.write(GOOD).load()
    kept = configured.last_good.read_bytes()
    for _start in range(2):
        loaded = configured.write(LATER).load()
        assert (list(loaded.config.actions), loaded.config.studio.keys) == (
            ["a"],
            ("a-key-of-more-than-sixteen-characters",),
        )
    assert configured.last_good.read_bytes() == kept


def test_a_copy_that_a_later_version_has_kept_is_not_used_by_this_one(configured: Machine) -> None:
    """Real: files on disk: an update that was taken back again. No actions, and still that one sentence."""
    configured.write(GOOD).load()
    configured.last_good.write_bytes(LATER.encode() + b"\n# Last good copy of " + bytes(configured.studio_file) + b"\n")
    loaded = configured.write(LATER).load()
    assert [str(problem) for problem in loaded.problems] == [f"{configured.studio_file}:2: {UPDATE}"]
    assert loaded.config.actions == {}


@pytest.mark.parametrize("written", ['">=9"', '">=9,<10"', '"==9.*"', '">9.0a1"'])
def test_every_way_to_ask_for_a_later_version(configured: Machine, written: str) -> None:
    """Real: the loader."""
    (told,) = configured.errors(LATER.replace('">=9"', written))
    assert f"needs kitsu-launcher {json.loads(written)}, " in told


@pytest.mark.parametrize("written", ["9", '"newest"', '["9"]', "{ min = 9 }"])
def test_what_is_no_range_is_an_error_beside_the_others(configured: Machine, written: str) -> None:
    """Real: the loader. It cannot be told then whether the rest is only too new."""
    told = configured.errors(LATER.replace('">=9"', written))
    assert any(text.startswith("machine/studio.toml:2: studio.requires: ") for text in told)
    assert len(told) > 5


async def test_the_dashboard_and_the_front_page_say_it(face: Face) -> None:
    """Real: the pages through the socket; no other error of that file is on them."""
    studio = face.parts.folders.machine / "studio.toml"
    studio.write_text(LATER)

    for page in ("/", "/configuration"):
        text = html.unescape((await face.send(at_home(face, page, cookie(face)))).text)
        assert UPDATE.partition(": ")[2] in text, page
        assert "unknown key" not in text, page


def test_the_page_of_a_click_says_it(sample_studio: SampleStudio) -> None:
    """Real: daemon, sockets, sample Kitsu: the click is done by the last good copy, and its page tells why."""
    studio = sample_studio.home / "machine" / "studio.toml"
    studio.write_text(LATER)

    launch = sample_studio.clicked(sample_studio.form("title"), "done", "running")

    first, second = launch["warnings"]
    assert first == f"{studio}:2: {UPDATE}"
    assert second.endswith(" stays in use")
    page = html.unescape(sample_studio.send(sample_studio.page(launch["url"])).text)
    assert f"{studio}:2: {UPDATE}" in page
    assert "unknown" not in page


def test_without_a_copy_a_click_is_refused_with_it(make_studio: Callable[..., SampleStudio]) -> None:
    """Real: daemon and sockets; the page of the click and the terminal."""
    studio = make_studio(before=lambda home: (home / "machine" / "studio.toml").write_text(LATER), log_in=False)
    launch = studio.clicked(studio.form("folder"))
    assert (launch["state"], launch["error"]["code"]) == ("failed", "action")
    page = html.unescape(studio.send(studio.page(launch["url"])).text)
    assert f"{studio.home}/machine/studio.toml:2: {UPDATE}" in page
    assert "unknown key" not in page
    told = studio.daemon.cli("run", "folder", "--task", studio.task(), check=False)
    assert told.returncode == 4
    assert told.stderr.splitlines()[:3] == [
        'No action is called "folder" here.',
        "  tried  known actions: none",
        f"         {studio.home}/machine/studio.toml:2: {UPDATE}",
    ]
