"""Layers of raw tables: laid over each other, and asked which of them said a thing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from launcher.config.problems import Fault, KeyPath, Problem, dotted, line_of

Raw: TypeAlias = dict[str, object]
"""A table as tomllib reads it."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One table that is laid over the ones before it."""

    file: str
    """The file it stands in; "catalogue" for our own entries."""
    table: Raw
    prefix: KeyPath = ()
    """Where in the file the table stands: `("projects", "Big Buck Bunny")`."""
    text: bytes = b""
    """The file's whole content, for lines."""

    def depth(self, path: KeyPath) -> int:
        """How many parts of `path` stand in this layer."""
        value: object = self.table
        for i, key in enumerate(path):
            try:
                value = value[key]  # type: ignore[index]
            except (KeyError, IndexError, TypeError):
                return i
        return len(path)

    def in_file(self, path: KeyPath) -> KeyPath:
        """`path` as it is written in the file."""
        return (*self.prefix, *path)

    def line(self, path: KeyPath) -> int:
        return line_of(self.text, self.in_file(path)) if self.text else 0


def merge(layers: Iterable[Layer]) -> Raw:
    """All layers as one table; the later one wins. Lists and changes of an environment variable are replaced whole."""
    merged: Raw = {}
    for layer in layers:
        merged = _over(merged, layer.table, ())
    return merged


def _over(low: Raw, high: Raw, path: KeyPath) -> Raw:
    merged = dict(low)
    for key, value in high.items():
        below = merged.get(key)
        here = (*path, key)
        if isinstance(below, dict) and isinstance(value, dict) and not _is_whole(here):
            merged[key] = _over(below, value, here)
        else:
            merged[key] = value
    return merged


def _is_whole(path: KeyPath) -> bool:
    """Whether a table is one value: what happens to an environment variable."""
    return len(path) == 4 and path[2] == "env"


def leaves(table: Mapping[str, object], path: KeyPath = ()) -> Iterator[KeyPath]:
    """The path of every value that is no table; empty tables too."""
    for key, value in table.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key)


def without(table: Raw, taken: Mapping[str, object], path: KeyPath = ()) -> Raw:
    """`table` less what `taken` sets: a person's own value never beats that of a project."""
    kept: Raw = {}
    for key, value in table.items():
        other, here = taken.get(key), (*path, key)
        if key not in taken:
            kept[key] = value
        elif isinstance(value, dict) and isinstance(other, dict) and not _is_whole(here):
            kept[key] = without(value, other, here)
    return kept


def source_of(layers: Sequence[Layer], path: KeyPath) -> Layer | None:
    """The layer that said `path`, else the highest one with most of the way to it; None if no layer has any of it."""
    best = max(reversed(layers), key=lambda layer: layer.depth(path), default=None)
    return best if best and best.depth(path) else None


def problem(layers: Sequence[Layer], fault: Fault) -> Problem:
    """A fault of the merged table, told of the file that it stands in."""
    at = fault.at or fault.key
    layer = source_of(layers, at) or layers[-1]
    return Problem(layer.file, layer.line(at), dotted(layer.in_file(fault.key)), fault.text)
