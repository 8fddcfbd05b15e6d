"""What became of every launch, in one SQLite table, so that it is still known after a restart.

Written by a thread of its own: no click waits for a disk, and none depends on it.
"""

import json
import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

import cattrs

from launcher.logs import event
from launcher.model import LeftOut, Sender, State
from launcher.opennote import Noted
from launcher.words import packed, unpacked

NAME = "launches.sqlite"
SCHEMA = 1
"""`user_version` of the file."""
TABLE = "CREATE TABLE IF NOT EXISTS launches (id TEXT PRIMARY KEY, created REAL NOT NULL, record TEXT NOT NULL)"
BUSY_S = 5
"""How long another process of ours may hold the file."""
UNHURRIED_S = 0.5
"""How long a launch that is still being prepared may wait to be written: its application comes first."""
BROKEN = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
"""SQLite's answers for a file that holds something other than our table."""
HANDED_OVER_S = 15.0
"""A program that only gives its file away takes no longer, also from a network share."""
log = logging.getLogger("launcher.journal")
Job: TypeAlias = Callable[[sqlite3.Connection], object]


@dataclass(frozen=True, slots=True)
class Process:
    """One application that a launch started. Times are seconds since 1970."""

    application: str
    """Title and version, for people."""
    argv: tuple[str, ...]
    pid: int
    file: str | None
    task_ids: tuple[str, ...]
    log: str
    """The file that has its output."""
    started: float
    birth: str = ""
    """What tells it from a later process of the same pid."""
    ended: float | None = None
    exit_code: int | None = None
    """Negative: the signal that ended it. None with `ended`: not known."""
    hands_over: bool = False
    """Whether it ends at once when another instance of it takes the file."""

    @property
    def handed_over(self) -> bool:
        """Whether it gave its file to an instance that runs already, and ended well for that."""
        soon = self.ended is not None and self.ended - self.started < HANDED_OVER_S
        return self.hands_over and soon and self.exit_code == 0

    notes: tuple[Noted, ...] = ()
    """What lies beside its files until it ends."""


@dataclass(frozen=True, slots=True)
class Told:
    """The three parts of an error."""

    problem: str
    tried: tuple[str, ...]
    next: str


@dataclass(frozen=True, slots=True)
class Record:
    """One launch as the journal keeps it: never a key, an environment or a one-time value."""

    id: str
    created: float
    action: str
    sender: Sender
    task_ids: tuple[str, ...]
    server: str | None
    title: str
    state: State
    person: str = ""
    tasks: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    processes: tuple[Process, ...] = ()
    error: Told | None = None
    early: bool = False
    email: str = ""
    """Of whose click it is, as far as it is known; journals of earlier versions have none."""
    key: str = ""
    """Which of the studio's keys came with it, as a fingerprint: `trust.fingerprint`."""


@dataclass(frozen=True, slots=True)
class Came:
    """The clicks that came with one of the studio's keys."""

    count: int
    last: float
    """Seconds since 1970."""
    times: tuple[float, ...] = ()


def keys_seen(folder: Path) -> dict[str, Came]:
    """The clicks in a journal by the key that came with them. It is only read, whoever writes it meanwhile."""
    path = folder / NAME
    times: dict[str, list[float]] = {}
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_S)) as connection:
            for created, text in connection.execute("SELECT created, record FROM launches"):
                key = _key_in(text)
                if key and isinstance(created, float):
                    times.setdefault(key, []).append(created)
    except (sqlite3.Error, OSError, ValueError):
        return {}
    return {key: Came(len(moments), max(moments), tuple(sorted(moments))) for key, moments in times.items()}


def _key_in(text: object) -> str:
    """The fingerprint in a row's record; empty where there is none."""
    try:
        record = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return ""
    key = record.get("key") if isinstance(record, dict) else None
    return key if isinstance(key, str) else ""


class Journal:
    """The table. Reading happens once, at the start; every failure is a warning, told once."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._jobs: queue.SimpleQueue[tuple[Job, float] | None] = queue.SimpleQueue()
        """What is to be done, and until when, by the monotonic clock. None is the end."""
        self._thread: threading.Thread | None = None
        self._warned = False

    def read(self, limit: int, since: float) -> list[Record]:
        """The newest `limit` launches since `since`, oldest first; empty where nothing can be read."""
        try:
            return self._read(limit, since)
        except (sqlite3.Error, OSError) as error:
            self._failed(error)
            return []

    def write(self, record: Record) -> None:
        """Keep this launch as it is now. Returns at once.

        As long as nothing is started there is no hurry: writing would take time from the click that it tells of.
        """

        def insert(connection: sqlite3.Connection) -> None:
            row = (record.id, record.created, json.dumps(_converter().unstructure(record)))
            connection.execute("INSERT OR REPLACE INTO launches VALUES (?, ?, ?)", row)

        self._do(insert, UNHURRIED_S if record.state is State.PREPARING and not record.processes else 0)

    def forget(self, before: float) -> None:
        """Drop what is older than `before`. Returns at once."""
        self._do(lambda connection: connection.execute("DELETE FROM launches WHERE created < ?", (before,)))

    def close(self) -> None:
        """Write what waits, and end the thread."""
        if self._thread:
            self._jobs.put(None)
            self._thread.join(timeout=2 * BUSY_S)
            self._thread = None

    def _read(self, limit: int, since: float) -> list[Record]:
        if not self.path.exists() and not self.path.is_symlink():
            return []
        rows: list[tuple[str]] = []

        def select(connection: sqlite3.Connection) -> None:
            newest = "SELECT record FROM launches WHERE created >= ? ORDER BY created DESC, rowid DESC LIMIT ?"
            rows.extend(connection.execute(newest, (since, limit)))

        connection = self._try(None, select)
        connection.close()
        return [record for (text,) in reversed(rows) if (record := _record(text))]

    def _open(self) -> sqlite3.Connection:
        """A connection to a file that is surely ours and surely of this schema."""
        if self.path.is_symlink():
            raise _not_ours("a link is in its place")
        connection = sqlite3.connect(self.path, timeout=BUSY_S)
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version > SCHEMA:
                raise sqlite3.OperationalError(f"written by a newer version: schema {version}")
            if version == 0:
                self.path.chmod(0o600)
                # No write-ahead log: it needs shared memory, which a home on NFS does not have.
                connection.execute("PRAGMA journal_mode = DELETE")
                connection.execute(TABLE)
                connection.execute(f"PRAGMA user_version = {SCHEMA:d}")
            connection.execute("SELECT id, created, record FROM launches LIMIT 1").fetchone()
        except BaseException:  # whatever it is, the file is let go; told by who asked
            connection.close()
            raise
        return connection

    def _do(self, job: Job, patience_s: float = 0) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
            self._thread.start()
        self._jobs.put((job, time.monotonic() + patience_s))

    def _work(self) -> None:
        """The thread's body. After a failure the next job tries to open the file anew: a full disk gets free again."""
        connection: sqlite3.Connection | None = None
        goes_on = True
        while goes_on:
            jobs, goes_on = self._due()
            try:
                connection = self._try(connection, _all(jobs)) if jobs else connection
                self._warned = False
            except (sqlite3.Error, OSError) as error:
                connection = None
                self._failed(error)
        if connection:
            connection.close()

    def _due(self) -> tuple[list[Job], bool]:
        """All that is to be done, in its order, as soon as a part of it may wait no longer; False: this is the end."""
        jobs: list[Job] = []
        until = float("inf")
        while True:
            try:
                entry = self._jobs.get(timeout=max(until - time.monotonic(), 0) if jobs else None)
            except queue.Empty:
                return jobs, True
            if entry is None:
                return jobs, False
            jobs.append(entry[0])
            until = min(until, entry[1])

    def _try(self, connection: sqlite3.Connection | None, job: Job) -> sqlite3.Connection:
        """Do `job`; a broken file is set aside first, and a new one begun. Answers the connection to go on with."""
        try:
            return self._once(connection, job)
        except sqlite3.Error as error:
            if not broken(error):
                raise
            self._set_aside(error)
        return self._once(None, job)

    def _once(self, connection: sqlite3.Connection | None, job: Job) -> sqlite3.Connection:
        connection = connection or self._open()
        try:
            with connection:
                job(connection)
        except BaseException:  # whatever it is, the file is let go; told by who asked
            connection.close()
            raise
        return connection

    def _set_aside(self, error: sqlite3.Error) -> None:
        """Give a broken file another name, so that a new one can begin and nothing is lost."""
        aside = self.path.with_name(f"{NAME}.broken-{time.strftime('%Y%m%d-%H%M%S')}")
        self.path.rename(aside)
        log.warning(event("journal set aside", path=aside, error=error))

    def _failed(self, error: Exception) -> None:
        if not self._warned:
            log.warning(event("journal not usable, launches go on without it", path=self.path, error=error))
        self._warned = True


def _all(jobs: list[Job]) -> Job:
    """Several jobs as one, for one transaction."""

    def job(connection: sqlite3.Connection) -> None:
        for one in jobs:
            one(connection)

    return job


def broken(error: sqlite3.Error) -> bool:
    """Whether the file itself is the trouble, not its permissions, its disk or another process."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in BROKEN


def _not_ours(why: str) -> sqlite3.Error:
    error = sqlite3.DatabaseError(why)
    error.sqlite_errorcode = sqlite3.SQLITE_NOTADB
    return error


@cache
def _converter() -> cattrs.Converter:
    """Sentences are kept with their patterns: a launch of yesterday is told in today's language."""
    made = cattrs.Converter()
    made.register_unstructure_hook(str, packed)
    made.register_structure_hook(str, lambda value, _type: unpacked(value))
    # These are text as well, and would be taken by the hook above.
    made.register_structure_hook(Sender, lambda value, _type: Sender(value))
    made.register_structure_hook(State, lambda value, _type: State(value))
    return made


def _record(text: str) -> Record | None:
    """A row's launch; None, with a warning, where the row holds something else."""
    try:
        return _converter().structure(json.loads(text), Record)
    # cattrs raises its groups, and KeyError, TypeError or ValueError for each thing that is not what it should be.
    except (cattrs.BaseValidationError, LookupError, TypeError, ValueError, RecursionError) as error:
        log.warning(event("journal row skipped", error=type(error).__name__))
        return None
