"""The language of pages. There is a catalogue for the test alone, made by the same tool that makes the real ones."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from launcher import words
from launcher.errors import NotFoundHere
from launcher.model import State
from launcher.words import _
from tests.support.face import Face
from tests.support.requests import own_page, visit

GERMAN: dict[str | tuple[str, str], str | tuple[str, str]] = {
    "Kitsu Launcher runs": "Kitsu Launcher läuft",
    "Failed": "Fehlgeschlagen",
    "{state}: {action}": "{state} – {action}",
    "{what} – {tasks}": "{what} – {tasks}",
    "{app} is not installed here.": "{app} ist hier nicht installiert.",
    "What to do next": "Wie es weitergeht",
    "This launch is not known here.": "Diesen Start gibt es hier nicht.",
    ("{action} – {n} task?", "{action} – {n} tasks?"): ("{action} – {n} Aufgabe?", "{action} – {n} Aufgaben?"),
}
ABSENT = NotFoundHere(_("{app} is not installed here.", app="Blender"), next_step="Install it.")


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A catalogue that only this test has."""
    catalogue = Catalog(locale="de")
    for one, other in GERMAN.items():
        catalogue.add(one, other)
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / f"{words.DOMAIN}.mo").open("wb") as file:
        write_mo(file, catalogue)
    monkeypatch.setattr(words, "FOLDER", tmp_path)
    words._catalogue.cache_clear()
    yield
    words._catalogue.cache_clear()


async def get(face: Face, target: str, wanted: str | None) -> str:
    return (await face.send(visit(face.port, target)(Accept_Language=wanted))).text


@pytest.mark.usefixtures("german")
async def test_the_browser_s_language_is_used(face: Face):
    """Real: the port, gettext."""
    text = await get(face, "/", "tlh, de-CH;q=0.8, en;q=0.5")

    assert '<html lang="de">' in text
    assert "<h1>Kitsu Launcher läuft</h1>" in text


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize("wanted", [None, "", "fr", "en-GB, de;q=0.5", "x" * 5_000])
async def test_english_is_used_where_the_browser_wants_it_or_nothing_that_is_known(face: Face, wanted: str | None):
    """Real: the port, gettext."""
    text = await get(face, "/", wanted)

    assert '<html lang="en">' in text
    assert "<h1>Kitsu Launcher runs</h1>" in text


@pytest.mark.usefixtures("german")
async def test_the_person_s_own_choice_comes_first(face: Face, home: Path):
    """Real: the port, her file."""
    (home / "config").mkdir(exist_ok=True)
    (home / "config" / "config.toml").write_text('[desk]\nlanguage = "de"\n')

    assert '<html lang="de">' in await get(face, "/", "en")


@pytest.mark.usefixtures("german")
async def test_what_failed_is_told_in_the_reader_s_language(face: Face):
    """Real: the port. Title, word and problem; what is no sentence of ours stays as it is."""
    launch = face.in_state(State.FAILED, ABSENT)

    text = await get(face, launch.url, "de")

    assert "<h1>Blender ist hier nicht installiert.</h1>" in text
    assert "<title>Fehlgeschlagen – Open in Blender – SQ010/SH030/Animation</title>" in text
    assert '<p class="word">Fehlgeschlagen</p>' in text
    assert "<h2>Wie es weitergeht</h2>\n<p>Install it.</p>" in text


@pytest.mark.usefixtures("german")
async def test_a_page_s_script_gets_the_same_words(face: Face):
    """Real: the port."""
    launch = face.in_state(State.FAILED, ABSENT)

    answer = await face.send(own_page(face.port, "GET", f"{launch.url}.json")(Accept_Language="de"))

    told = json.loads(answer.body)
    assert told["error"]["problem"] == "Blender ist hier nicht installiert."
    assert told["page"]["title"] == "Fehlgeschlagen – Open in Blender – SQ010/SH030/Animation"
    assert (told["state"], told["error"]["code"]) == ("failed", "not-found")


@pytest.mark.usefixtures("german")
async def test_counted_sentences_and_errors_of_http_too(face: Face):
    """Real: the port."""
    task = "49e61584-c7c4-48e5-ab28-9972cedd9fea"

    assert "<h1>Open in Blender – 1 Aufgabe?</h1>" in await get(face, f"/run/open-in-blender?task={task}", "de")
    assert "<h1>Diesen Start gibt es hier nicht.</h1>" in await get(face, f"/launches/{'0' * 32}", "de")


@pytest.mark.usefixtures("german")
async def test_two_readers_at_once_each_get_their_own(face: Face):
    """Real: the port. One answer after the other on the same loop."""
    german, english = [await get(face, "/", wanted) for wanted in ("de", "en")]

    assert "läuft" in german
    assert "läuft" not in english
