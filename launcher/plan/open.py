"""The plan of kind `open`: a folder in the file manager, or an address in the browser."""

from collections.abc import Iterator
from pathlib import PurePath

from launcher.config.schema import OpenAction
from launcher.config.template import Template
from launcher.errors import NotFoundHere
from launcher.model import OpenFolder, OpenUrl, Plan, Step, Task
from launcher.plan import rules
from launcher.plan.naming import filling, path, root_of, url
from launcher.plan.needs import Asked, Facts, Wanted, ground, present, under
from launcher.plan.selection import Selected, label
from launcher.words import _


class NoFolder(NotFoundHere):
    """The folder is not there; kind `open` makes none."""

    code = "folder"


def wanted(asked: Asked, chosen: Selected) -> Wanted:
    """What must be looked at: the folders; nothing for addresses.

    Raises: PlanError where a template cannot be filled in for a task.
    """
    files = {
        _folder(one, action.folder, task): root_of(action.folder)
        for one, action, task in _refined(asked, chosen)
        if action.folder is not None
    }
    return Wanted(roots=tuple(dict.fromkeys(files.values())), files=files)


def plan(asked: Asked, chosen: Selected, facts: Facts) -> Plan:
    """One step for each folder or address; two tasks of one entity mostly share theirs.

    Raises: PlanError, RootAway, OutsideRoot, NoFolder
    """
    steps: dict[Step, None] = {}
    for one, action, task in _refined(asked, chosen):
        if action.folder is not None:
            steps[_open_folder(one, action.folder, task, facts)] = None
        if action.url is not None:
            with filling(task, one.key("url"), action.url):
                steps[OpenUrl(url(action.url, one.values(task)))] = None
    many = len(steps)
    folders = any(isinstance(step, OpenFolder) for step in steps)
    reason = _("opens {n} folders", n=many) if folders else _("opens {n} addresses", n=many)
    asks = (reason,) if many > 1 else ()
    return Plan(tuple(steps), left_out=chosen.left_out, must_ask=asks)


def _refined(asked: Asked, chosen: Selected) -> Iterator[tuple[Asked, OpenAction, Task]]:
    """Each task with the action as it is for it."""
    for task in chosen.tasks:
        one = rules.refined(asked, task)
        if isinstance(one.action, OpenAction):
            yield one, one.action, task


def _open_folder(asked: Asked, template: Template, task: Task, facts: Facts) -> OpenFolder:
    root, folder = root_of(template), _folder(asked, template, task)
    present(root, asked.config, facts)
    state = under(folder, root, facts, label=label(task), key=asked.key("folder"))
    if not state.is_folder:
        raise NoFolder(
            _("{task} has no folder yet.", task=label(task)),
            tried=[_("{path}: is a file", path=folder) if state.exists else _("{path}: is not there", path=folder)],
            next_step=_("Make it, or save a first working file with another action."),
        )
    return OpenFolder(folder, ground(folder, root, facts))


def _folder(asked: Asked, template: Template, task: Task) -> PurePath:
    with filling(task, asked.key("folder"), template):
        return path(template, asked.values(task), asked.os)
