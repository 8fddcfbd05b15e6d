"""The tasks of one selection, asked for in the fewest round trips."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from launcher.kitsu import reading
from launcher.kitsu.failures import Forbidden, Unknown
from launcher.kitsu.reading import record, rows, text, text_or_empty
from launcher.kitsu.tasks import Pieces, Row, assemble, department_wanted, episode_wanted, from_full, preview
from launcher.model import Json, Task

if TYPE_CHECKING:
    from launcher.kitsu.client import Client

FEW = 4
"""Up to here one `/full` for each task is as fast as lists (measured: 9 ms against 28)."""
MOST_MINE = 200
"""The most tasks of one person that are looked at at once: a menu and a page show fewer."""
NEVER = "9999"
"""Sorts after every date of Kitsu's."""
VOCABULARY_AGE_S = 300
TABLES = ("projects", "task_types", "task_status", "asset_types", "persons", "departments")


@dataclass(frozen=True, slots=True)
class Tasks:
    """What Kitsu answered about a selection."""

    found: tuple[Task, ...]
    """In the order asked."""
    missing: tuple[str, ...]
    """Ids that are unknown to Kitsu or not visible to this person: it does not tell which."""
    unseen: tuple[str, ...] = ()
    """With Kitsu away: ids that this person has not seen here before."""
    said: str = ""
    """With Kitsu away: the sentence that tells since when `found` may be out of date."""


class Vocabulary:
    """What many tasks share: projects, types, statuses, persons, and the parents of shots. In memory only."""

    def __init__(self, client: "Client", bot: bool) -> None:
        self._client = client
        self._bot = bot
        self._read_at = float("-inf")
        self._tables: dict[str, dict[str, Row]] = {}
        self._parents: dict[str, Row] = {}
        self._lock = asyncio.Lock()
        self._departments_read_at = float("-inf")

    def get(self, table: str, id: Json) -> Row | None:
        """The row with this id; None when it is not known, or not known any more."""
        return self._tables.get(table, {}).get(id) if isinstance(id, str) else None

    def parent(self, id: str) -> Row | None:
        """A sequence or an episode that was asked for before."""
        return self._parents.get(id)

    def all(self, table: str) -> Iterable[Row]:
        """Every row of one table, as far as this person sees it."""
        return self._tables.get(table, {}).values()

    async def fresh(self) -> None:
        """Ask again where the last answer is older than `VOCABULARY_AGE_S`."""
        if time.monotonic() - self._read_at > VOCABULARY_AGE_S:
            await self.read()

    async def read(self) -> None:
        """Ask Kitsu now; parents are asked again too."""
        async with self._lock:
            answers = await (self._lists() if self._bot else self._context())
            self._tables = {table: _by_id(answers.get(table), table) for table in TABLES}
            self._parents.clear()
            self._read_at = self._departments_read_at = time.monotonic()

    async def _context(self) -> Mapping[str, Json]:
        return record(await self._client.get("data/user/context"), "context")

    async def _lists(self) -> Mapping[str, Json]:
        """Kitsu refuses the context to bots."""
        paths = ("projects", "task-types", "task-status", "entity-types", "persons", "departments")
        answers = await asyncio.gather(*(self._client.get(f"data/{path}") for path in paths))
        return dict(zip(TABLES, answers, strict=True))

    async def department(self, id: str) -> Row | None:
        """One department, asked of Kitsu where it is not known: a click on few tasks reads nothing else of all this."""
        async with self._lock:
            old = time.monotonic() - self._departments_read_at > VOCABULARY_AGE_S
            if old or not self.get("departments", id):
                self._tables["departments"] = _by_id(await self._client.get("data/departments"), "departments")
                self._departments_read_at = time.monotonic()
            return self.get("departments", id)

    async def learn_parents(self, ids: set[str]) -> None:
        """Ask for those sequences and episodes that are not known yet."""
        unknown = sorted(ids - self._parents.keys())
        if unknown:
            for row in await self._client.by_ids("entities", unknown):
                found = record(row, "entity")
                self._parents[text(found, "id", "entity")] = found


def _by_id(answer: Json, table: str) -> dict[str, Row]:
    found = [record(row, table) for row in rows(answer, table)]
    return {text(row, "id", table): row for row in found}


async def tasks(client: "Client", vocabulary: Vocabulary, ids: Sequence[str]) -> Tasks:
    """The tasks with these ids.

    Raises: NotLoggedIn, KitsuAway, KitsuError.
    """
    wanted = tuple(dict.fromkeys(ids))
    if len(wanted) <= FEW:
        found = await _each(client, vocabulary, wanted)
    else:
        found = await _listed(client, vocabulary, wanted)
    return Tasks(tuple(found[id] for id in wanted if id in found), tuple(id for id in wanted if id not in found))


async def mine(client: "Client", vocabulary: Vocabulary) -> tuple[Task, ...]:
    """The tasks that are assigned to whoever asks and not done, by due date, then by label; at most `MOST_MINE`.

    Kitsu's list of them lacks what a shot sets itself in its columns and who stands above it, so two round trips more
    are made, as for lists; after the first time the second of them is rarely needed.
    Raises: NotLoggedIn, KitsuAway, KitsuError.
    """
    answer, _ = await asyncio.gather(client.get("data/user/tasks"), vocabulary.fresh())
    lines = [record(row, "task") for row in rows(answer, "tasks")]
    lines = sorted(lines, key=_urgency)[:MOST_MINE]
    found = await _assembled(client, vocabulary, {text(line, "id", "task"): line for line in lines})
    return tuple(sorted(found.values(), key=lambda task: (task.due_date or NEVER, task.label.casefold())))


def _urgency(line: Row) -> tuple[str, str]:
    """Of a row of Kitsu's own list: when it is due, and the label that the task will have."""
    above = "entity_type_name" if line.get("task_type_for_entity") == "Asset" else "sequence_name"
    names = (text_or_empty(line, name, "task") for name in ("episode_name", above, "entity_name", "task_type_name"))
    return text_or_empty(line, "due_date", "task") or NEVER, "/".join(filter(None, names)).casefold()


async def previews(client: "Client", vocabulary: Vocabulary, tasks: Sequence[Task]) -> tuple[Task, ...]:
    """The same tasks, each with what was posted last on it; one request, and none where nothing was posted.

    Raises: NotLoggedIn, KitsuAway, KitsuError.
    """
    ids = sorted({task.latest_preview_id for task in tasks} - {""})
    if not ids:
        return tuple(tasks)
    answer, _ = await asyncio.gather(client.by_ids("preview-files", ids), vocabulary.fresh())
    found = [record(row, "preview_file") for row in answer]
    latest = {one.id: one for one in (preview(row, vocabulary.get("persons", row.get("person_id"))) for row in found)}
    return tuple(replace(task, latest_preview=latest.get(task.latest_preview_id)) for task in tasks)


async def _each(client: "Client", vocabulary: Vocabulary, ids: Iterable[str]) -> dict[str, Task]:
    found = await asyncio.gather(*(_one(client, vocabulary, id) for id in ids))
    return {task.id: task for task in found if task}


async def _one(client: "Client", vocabulary: Vocabulary, id: str) -> Task | None:
    try:
        full = record(await client.get(f"data/tasks/{id}/full"), "task")
    except (Forbidden, Unknown):
        return None
    task_type = record(full.get("task_type"), "task.task_type")
    kind, department = text(task_type, "for_entity", "task.task_type"), department_wanted(task_type)
    entity = record(full.get("entity"), "task.entity")
    episode = episode_wanted(entity, kind)
    project = text(entity, "project_id", "task.entity")
    return from_full(
        dict(full),
        await _episode(client, project, episode) if episode else None,
        await vocabulary.department(department) if department else None,
    )


async def _episode(client: "Client", project: str, id: str) -> Json:
    """An episode; vendors may read it only in the list of its production.

    Raises: Forbidden if it stands in neither: without it a path would be made that belongs to another asset.
    """
    try:
        return await client.get(f"data/entities/{id}")
    except Forbidden:
        for row in rows(await client.get(f"data/projects/{project}/episodes"), "episodes"):
            if record(row, "episode").get("id") == id:
                return row
        raise


async def _listed(client: "Client", vocabulary: Vocabulary, ids: Sequence[str]) -> dict[str, Task]:
    """By list filters: tasks and vocabulary side by side, then entities, then parents that are not known yet.

    A task whose pieces the lists do not give (a vendor's lists lack parents) is asked for by itself.
    """
    listed, _ = await asyncio.gather(client.by_ids("tasks", ids, relations="true"), vocabulary.fresh())
    return await _assembled(
        client, vocabulary, {text(record(row, "task"), "id", "task"): record(row, "task") for row in listed}
    )


async def _assembled(client: "Client", vocabulary: Vocabulary, lines: Mapping[str, Row]) -> dict[str, Task]:
    """Tasks of a list's rows and of the vocabulary, which has been asked for; entities are still to be asked for."""
    if not all(_known(line, vocabulary) for line in lines.values()):
        await vocabulary.read()
    entity_ids = sorted({text(line, "entity_id", "task") for line in lines.values()})
    entities = {
        text(record(row, "entity"), "id", "entity"): record(row, "entity")
        for row in await client.by_ids("entities", entity_ids)
    }
    await vocabulary.learn_parents({id for entity in entities.values() for id in _parent_ids(entity)})
    sequences = (vocabulary.parent(text_or_empty(entity, "parent_id", "entity")) for entity in entities.values())
    await vocabulary.learn_parents({id for sequence in sequences if sequence for id in _parent_ids(sequence)})
    made = {id: _made(line, entities.get(str(line.get("entity_id"))), vocabulary) for id, line in lines.items()}
    whole = {id: task for id, task in made.items() if task}
    return {**whole, **await _each(client, vocabulary, [id for id, task in made.items() if not task])}


def _known(line: Row, vocabulary: Vocabulary) -> bool:
    people = reading.rows(line.get("assignees", []), "task.assignees")
    return bool(
        vocabulary.get("projects", line.get("project_id"))
        and vocabulary.get("task_types", line.get("task_type_id"))
        and vocabulary.get("task_status", line.get("task_status_id"))
        and all(vocabulary.get("persons", id) for id in people)
    )


def _parent_ids(entity: Row) -> set[str]:
    return {text_or_empty(entity, key, "entity") for key in ("parent_id", "source_id")} - {""}


def _made(line: Row, entity: Row | None, vocabulary: Vocabulary) -> Task | None:
    """One task of the lists' rows; None when a piece is absent."""
    project = vocabulary.get("projects", line.get("project_id"))
    task_type = vocabulary.get("task_types", line.get("task_type_id"))
    status = vocabulary.get("task_status", line.get("task_status_id"))
    people = [vocabulary.get("persons", id) for id in reading.rows(line.get("assignees", []), "task.assignees")]
    assignees = tuple(person for person in people if person)
    if not (entity and project and task_type and status and len(assignees) == len(people)):
        return None
    kind = text(task_type, "for_entity", "task_type")
    entity_type = vocabulary.get("asset_types", entity.get("entity_type_id"))
    above, department = _above(entity, kind, vocabulary), vocabulary.get("departments", department_wanted(task_type))
    if above is None or (kind == "Asset" and not entity_type):
        return None
    return assemble(Pieces(line, entity, entity_type or {}, project, task_type, status, assignees, *above, department))


def _above(entity: Row, kind: str, vocabulary: Vocabulary) -> tuple[Row | None, Row | None] | None:
    """The sequence and the episode above an entity; None when one that it has is not known."""
    parent_id = text_or_empty(entity, "parent_id", "entity")
    episode_id = episode_wanted(entity, kind) or ""
    sequence = None
    if kind == "Sequence":
        episode_id = parent_id
    elif kind == "Shot" and parent_id:
        sequence = vocabulary.parent(parent_id)
        if not sequence:
            return None
        episode_id = text_or_empty(sequence, "parent_id", "sequence")
    episode = vocabulary.parent(episode_id) if episode_id else None
    return None if episode_id and not episode else (sequence, episode)
