"""Property lists on a Mac's disk, which anybody may have written."""

import plistlib
from pathlib import Path

LARGEST_BYTES = 1_000_000


def read(path: Path) -> dict[str, object]:
    """What a property list holds; empty where there is none, or it cannot be read."""
    try:
        with open(path, "rb") as file:
            return parse(file.read(LARGEST_BYTES))
    except (OSError, ValueError):
        return {}


def parse(content: bytes) -> dict[str, object]:
    """The same of one that was read."""
    try:
        found = plistlib.loads(content)
    except Exception:  # plistlib lets out whatever its XML parser, a number or a date comes upon
        return {}
    return found if isinstance(found, dict) else {}
