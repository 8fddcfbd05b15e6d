"""What lists of working files say of each. Pure: templates lay it out, and translate."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from launcher import incoming
from launcher.config.schema import AnyAction, LaunchAction
from launcher.launches import Launch
from launcher.model import FileRow, State
from launcher.plan.files import listed
from launcher.words import _, n_

ON_QUESTION = 12
"""Of a question's own page, which is asked for anew twice a second."""


@dataclass(frozen=True, slots=True)
class Line:
    """One working file for people."""

    name: str
    revision: int
    saved: str
    """Local time; empty where it is not known."""
    owner: str
    size: str
    choosable: bool
    """Whether a form can send its name as it is."""


def lines(rows: Iterable[FileRow]) -> list[Line]:
    """The files for people, in their order."""
    return [
        Line(
            name=row.name,
            revision=row.revision,
            saved=_time(row.modified),
            owner=row.owner,
            size=_size(row.size_bytes),
            choosable=len(row.name) <= incoming.LONGEST_FILE and row.name.isprintable(),
        )
        for row in rows
    ]


def may_list(launch: Launch, actions: Mapping[str, AnyAction]) -> bool:
    """Whether the page of a launch leads to the list: Kitsu knows its tasks, and its action opens revisions."""
    action = actions.get(launch.click.action)
    over = launch.state not in (State.PREPARING, State.ASKS)
    return over and bool(launch.tasks) and isinstance(action, LaunchAction) and listed(action)


def has(line: Line, search: str) -> bool:
    """Whether a line has all of these words."""
    text = f"{line.name} {line.revision} {line.owner} {line.saved}".casefold()
    return all(word in text for word in search.casefold().split())


def _time(moment: float | None) -> str:
    if moment is None:
        return ""
    try:
        return datetime.fromtimestamp(moment).astimezone().strftime("%Y-%m-%d %H:%M")
    except (OverflowError, OSError, ValueError):  # a file may be said to be of the year 60,000
        return ""


def _size(size_bytes: int | None) -> str:
    """As file managers say it: 1 kB is 1,000 bytes."""
    if size_bytes is None:
        return ""
    if size_bytes < 1000:
        return n_("{n} byte", "{n} bytes", size_bytes)
    if size_bytes < 999_500:
        return _("{size} kB", size=_short(size_bytes / 1e3))
    if size_bytes < 999_500_000:
        return _("{size} MB", size=_short(size_bytes / 1e6))
    return _("{size} GB", size=_short(size_bytes / 1e9))


def _short(number: float) -> str:
    return f"{number:.1f}" if number < 9.95 else f"{number:.0f}"
