"""Which `[[actions.NAME.when]]` counts for a task: the first whose conditions are all true of it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from launcher.config.schema import KITSU, Action, AnyAction, Conditions, LaunchAction, OpenAction
from launcher.model import Person, Task
from launcher.plan.needs import Asked


def refined(asked: Asked, task: Task) -> Asked:
    """The wish with the action as it is for this task."""
    action = asked.action
    if isinstance(action, LaunchAction | OpenAction):
        for number, case in enumerate(action.when, 1):
            if holds(case.conditions, task, asked.person):
                return replace(asked, action=case.action, case=number, refines=frozenset(case.table))
    return asked


def together(asked: Asked, tasks: Iterable[Task]) -> list[tuple[Asked, tuple[Task, ...]]]:
    """The tasks by the refinement that counts for them, in the order of the selection."""
    groups: dict[int, tuple[Asked, list[Task]]] = {}
    for task in tasks:
        one = refined(asked, task)
        groups.setdefault(one.case, (one, []))[1].append(task)
    return [(one, tuple(those)) for one, those in groups.values()]


def ways(action: Action, tasks: Sequence[Task], person: Person) -> list[Action]:
    """The action as it is for the tasks, each way once; the action itself where there are no tasks."""
    if not isinstance(action, LaunchAction | OpenAction):
        return [action]
    found: dict[int, Action] = {}
    for task in tasks:
        cases = (n for n, case in enumerate(action.when) if holds(case.conditions, task, person))
        number = next(cases, -1)
        found[number] = action if number < 0 else action.when[number].action
    return list(found.values()) or [action]


def apps(action: AnyAction) -> tuple[str, ...]:
    """Every application that the action may start, for whatever task."""
    if not isinstance(action, LaunchAction):
        return ()
    refinements = [case.action.app for case in action.when if isinstance(case.action, LaunchAction)]
    return tuple(dict.fromkeys(app for names in (action.app, *refinements) for app in names if app != KITSU))


def wants_previews(action: AnyAction) -> bool:
    """Whether it matters, for whatever task, when its latest preview was made: Kitsu has to be asked for that."""
    if not isinstance(action, LaunchAction):
        return False
    every = (action, *(case.action for case in action.when))
    return any(isinstance(one, LaunchAction) and "newer-preview" in one.next_when for one in every)


def holds(conditions: Conditions, task: Task, person: Person) -> bool:
    """Whether all conditions that are said are true of the task, and of the person who clicks."""
    project = task.project
    return (
        _one_of(conditions.projects, (project.id, project.name, project.code), exactly=True)
        and _one_of(conditions.entity_types, (task.kind,))
        and _one_of(conditions.task_types, (task.task_type.name,))
        and _one_of(conditions.asset_types, (task.asset_type.name if task.asset_type else "",))
        and _one_of(conditions.departments, (task.department.name if task.department else "",))
        and _one_of(conditions.roles, (person.role,))
    )


def _one_of(wanted: Sequence[str], has: Sequence[str], *, exactly: bool = False) -> bool:
    """Productions are named as in `[projects.NAME]`, exactly; Kitsu's other names in any mixture of large and small."""
    if not wanted:
        return True
    if exactly:
        return any(name and name in wanted for name in has)
    return any(name and name.casefold() in [word.casefold() for word in wanted] for name in has)
