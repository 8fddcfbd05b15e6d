"""The note that a launch leaves beside its file: who has it open, where and since when. Pure: bytes in, values out.

Notes lie on a share where anybody may write: what is read from one is bounded here, and made harmless by who shows it.
"""

import hashlib
import json
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from launcher.words import _

VERSION = 1
SUFFIX = ".kitsu-open"
LONGEST_BYTES = 4096
"""Of a note. Ours have some 200."""
LONGEST_NAME_BYTES = 255
"""Of a file's name, on every file system that counts here."""
LONGEST_FIELD = 120
"""Characters. Three of them fit into a note, whatever they are."""
TOUCHED_S = 300.0
"""A note whose application runs is touched this often."""
STALE_S = 2 * TOUCHED_S + 60
"""After this long without a touch, nothing is known any more: two were missed, with a minute for a slow share."""
AHEAD = timedelta(days=1)
"""The most that a time may lie in the future. Clocks are wrong by hours, no file was opened the year after next."""
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


class NotANote(ValueError):
    """What stands in a note's place is none; the text says why, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Note:
    """What a note says. Every text may be anybody's."""

    person: str
    host: str
    application: str
    since: datetime
    """With its time zone."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A note of this daemon: where it lies, and what is in it. Kept in the journal, so that the next daemon goes on."""

    file: str
    """The file that it lies beside."""
    root: str
    """The root's path that the file is under."""
    content: str
    """Two notes never have the same: that is how a daemon knows its own."""


class Standing(StrEnum):
    """What a note that was found means."""

    OPEN = "open"
    """Somebody has the file open."""
    HERE = "here"
    """An application that this daemon follows has it open."""
    OVER = "over"
    """This daemon's own, of an application that has ended: it could not be removed then."""
    STALE = "stale"
    """Nobody has touched it for long: an application, a daemon or a machine has gone without a word."""
    UNKNOWN = "unknown"
    """No note that can be read."""


@dataclass(frozen=True, slots=True)
class Found:
    """A note that lies beside a file, as far as a plan needs it."""

    standing: Standing
    note: Note | None = None
    """None where it cannot be read."""
    since: str = ""
    """When the file was opened, in local time, for people."""
    heard: str = ""
    """When the note was touched last, in local time, for people."""
    why: str = ""
    """Why it cannot be read, as the end of a sentence."""
    mark: str = ""
    """Fingerprint of what may be taken over; empty where it must be left alone."""


def name_beside(file: str) -> str:
    """The name of the note beside a file of this name: hidden, and short enough for every file system.

    Also the name that a macOS client of the share has stored in NFD leads to the same note.
    """
    name = unicodedata.normalize("NFC", file)
    room = LONGEST_NAME_BYTES - len(SUFFIX) - 1
    raw = name.encode("utf-8", "surrogatepass")  # Windows has half characters in names
    if len(raw) > room:
        mark = hashlib.sha256(raw).hexdigest()[:16]
        name = f"{raw[: room - 17].decode(errors='ignore')}_{mark}"
    return f".{name}{SUFFIX}"


def is_note(name: str) -> bool:
    """Whether a name of a folder's listing is a note's: never a working file, whatever a template matches."""
    return name.startswith(".") and name.endswith(SUFFIX)


def file_of(note: str) -> str:
    """The name of the file that a note of this name lies beside; of a very long one, nobody's."""
    return note.removeprefix(".").removesuffix(SUFFIX)


def content_of(person: str, host: str, application: str, since: datetime) -> str:
    """The content of a new note; no two are the same."""
    says = {
        "kitsu-launcher": VERSION,
        "person": person[:LONGEST_FIELD],
        "host": host[:LONGEST_FIELD],
        "application": application[:LONGEST_FIELD],
        "since": since.astimezone(UTC).isoformat(timespec="seconds"),
        "mark": secrets.token_hex(8),
    }
    return (json.dumps(says, ensure_ascii=False) + "\n").encode(errors="replace").decode()


def parse(content: bytes, now: datetime) -> Note:
    """What a note says, whichever version wrote it: unknown fields are left alone.

    Raises: NotANote.
    """
    try:
        says = json.loads(content)
        person, host, application, since = (says[name] for name in ("person", "host", "application", "since"))
        opened = datetime.fromisoformat(since)
    # `json` and `fromisoformat` raise these for what is not theirs, a lookup the last two.
    except (ValueError, RecursionError, TypeError, LookupError) as error:
        raise NotANote(_("is not readable")) from error
    texts = (person, host, application)
    if not all(isinstance(text, str) and len(text) <= LONGEST_FIELD for text in texts) or opened.tzinfo is None:
        raise NotANote(_("is not readable"))
    if not EARLIEST <= opened <= now + AHEAD:
        raise NotANote(_("has a time that cannot be"))
    return Note(person, host, application, opened)


def fingerprint(content: bytes) -> str:
    """What tells one note from the next that lies in its place."""
    return hashlib.sha256(content).hexdigest()


def moment(of: datetime, now: datetime) -> str:
    """A time for people, both in local time: the hour, and the day where it is another one."""
    return of.strftime("%H:%M" if of.date() == now.date() else "%Y-%m-%d %H:%M")
