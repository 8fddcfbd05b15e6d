"""The working files of one task, to choose from: what must be looked at for the list, and the list."""

from dataclasses import dataclass
from pathlib import PurePath

from launcher.config.schema import LaunchAction
from launcher.model import FileRow, Task
from launcher.plan import kitsus, revisions
from launcher.plan.matching import Search
from launcher.plan.needs import Asked, Facts, Wanted, present, under
from launcher.plan.rules import together
from launcher.plan.selection import label
from launcher.words import _


@dataclass(frozen=True, slots=True)
class Files:
    """The working files of one task that there are."""

    task: Task
    folder: PurePath
    rows: tuple[FileRow, ...]
    """The newest first."""
    may_next: bool
    """Whether one of them can be opened as the next revision."""


def listed(action: LaunchAction) -> bool:
    """Whether the action has revisions to list, for whatever task."""
    ways = (action, *(case.action for case in action.when))
    files = [one.file for one in ways if isinstance(one, LaunchAction) and one.file]
    return any(file.has("revision") or kitsus.of_kitsu(file) for file in files)


def wanted(asked: Asked, task: Task) -> Wanted:
    """What must be looked at to list them.

    Raises: NoRevisions, PlanError where a template cannot be filled in.
    """
    search = _search(_way(asked, task), task)
    return Wanted(
        roots=(search.root,), searches={task.id: search}, files={search.folder: search.root}, details={task.id: "all"}
    )


def files(asked: Asked, task: Task, facts: Facts) -> Files:
    """The list.

    Raises: RootAway, OutsideRoot, and as `wanted`.
    """
    one = _way(asked, task)
    search = _search(one, task)
    present(search.root, asked.config, facts)
    under(search.folder, search.root, facts, label=label(task), key=one.key("file"))
    rows = revisions.rows(task, search, facts)
    return Files(task, search.folder, rows, isinstance(one.action, LaunchAction) and revisions.possible(one.action))


def _way(asked: Asked, task: Task) -> Asked:
    """The wish as it is for the task, with what Kitsu itself names."""
    ((one, _tasks),) = kitsus.together(together(asked, (task,)))
    return one


def _search(asked: Asked, task: Task) -> Search:
    found = revisions.searched(asked, asked.action, task) if isinstance(asked.action, LaunchAction) else None
    if found is None:
        raise revisions.NoRevisions(
            _("{action} opens no revisions of {task}.", action=asked.action.title, task=label(task)),
            next_step=_("Click the action in Kitsu: it opens what there is."),
        )
    return found
