"""Any record is one short line, whatever is in it; an application's output is read just as carefully."""

import logging
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.logs import LONGEST, NO_BREAK, OneLine, PrivateFile, capped, escaped, event, tail, to_file


def record(message: str, *args: object, exc_info: object = None) -> logging.LogRecord:
    made = logging.LogRecord("launcher.x", logging.INFO, "x.py", 1, message, args, exc_info)  # type: ignore[arg-type]
    made.created = 0
    return made


def line(message: str, *args: object) -> str:
    return OneLine().format(record(message, *args))


@pytest.fixture
def own_logging() -> Iterator[None]:
    """The root logger as it was, afterwards."""
    root = logging.getLogger()
    before, level = list(root.handlers), logging.getLogger("launcher").level
    yield
    for handler in [handler for handler in root.handlers if handler not in before]:
        root.removeHandler(handler)
        handler.close()
    logging.getLogger("launcher").setLevel(level)


def test_an_event_is_its_word_and_its_values() -> None:
    assert (
        event("launched", launch="7f3a", action="open-in-blender", app="Blender 4.2.3", pid=48211, server=None)
        == "launched launch=7f3a action=open-in-blender app='Blender 4.2.3' pid=48211"
    )


def test_an_empty_value_and_one_with_quotes_are_still_read_as_one_value() -> None:
    assert event("x", a="", b="it's = b", path=Path("/tmp/a b")) == "x a='' b=\"it's = b\" path='/tmp/a b'"


def test_a_value_is_capped_at_200_characters() -> None:
    text = event("x", a="é" * 1_000_000)

    assert text == "x a='" + "é" * 197 + "…'"


def test_line_ends_escape_codes_and_bidi_marks_are_written_out() -> None:
    assert escaped("a\r\n2026 launched\x1b]0;x\a\u202eb\u2028\udc80é 日本") == (
        "a\\r\\n2026 launched\\x1b]0;x\\x07\\u202eb\\u2028\\udc80é 日本"
    )


def test_a_percent_sign_in_a_message_is_only_a_percent_sign() -> None:
    assert line(event("x", action="%s%d%n")).endswith("INFO x action='%s%d%n'")


@given(st.text(st.characters(), max_size=3_000))
def test_every_record_is_one_line_of_bounded_length(text: str) -> None:
    for formatted in (line("%s", text), line(event("refused", origin=text))):
        assert len(formatted) <= LONGEST
        assert formatted.replace(NO_BREAK, " ").isprintable()
        assert formatted.splitlines() == [formatted]


def test_of_a_traceback_the_end_is_kept() -> None:
    try:
        raise ValueError("the reason\nin two lines")
    except ValueError as error:
        formatted = OneLine().format(record("x" * 5_000, exc_info=(ValueError, error, error.__traceback__)))

    assert len(formatted) == LONGEST or len(formatted) < LONGEST
    assert formatted.endswith("ValueError: the reason\\nin two lines")
    assert "\n" not in formatted


def test_a_long_traceback_is_cut_at_its_beginning() -> None:
    try:
        raise ValueError("y" * 5_000 + "end")
    except ValueError as error:
        formatted = OneLine().format(record("failed", exc_info=(ValueError, error, error.__traceback__)))

    assert len(formatted) == LONGEST
    assert " INFO failed | …" in formatted
    assert formatted.endswith("yend")


def test_text_that_is_short_enough_stays_whole() -> None:
    assert (capped("abc", 3), capped("abcd", 3)) == ("abc", "ab…")


@pytest.mark.usefixtures("own_logging")
def test_the_daemons_log_is_private_and_rotates(tmp_path: Path) -> None:
    """Real: the logging module, files."""
    handler = to_file(tmp_path / "daemon.log")
    assert isinstance(handler, PrivateFile)
    handler.maxBytes = 2_000

    for number in range(100):
        logging.getLogger("launcher.test").info(event("launched", number=number))

    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "daemon.log", "daemon.log.1", "daemon.log.2", "daemon.log.3", "daemon.log.4", "daemon.log.5"
    ][: len(list(tmp_path.iterdir()))]  # fmt: skip
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d INFO launched number=99\n", last_line(tmp_path / "daemon.log"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def last_line(path: Path) -> str:
    return path.read_text().splitlines(keepends=True)[-1]


@pytest.mark.usefixtures("own_logging")
def test_a_log_that_cannot_be_written_is_told_on_stderr_and_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Real: a file where the folder should be."""
    (tmp_path / "logs").write_text("")

    to_file(tmp_path / "logs" / "daemon.log")
    logging.getLogger("launcher.test").info("goes on")

    told = capsys.readouterr().err.splitlines()
    assert told[0].endswith(f"WARNING no log file path={tmp_path}/logs/daemon.log error='Not a directory'")
    assert told[1].endswith("INFO goes on")


@pytest.mark.usefixtures("own_logging")
def test_a_full_disk_loses_a_line_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Real: /dev/full."""
    handler = PrivateFile("/dev/full", encoding="utf-8")
    logger = logging.getLogger("launcher.full")
    logger.addHandler(handler)

    logger.warning("x" * 100_000)

    logger.removeHandler(handler)
    assert "Traceback" not in capsys.readouterr().err


def test_an_applications_output_is_shown_without_its_control_characters(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"Blender 4.2\r\n\ttab\n\x1b]0;x\x07\xff\nlast")

    assert tail(tmp_path / "log") == "Blender 4.2\n\ttab\n\\x1b]0;x\\x07\N{REPLACEMENT CHARACTER}\nlast\n"


def test_of_a_long_output_the_end_is_shown(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("".join(f"line {number}\n" for number in range(1000)))

    assert tail(tmp_path / "log", 20) == "… 8870 bytes before this are left out\nline 998\nline 999\n"


def test_an_output_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert tail(tmp_path / "absent") is None
