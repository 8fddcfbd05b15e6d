"""What the doctor finds, on the dashboard: real routes, a real machine where things are wrong."""

import html
import json

import pytest

from launcher import __version__
from launcher.doctor import Level
from launcher.errors import LauncherError
from launcher.listening import PortTaken
from launcher.web.findings import broken, patient
from tests.support.face import Face, at_home, cookie
from tests.support.requests import visit


@pytest.fixture
def here(face: Face) -> str:
    """The cookie of a browser that has come in."""
    return cookie(face)


async def test_a_page_shows_all_of_it_the_broken_first(face: Face, here: str):
    """Real: a Kitsu that is not there, and no keyring."""
    answer = await face.send(at_home(face, "/state", here))

    text = html.unescape(answer.text)
    assert answer.status == 200
    assert "<title>This machine – Kitsu Launcher</title>" in text
    marks = [line for line in text.splitlines() if line.startswith('<li class="row ')]
    levels = [line.partition('class="row ')[2].partition('"')[0] for line in marks]
    assert levels == sorted(levels, key=["failed", "asks", "done"].index)
    assert levels[0] == "failed"
    assert "https://kitsu.lunar.example/api cannot be reached" in text or "/api cannot be reached" in text
    assert "Our own folders can be written to." in text


async def test_it_is_shown_to_whom_the_dashboard_is(face: Face):
    answer = await face.send(visit(face.port, "/state"))

    assert answer.status == 403


async def test_the_door_tells_it_and_the_port_does_not(face: Face):
    answer = await face.ask("GET", "/door/findings")
    told = json.loads(answer.body)

    assert told["version"] == __version__
    assert {one["level"] for one in told["findings"]} <= {"good", "warning", "bad"}
    assert (await face.send(visit(face.port, "/door/findings"))).status == 404


async def test_the_first_page_shows_what_it_does_not_say_otherwise(face: Face, here: str):
    """Real: an action whose application is missing; what is told there by other parts is left out here."""
    text = (face.parts.folders.machine / "studio.toml").read_text()
    (face.parts.folders.machine / "studio.toml").write_text(
        f'{text}\n[actions.gone]\ntitle = "Comp"\nkind = "launch"\napp = "gone"\n[apps.gone]\ntitle = "Gone"\n'
    )
    await face.send(at_home(face, "/state", here))

    front = html.unescape((await face.send(at_home(face, "/", here))).text)

    part = front.partition('id="wrong-here"')[2].partition("</section>")[0]
    assert "Gone is not installed here, so these actions cannot work: Comp." in part
    assert '<a href="/state">Everything that was checked</a>' in part
    assert "cannot be reached" not in part


async def test_the_icon_is_told_what_its_menu_does_not_say(face: Face):
    """Real: a folder of ours that is a file; the port and Kitsu have lines of their own there."""
    face.parts.port_trouble = PortTaken("Port 1 is taken.", next_step="Wait.")
    face.parts.folders.cache.write_text("")

    assert await broken(face.parts) == (f"{face.parts.folders.cache} cannot be written to.",)


async def test_a_patient_knows_what_the_daemon_knows(face: Face):
    face.parts.icon = True

    one = patient(face.parts)

    assert (one.running, one.icon, one.port, one.taken) == (True, True, face.port, None)


async def test_a_look_that_fails_is_a_finding_and_hides_no_other(face: Face, monkeypatch: pytest.MonkeyPatch):
    """What nobody foresaw, and an error of another part: each is told under its key."""
    from launcher import doctor

    def fault() -> None:
        raise ZeroDivisionError

    async def refused(*_args: object) -> None:
        raise LauncherError("It hangs.", next_step="Wait.")

    monkeypatch.setattr(doctor.links, "autostart", fault)
    monkeypatch.setattr(doctor, "_roots", refused)

    found = {one.key: one for one in await doctor.look(patient(face.parts))}

    assert found["autostart"].level is Level.WARNING
    assert found["autostart"].title == "This could not be looked at: autostart."
    assert (found["roots"].level, found["roots"].title) == (Level.BAD, "It hangs.")
    assert "links" in found
