"""What Kitsu answers about its own softwares and file tree, and what becomes of it, as plain values."""

from dataclasses import dataclass
from pathlib import PurePath

from launcher.config.template import Template


@dataclass(frozen=True, slots=True)
class Software:
    """One row of Kitsu's softwares."""

    id: str
    name: str
    short_name: str
    endings: tuple[str, ...]
    """With the dot, as in ".blend"; the first is that of new files."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The newest working file that somebody has told Kitsu of."""

    path: str
    revision: int
    name: str
    software_id: str


@dataclass(frozen=True, slots=True)
class Settled:
    """One task's application and working file, in the words of this configuration."""

    app: str
    file: Template | None = None
    root: str = ""
    others: tuple[tuple[PurePath, int], ...] = ()
    """Files that count beside what `file` finds, with their revisions: that without one, and the recorded one."""
