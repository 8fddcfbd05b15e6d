"""The person's tasks as the dashboard lists them, by production. Pure: templates lay them out, and translate."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from launcher.mine import Mine
from launcher.plan.cleaning import plain

COLOR = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task in the list."""

    key: str
    place: str
    """Where it is: `SQ010/SH030`."""
    type: str
    status: str
    """Kitsu's short name."""
    color: str
    """The status's, as in `#3273dc`; empty where Kitsu has none."""
    due: str
    """The day as Kitsu keeps it, `2026-11-24`; empty without one."""
    late: bool
    whose: str
    """The person and her Kitsu, where there are several; else empty."""
    actions: tuple[tuple[str, str], ...]
    """Title of each action, and what its button sends."""
    project: str

    @property
    def label(self) -> str:
        """As buttons name it."""
        return f"{self.place}/{self.type}"

    def has(self, words: Sequence[str]) -> bool:
        """Whether each of the words, in lower case, stands somewhere in what the row shows."""
        shown = [self.project, self.place, self.type, self.status, self.due, self.whose]
        text = " ".join([*shown, *(title for title, _ in self.actions)]).lower()
        return all(word in text for word in words)


@dataclass(frozen=True, slots=True)
class Group:
    """The tasks of one production."""

    key: str
    title: str
    rows: tuple[TaskRow, ...]


def groups(mine: Sequence[Mine], today: date, search: str = "") -> list[Group]:
    """Tasks by production, in Kitsu's order of urgency; with a search only those that have all of its words."""
    several = len({(one.person.id, one.server.api) for one in mine}) > 1
    words = search.lower().split()
    found: dict[tuple[str, str], list[TaskRow]] = {}
    for one in mine:
        row = _row(one, today, several)
        if row.has(words):
            found.setdefault((one.server.api, one.task.project.id), []).append(row)
    return [Group(f"{api} {project}", rows[0].project, tuple(rows)) for (api, project), rows in found.items()]


def _row(one: Mine, today: date, several: bool) -> TaskRow:
    task, origin = one.task, one.server.origins[0]
    type_name = plain(task.task_type.name, 60)
    due = (task.due_date or "")[:10]
    return TaskRow(
        key=f"{origin} {one.person.id} {task.id}",
        place=one.label.removesuffix(f"/{type_name}"),
        type=type_name,
        status=plain(task.status.name, 20),
        color=task.status_color if COLOR.fullmatch(task.status_color) else "",
        due=due,
        late=_is_past(due, today),
        whose=f"{one.person.name} · {origin}" if several else "",
        actions=tuple((action.title, f"{action.name} {task.id} {origin} {one.person.id}") for action in one.actions),
        project=plain(task.project.name, 80),
    )


def _is_past(day: str, today: date) -> bool:
    try:
        return date.fromisoformat(day) < today
    except ValueError:
        return False
