"""The decisions of one click: pure. `wanted` says what must be looked at on this machine, `plan` what will be done."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import assert_never

from launcher.config.schema import AnyAction, Config, LaunchAction, OpenAction, PageAction, Server
from launcher.model import OS, Choice, Click, Person, Plan, Task
from launcher.plan import kitsus, launch, open, page, rules
from launcher.plan.needs import Asked, Facts, Wanted, seen
from launcher.plan.selection import selected
from launcher.plan.settled import Settled


def wanted(
    action: AnyAction,
    tasks: Sequence[Task],
    person: Person,
    config: Config,
    os: OS,
    server: Server,
    choice: Choice | None = None,
    settled: Mapping[str, Settled] | None = None,
) -> Wanted:
    """What `facts` must look at before this action can be planned.

    Raises: Refused where the selection is not taken, PlanError where a template cannot be filled in.
    """
    asked = Asked(person, config, os, server.origins[0], action, choice=choice, settled=settled or {})
    chosen = selected(action, tasks, person)
    match action:
        case LaunchAction():
            return launch.wanted(asked, chosen)
        case OpenAction():
            return open.wanted(asked, chosen)
        case PageAction():
            return Wanted()
        case _:
            assert_never(action)


def of_kitsu(
    action: AnyAction, tasks: Sequence[Task], person: Person, config: Config, os: OS, server: Server
) -> list[tuple[Task, LaunchAction]]:
    """The tasks of which Kitsu itself names the application or the file, each with the action as it is for it.

    What it names is `settled`, for `wanted` and `plan`. Raises: Refused where the selection is not taken.
    """
    if not any(kitsus.kitsus(way) for way in rules.ways(action, tasks, person)):
        return []
    asked = Asked(person, config, os, server.origins[0], action)
    ways = [(task, rules.refined(asked, task).action) for task in selected(action, tasks, person).tasks]
    return [(task, way) for task, way in ways if isinstance(way, LaunchAction) and kitsus.kitsus(way)]


def plan(
    action: AnyAction,
    tasks: Sequence[Task],
    person: Person,
    config: Config,
    facts: Facts,
    os: OS,
    server: Server,
    launch_id: str,
    click: Click,
    settled: Mapping[str, Settled] | None = None,
) -> Plan:
    """All that the action will do for this selection on this machine. The debug page here knows no other action.

    Raises: Refused, NotFoundHere or PlanError, each naming task, path and configuration key where there is one.
    """
    asked = Asked(person, config, os, server.origins[0], action, launch_id, click.choice, settled=settled or {})
    chosen = selected(action, tasks, person)
    match action:
        case LaunchAction():
            return replace(launch.plan(asked, chosen, facts), seen=seen(facts))
        case OpenAction():
            return replace(open.plan(asked, chosen, facts), seen=seen(facts))
        case PageAction():
            return page.debug(action, tasks, person, server, asked.places, click)
        case _:
            assert_never(action)
