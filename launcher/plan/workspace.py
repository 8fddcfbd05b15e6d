"""An application's project folder: what the action says outright, else the nearest folder with its marker. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath

from launcher.config.schema import App, LaunchAction
from launcher.errors import NotFoundHere
from launcher.model import Copy, MakeFolder, Task
from launcher.plan.naming import filling, path, root_of
from launcher.plan.needs import Asked, Facts, present, under
from launcher.plan.selection import label
from launcher.words import _

DEEPEST = 64
"""Folders between a working file and its root that are looked at."""


class NoWorkspace(NotFoundHere):
    """The project folder that the action names is not there."""

    code = "workspace"


def wanted(asked: Asked, action: LaunchAction, tasks: Iterable[Task]) -> dict[PurePath, str]:
    """The project folders that the action says outright, each with its root.

    Raises: PlanError where the template cannot be filled in for a task.
    """
    if action.workspace is None:
        return {}
    root = root_of(action.workspace)
    return {_said(asked, action, task): root for task in tasks}


def markers(asked: Asked, action: LaunchAction) -> tuple[str, ...]:
    """The markers to look for above working files: those of every application that may be started."""
    if action.workspace or not action.file:
        return ()
    found = (asked.config.apps[name].workspace.marker for name in action.app)
    return tuple(dict.fromkeys(marker for marker in found if marker))


def above(file: PurePath, root: PurePath) -> Iterator[PurePath]:
    """The folders from that of a file up to its root, both included; none where it does not lie below."""
    if file.is_relative_to(root):
        for folder in list(file.parents)[:DEEPEST]:
            yield folder
            if folder == root:
                return


def workspace(
    asked: Asked,
    action: LaunchAction,
    app: App,
    task: Task,
    file: PurePath | None,
    before: Iterable[MakeFolder | Copy],
    facts: Facts,
) -> PurePath | None:
    """The project folder that `app` is started with for a task's working file; None where it has none.

    `before` are the steps that make the file: a folder that they make will be there.

    Raises: NoWorkspace, RootAway, OutsideRoot, PlanError.
    """
    if action.workspace:
        return _outright(asked, action, task, before, facts)
    marker = app.workspace.marker
    if not (marker and file and action.file):
        return None
    root = root_of(action.file)
    for folder in above(file, facts.roots[root].path):
        state = facts.files.get(folder / marker)
        if state and state.exists:
            under(folder, root, facts, label=label(task), key=f"apps.{app.name}.workspace.marker")
            return folder
    return None


def variables(app: App, folder: PurePath | None) -> Mapping[str, str]:
    """The environment variable that tells the application of it."""
    return {app.workspace.env: str(folder)} if app.workspace.env and folder else {}


def _outright(
    asked: Asked, action: LaunchAction, task: Task, before: Iterable[MakeFolder | Copy], facts: Facts
) -> PurePath:
    assert action.workspace  # noqa: S101  # its caller has looked
    folder, root, key = _said(asked, action, task), root_of(action.workspace), asked.key("workspace")
    present(root, asked.config, facts)
    state = under(folder, root, facts, label=label(task), key=key)
    made = any(isinstance(step, MakeFolder) and step.path.is_relative_to(folder) for step in before)
    if not made and not (state.exists and state.is_folder):
        raise NoWorkspace(
            _("The workspace of {task} is not there.", task=label(task)),
            tried=[_("{key}: {path}: no folder", key=key, path=folder)],
            next_step=_("Make that folder, or ask your studio to correct {key}.", key=key),
        )
    return folder


def _said(asked: Asked, action: LaunchAction, task: Task) -> PurePath:
    assert action.workspace  # noqa: S101  # its callers have looked
    with filling(task, asked.key("workspace"), action.workspace):
        return path(action.workspace, asked.values(task), asked.os)
