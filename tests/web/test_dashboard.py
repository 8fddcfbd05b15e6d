"""The dashboard's pages and buttons, from bytes to answers."""

import html
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backends.fail
import pytest

from launcher.config.show import listed
from launcher.errors import NotFoundHere
from launcher.journal import Process
from launcher.launches import Launch
from launcher.model import Sender, State
from launcher.web.rows import by_table, may_go_again
from tests.support.artist import STUDIO, TASKS
from tests.support.desktop import wait_until
from tests.support.face import Face, at_home, cookie, press
from tests.support.launching import settled
from tests.support.requests import KEY, own_page, visit

ABSENT = NotFoundHere("Blender is not installed here.", tried=["/opt/blender: too old"], next_step="Install it.")
PAGES = ["/", "/tasks", "/launches", "/applications", "/configuration", "/account", "/help"]


@pytest.fixture
def here(face: Face) -> str:
    """The cookie of a browser that has come in."""
    return cookie(face)


async def page(face: Face, target: str, here: str) -> str:
    """The text of a page, without its escapes."""
    answer = await face.send(at_home(face, target, here))
    assert answer.status == 200, answer.text
    return html.unescape(answer.text)


def opened(face: Face, launch: Launch, **changes: object) -> Process:
    """Let a launch have started Blender on a file, with a log."""
    log = face.launches.log_path(launch)
    log.write_text("Read prefs: /home/ana\n\x1b[31mhello\n")
    folder = face.parts.folders.state / "SH030"
    folder.mkdir(exist_ok=True)
    file = str(folder / "SH030_v012.blend")
    process = Process("Blender 4.2.3", ("blender",), 1, file, (), str(log), time.time(), **changes)  # type: ignore[arg-type]
    face.launches.update(launch, processes=(process,))
    return process


# -- pages -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("target", PAGES)
async def test_each_page_leads_to_each_other_and_says_which_it_is(face: Face, here: str, target: str):
    """Real: the port."""
    text = await page(face, target, here)

    assert [text.count(f'<a href="{other}" aria-current="page">') for other in PAGES] == [
        int(other == target) for other in PAGES
    ]
    assert all(f'<a href="{other}"' in text for other in PAGES)
    assert "Lunar Pictures" in text


async def test_every_launch_is_listed_with_what_became_of_it_and_what_to_do(face: Face, here: str):
    """Real: the port, the launches."""
    failed = face.in_state(State.FAILED, ABSENT)
    asks = face.in_state(State.ASKS)
    done = face.in_state(State.DONE)
    process = opened(face, done, ended=time.time(), exit_code=3)

    text = await page(face, "/launches", here)

    assert "Blender is not installed here." in text
    assert "Install it." in text
    assert f'<a class="button main" href="{asks.url}" aria-label="Answer: Open in Blender">Answer</a>' in text
    assert "Blender 4.2.3 · ended with exit code 3" in text
    assert f'href="{done.url}/log"' in text
    assert f'aria-label="Open folder {Path(str(process.file)).parent}"' in text
    assert text.count(">Run again</button>") == 2
    assert failed.url in text


async def test_the_launches_are_told_to_the_page_again_and_whether_more_will_change(face: Face, here: str):
    """Real: the port."""
    launch = face.in_state(State.RUNNING)
    request = own_page(face.port, "GET", "/launches.json")(Cookie=here)

    before = json.loads((await face.send(request)).body)
    face.launches.update(launch, state=State.DONE)
    after = json.loads((await face.send(request)).body)

    assert (before["busy"], after["busy"]) == (True, False)
    assert 'data-state="running" data-said="Open in Blender: Running"' in before["parts"]["launches"]
    assert 'data-state="done" data-said="Open in Blender: Done"' in after["parts"]["launches"]


async def test_a_log_is_shown_without_its_control_characters(face: Face, here: str):
    """Real: the port, the log's file."""
    launch = face.in_state(State.RUNNING)
    opened(face, launch)

    text = await page(face, f"{launch.url}/log", here)

    assert "Read prefs: /home/ana\n" in text
    assert "\x1b" not in text


async def test_a_launch_without_a_log_says_so(face: Face, here: str):
    """Real: the port."""
    assert "It has printed nothing, or its log is gone." in await page(
        face, f"{face.in_state(State.DONE).url}/log", here
    )


async def test_the_applications_of_this_machine_are_listed_with_every_no(face: Face, home: Path, here: str):
    """Real: the port, and whatever is installed here."""
    with (home / "machine" / "studio.toml").open("a") as studio:
        studio.write(f'[apps.blender]\nversion = ">=99"\nexecutable = "{home}/none"\n')

    for _ in range(40):
        text = await page(face, "/applications", here)
        if "Looking at the programs" not in text:
            break

    assert "wanted: >=99" in text
    assert f"{home}/none: " in text
    assert "an action uses it" in text


async def test_the_configuration_is_shown_with_its_sources_and_without_its_secrets(face: Face, home: Path, here: str):
    """Real: the port, the files."""
    with (home / "machine" / "studio.toml").open("a") as studio:
        studio.write('[apps.blender]\nenv.ASSET_TOKEN = "hush-hush"\n')
    (home / "config").mkdir(exist_ok=True)
    (home / "config" / "config.toml").write_text("[desc]\n")

    text = await page(face, "/configuration", here)

    assert f"{home}/machine/studio.toml:3" in text
    assert '["env:KITSU_LAUNCHER_KEY"]' in text
    assert KEY not in text
    assert "hush-hush" not in text
    assert f"{home}/config/config.toml:1: desc: " in text
    assert "is left out whole until this is repaired" in text


@pytest.fixture
def no_keyring() -> Iterator[None]:
    """This process has no keyring, whatever the machine has."""
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())
    yield
    keyring.set_keyring(before)


async def test_the_account_page_shows_who_is_logged_in(no_keyring: None, face: Face, artist: str, here: str):
    """Real: the port, the sample Kitsu."""
    text = await page(face, "/account", here)

    assert f"<h2>http://{artist}</h2>" in text
    assert "mika@" in text
    assert "Log out</button>" in text
    assert "Logins are kept in memory only" in text


# -- buttons ---------------------------------------------------------------------------------------------------------
async def test_a_task_is_opened_from_the_dashboard(face: Face, artist: str, here: str):
    """Real: the port, the sample Kitsu, a started process. Nothing asks: it is her own page."""
    answer = await press(face, "/dashboard/run", here, run=f"sample {TASKS[0]} http://{artist} {STUDIO.person}")

    (launch,) = face.launches.recent()
    assert (answer.status, json.loads(answer.body)) == (200, {"said": "Open in Sample: it begins.", "url": launch.url})
    assert (launch.click.sender, launch.click.task_ids) == (Sender.DASHBOARD, (TASKS[0],))
    await settled(face.launches, launch, State.DONE)
    assert launch.processes[0].argv == (sys.executable, "-c", "pass")


async def test_without_a_script_a_button_leads_back_to_its_page(face: Face, artist: str, here: str):
    """Real: the port."""
    session = face.parts.sessions.find([here])
    assert session
    body = f"form={session.form_value}&back=/&run=sample+{TASKS[0]}+http://{artist}+{STUDIO.person}".encode()
    request = own_page(face.port, "POST", "/dashboard/run", body)
    request = request(Cookie=here, Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="document")

    answer = await face.send(request)
    elsewhere = await face.send(request(body=body.replace(b"back=/&", b"back=//evil.test&")))

    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert (elsewhere.status, elsewhere.headers["Location"]) == (303, "/")


@pytest.mark.parametrize(
    ("run", "status", "problem"),
    [
        ("", 403, "The button sent something other than it should."),
        ("sample TASK https://evil.test PERSON", 403, "The click comes from the Kitsu at https://evil.test"),
        ("sample TASK KITSU somebody", 403, "You are not logged in to http://"),
        ("sample ../x KITSU PERSON", 422, "'../x' is not the id of a task."),
        ("SAMPLE TASK KITSU PERSON", 422, "'SAMPLE' cannot be the name of an action."),
    ],
)
async def test_a_button_that_sends_something_else_begins_nothing(
    face: Face, artist: str, here: str, run: str, status: int, problem: str
):
    """Real: the port."""
    run = run.replace("TASK", TASKS[0]).replace("KITSU", f"http://{artist}").replace("PERSON", STUDIO.person)

    answer = await press(face, "/dashboard/run", here, run=run)

    assert (answer.status, problem in json.loads(answer.body)["error"]["problem"]) == (status, True), answer.text
    assert face.launches.recent() == []


async def test_a_launch_is_run_again_for_the_same_person(face: Face, artist: str, here: str):
    """Real: the port, the sample Kitsu, two started processes."""
    await press(face, "/dashboard/run", here, run=f"sample {TASKS[0]} http://{artist} {STUDIO.person}")
    (first,) = face.launches.recent()
    await settled(face.launches, first, State.DONE)
    face.launches._begun[False].clear()  # as if it was longer ago than a double click

    answer = await press(face, "/dashboard/again", here, launch=first.id)

    second, _ = face.launches.recent()
    assert json.loads(answer.body) == {"said": "Open in Sample: it begins again."}
    assert (second.click.task_ids, second.click.person_id) == (first.click.task_ids, STUDIO.person)
    await settled(face.launches, second, State.DONE)
    assert len(second.processes) == 1


async def test_what_any_page_sent_and_nobody_agreed_to_asks_again(face: Face, artist: str, here: str):
    """Real: the port, the sample Kitsu: a link must not become a launch by one careless press."""
    link = f"kitsu-launcher://run/sample?server=http://{artist}&task={TASKS[0]}"
    await face.ask("POST", "/door/link", json.dumps({"url": link}).encode())
    (first,) = face.launches.recent()
    await settled(face.launches, first, State.ASKS)
    await face.parts.run.decide(first, False)

    await press(face, "/dashboard/again", here, launch=first.id)

    second, _ = face.launches.recent()
    await settled(face.launches, second, State.ASKS)
    assert second.question
    assert second.question.reasons == ("It came from a page, and was not carried out before.",)


def test_what_may_go_again_without_a_question(face: Face):
    """Real: the launches."""
    agreed, refused = face.in_state(State.DONE), face.in_state(State.REFUSED, ABSENT)

    assert may_go_again(agreed)
    assert not may_go_again(refused)
    agreed.asked = ("It may come from any page.",)
    assert not may_go_again(agreed)


async def test_nobody_logged_in_is_told_on_the_page(face: Face, here: str):
    """Real: the port."""
    answer = await press(face, "/dashboard/again", here, launch=face.in_state(State.FAILED, ABSENT).id)

    error = json.loads(answer.body)["error"]
    assert error["problem"] == "You are not logged in to https://kitsu.studio.test here any more."
    assert error["next"] == ("Log in on the page Account, or run `kitsu-launcher login`; then press the button again.")


async def test_a_folder_is_shown_in_the_file_manager(
    face: Face, home: Path, here: str, monkeypatch: pytest.MonkeyPatch
):
    """Real: the port, a program in the place of the desktop's opener."""
    launch = face.in_state(State.DONE)
    process = opened(face, launch)
    opener = home / "xdg-open"
    opener.write_text(f'#!/bin/sh\necho "$1" > "{home}/shown"\n')
    opener.chmod(0o755)
    monkeypatch.setenv("PATH", str(home))
    monkeypatch.setenv("DISPLAY", ":99")
    folder = Path(str(process.file)).parent

    answer = await press(face, "/dashboard/folder", here, launch=launch.id)

    assert json.loads(answer.body) == {"said": f"The folder {folder} is shown."}
    wait_until(lambda: (home / "shown").exists() and (home / "shown").read_text() == f"{folder}\n", 10, "the opener")


async def test_a_launch_without_a_file_has_no_folder(face: Face, here: str):
    """Real: the port."""
    answer = await press(face, "/dashboard/folder", here, launch=face.in_state(State.DONE).id)

    assert (answer.status, json.loads(answer.body)["error"]["problem"]) == (404, "This launch opened no file.")


async def test_somebody_is_logged_out(face: Face, artist: str, here: str):
    """Real: the port, the sample Kitsu."""
    (server,) = face.parts.loaded().config.studio.servers
    (person,) = await face.parts.accounts.people(server)

    answer = await press(face, "/dashboard/logout", here, server=f"http://{artist}", email=person.email)

    assert json.loads(answer.body) == {"said": f"{person.name}: logged out."}
    assert await face.parts.accounts.people(server) == ()
    assert "Nobody is logged in here." in await page(face, "/account", here)


# -- an executable of her own ----------------------------------------------------------------------------------------
async def test_an_executable_of_her_own_is_written_into_her_file_and_counts(face: Face, home: Path, here: str):
    """Real: the port, the file, the loader."""
    (home / "config").mkdir(exist_ok=True)
    mine = home / "config" / "config.toml"
    mine.write_text("# mine\n[desk]\nbrowser = []\n")

    answer = await press(face, "/dashboard/executable", here, app="krita", executable=f" {sys.executable} ")

    assert json.loads(answer.body) == {"said": "krita: this program is used now."}
    assert mine.read_text() == f'# mine\n[desk]\nbrowser = []\n\n[apps.krita]\nexecutable = "{sys.executable}"\n'
    assert face.parts.loaded().config.apps["krita"].user_executable == sys.executable

    await press(face, "/dashboard/executable", here, app="krita", executable=sys.executable, remove="yes")
    assert mine.read_text() == "# mine\n[desk]\nbrowser = []\n\n"


@pytest.mark.parametrize(
    ("app", "executable", "problem", "tried"),
    [
        ("krita", "", "No path was written.", ""),
        ("krita", "/nowhere/krita", "This program cannot be used, so nothing was written.", "/nowhere/krita: "),
        ("krita", "krita", "This program cannot be used, so nothing was written.", "krita: "),
        ("krtia", "/bin/sh", "No application is called 'krtia' here.", ""),
        ("krita", "/etc", "This program cannot be used, so nothing was written.", "/etc: "),
    ],
)
async def test_a_program_that_cannot_be_is_told_and_nothing_is_written(
    face: Face, home: Path, here: str, app: str, executable: str, problem: str, tried: str
):
    """Real: the port, the file system."""
    answer = await press(face, "/dashboard/executable", here, app=app, executable=executable)

    error = json.loads(answer.body)["error"]
    assert (answer.status, error["problem"]) == (422, problem)
    assert not tried or error["tried"][0].startswith(tried)
    assert not (home / "config" / "config.toml").exists()


async def test_without_a_script_what_is_wrong_is_told_where_it_was_written(face: Face, here: str):
    """Real: the port. What was written stays in its field."""
    session = face.parts.sessions.find([here])
    assert session
    body = f"form={session.form_value}&app=krita&executable=/nowhere/krita".encode()
    request = own_page(face.port, "POST", "/dashboard/executable", body)

    for _ in range(40):
        answer = await face.send(request(Cookie=here, Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="document"))
        if 'value="/nowhere/krita"' in answer.text:
            break

    assert answer.status == 422
    assert 'aria-invalid="true"' in answer.text
    assert "This program cannot be used, so nothing was written." in answer.text


def test_settings_stand_by_their_table(face: Face):
    """Real: the loader."""
    tables = dict(by_table(listed(face.parts.loaded())))

    assert next(iter(tables)) == "studio"
    assert {"apps.blender", "actions.debug", "actions.open-in-blender"} <= set(tables)
    assert all(one.key.startswith("actions.debug.") for one in tables["actions.debug"])


async def test_a_page_of_an_earlier_daemon_s_session_says_how_to_enter(face: Face, here: str):
    """Real: the port. Sessions are in memory only."""
    face.parts.sessions._open.clear()

    assert "<h1>Kitsu Launcher runs</h1>" in (await face.send(visit(face.port, "/")(Cookie=here))).text
    assert (await face.send(at_home(face, "/launches", here))).status == 403


async def test_a_program_that_is_nowhere_is_told_with_the_places_that_were_looked_at(face: Face, home: Path, here: str):
    """Real: the port, this machine."""
    with (home / "machine" / "studio.toml").open("a") as studio:
        studio.write(f'[apps.paint]\ntitle = "Paint"\nfind.linux = ["{home}/paint-{{version}}/paint"]\n')
        studio.write('[apps.nowhere]\ntitle = "Nowhere"\n')

    for _ in range(40):
        text = await page(face, "/applications", here)
        if "Looking at the programs" not in text:
            break

    assert f'<h3>No program was found</h3>\n<ul class="lines"><li>{home}/paint-{{version}}/paint</li></ul>' in text
    assert "<h3>It is not known where it is installed</h3>" in text
    shown, _fold, others = text.partition('<details class="fold" data-key="others">')
    assert ('id="app-blender"' in shown, 'id="app-nowhere"' in others, 'id="app-zbrush"' in others) == (True,) * 3
    assert f"<summary>{others.count('<li class=')} other applications that are not here</summary>" in others
