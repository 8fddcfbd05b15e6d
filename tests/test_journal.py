"""When the journal is written: at once what has been started, a moment later what is only being prepared."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher import journal
from launcher.journal import Journal, Process, Record
from launcher.model import Sender, State
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
