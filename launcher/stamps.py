"""The stamp: a small file in a task's folder that says whose work it holds, so that a rename in Kitsu is noticed.

Whoever may write to the project may have written it: it is bounded, checked, and never followed anywhere.
"""

import errno
import json
import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from launcher.errors import system_says
from launcher.filesystem import Folder, old_file
from launcher.model import LONGEST_NAME, Json, Mark
from launcher.words import _

NAME = ".kitsu-launcher.json"
VERSION = 1
"""Of its format."""
MOST_BYTES = 256 * 1024
MOST_MARKS = 256
"""In one folder; beyond them the oldest are dropped."""
LONGEST_ID = 64
NAMES = frozenset(
    {"entity", "sequence", "episode", "asset_type", "task_type", "task_type_short", "project", "project_code"}
)


@dataclass(frozen=True, slots=True)
class Stamped:
    """What a folder's stamp says."""

    marks: tuple[Mark, ...] = ()
    trouble: str = ""
    """Why it does not count, in plain words; empty where there is none, or a good one."""
    newer: bool = False
    """Whether a newer version of this program wrote it: then it is left alone."""


class _Unfit(ValueError):
    """The content is not what this program writes."""


def read(folder: Path) -> Stamped:
    """The stamp of a folder, which need not be there. A pipe, a device or a link in its place is never waited for."""
    return _read(lambda: old_file(folder / NAME))


def held(folder: Folder) -> Stamped:
    """The same of a folder that is held."""
    return _read(lambda: folder.open(NAME))


def written(marks: Iterable[Mark], mark: Mark) -> bytes:
    """A stamp's content: `mark` in the place of an earlier one of the same entity and task type."""
    kept = [one for one in marks if (one.entity_id, one.task_type_id) != (mark.entity_id, mark.task_type_id)]
    rows = [_row(one) for one in [*kept, mark][-MOST_MARKS:]]
    while len(content := _encoded(rows)) > MOST_BYTES:
        rows = rows[len(rows) // 4 + 1 :]
    return content


def _encoded(rows: list[dict[str, Json]]) -> bytes:
    text = json.dumps({"kitsu-launcher": VERSION, "marks": rows}, indent=1, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace")


def _read(opened: Callable[[], int]) -> Stamped:
    try:
        descriptor = opened()
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return Stamped()
        return Stamped(trouble=_("a link") if error.errno == errno.ELOOP else system_says(error))
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return Stamped(trouble=_("not a file"))
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        return Stamped(trouble=system_says(error))
    finally:
        os.close(descriptor)
    return _parsed(content) if len(content) <= MOST_BYTES else Stamped(trouble=_("too large"))


def _parsed(content: bytes) -> Stamped:
    try:
        whole = json.loads(content)
        if not isinstance(whole, dict) or not isinstance(version := whole.get("kitsu-launcher"), int):
            raise _Unfit
        if version > VERSION:
            return Stamped(trouble=_("written by a newer Kitsu Launcher"), newer=True)
        rows = whole.get("marks")
        if not isinstance(rows, list) or len(rows) > MOST_MARKS:
            raise _Unfit
        return Stamped(tuple(_mark(row) for row in rows))
    except (ValueError, RecursionError):
        return Stamped(trouble=_("no stamp of this program"))


def _mark(row: object) -> Mark:
    if not isinstance(row, dict) or not isinstance(row.get("own"), bool):
        raise _Unfit
    names = row.get("names", {})
    if not isinstance(names, dict) or not names.keys() <= NAMES:
        raise _Unfit
    return Mark(
        entity_id=_text(row.get("entity"), LONGEST_ID),
        task_type_id=_text(row.get("task_type"), LONGEST_ID),
        own=row["own"],
        label=_text(row.get("label"), LONGEST_NAME),
        names=tuple(sorted((name, _text(value, LONGEST_NAME)) for name, value in names.items())),
    )


def _text(value: object, longest: int) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise _Unfit
    return value


def _row(mark: Mark) -> dict[str, Json]:
    return {
        "entity": mark.entity_id,
        "task_type": mark.task_type_id,
        "own": mark.own,
        "label": mark.label,
        "names": dict(mark.names),
    }
