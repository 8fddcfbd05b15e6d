"""Patterns of paths with `{version}`, `*`, `?` and `[…]`, the same on every OS but for what parts a path."""

import re
from collections.abc import Iterable
from glob import glob
from pathlib import Path

from launcher.system import Place

VERSION = r"\d+(?:\.\d+)*(?:v\d+)?"
"""4.2.3, 2024, and Nuke's 15.0v2."""
WILD = re.compile(r"(\{version\}|\*|\?|\[[^\]]+\])")


def places(patterns: Iterable[str], separators: str, flags: int = 0) -> list[Place]:
    """Every file here that one of the patterns leads to. `separators` as within a regular expression's []."""
    found = []
    for pattern in patterns:
        shape = regex(pattern, separators, flags)
        # A version may be followed by "*": two stars would mean any depth to glob.
        for path in sorted(glob(re.sub(r"\*+", "*", pattern.replace("{version}", "*")))):
            if match := shape.fullmatch(path):
                found.append(Place(Path(path), match.groupdict().get("version") or ""))
    return found


def version_in(patterns: Iterable[str], path: Path, separators: str, flags: int = 0) -> str:
    """What `{version}` stands for in a path that one of the patterns leads to; else empty."""
    matches = (regex(pattern, separators, flags).fullmatch(str(path)) for pattern in patterns)
    return next((match.groupdict().get("version") or "" for match in matches if match), "")


def literal(folder: str) -> str:
    """A folder's name within a pattern; one in braces cannot be told from `{version}` and is left to be nothing."""
    return re.sub(r"([*?[])", r"[\1]", folder)


def regex(pattern: str, separators: str, flags: int = 0) -> re.Pattern[str]:
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
            pieces.append(re.escape(piece))
    return re.compile("".join(pieces), flags)
