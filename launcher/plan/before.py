"""The studio's programs that are asked before applications start: where they lie, and where they stand in a plan."""

from collections.abc import Sequence
from pathlib import PurePath

from launcher.config.schema import Before, LaunchAction
from launcher.config.template import Template
from launcher.errors import NotFoundHere
from launcher.model import RunBefore, Start, Step, Task, WriteContext
from launcher.plan.argv import argument
from launcher.plan.naming import filling, path, root_of, text
from launcher.plan.needs import Asked, Facts, ground, present, under
from launcher.plan.selection import label
from launcher.words import _


class NoProgram(NotFoundHere):
    """A program that the studio wants to be asked is not there, or may not be run."""

    code = "before"


def programs(asked: Asked, action: LaunchAction, tasks: Sequence[Task]) -> dict[PurePath, str]:
    """Every program that will be asked for these tasks, with its root's name.

    Raises: PlanError where a template cannot be filled in.
    """
    return {_program(asked, before, task): root_of(before.run[0]) for before in action.before for task in tasks}


def asked_first(
    asked: Asked, action: LaunchAction, tasks: Sequence[Task], steps: Sequence[Step], facts: Facts
) -> tuple[Step, ...]:
    """The steps of some processes and the programs that are asked before them.

    Raises: NoProgram, RootAway, OutsideRoot, PlanError, ArgumentError.
    """
    by_id = {task.id: task for task in tasks}
    questions = [
        _question(asked, before, by_id[start.task_ids[0]], start, facts)
        for start in steps
        if isinstance(start, Start)
        for before in action.before
    ]
    return (*questions, *steps)


def in_order(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps of a launch with the programs of all its applications before everything else, so that one that
    cancels leaves nothing made and nothing started; only their context files come first.
    """
    questions = [step for step in steps if isinstance(step, RunBefore)]
    if not questions:
        return tuple(steps)
    contexts = [step for step in steps if isinstance(step, WriteContext)]
    return (*contexts, *questions, *(step for step in steps if not isinstance(step, WriteContext | RunBefore)))


def _question(asked: Asked, before: Before, task: Task, start: Start, facts: Facts) -> RunBefore:
    program, root = _program(asked, before, task), root_of(before.run[0])
    key = asked.key("before")
    present(root, asked.config, facts)
    state = under(program, root, facts, label=label(task), key=key)
    if not state.exists or state.why_not_run:
        raise NoProgram(
            _("{program}, which {action} asks first, cannot be run.", program=program.name, action=asked.action.title),
            tried=[
                _(
                    "{key}: {path} {reason}",
                    key=key,
                    path=str(program),
                    reason=state.why_not_run if state.exists else _("is not there"),
                )
            ],
            next_step=_("Ask your studio: it must be a file that may be executed, and that not everybody may change."),
        )
    values = asked.values(task)

    def fill(template: Template) -> str:
        with filling(task, key, template):
            return text(template, values)

    return RunBefore(
        argv=(str(program), *(argument(template, fill, label(task)) for template in before.run[1:])),
        env=start.env,
        context=asked.os.path(start.env["KITSU_CONTEXT"]),
        root=ground(program, root, facts),
        seconds=before.seconds,
        application=start.application,
    )


def _program(asked: Asked, before: Before, task: Task) -> PurePath:
    with filling(task, asked.key("before"), before.run[0]):
        return path(before.run[0], asked.values(task), asked.os)
