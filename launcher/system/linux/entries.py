"""Desktop entries (`.desktop` files), as the Desktop Entry Specification 1.5 writes them: text in, text out."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

RESERVED = frozenset(" \t\n\"'\\><~|&;$*?#()`")
"""Characters for which an argument must stand in quotes."""
ESCAPED = frozenset('"`$\\')
"""Of these, inside quotes, each needs a backslash."""
HEADER = "[Desktop Entry]"


def entry(values: Mapping[str, str]) -> str:
    """The text of a whole file."""
    return "\n".join([HEADER, *(f"{key}={value}" for key, value in values.items())]) + "\n"


def exec_line(argv: Sequence[str], *codes: str) -> str:
    """The value of `Exec` for an argument list; `codes` are field codes such as `%u`, which stand alone."""
    return " ".join([*map(_quoted, argv), *codes]).replace("\\", "\\\\").replace("\n", "\\n")


def _quoted(argument: str) -> str:
    argument = argument.replace("%", "%%")
    if argument and not RESERVED & set(argument):
        # xdg-open's own reading knows no quotes: they only stand where they must.
        return argument
    return '"' + "".join(f"\\{c}" if c in ESCAPED else c for c in argument) + '"'


def value(text: str, key: str) -> str | None:
    """A key's value in a file's main group, as it stands there; None where there is none."""
    inside = False
    for line in text.splitlines():
        if line.startswith("["):
            inside = line.strip() == HEADER
        name, equals, found = line.partition("=")
        if inside and equals and name.strip() == key:
            return found.strip()
    return None


def program(text: str) -> str:
    """The program that a file's `Exec` begins with; empty where it is none that is named whole."""
    line = (value(text, "Exec") or "").replace("\\\\", "\\")
    if not line.startswith('"'):
        word = line.partition(" ")[0]
    else:
        word, escaped = "", False
        for c in line[1:]:
            if c == '"' and not escaped:
                break
            escaped = c == "\\" and not escaped
            word += "" if escaped else c
    word = word.replace("%%", "%")
    return word if os.path.isabs(word) else ""


def is_there(text: str) -> bool:
    """Whether a file names a program that can be started."""
    path = program(text)
    return os.path.isfile(path) and os.access(path, os.X_OK)


def read(path: Path) -> str | None:
    """A file's text; None where there is none, or it cannot be read."""
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except OSError:
        return None


def home(variable: str, otherwise: str, environ: Mapping[str, str] = os.environ) -> Path:
    """One of the person's own folders of the XDG Base Directory Specification."""
    chosen = environ.get(variable, "")
    return Path(chosen) if os.path.isabs(chosen) else Path.home() / otherwise


def shared(variable: str, otherwise: str, environ: Mapping[str, str] = os.environ) -> list[Path]:
    """The folders for everybody, the first wins."""
    return [Path(path) for path in (environ.get(variable) or otherwise).split(":") if os.path.isabs(path)]
