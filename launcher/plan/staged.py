"""Of a plan, what `kitsu-launcher shell` needs: the one process it starts, and that one's context file. Pure."""

from dataclasses import dataclass
from pathlib import PurePath

from launcher.errors import Refused
from launcher.model import Plan, Start, WriteContext
from launcher.plan.cleaning import plain
from launcher.words import _

MOST_NAMES = 10
"""Of working files in an error."""


class NoOneProcess(Refused):
    """The action starts no application, or several."""

    code = "shell"
    status = 422


class NotChosen(Refused):
    """The action lets her choose among several working files, and she has not."""

    code = "choose"
    status = 422


@dataclass(frozen=True, slots=True)
class Staged:
    """A process that is not started, and the file that its environment names."""

    start: Start
    context: WriteContext


def staged(plan: Plan, title: str) -> Staged:
    """The plan's one process. `title` is the action's, for people.

    Raises: NoOneProcess, NotChosen
    """
    if plan.files and not plan.steps:
        raise NotChosen(
            _("{action} asks first which working file.", action=title),
            tried=[plain(row.name, 200) for row in plan.files[:MOST_NAMES]],
            next_step=_(
                "Name one: `kitsu-launcher shell … --choose open --file NAME`; without --file it is the newest."
            ),
        )
    starts = [step for step in plan.steps if isinstance(step, Start)]
    if len(starts) != 1:
        raise NoOneProcess(
            _("{action} starts {n} applications; a terminal has the environment of one.", action=title, n=len(starts)),
            next_step=_("Select one task.")
            if starts
            else _("Name an action of kind launch: `kitsu-launcher actions`."),
        )
    (start,) = starts
    file = start.env.get("KITSU_CONTEXT", "")
    contexts = [step for step in plan.steps if isinstance(step, WriteContext)]
    return Staged(start, next(step for step in contexts if _same(step.path, file)))


def _same(path: PurePath, text: str) -> bool:
    return type(path)(text) == path
