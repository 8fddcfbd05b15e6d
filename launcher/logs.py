"""The daemon's own log: one event, one line, `key=value`. Values from outside can neither end a line nor fill it.

And how the output of an application is read: as hostile as any other text.
"""

import logging
import logging.handlers
import os
import re
from io import TextIOWrapper
from pathlib import Path

from launcher.filesystem import APPEND

LONGEST = 1_000
"""Characters of one line."""
LONGEST_VALUE = 200
"""Characters of one value from outside."""
SIZE_BYTES = 1_000_000
"""A log that has grown to this begins anew; the last `KEPT` are kept."""
KEPT = 5
SHOWN_BYTES = 256_000
"""Of an application's log no more than this, its end, is shown."""
PLAIN = re.compile(r"[\w./:@+-]{1,200}", re.ASCII)
"""A value that needs no quotes to be read as one."""


def event(what: str, **values: object) -> str:
    """The text of one event: `launched launch=7f3a action=open-in-blender`. Absent values (None) are left out.

    It is a whole message: `log.info(event(…))`, without further arguments.
    """
    return " ".join([what, *(f"{key}={_value(value)}" for key, value in values.items() if value is not None)])


def _value(value: object) -> str:
    text = str(value)
    if PLAIN.fullmatch(text):
        return text
    # repr writes out what is not printable, and quotes: a value cannot pretend to be the next one.
    quoted = repr(text[:LONGEST_VALUE])
    if len(text) <= LONGEST_VALUE and len(quoted) <= LONGEST_VALUE:
        return quoted
    return quoted[: LONGEST_VALUE - 2] + "…" + quoted[0]


NO_BREAK = "\N{NO-BREAK SPACE}"
"""French has it before its colons; it moves nothing and hides nothing."""


def escaped(text: str) -> str:
    r"""`text` with everything that is not printable written out: line ends, escape codes, bidi marks."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c == NO_BREAK else c.encode("unicode_escape", "backslashreplace").decode() for c in text
    )


def capped(text: str, longest: int) -> str:
    """`text`, or its beginning and a mark that something is missing; never more than `longest` characters."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


class OneLine(logging.Formatter):
    """Any record as one line of at most `LONGEST` characters."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%d %H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """The line. Of a traceback the end is kept: there the error stands."""
        line = escaped(super().formatMessage(self._prepared(record)))
        if not record.exc_info:
            return capped(line, LONGEST)
        line = capped(line, LONGEST // 3)
        trace = escaped(self.formatException(record.exc_info))
        room = LONGEST - len(line) - 3
        return f"{line} | {trace if len(trace) <= room else '…' + trace[1 - room :]}"

    def _prepared(self, record: logging.LogRecord) -> logging.LogRecord:
        # A megabyte from outside is cut before it is escaped character by character.
        record.message = record.getMessage()[: 2 * LONGEST]
        record.asctime = self.formatTime(record, self.datefmt)
        return record


class PrivateFile(logging.handlers.RotatingFileHandler):
    """A rotating file (0600) that is never opened through a link."""

    def _open(self) -> TextIOWrapper:
        return open(os.open(self.baseFilename, APPEND, 0o600), "a", encoding="utf-8", errors="backslashreplace")

    def handleError(self, record: logging.LogRecord) -> None:
        """A full disk loses a line; it must not fill stderr with tracebacks, nor stop a click."""


def to_file(path: Path) -> logging.Handler:
    """Send the whole process's log to `path`, and what is a warning or worse to stderr too.

    Where the file cannot be written, stderr alone gets it. Returns the handler of the file, or of stderr.
    """
    terminal: logging.Handler = logging.StreamHandler()
    terminal.setFormatter(OneLine())
    terminal.setLevel(logging.WARNING)
    root = logging.getLogger()
    root.addHandler(terminal)
    logging.getLogger("launcher").setLevel(logging.INFO)
    try:
        file = PrivateFile(path, maxBytes=SIZE_BYTES, backupCount=KEPT, encoding="utf-8")
    except OSError as error:
        terminal.setLevel(logging.INFO)
        logging.getLogger("launcher.logs").warning(event("no log file", path=path, error=error.strerror))
        return terminal
    file.setFormatter(OneLine())
    root.addHandler(file)
    return file


def tail(path: Path, longest_bytes: int = SHOWN_BYTES) -> str | None:
    """The end of a log, with control characters written out; None where it cannot be read."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(size - longest_bytes, 0))
            lines = file.read(longest_bytes).decode(errors="replace").splitlines(keepends=True)
    except OSError:
        return None
    if size > longest_bytes:
        lines[:1] = [f"… {size - longest_bytes} bytes before this are left out\n"]
    return "".join(escaped(line.rstrip("\r\n")).replace("\\t", "\t") + "\n" for line in lines)
