"""What is wrong in a configuration file, and where: file, line, key, and the nearest name that would be right."""

import difflib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from launcher.words import Words, _, joined

if TYPE_CHECKING:
    from tree_sitter import Node

KeyPath: TypeAlias = tuple[str | int, ...]
"""The way to a value in a TOML document: keys, and indexes of lists."""

LONGEST_VALUE = 80
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Problem:
    """One line for people: `FILE:LINE: KEY: text`, so that editors jump to it."""

    file: str
    line: int
    """Counted from 1; 0 where no line can be told."""
    key: str
    text: str
    warning: bool = False
    """Whether everything still counts as it is written."""

    def __str__(self) -> Words:
        """All of it; `Words` also after `str()`."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return joined(": ", (part for part in (place, self.key, self.text) if part))


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a document, before it is known in which file it stands."""

    key: KeyPath
    text: str
    at: KeyPath = ()
    """Whose line is told, where it is not that of `key`: an unknown key stands below the table that it is told of."""


def unknown(what: str, name: object, known: Iterable[str], *, list_all: bool = False) -> Words:
    """`unknown WHAT "NAME"` with the nearest known name, or with all of them where none is near."""
    names = list(known)
    near = difflib.get_close_matches(name, names, 1) if isinstance(name, str) and not list_all else []
    if near:
        return _("unknown {what} {name}; did you mean {near}?", what=what, name=shown(name), near=shown(near[0]))
    if not names:
        return _("unknown {what} {name}; none is known", what=what, name=shown(name))
    return _("unknown {what} {name}; known: {names}", what=what, name=shown(name), names=", ".join(names))


def shown(value: object, longest: int | None = LONGEST_VALUE) -> str:
    """A value for one line of text: as JSON, without control characters, and not longer than `longest` characters."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):
        text = type(value).__name__
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    return text if longest is None or len(text) <= longest else f"{text[: longest - 1]}…"


def dotted(path: KeyPath) -> str:
    """A path as it is written in TOML; places in lists are left out, the line tells them."""
    keys = [key for key in path if isinstance(key, str)]
    return ".".join(key if BARE_KEY.fullmatch(key) else shown(key) for key in keys)


def undotted(key: str) -> KeyPath:
    """The path of a dotted key, with its quotes read as TOML reads them."""
    try:
        table: object = tomllib.loads(f"{key} = 0")
    except ValueError:
        return tuple(key.split("."))
    path: list[str] = []
    while isinstance(table, dict) and table:
        name = next(iter(table))
        path.append(name)
        table = table[name]
    return tuple(path)


def toml_problem(file: str, text: str, error: ValueError) -> Problem:
    """What tomllib says of a file that is no TOML, with the line in its place."""
    message = str(error)
    match = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message)
    if not match:
        return Problem(file, 0, "", _("not TOML: {reason}", reason=shown(message)))
    line = int(match[1]) if match[1] else len(text.splitlines())
    return Problem(file, line, "", _("not TOML: {reason}", reason=message[: match.start()]))


def line_of(text: bytes, path: KeyPath) -> int:
    """The line of a path in a TOML document, else of the nearest table around it; 0 if nothing of it stands there."""
    lines = _lines(text)
    for length in range(len(path), 0, -1):
        if line := lines.get(path[:length]):
            return line
    return 0


@lru_cache(maxsize=4)
def _lines(text: bytes) -> dict[KeyPath, int]:
    """The line of every path. tree-sitter is imported only here: a configuration without errors never needs it."""
    import tree_sitter
    import tree_sitter_toml

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language()))
    lines: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}
    for node in parser.parse(text).root_node.named_children:
        if node.type in ("table", "table_array_element"):
            header = _header(node, counts, again=node.type == "table_array_element")
            _tell(lines, header, node.start_point.row + 1)
            for child in node.named_children:
                if child.type == "pair":
                    lines.update({p: line for p, line in _pair(child, header) if p not in lines})
        elif node.type == "pair":
            lines.update({p: line for p, line in _pair(node, ()) if p not in lines})
    return lines


def _header(node: "Node", counts: dict[KeyPath, int], *, again: bool) -> KeyPath:
    """The path of a `[table]` or `[[table]]`, with the index of each list of tables on its way."""
    path: KeyPath = ()
    keys = list(_keys(node.named_children[0]))
    for i, key in enumerate(keys):
        path = (*path, key)
        if again and i == len(keys) - 1:
            counts[path] = counts.get(path, 0) + 1
        if path in counts:
            path = (*path, counts[path] - 1)
    return path


def _tell(lines: dict[KeyPath, int], path: KeyPath, line: int) -> None:
    for length in range(1, len(path) + 1):
        lines.setdefault(path[:length], line)


def _pair(node: "Node", table: KeyPath) -> Iterator[tuple[KeyPath, int]]:
    path = table
    for key in _keys(node.named_children[0]):
        path = (*path, key)
        yield path, node.start_point.row + 1
    yield from _value(node.named_children[-1], path)


def _value(node: "Node", path: KeyPath) -> Iterator[tuple[KeyPath, int]]:
    items = [child for child in node.named_children if child.type != "comment"]
    if node.type == "inline_table":
        for child in items:
            if child.type == "pair":
                yield from _pair(child, path)
    elif node.type == "array":
        for i, child in enumerate(items):
            yield (*path, i), child.start_point.row + 1
            yield from _value(child, (*path, i))


def _keys(node: "Node") -> Iterator[str]:
    """The names of a key, which may be bare, quoted or dotted."""
    if node.type == "dotted_key":
        for child in node.named_children:
            yield from _keys(child)
        return
    written = (node.text or b"").decode()
    path = undotted(written)
    yield str(path[0]) if len(path) == 1 else written
