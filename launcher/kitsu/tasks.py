"""Kitsu's JSON about tasks becomes `Task` values. Pure: what is asked, and when, is in `selection`."""

from collections.abc import Mapping
from dataclasses import dataclass

from launcher.kitsu import reading
from launcher.kitsu.reading import record, text, text_or_empty
from launcher.model import Entity, Json, Named, Preview, Project, Task, TaskType

Row = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Pieces:
    """The rows that one task is made of, whichever way they were asked for."""

    task: Row
    entity: Row
    entity_type: Row
    project: Row
    task_type: Row
    status: Row
    assignees: tuple[Row, ...]
    sequence: Row | None
    episode: Row | None
    department: Row | None


def from_full(full: Json, episode: Json = None, department: Row | None = None) -> Task:
    """The task of `GET data/tasks/ID/full`.

    `episode` is the entity that `episode_wanted` asks for, and `department` the row of `department_wanted`: Kitsu
    leaves both out of that answer.
    Raises: KitsuError naming the first field that has a wrong type.
    """
    task = record(full, "task")
    own = record(task.get("entity"), "task.entity")
    people = reading.rows(task.get("persons", []), "task.persons")
    return assemble(
        Pieces(
            task=task,
            entity=own,
            entity_type=record(task.get("entity_type"), "task.entity_type"),
            project=record(task.get("project"), "task.project"),
            task_type=record(task.get("task_type"), "task.task_type"),
            status=record(task.get("task_status"), "task.task_status"),
            assignees=tuple(record(person, "task.persons[]") for person in people),
            sequence=_optional(task, "sequence"),
            episode=record(episode, "episode") if episode is not None else _optional(task, "episode"),
            department=department,
        )
    )


def _optional(task: Row, key: str) -> Row | None:
    return None if task.get(key) is None else record(task[key], f"task.{key}")


def episode_wanted(entity: Row, for_entity: str) -> str | None:
    """The id of the episode that an asset or an edit belongs to, which neither `/full` nor its parents tell.

    An asset of a TV show has it in `source_id` (None: the main pack), an edit in `parent_id`.
    """
    key = {"Asset": "source_id", "Edit": "parent_id"}.get(for_entity)
    return text_or_empty(entity, key, "entity") or None if key else None


def department_wanted(task_type: Row) -> str:
    """The id of a task type's department; empty where it has none."""
    return text_or_empty(task_type, "department_id", "task_type")


def preview(row: Row, person: Row | None) -> Preview:
    """The preview of one row of `data/preview-files`; `person` is the row of who posted it.

    Raises: KitsuError naming the first field that has a wrong type.
    """
    where = "preview_file"
    return Preview(
        id=text(row, "id", where),
        revision=reading.whole(row, "revision", where),
        created=text_or_empty(row, "created_at", where),
        person=_person(person) if person else None,
    )


def assemble(pieces: Pieces) -> Task:
    """One task of its rows.

    What a shot sets itself wins over its project: frame range, fps, resolution. The kind of an entity is decided by
    its task type: the entity type of an asset is its asset type, as "Characters".
    Raises: KitsuError naming the first field that has a wrong type.
    """
    task, own = pieces.task, pieces.entity
    data = reading.data(own, "entity")
    project, task_type = _project(pieces.project), _task_type(pieces.task_type)
    itself = _named(own, "entity")
    kind = task_type.for_entity
    return Task(
        id=text(task, "id", "task"),
        name=text_or_empty(task, "name", "task"),
        project=project,
        entity=Entity(id=itself.id, name=itself.name, data=data),
        task_type=task_type,
        status=Named(
            text(pieces.status, "id", "task_status"), text_or_empty(pieces.status, "short_name", "task_status")
        ),
        asset_type=_named(pieces.entity_type, "entity_type") if kind == "Asset" else None,
        sequence=itself if kind == "Sequence" else _maybe_named(pieces.sequence, "sequence"),
        episode=itself if kind == "Episode" else _maybe_named(pieces.episode, "episode"),
        frames=reading.frame_range(data.get("frame_in"), data.get("frame_out"), own.get("nb_frames")),
        fps=reading.frames_per_second(data.get("fps")) or project.fps,
        resolution=reading.resolution(data.get("resolution")) or project.resolution,
        assignees=tuple(sorted(map(_person, pieces.assignees), key=lambda person: (person.name, person.id))),
        priority=reading.whole(task, "priority", "task"),
        due_date=text_or_empty(task, "due_date", "task") or None,
        status_color=text_or_empty(pieces.status, "color", "task_status"),
        status_is_retake=pieces.status.get("is_retake") is True,
        department=_maybe_named(pieces.department, "department"),
        latest_preview_id=text_or_empty(task, "last_preview_file_id", "task"),
    )


def _named(row: Row, where: str) -> Named:
    return Named(text(row, "id", where), text(row, "name", where))


def _maybe_named(row: Row | None, where: str) -> Named | None:
    return None if row is None else _named(row, where)


def _person(row: Row) -> Named:
    """Kitsu's own full name: the list of persons and `/full` both have it."""
    return Named(text(row, "id", "person"), text_or_empty(row, "full_name", "person").strip())


def _task_type(row: Row) -> TaskType:
    where = "task_type"
    return TaskType(
        id=text(row, "id", where),
        name=text(row, "name", where),
        short_name=text_or_empty(row, "short_name", where),
        for_entity=text(row, "for_entity", where),
    )


def _project(row: Row) -> Project:
    where = "project"
    return Project(
        id=text(row, "id", where),
        name=text(row, "name", where),
        code=text_or_empty(row, "code", where),
        production_type=text_or_empty(row, "production_type", where),
        fps=reading.frames_per_second(row.get("fps")),
        resolution=reading.resolution(row.get("resolution")),
        ratio=text_or_empty(row, "ratio", where),
        data=reading.data(row, where),
    )
