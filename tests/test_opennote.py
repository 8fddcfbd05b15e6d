"""What a note says and is called: `launcher.opennote`, values in, values out."""

import json
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest

from launcher.opennote import (
    LONGEST_BYTES,
    LONGEST_NAME_BYTES,
    STALE_S,
    TOUCHED_S,
    NotANote,
    Note,
    content_of,
    is_note,
    moment,
    name_beside,
    parse,
)

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
SAYS = {
    "kitsu-launcher": 1,
    "person": "Ana Rossi",
    "host": "ws12",
    "application": "Blender 4.2.3",
    "since": "2026-11-24T14:05:00+00:00",
    "mark": "00112233",
}


def test_a_note_is_hidden_beside_its_file() -> None:
    assert name_beside("SH030_animation_v003.blend") == ".SH030_animation_v003.blend.kitsu-open"
    assert is_note(name_beside("SH030_animation_v003.blend"))
    assert not is_note("SH030_animation_v003.blend")
    assert not is_note("SH030.kitsu-open")


def test_a_name_in_nfd_has_the_same_note() -> None:
    name = "Zoë_v001.blend"

    assert name_beside(unicodedata.normalize("NFD", name)) == name_beside(unicodedata.normalize("NFC", name))


@pytest.mark.parametrize("file", ["x" * 250, "é" * 127, "\U0001f3ac" * 63, "\udcff" * 250])
def test_a_long_name_is_cut_and_told_apart(file: str) -> None:
    one, other = name_beside(file), name_beside(file[:-1] + "y")

    assert one != other
    assert len(one.encode("utf-8", "surrogateescape")) <= LONGEST_NAME_BYTES
    assert is_note(one)


def test_a_note_says_what_was_written_and_no_two_are_the_same() -> None:
    since = datetime(2026, 11, 24, 15, 5, tzinfo=timezone(timedelta(hours=1)))

    one, other = (content_of("Zoë Ní Bhriain", "ws12", "Blender 4.2.3", since) for _ in range(2))

    assert parse(one.encode(), NOW) == Note("Zoë Ní Bhriain", "ws12", "Blender 4.2.3", since)
    assert one != other
    assert json.loads(one)["since"] == "2026-11-24T14:05:00+00:00"


@pytest.mark.parametrize("text", ["\U0001f3ac" * 5000, '"' * 5000, "\x01" * 5000, "\udcff" * 5000])
def test_whatever_the_names_are_a_note_stays_short(text: str) -> None:
    content = content_of(text, text, text, NOW).encode()

    assert len(content) <= LONGEST_BYTES
    assert parse(content, NOW).since == NOW


def test_a_later_versions_note_is_read_for_what_is_known_of_it() -> None:
    assert parse(json.dumps({**SAYS, "kitsu-launcher": 9, "more": [1]}).encode(), NOW).person == "Ana Rossi"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 200,
        b"\xff\xfe",
        b"[" * 4096,
        b"1" * 4096,
        b"[]",
        b"null",
        b'"text"',
        b'{"person": "Ana"}',
        *(json.dumps({**SAYS, **wrong}).encode() for wrong in (
            {"person": 5},
            {"person": None},
            {"host": ["ws12"]},
            {"application": {}},
            {"person": "x" * 121},
            {"since": 1_700_000_000},
            {"since": "yesterday"},
            {"since": "2026-11-24T14:05:00"},
            {"since": None},
        )),
    ],
)  # fmt: skip
def test_what_is_no_note_is_not_readable(content: bytes) -> None:
    with pytest.raises(NotANote, match=r"^is not readable$"):
        parse(content, NOW)


@pytest.mark.parametrize(
    "since",
    [
        "0001-01-01T00:00:00+00:00",
        "1999-12-31T23:59:59+00:00",
        "2026-11-26T00:00:00+00:00",
        "9999-12-31T23:59:59-12:00",
    ],
)
def test_a_time_that_cannot_be_is_told(since: str) -> None:
    with pytest.raises(NotANote, match=r"^has a time that cannot be$"):
        parse(json.dumps({**SAYS, "since": since}).encode(), NOW)


def test_a_clock_that_is_hours_ahead_is_no_reason_to_doubt_a_note() -> None:
    assert parse(json.dumps({**SAYS, "since": "2026-11-25T02:00:00+00:00"}).encode(), NOW).host == "ws12"


def test_a_moment_of_another_day_has_its_day() -> None:
    assert moment(NOW - timedelta(minutes=55), NOW) == "14:05"
    assert moment(NOW - timedelta(hours=16), NOW) == "2026-11-23 23:00"


def test_two_touches_may_be_missed() -> None:
    assert 2 * TOUCHED_S < STALE_S < 3 * TOUCHED_S
