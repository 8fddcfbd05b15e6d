"""Scenes that are folders, as Harmony's: the folder is what is found, copied and noted, and a file in it is opened."""

from pathlib import PurePath

from launcher.config.schema import LaunchAction
from launcher.errors import NotFoundHere
from launcher.model import Task
from launcher.plan.naming import filling, inside
from launcher.plan.needs import Asked, Facts, under
from launcher.plan.selection import label
from launcher.words import _


class NoScene(NotFoundHere):
    """A folder stands where a scene is expected, without the file that would be opened."""

    code = "scene"


def names(asked: Asked, action: LaunchAction, task: Task) -> tuple[str, ...]:
    """The names of the file that is opened, below its scene's folder; empty where the working file is a file.

    Raises: PlanError where the template cannot be filled in.
    """
    if not action.inside or not action.file:
        return ()
    with filling(task, asked.key("inside"), action.inside):
        return inside(action.file, action.inside, asked.values(task), asked.os)


def opened(asked: Asked, task: Task, folder: PurePath, within: tuple[str, ...], root: str, facts: Facts) -> PurePath:
    """What the application is given of a scene that is there: the file in its folder.

    Raises: NoScene where there is none; OutsideRoot where a link leads it out of the root.
    """
    file = folder.joinpath(*within)
    if not within:
        return file
    state = under(file, root, facts, label=label(task), key=asked.key("inside"))
    if not state.exists or state.is_folder:
        raise NoScene(
            _("The scene of {task} is not whole.", task=label(task)),
            tried=[
                _("{key}: {path} is a folder", key=asked.key("inside"), path=file)
                if state.is_folder
                else _("{key}: {path} is not there", key=asked.key("inside"), path=file)
            ],
            next_step=_("Look into its folder, or ask your studio which file is to be opened there."),
        )
    return file
