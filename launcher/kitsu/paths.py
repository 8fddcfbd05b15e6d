"""Finding a task by its path: `Big Buck Bunny/SQ010/SH030/Animation`."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from launcher.errors import NotFoundHere
from launcher.kitsu.reading import record, rows, text, text_or_empty
from launcher.kitsu.selection import Vocabulary
from launcher.kitsu.tasks import Row
from launcher.words import Words, _

if TYPE_CHECKING:
    from launcher.kitsu.client import Client

FIELDS = "id,name,entity_type_id,parent_id,source_id"


async def find(client: "Client", vocabulary: Vocabulary, path: str) -> str:
    """The id of the task at a path. Names may hold slashes; letter case is ignored where it does not matter.

    Raises: NotFoundHere with the nearest names, NotLoggedIn, KitsuAway, KitsuError.
    """
    await vocabulary.fresh()
    project, rest = _project(vocabulary, path)
    kinds, middle = _task_types(vocabulary, rest, path)
    answer = await client.get("data/entities", {"project_id": text(project, "id", "project"), "fields": FIELDS})
    entities = [record(row, "entity") for row in rows(answer, "entities")]
    labels = _labels(entities, vocabulary)
    found = _pick(labels, middle)
    if not found:
        near = difflib.get_close_matches(middle, labels, 5, 0.4)
        name = text(project, "name", "project")
        problem = _('There is no "{name}" in {place}, or you may not see it.', name=middle, place=name)
        raise _nothing(problem, (f"{name}/{label}/{text(kinds[0], 'name', 'task_type')}" for label in near))
    return await _task(client, found, {text(kind, "id", "task_type"): kind for kind in kinds}, path)


def _project(vocabulary: Vocabulary, path: str) -> tuple[Row, str]:
    """The project that a path begins with, and what follows; the longest name wins."""
    projects = {text(row, "name", "project"): row for row in vocabulary.all("projects")}
    fits = [name for name in projects if path.casefold().startswith(f"{name}/".casefold())]
    exact = [name for name in fits if path.startswith(f"{name}/")]
    if not fits:
        raise _nothing(
            _('There is no project of "{path}" in Kitsu, or you may not see it.', path=path), sorted(projects)[:10]
        )
    name = max(exact or fits, key=len)
    return projects[name], path[len(name) + 1 :]


def _task_types(vocabulary: Vocabulary, rest: str, path: str) -> tuple[list[Row], str]:
    """The task types that a path ends with (a name can belong to several kinds of entity), and what is before."""
    types = list(vocabulary.all("task_types"))
    names = {text(row, "name", "task_type") for row in types}
    fits = [name for name in names if rest.casefold().endswith(f"/{name}".casefold())]
    if not fits:
        last = rest.rpartition("/")[2]
        near = difflib.get_close_matches(last, names, 5) or sorted(names)[:10]
        raise _nothing(
            _('There is no task type "{name}" of "{path}" in Kitsu, or you may not see it.', name=last, path=path), near
        )
    name = max(fits, key=len)
    return [row for row in types if row["name"] == name], rest[: -len(name) - 1]


def _labels(entities: Iterable[Row], vocabulary: Vocabulary) -> dict[str, list[str]]:
    """For each way to say it, which entities that means: with its parents, and without the episode."""
    by_id = {text(row, "id", "entity"): row for row in entities}
    labels: dict[str, list[str]] = {}
    for id, row in by_id.items():
        for label in _ways(row, by_id, vocabulary):
            labels.setdefault(label, []).append(id)
    return labels


def _ways(row: Row, by_id: Mapping[str, Row], vocabulary: Vocabulary) -> Iterator[str]:
    name = text(row, "name", "entity")
    parent = by_id.get(text_or_empty(row, "parent_id", "entity"))
    asset_type = vocabulary.get("asset_types", row.get("entity_type_id"))
    if parent:
        grandparent = by_id.get(text_or_empty(parent, "parent_id", "entity"))
        yield f"{text(parent, 'name', 'entity')}/{name}"
        if grandparent:
            yield f"{text(grandparent, 'name', 'entity')}/{parent['name']}/{name}"
    elif asset_type:
        episode = by_id.get(text_or_empty(row, "source_id", "entity"))
        yield f"{text(asset_type, 'name', 'entity_type')}/{name}"
        if episode:
            yield f"{text(episode, 'name', 'entity')}/{asset_type['name']}/{name}"
    if not asset_type:
        yield name


def _pick(labels: Mapping[str, list[str]], wanted: str) -> list[str]:
    if wanted in labels:
        return labels[wanted]
    return [id for label, ids in labels.items() if label.casefold() == wanted.casefold() for id in ids]


async def _task(client: "Client", entities: list[str], kinds: Mapping[str, Row], path: str) -> str:
    found = []
    for entity in entities:
        for row in rows(await client.get("data/tasks", {"entity_id": entity}), "tasks"):
            task = record(row, "task")
            if task.get("task_type_id") in kinds:
                found.append(task)
    if not found:
        raise NotFoundHere(
            _('"{path}" has no such task.', path=path),
            next_step=_("Create the task in Kitsu, or name another task type."),
        )
    if len({task.get("entity_id") for task in found}) > 1:
        raise NotFoundHere(
            _('"{path}" can mean several tasks.', path=path),
            tried=[text(task, "id", "task") for task in found],
            next_step=_("Name the episode too, or give the task's id."),
        )
    # Several tasks of one type on one entity: "main" is the name that Kitsu gives the first.
    return text(min(found, key=lambda task: task.get("name") != "main"), "id", "task")


def _nothing(problem: Words, near: Iterable[str]) -> NotFoundHere:
    return NotFoundHere(
        problem,
        tried=[_("there is {name}", name=name) for name in near],
        next_step=_(
            "Write Project/Sequence/Shot/Task type, or Project/Asset type/Asset/Task type; a task's id works too."
        ),
    )
