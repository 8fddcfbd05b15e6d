"""Which of the selected tasks an action takes, and why not the others. Nothing is ever cut silently."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from launcher.config.schema import Action, AnyAction, LaunchAction, OpenAction
from launcher.errors import Refused
from launcher.model import LeftOut, Person, Task
from launcher.plan import rules
from launcher.plan.cleaning import plain
from launcher.words import Words, _, either, n_


class NotYours(Refused):
    """The action is for other roles."""

    code = "role"


class SelectionRefused(Refused):
    """The selection as a whole cannot be taken."""

    code = "selection"
    status = 422


class OverLimit(Refused):
    """More tasks than the action takes at once."""

    code = "limit"
    status = 422


@dataclass(frozen=True, slots=True)
class Selected:
    """The tasks that the action goes on with, in the order of the selection, and the others."""

    tasks: tuple[Task, ...]
    left_out: tuple[LeftOut, ...] = ()


def selected(action: Action, tasks: Sequence[Task], person: Person) -> Selected:
    """What the action takes of the selection.

    Raises: NotYours, SelectionRefused, OverLimit: each says what to select instead.
    """
    if not _may(action, person):
        raise NotYours(
            _("{action} is not for you.", action=action.title),
            tried=[
                _(
                    "{person}: {role} in Kitsu; it is for {roles}",
                    person=person.name,
                    role=person.role,
                    roles=either(action.roles),
                )
            ],
            next_step=_("Ask your studio to add your role to the action's roles."),
        )
    out = [LeftOut(label(task), reason) for task in tasks if (reason := _why_not(action, task))]
    fitting = tuple(task for task in tasks if not _why_not(action, task))
    if not fitting:
        raise _none_fits(action, out)
    if not isinstance(action, LaunchAction | OpenAction):
        return Selected(fitting, tuple(out))
    action = _one_way(action, fitting, person)
    if action.selection == "first":
        others = [LeftOut(label(task), _("only the first task is taken")) for task in fitting[1:]]
        return Selected(fitting[:1], (*out, *others))
    _must_not_be_many(action, fitting)
    return Selected(fitting, tuple(out))


def fitting(actions: Iterable[AnyAction], task: Task, person: Person) -> tuple[AnyAction, ...]:
    """Those actions that take this one task for this person, in their order."""
    return tuple(action for action in actions if _may(action, person) and not _why_not(action, task))


def label(task: Task) -> str:
    """The task's name for people: one line, nothing unseen, bounded."""
    return plain(task.label, 120)


def _may(action: Action, person: Person) -> bool:
    return not action.roles or person.role in action.roles


def _why_not(action: Action, task: Task) -> str:
    """Why the action does not take the task; empty when it does."""
    if action.entity_types and task.kind not in action.entity_types:
        return _("its entity type is {has}, not {wanted}", has=plain(task.kind, 40), wanted=either(action.entity_types))
    if action.task_types and task.task_type.name.casefold() not in [name.casefold() for name in action.task_types]:
        return _(
            "its task type is {has}, not {wanted}", has=plain(task.task_type.name, 40), wanted=either(action.task_types)
        )
    return ""


def _none_fits(action: Action, out: Sequence[LeftOut]) -> SelectionRefused:
    if not out:
        return SelectionRefused(_("No task is selected."), next_step=_("Select tasks in Kitsu, and click again."))
    return SelectionRefused(
        n_(
            "The selected task does not fit {action}.",
            "None of the {n} selected tasks fits {action}.",
            len(out),
            action=action.title,
        ),
        tried=[_("{task}: {reason}", task=one.task, reason=one.reason) for one in out],
        next_step=_wanted(action),
    )


def _wanted(action: Action) -> Words:
    entities, types = either(action.entity_types or ("",)), either(action.task_types or ("",))
    if not action.task_types:
        return _("Select tasks of entity type {entities}.", entities=entities)
    if not action.entity_types:
        return _("Select tasks of task type {types}.", types=types)
    return _("Select tasks of entity type {entities} and task type {types}.", entities=entities, types=types)


def _one_way(action: LaunchAction | OpenAction, tasks: Sequence[Task], person: Person) -> LaunchAction | OpenAction:
    """The action with the `selection` and the `limit` that it has for all these tasks: `when` may refine them too."""
    ways = [way for way in rules.ways(action, tasks, person) if isinstance(way, LaunchAction | OpenAction)]
    if len({(way.selection, way.limit) for way in ways}) > 1:
        raise SelectionRefused(
            _("{action} takes these tasks in different ways.", action=action.title),
            tried=[label(task) for task in tasks],
            next_step=_("Select fewer kinds of tasks, and click again."),
        )
    return ways[0]


def _must_not_be_many(action: LaunchAction | OpenAction, tasks: Sequence[Task]) -> None:
    if action.selection == "one" and len(tasks) > 1:
        raise SelectionRefused(
            _("{action} takes one task, and {n} are selected.", action=action.title, n=len(tasks)),
            tried=[label(task) for task in tasks],
            next_step=_("Select one of them, and click again."),
        )
    if action.selection in ("each", "all") and len(tasks) > action.limit:
        raise OverLimit(
            _(
                "{action} takes at most {limit} tasks at once, and {n} are selected.",
                action=action.title,
                limit=action.limit,
                n=len(tasks),
            ),
            tried=[label(task) for task in tasks],
            next_step=_(
                "Select at most {limit}, or ask your studio to raise {key}.",
                limit=action.limit,
                key=f"actions.{action.name}.limit",
            ),
        )
