"""The plan of kind `open`: a folder in the file manager, or an address in the browser."""

from pathlib import PurePath

from launcher.config.schema import OpenAction
from launcher.config.template import Template
from launcher.errors import NotFoundHere
from launcher.model import OpenFolder, OpenUrl, Plan, Step, Task
from launcher.plan.naming import filling, path, root_of, url
from launcher.plan.needs import Asked, Facts, Wanted, ground, present, under
from launcher.plan.selection import Selected, label
from launcher.words import _


class NoFolder(NotFoundHere):
    """The folder is not there; kind `open` makes none."""

    code = "folder"


def wanted(asked: Asked, action: OpenAction, chosen: Selected) -> Wanted:
    """What must be looked at: the folders; nothing for addresses.

    Raises: PlanError where a template cannot be filled in for a task.
    """
    if action.folder is None:
        return Wanted()
    root = root_of(action.folder)
    return Wanted(roots=(root,), files={_folder(asked, action.folder, task): root for task in chosen.tasks})


def plan(asked: Asked, action: OpenAction, chosen: Selected, facts: Facts) -> Plan:
    """One step for each folder or address; two tasks of one entity mostly share theirs.

    Raises: PlanError, RootAway, OutsideRoot, NoFolder
    """
    steps: dict[Step, None] = {}
    for task in chosen.tasks:
        if action.folder is not None:
            steps[_open_folder(asked, action.folder, task, facts)] = None
        if action.url is not None:
            with filling(task, asked.key("url"), action.url):
                steps[OpenUrl(url(action.url, asked.values(task)))] = None
    many = len(steps)
    reason = _("opens {n} folders", n=many) if action.folder else _("opens {n} addresses", n=many)
    asks = (reason,) if many > 1 else ()
    return Plan(tuple(steps), left_out=chosen.left_out, must_ask=asks)


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
