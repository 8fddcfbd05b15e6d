"""What is known of a task's folder by its template: which levels of it are whose, and where it would be by other names.

Kitsu's names change; folders do not. Here is what must be looked at to notice that; `renamed` decides what it means.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath

from launcher.config.template import ANYTHING, Template
from launcher.model import LONGEST_NAME, OS, Entity, Mark, Person, Task
from launcher.model import Named as Record
from launcher.plan.cleaning import PlanError
from launcher.plan.matching import Search
from launcher.plan.names import Values, names
from launcher.plan.naming import Level, inside, levels, path, search

FIRST_REVISION = 1
OWN = frozenset({"entity.name", "entity.id", "task.id", "shot.name", "asset.name"})
"""Fields that stand for one entity."""
PROJECT = ("project.", "roots.", "person.", "server")
"""Fields that no rename of an entity changes."""


@dataclass(frozen=True, slots=True)
class Kin:
    """One task's folder, and all that tells where its work may be besides."""

    task: Task
    mark: Mark
    """What the folder's stamp says, or will say."""
    template: Template
    person: Person
    server: str
    os: OS
    places: Mapping[str, str]
    root: str
    base: PurePath
    """The root's path."""
    folder: PurePath
    first: PurePath | None
    """Where the first working file would be; None where none can be made."""
    has_revision: bool
    levels: tuple[Level, ...]
    """Of the folder, below the root."""
    inside: Template | None = None
    """What is opened in a working file that is a folder."""
    before: tuple[PurePath, ...] = ()
    """Files that were opened here for this task, newest first."""

    def scene_of(self, opened: PurePath) -> tuple[PurePath, tuple[str, ...]]:
        """The working file that an opened file is, or is in; with the names below it."""
        depth = len(PurePath(self.inside.text).parts) if self.inside else 0
        return (opened, *opened.parents)[depth], opened.parts[len(opened.parts) - depth :]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A working file of the task that is not where its template says."""

    file: PurePath
    revision: int
    label: str = ""
    """What the entity was called then; empty where that is not known."""
    inside: tuple[str, ...] = ()
    """The names of what is opened, below a `file` that is a folder; empty where they are as now."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What was seen of a task's folder and its like."""

    kin: Kin
    marks: tuple[Mark, ...] = ()
    trouble: str = ""
    """Why the folder's stamp does not count."""
    elsewhere: tuple[Elsewhere, ...] = ()
    """Only looked for where there is no working file; the highest revision first."""
    cut: bool = False
    """Whether there were more folders beside it than could be looked at in time."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Folders that could be this one by another name: below `parent`, each name in turn, None for any."""

    parent: PurePath
    below: tuple[str | None, ...]


def kin(
    task: Task,
    template: Template,
    person: Person,
    server: str,
    os: OS,
    places: Mapping[str, str],
    root: str,
    looked: Search | None,
    first: PurePath | None,
) -> Kin:
    """The kin of a task whose working files are in the folder of `looked`, or beside `first` where there is no search;
    one of the two there is.

    Raises: PlanError, as `naming.path`.
    """
    base = os.path(places[root])
    folder = looked.folder if looked else first.parent if first else base
    values: Values = names(task, person, server, places)
    found = levels(template, values, os, len(folder.relative_to(base).parts))
    own = any(_identifies(level, task) for level in found)
    mark = Mark(task.entity.id, task.task_type.id, own, entity_label(task)[:LONGEST_NAME], _names(task))
    return Kin(task, mark, template, person, server, os, places, root, base, folder, first, looked is not None, found)


def entity_label(task: Task) -> str:
    """How people name the task's entity: `SQ010/SH030`."""
    return task.label.removesuffix(f"/{task.task_type.name}")


def names_entity(kin: Kin) -> bool:
    """Whether anything in the path tells this entity from its like; else its files are shared on purpose."""
    identifying = _own_fields(kin.task)
    return any(name in identifying or name == "entity.path" for field in kin.template.fields for name in field.names)


def patterns(kin: Kin, missing: int | None) -> Iterator[Pattern]:
    """Where the folder may be by another name, the likeliest first. `missing` is its first level that is not there.

    The level that is missing may have another name, or one above it: a shot was moved to another sequence.
    """
    start = missing
    if start is None:
        start = next((at for at, level in enumerate(kin.levels) if _identifies(level, kin.task)), None)
    if start is None:
        return
    for at in range(start, -1, -1):
        changed = {name for name in kin.levels[at].fields if not name.startswith(PROJECT)} - {"entity.path"}
        if changed:
            below = kin.levels[at:]
            parent = kin.base.joinpath(*(level.name for level in kin.levels[:at]))
            yield Pattern(parent, tuple(None if level.fields & changed else level.name for level in below))


def is_same(mark: Mark, kin: Kin) -> bool:
    """Whether a mark is of this entity and this task type."""
    return (mark.entity_id, mark.task_type_id) == (kin.mark.entity_id, kin.mark.task_type_id)


@dataclass(frozen=True, slots=True)
class Named:
    """What the template makes of some names."""

    search: Search | None
    """None where it has no revision."""
    first: PurePath | None
    """None where it says only how files are found, by `{*}`."""
    inside: tuple[str, ...] = ()


def by_names(kin: Kin, mark: Mark) -> Named | None:
    """What the template gives for the names of a mark; None where it gives nothing."""
    values = names(_named(kin.task, mark), kin.person, kin.server, kin.places)
    try:
        looked = search(kin.template, values, kin.os) if kin.has_revision else None
        if kin.template.has(ANYTHING):
            return Named(looked, None)
        within = inside(kin.template, kin.inside, values, kin.os) if kin.inside else ()
        return Named(looked, path(kin.template, {**values, "revision": FIRST_REVISION}, kin.os), within)
    except PlanError:
        return None


def _names(task: Task) -> tuple[tuple[str, str], ...]:
    known = {
        "entity": task.entity.name,
        "sequence": task.sequence.name if task.sequence else "",
        "episode": task.episode.name if task.episode else "",
        "asset_type": task.asset_type.name if task.asset_type else "",
        "task_type": task.task_type.name,
        "task_type_short": task.task_type.short_name,
        "project": task.project.name,
        "project_code": task.project.code,
    }
    return tuple(sorted((name, value[:LONGEST_NAME]) for name, value in known.items() if value))


def _named(task: Task, mark: Mark) -> Task:
    """The task by the names of a mark. What the mark does not name is as it is now."""
    said = dict(mark.names)

    def parent(now: Record | None, name: str) -> Record | None:
        return replace(now, name=said.get(name, now.name)) if now else None

    entity: Entity = replace(task.entity, name=said.get("entity", task.entity.name))
    short = said.get("task_type_short", task.task_type.short_name)
    return replace(
        task,
        entity=entity,
        sequence=parent(task.sequence, "sequence"),
        episode=parent(task.episode, "episode"),
        asset_type=parent(task.asset_type, "asset_type"),
        task_type=replace(task.task_type, name=said.get("task_type", task.task_type.name), short_name=short),
        project=replace(
            task.project,
            name=said.get("project", task.project.name),
            code=said.get("project_code", task.project.code),
        ),
    )


def _own_fields(task: Task) -> frozenset[str]:
    return OWN | {f"{task.kind}.name", f"{task.kind}.id"}


def _identifies(level: Level, task: Task) -> bool:
    return not level.fields.isdisjoint(_own_fields(task))
