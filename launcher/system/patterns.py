"""Patterns of paths with `{version}`, `*`, `?` and `[…]`, followed through a `Look`. Pure but for what the look sees.

Only folders that fit are entered, and a level without wildcards is not even listed. The same on every OS but for what
parts a path, and for Windows' registry, whose keys are followed in the same way.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from launcher.config.patterns import Pattern, parse
from launcher.model import OS
from launcher.system.sight import Look

VERSION = r"[0-9]+(?:\.[0-9]+)*(?:v[0-9]+)?"
"""4.2.3, 2024, and Nuke's 15.0v2."""
WILD = re.compile(r"(\{version\}|\*|\?|\[[^\]]+\])")


@dataclass(frozen=True, slots=True)
class Start:
    """Where a pattern is followed from."""

    folder: str
    """A real folder, whose name may hold what would be a wildcard in a pattern."""
    rest: str
    """The pattern below it; empty for the folder itself, which is then a file."""
    version: str = ""
    """What `{version}` stood for on the way to it."""


@dataclass(frozen=True, slots=True)
class Match:
    """One path that a pattern leads to."""

    path: str
    version: str
    """Empty where the path tells none."""


@dataclass(frozen=True, slots=True)
class Tree:
    """What is walked through: folders, or the registry's keys."""

    separator: str
    like: Callable[[str, str], Iterable[str]]
    """The names below a place that begin so."""
    is_there: Callable[[str], bool]

    def below(self, place: str, name: str) -> str:
        return f"{place}{name}" if place.endswith(self.separator) else f"{place}{self.separator}{name}"


def found(
    texts: Sequence[str], os: OS, look: Look, starts: Callable[[Pattern, Look], Iterable[Start]]
) -> Iterator[Match]:
    """Every path that an application's patterns lead to, in their order; one that fits several comes several times.

    A path from the registry that tells no version has that of a pattern whose end it fits.
    """
    separator = "\\" if os is OS.WINDOWS else "/"
    tree = Tree(separator, look.folders, look.sight.is_there)
    for text in texts:
        pattern = parse(text, os)
        if not isinstance(pattern, Pattern):  # told when the configuration was read
            continue
        for start in starts(pattern, look):
            for match in walk(start, tree, look.folds):
                yield match if match.version else replace(match, version=version_in(texts, match.path, os))


def walk(start: Start, tree: Tree, folds: bool) -> Iterator[Match]:
    """Every place below a start that its pattern leads to, by name."""
    parts = [part for part in re.split(r"[\\/]" if tree.separator == "\\" else "/", start.rest) if part]

    def follow(place: str, i: int, version: str, listed: bool) -> Iterator[Match]:
        while i < len(parts):
            part = part_of(parts[i].replace("{version}", literal(version)) if version else parts[i], folds)
            if part.regex is not None:
                break
            place, i, listed = tree.below(place, part.prefix), i + 1, False
        else:
            if listed or tree.is_there(place):
                yield Match(place, version)
            return
        for name in tree.like(place, part.prefix):
            if (fits := part.regex.fullmatch(name)) and (part.prefix or not name.startswith(".")):
                told = version or fits.groupdict().get("version") or ""
                yield from follow(tree.below(place, name), i + 1, told, True)

    yield from follow(start.folder, 0, start.version, False)


@dataclass(frozen=True, slots=True)
class Part:
    """One level of a pattern."""

    prefix: str
    """How a name begins that fits; the whole name where there are no wildcards."""
    regex: re.Pattern[str] | None


@lru_cache(2048)
def part_of(text: str, folds: bool) -> Part:
    """One level of a pattern, ready to be compared with names."""
    pieces = WILD.split(text)
    # "[*]" is a star that is meant: where nothing else is wild, the level has one name.
    plain = [piece[1] if re.fullmatch(r"\[[*?\[]\]", piece) else piece for piece in pieces]
    if not any(WILD.fullmatch(piece) for piece in pieces if not re.fullmatch(r"\[[*?\[]\]", piece)):
        return Part("".join(plain), None)
    return Part(pieces[0], re.compile(regex(text, r"\\/"), re.IGNORECASE | re.DOTALL if folds else re.DOTALL))


def version_in(texts: Iterable[str], path: str, os: OS) -> str:
    """What `{version}` stands for in a path that ends as one of the patterns does; else empty.

    From the folder that names the version on: a Maya2025 may lie anywhere, on any drive.
    """
    flags = re.IGNORECASE | re.DOTALL if os is OS.WINDOWS else re.DOTALL
    ends = (end for text in texts if (end := _end(text, os)))
    matches = (re.search(end, path, flags) for end in ends)
    return next((match["version"] for match in matches if match), "")


@lru_cache(1024)
def _end(text: str, os: OS) -> str:
    pattern = parse(text, os)
    if not isinstance(pattern, Pattern) or "{version}" not in pattern.rest:
        return ""
    inner = r"\\/" if os is OS.WINDOWS else "/"
    separator = f"[{inner}]"
    parts = re.split(separator, pattern.rest)
    first = next(i for i, part in enumerate(parts) if "{version}" in part)
    return separator + regex("/".join(parts[first:]), inner, separator) + r"\Z"


def literal(text: str) -> str:
    """A text within a pattern."""
    return re.sub(r"([*?[])", r"[\1]", text)


def regex(pattern: str, separators: str, slash: str = "/") -> str:
    """What a path must look like to fit. The first `{version}` is the group `version`; later ones must equal it."""
    wild = {"*": f"[^{separators}]*", "?": f"[^{separators}]"}
    pieces, versions = [], 0
    for piece in WILD.split(pattern):
        if piece == "{version}":
            pieces.append("(?P=version)" if versions else f"(?P<version>{VERSION})")
            versions += 1
        elif WILD.fullmatch(piece):
            pieces.append(wild.get(piece) or "[" + piece[1:].replace("[", r"\["))
        else:
            pieces.append(re.escape(piece).replace("/", slash))
    return "".join(pieces)
