"""The dashboard's first page, her tasks, and its buttons about this program itself: from bytes to answers."""

import asyncio
import html
import json
import re
from pathlib import Path

import pytest
from aiohttp import web

from launcher.config.person_file import PersonFileError
from launcher.model import State
from launcher.system.here import autostart
from launcher.web.dashboard_self import LAST_S
from tests.support.artist import STUDIO, TASKS
from tests.support.face import Face, at_home, cookie, press
from tests.support.requests import own_page


@pytest.fixture
def here(face: Face) -> str:
    """The cookie of a browser that has come in."""
    return cookie(face)


async def page(face: Face, target: str, here: str) -> str:
    """The text of a page once Kitsu has answered, without its escapes."""
    for _ in range(20):
        answer = await face.send(at_home(face, target, here))
        assert answer.status == 200, answer.text
        if "Asking Kitsu" not in answer.text:
            break
    return html.unescape(answer.text)


async def parts(face: Face, target: str, here: str) -> dict[str, str]:
    """The parts of a page as its script gets them, without their escapes."""
    answer = await face.send(own_page(face.port, "GET", target)(Cookie=here))
    return {name: html.unescape(text) for name, text in json.loads(answer.body)["parts"].items()}


# -- her tasks -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("target", ["/", "/tasks"])
async def test_her_tasks_are_listed_with_the_actions_that_take_them(face: Face, artist: str, here: str, target: str):
    """Real: the port, the sample Kitsu."""
    text = await page(face, target, here)

    assert '<h3 class="production">Fox Tales</h3>' in text
    assert "<strong>SQ010/SH010</strong> Animation" in text
    assert 'fill="#3273dc"/></svg>wip</span>' in text
    assert f'value="sample {TASKS[0]} http://{artist} {STUDIO.person}"' in text
    assert 'aria-label="Open in Sample: SQ010/SH010/Animation" class="main">Open in Sample</button>' in text
    assert text.count('<li class="row task"') == len(TASKS) == 5
    assert " data-more hidden>" not in text


async def test_a_search_works_without_a_script(face: Face, artist: str, here: str):
    """Real: the port, the sample Kitsu."""
    found = await page(face, "/tasks?q=sq010+SH020", here)
    nothing = await page(face, "/tasks?q=%22%3E%3Cscript%3E", here)

    assert found.count('<li class="row task"') == 1
    assert 'name="q" value="sq010 SH020"' in found
    assert "No task has all of these words." in nothing
    assert '<a class="button" href="/tasks">Show all tasks</a>' in nothing


async def test_what_a_search_was_for_is_only_text(face: Face, artist: str, here: str):
    """Real: the port."""
    answer = await face.send(at_home(face, "/tasks?q=%22%3E%3Cscript%3E", here))

    assert 'value="&#34;&gt;&lt;script&gt;"' in answer.text


async def test_nobody_logged_in_is_led_to_the_login(face: Face, here: str):
    """Real: the port."""
    text = await page(face, "/", here)

    assert "Nobody is logged in to https://kitsu.studio.test." in text
    assert 'href="/account/login?server=https%3A%2F%2Fkitsu.studio.test"' in text
    assert "Log in to Kitsu, and your tasks are listed here." in text


async def test_without_a_studio_file_the_way_to_one_is_told(face: Face, home: Path, here: str):
    """Real: the port, the files."""
    (home / "machine" / "studio.toml").write_text("")

    assert "No Kitsu is configured yet: <code>kitsu-launcher config init</code>" in await page(face, "/tasks", here)


async def test_nothing_to_do_is_told(face: Face, artist: str, here: str, monkeypatch: pytest.MonkeyPatch):
    """Real: the port, the sample Kitsu."""
    monkeypatch.setitem(STUDIO.tables, "tasks", {})

    assert "No open task is assigned to you." in await page(face, "/tasks", here)


async def test_with_kitsu_away_its_last_answer_stays_and_the_reason_is_told(
    face: Face, artist: str, here: str, sample_kitsu: web.AppRunner
):
    """Real: the port, a sample Kitsu that ends."""
    await page(face, "/tasks", here)
    await sample_kitsu.cleanup()
    face.parts.accounts.changes += 1  # as if somebody had logged in since: it is asked again at once

    for _ in range(40):
        text = await page(face, "/tasks", here)
        if "Kitsu is away" in text:
            break
        await asyncio.sleep(0.25)

    assert "Kitsu is away" in text
    assert f"http://{artist}" in text
    assert "This is what Kitsu told last." in text
    assert text.count('<li class="row task"') == 5


async def test_a_login_is_seen_by_the_next_request(face: Face, artist: str, here: str):
    """Real: the port, the sample Kitsu."""
    (server,) = face.parts.loaded().config.studio.servers
    assert "SH010" in await page(face, "/", here)

    answer = await press(face, "/dashboard/logout", here, server=f"http://{artist}", email="mika@fox.example")

    assert json.loads(answer.body) == {"said": "Mika Fox: logged out."}
    text = (await parts(face, "/dashboard.json", here))["attention"]
    assert f"Nobody is logged in to {server.origins[0]}." in text


# -- what needs her --------------------------------------------------------------------------------------------------
async def test_what_stands_still_comes_first(face: Face, artist: str, here: str):
    """Real: the port, the launches."""
    asks = face.in_state(State.ASKS)
    waits = face.launch("Open in Krita")
    face.launches.update(waits, waiting_for=f"http://{artist}")
    for _ in range(6):
        face.in_state(State.DONE)

    attention = (await parts(face, "/dashboard.json", here))["attention"]

    assert f'<a class="button main" href="{asks.url}" aria-label="Answer: Open in Blender: SQ010/SH030' in attention
    assert f"It waits until somebody logs in to http://{artist}." in attention
    assert f'href="{waits.url}"' in attention
    assert attention.count('<li class="row') == 2


async def test_an_error_of_the_configuration_is_told(face: Face, home: Path, here: str):
    """Real: the port, the files."""
    with (home / "machine" / "studio.toml").open("a") as studio:
        studio.write("[nonsense]\n")

    attention = (await parts(face, "/dashboard.json", here))["attention"]
    assert re.search(rf'<span class="mono">{home}/machine/studio.toml:\d+: unknown table "nonsense"', attention)


# -- this program itself ---------------------------------------------------------------------------------------------
@pytest.fixture
def desktop(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the desktop's files are looked for in, instead of the person's own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "xdg"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(home / "etc"))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    return home / "xdg"


async def test_start_at_login_is_switched_by_one_press(face: Face, desktop: Path, here: str):
    """Real: the port, the files of the desktop."""
    before = (await parts(face, "/dashboard.json", here))["machine"]

    on = await press(face, "/dashboard/autostart", here, autostart="on")
    after = (await parts(face, "/dashboard.json", here))["machine"]
    started = autostart.state()
    off = await press(face, "/dashboard/autostart", here, autostart="off")

    assert 'name="autostart" value="on"' in before
    assert json.loads(on.body) == {"said": "Kitsu Launcher starts when you log in to this computer."}
    assert (desktop / "autostart" / "kitsu-launcher.desktop").exists()
    assert 'name="autostart" value="off"' in after
    assert json.loads(off.body) == {"said": "Kitsu Launcher does not start by itself any more."}
    assert (started, autostart.state()) == (True, False)


async def test_a_trial_says_that_it_leaves_the_desktop_alone(face: Face, here: str, monkeypatch: pytest.MonkeyPatch):
    """Real: the port."""
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)

    answer = await press(face, "/dashboard/autostart", here, autostart="on")

    assert answer.status == 409
    assert json.loads(answer.body)["error"]["problem"].startswith("This is a trial: KITSU_LAUNCHER_HOME is set")


@pytest.mark.parametrize(
    ("target", "fields"),
    [("/dashboard/autostart", {"autostart": "maybe"}), ("/dashboard/language", {"language": "tlh"})],
)
async def test_a_button_that_sends_something_else_changes_nothing(
    face: Face, home: Path, here: str, target: str, fields: dict[str, str]
):
    """Real: the port."""
    answer = await press(face, target, here, **fields)

    assert (answer.status, json.loads(answer.body)["error"]["problem"]) == (
        403,
        "The button sent something other than it should.",
    )
    assert not (home / "config" / "config.toml").exists()


async def test_the_language_is_written_into_her_own_file(face: Face, home: Path, here: str):
    """Real: the port, the file, the loader."""
    text = await page(face, "/configuration", here)
    answer = await press(face, "/dashboard/language", here, language="en")

    assert '<option value="" selected>as browser and desktop ask</option>' in text
    assert '<option value="en" lang="en">English</option>' in text
    assert json.loads(answer.body) == {"said": "The language is changed."}
    assert (home / "config" / "config.toml").read_text() == '[desk]\nlanguage = "en"\n'
    assert '<option value="en" lang="en" selected>English</option>' in await page(face, "/configuration", here)


async def test_her_broken_file_is_not_touched(face: Face, home: Path, here: str):
    """Real: the port, the file."""
    (home / "config").mkdir(exist_ok=True)
    (home / "config" / "config.toml").write_text("[desk\n")

    answer = await press(face, "/dashboard/language", here, language="en")

    assert answer.status == PersonFileError.status
    assert (home / "config" / "config.toml").read_text() == "[desk\n"


async def test_quit_shows_a_last_page_and_then_ends(face: Face, here: str):
    """Real: the port."""
    session = face.parts.sessions.find([here])
    assert session
    request = own_page(face.port, "POST", "/dashboard/quit", f"form={session.form_value}".encode())

    answer = await face.send(request(Cookie=here, Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="document"))

    assert "<h1>Kitsu Launcher has ended</h1>" in answer.text
    assert face.stopped == []
    await asyncio.sleep(LAST_S + 0.2)
    assert face.stopped == [True]


@pytest.mark.parametrize("target", ["autostart", "language", "quit"])
async def test_no_button_works_without_the_session_s_value(face: Face, here: str, target: str):
    """Real: the port."""
    answer = await face.send(own_page(face.port, "POST", f"/dashboard/{target}", b"form=guess")(Cookie=here))

    assert answer.status == 403
    assert face.stopped == []


async def test_the_first_page_tells_what_the_doctor_finds(face: Face, here: str):
    """Real: the port, the doctor: this daemon's port is none of the studio's."""
    for _ in range(40):
        findings = (await parts(face, "/dashboard.json", here))["findings"]
        if findings:
            break
        await asyncio.sleep(0.25)

    assert f"Kitsu Launcher listens on port {face.port} here, and the studio's actions go to 24517." in findings
    assert '<a href="/state">Everything that was checked</a>' in findings
