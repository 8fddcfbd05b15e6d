"""The sample studio's data, in the shapes of Kitsu's API. Names, ids and people are made up."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from launcher.model import Json

Row = dict[str, Json]
Tables = dict[str, dict[str, Row]]
EMAIL = "mika@fox.example"
PASSWORD = "fox-tales"  # noqa: S105  # of the sample studio only


def _id(name: str) -> str:
    """The same id for the same name, in every demo."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"kitsu-launcher-demo/{name}"))


@dataclass(frozen=True, slots=True)
class Studio:
    """Tables by name, rows by id."""

    tables: Tables = field(default_factory=dict)
    person: str = _id("person")

    def add(self, table: str, name: str, **fields: Json) -> str:
        """One row; its id is answered."""
        row_id = _id(f"{table}/{name}")
        self.tables.setdefault(table, {})[row_id] = {"id": row_id, "name": name, **fields}
        return row_id

    def row(self, table: str, row_id: Json) -> Row | None:
        return self.tables.get(table, {}).get(row_id) if isinstance(row_id, str) else None


def sample() -> Studio:
    """One short film with two assets and three shots, and a task on each."""
    studio = Studio()
    studio.tables["persons"] = {studio.person: _person(studio.person)}
    project = studio.add(
        "projects",
        "Fox Tales",
        code="FT",
        fps="24",
        resolution="1920x1080",
        ratio="16:9",
        production_type="short",
        data={},
    )
    status = studio.add("task-status", "Work in progress", short_name="wip", color="#3273dc", is_done=False)
    types = {
        name: studio.add("task-types", name, short_name="", for_entity=kind, color="#8d6e63", priority=1)
        for name, kind in (("Modeling", "Asset"), ("Animation", "Shot"))
    }
    kinds = {name: studio.add("entity-types", name) for name in ("Characters", "Props", "Shot", "Sequence")}
    sequence = studio.add("entities", "SQ010", **_entity(project, kinds["Sequence"], None, {}))
    for name, kind in (("Fox", "Characters"), ("Lantern", "Props")):
        entity = studio.add("entities", name, **_entity(project, kinds[kind], None, {}))
        studio.add("tasks", f"{name} main", **_task(studio, project, entity, types["Modeling"], status))
    for i, name in enumerate(("SH010", "SH020", "SH030")):
        data: Mapping[str, Json] = {"frame_in": 1001, "frame_out": 1048 + 24 * i, "fps": "24"}
        entity = studio.add("entities", name, **_entity(project, kinds["Shot"], sequence, data))
        studio.add("tasks", f"{name} main", **_task(studio, project, entity, types["Animation"], status))
    return studio


def _person(person_id: str) -> Row:
    return {
        "id": person_id,
        "email": EMAIL,
        "first_name": "Mika",
        "last_name": "Fox",
        "full_name": "Mika Fox",
        "role": "user",
        "active": True,
        "is_bot": False,
        "departments": [],
    }


def _entity(project: str, kind: str, parent: str | None, data: Mapping[str, Json]) -> Row:
    return {
        "project_id": project,
        "entity_type_id": kind,
        "parent_id": parent,
        "source_id": None,
        "code": None,
        "nb_frames": None,
        "description": "",
        "canceled": False,
        "data": dict(data),
    }


def _task(studio: Studio, project: str, entity: str, task_type: str, status: str) -> Row:
    return {
        "project_id": project,
        "entity_id": entity,
        "task_type_id": task_type,
        "task_status_id": status,
        "assignees": [studio.person],
        "assigner_id": studio.person,
        "priority": 0,
        "due_date": None,
        "estimation": 0,
        "duration": 0,
        "retake_count": 0,
        "last_preview_file_id": None,
        "data": None,
    }
