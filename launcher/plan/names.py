"""What each name of a template stands for: a task as plain values, never as objects."""

import re
from collections.abc import Mapping
from typing import TypeAlias

from launcher.model import Json, Named, Person, Task
from launcher.plan.cleaning import PlanError, component

Value: TypeAlias = str | int | float
Values: TypeAlias = Mapping[str, Value]

KEY = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
"""Keys of Kitsu's metadata that a template can name."""
FOLDERS = {"asset": "assets", "shot": "shots", "sequence": "sequences", "episode": "episodes", "edit": "edits"}


def names(task: Task, person: Person, server: str, roots: Mapping[str, str]) -> dict[str, Value]:
    """Every name that a template may use and that has a value for this task. `roots` are those of the target OS."""
    known: dict[str, Value | None] = {"server": server, **_work(task), **_place(task)}
    known |= {
        "person.id": person.id,
        "person.name": person.name,
        "person.email": person.email,
        "person.initials": person.initials,
    }
    known |= _free("entity.data.", task.entity.data) | _free("project.data.", task.project.data)
    known |= {f"roots.{name}": path for name, path in roots.items()}
    return {name: value for name, value in known.items() if value is not None and value != ""}


def _work(task: Task) -> dict[str, Value | None]:
    frames, size = task.frames, task.resolution
    return {
        "task.id": task.id,
        "task.name": task.name,
        "task.status": task.status.name,
        "task.priority": task.priority,
        "task.due_date": task.due_date,
        "task.assignees": ", ".join(person.name for person in task.assignees),
        "task_type.id": task.task_type.id,
        "task_type.name": task.task_type.name,
        "task_type.short_name": task.task_type.short_name,
        "frame_in": frames.first if frames else None,
        "frame_out": frames.last if frames else None,
        "fps": task.fps,
        "resolution": str(size) if size else None,
        "width": size.width if size else None,
        "height": size.height if size else None,
    }


def _place(task: Task) -> dict[str, Value | None]:
    project, entity = task.project, task.entity
    known: dict[str, Value | None] = {
        "project.id": project.id,
        "project.name": project.name,
        "project.code": project.code,
        "project.production_type": project.production_type,
        "project.fps": project.fps,
        "project.resolution": str(project.resolution) if project.resolution else None,
        "project.ratio": project.ratio,
        "entity.id": entity.id,
        "entity.name": entity.name,
        "entity.type": task.kind,
        "entity.path": _entity_path(task),
    }
    named = {"sequence": task.sequence, "episode": task.episode, "asset_type": task.asset_type}
    for name, record in named.items():
        if record:
            known |= {f"{name}.id": record.id, f"{name}.name": record.name}
    if task.kind in ("shot", "asset"):
        known[f"{task.kind}.name"] = entity.name
    return known


def _entity_path(task: Task) -> str | None:
    """assets/TYPE/NAME, shots/[EPISODE/]SEQUENCE/NAME and so on; None where a part is missing or nothing is left."""

    def own(record: Named | None) -> list[str]:
        return [record.name] if record and record.id != task.entity.id else []

    above = {"asset": own(task.asset_type), "shot": own(task.episode) + own(task.sequence), "episode": []}
    parts = above.get(task.kind, own(task.episode))
    if (task.kind == "asset" and not task.asset_type) or (task.kind == "shot" and not task.sequence):
        return None
    try:
        cleaned = [component(part) for part in [*parts, task.entity.name]]
    except PlanError:
        return None
    return "/".join([FOLDERS.get(task.kind, component(f"{task.kind}s")), *cleaned])


def _free(before: str, data: Mapping[str, Json]) -> dict[str, Value | None]:
    """Kitsu's metadata, as far as it is single values under names that a template can say."""
    return {
        before + key: str(value).lower() if isinstance(value, bool) else value
        for key, value in data.items()
        if KEY.fullmatch(key) and isinstance(value, bool | int | float | str)
    }


def shown(value: Value) -> str:
    """A value as text: 25.0 is "25"."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
