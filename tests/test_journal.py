"""When the journal is written: at once what has been started, a moment later what is only being prepared."""

import dataclasses
import gettext
import io
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from launcher import journal, words
from launcher.journal import Journal, Process, Record, Told
from launcher.model import Sender, State
from launcher.words import _
from tests.support.desktop import wait_until

PROCESS = Process("Sample 1.0", ("/bin/true",), 4711, None, ("t1",), "/tmp/log", 2.0)


@pytest.fixture
def patient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Journal]:
    """A journal in which what is not urgent waits for an hour."""
    monkeypatch.setattr(journal, "UNHURRIED_S", 3600)
    one = Journal(tmp_path)
    yield one
    one.close()


def record(id: str, state: State = State.PREPARING, *processes: Process) -> Record:
    return Record(id, 1.0, "open", Sender.FORM, ("t1",), None, "Open", state, processes=processes)


def written(folder: Path) -> list[str]:
    """The ids that are on the disk."""
    if not (folder / journal.NAME).exists():
        return []
    with sqlite3.connect(folder / journal.NAME) as connection:
        try:
            rows = connection.execute("SELECT id FROM launches ORDER BY id").fetchall()
        except sqlite3.OperationalError:  # the table is being made
            rows = []
    connection.close()
    return [id for (id,) in rows]


def test_a_started_application_is_written_at_once_with_all_that_waited(patient: Journal, tmp_path: Path):
    """Real: SQLite, the journal's thread."""
    patient.write(record("a"))
    patient.write(record("b"))
    patient.write(record("b", State.PREPARING, PROCESS))

    wait_until(lambda: written(tmp_path), 10, "the journal")
    assert written(tmp_path) == ["a", "b"]


@pytest.mark.parametrize("state", [state for state in State if state is not State.PREPARING])
def test_every_state_but_preparing_is_written_at_once(patient: Journal, tmp_path: Path, state: State):
    """Real: SQLite, the journal's thread."""
    patient.write(record("a", state))

    wait_until(lambda: written(tmp_path), 10, "the journal")


def test_what_waits_is_written_at_the_end(patient: Journal, tmp_path: Path):
    """Real: SQLite, the journal's thread."""
    patient.write(record("a"))
    assert written(tmp_path) == []

    patient.close()

    assert written(tmp_path) == ["a"]


def test_what_is_being_prepared_does_not_wait_for_ever(tmp_path: Path):
    """Real: SQLite, the journal's thread, its own patience."""
    one = Journal(tmp_path)
    one.write(record("a"))

    wait_until(lambda: written(tmp_path), 10, "the journal")
    one.close()


def told_by_french(text: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a French reader sees, with a catalogue of one sentence."""
    catalogue = Catalog(locale="fr")
    catalogue.add("{path} cannot be used.", "{path} est inutilisable.")
    catalogue.add("Check its permissions and the free space.", "Vérifiez ses droits et la place libre.")
    packed = io.BytesIO()
    write_mo(packed, catalogue)
    packed.seek(0)
    french = gettext.GNUTranslations(packed)
    french.add_fallback(words._Unknown())
    monkeypatch.setattr(words, "_catalogue", lambda language: french)
    return words.in_language(text, "fr")


def test_a_launch_of_yesterday_is_told_in_todays_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Real: SQLite, the journal's thread, a compiled catalogue."""
    problem = _("{path} cannot be used.", path="/p/{x.__class__}")
    told = Told(
        problem, (_("{path}: is not there", path="/p"), "/plain"), _("Check its permissions and the free space.")
    )
    earlier = Journal(tmp_path)
    earlier.write(dataclasses.replace(record("a", State.FAILED), error=told, warnings=(problem,)))
    earlier.close()

    (again,) = Journal(tmp_path).read(10, 0)

    assert again.error == told
    assert again.error is not None
    assert told_by_french(again.error.problem, monkeypatch) == "/p/{x.__class__} est inutilisable."
    assert told_by_french(again.error.next, monkeypatch) == "Vérifiez ses droits et la place libre."
    assert told_by_french(again.error.tried[0], monkeypatch) == "/p: is not there"
    assert told_by_french(again.warnings[0], monkeypatch) == "/p/{x.__class__} est inutilisable."


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ({"text": "Safe.", "pattern": "{x.__class__}", "one": "", "values": {"x": "v"}}, "Safe."),
        ({"text": "Safe.", "pattern": "{x:>999999999}", "one": "", "values": {"x": "v"}}, "Safe."),
        ({"text": "Safe.", "pattern": "{path} cannot be used.", "one": "", "values": {}}, "{path} est inutilisable."),
        ({"text": "Safe.", "pattern": "{path} cannot be used.", "one": "{n}", "values": {"path": "x"}}, "Safe."),
        ({"text": "Safe.", "pattern": 7, "one": "", "values": []}, "Safe."),
        ({"text": "Safe."}, "Safe."),
        ({"text": "Safe.", "pattern": "{path} cannot be used.", "one": "", "values": {"path": [1]}}, None),
        ({"text": ["x"]}, None),
        (7, None),
    ],
)
def test_a_row_that_somebody_has_written_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: object, shown: str | None
):
    """Real: SQLite. Nothing out of the file is ever taken for a pattern to be filled in."""
    one = Journal(tmp_path)
    one.write(record("a", State.DONE))
    one.close()
    with sqlite3.connect(tmp_path / journal.NAME) as connection:
        (row,) = connection.execute("SELECT record FROM launches").fetchone()
        connection.execute("UPDATE launches SET record = ?", (json.dumps({**json.loads(row), "warnings": [kept]}),))
    connection.close()

    read = Journal(tmp_path).read(10, 0)

    assert [told_by_french(text, monkeypatch) for one in read for text in one.warnings] == ([shown] if shown else [])


def test_sentences_within_sentences_end_somewhere(tmp_path: Path):
    """A row of three hundred levels is read to the eighth."""
    kept: object = "end"
    for _level in range(300):
        kept = {"text": "Safe.", "pattern": "{x}", "one": "", "values": {"x": kept}}

    assert words.unpacked(kept) == "Safe."
