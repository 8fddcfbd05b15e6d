"""The working files of an earlier launch's tasks, listed anew, and the click that opens one of them."""

from dataclasses import dataclass, replace
from pathlib import PurePath

from launcher import facts, trust, whose
from launcher.errors import NotFoundHere
from launcher.kitsu.accounts import NotLoggedIn
from launcher.launches import Launch
from launcher.model import Choice, Click, FileRow, Sender, Task
from launcher.plan import files
from launcher.plan.needs import Asked
from launcher.plan.selection import fitting, label, selected
from launcher.prepare import Scene, placing
from launcher.run import Run
from launcher.words import _

LISTING = "listing"
"""In the place of a launch's id, where nothing is started."""


class OtherTask(NotFoundHere):
    """A task that the launch is not about."""

    code = "task"


@dataclass(frozen=True, slots=True)
class Listed:
    """The working files of one of a launch's tasks."""

    task: str
    """Its id."""
    label: str
    folder: PurePath
    rows: tuple[FileRow, ...]
    """The newest first."""
    may_next: bool
    tasks: tuple[tuple[str, str], ...]
    """Every task of the launch that can be seen in Kitsu, by id and label."""


async def listed(run: Run, launch: Launch, task_id: str = "") -> Listed:
    """The working files of one task of the launch as they are now; of its first task where none is named.

    Raises: LauncherError of whichever part says no, as a click of the same action would.
    """
    scene = await run.scene(await _click(run, launch))
    with placing(run.loaded()):
        chosen = [task for task in scene.tasks if task.id == task_id] if task_id else _fitting(scene) or scene.tasks
        if not chosen:
            raise _other_task()
        task = selected(scene.action, chosen[:1], scene.person).tasks[0]
        asked = Asked(
            scene.person,
            scene.config,
            run.os,
            scene.server.origins[0],
            scene.action,
            settled=await run.settled(replace(scene, tasks=(task,)), scene.action),
        )
        known = await facts.read(
            files.wanted(asked, task),
            run.applications,
            scene.config,
            run.folders.launches / LISTING,
            run.hands.environment(),
            run.os,
        )
        found = files.files(asked, task, known)
    return Listed(
        task=task.id,
        label=label(task),
        folder=found.folder,
        rows=found.rows,
        may_next=found.may_next,
        tasks=tuple((one.id, label(one)) for one in scene.tasks),
    )


async def again(run: Run, launch: Launch, task_id: str, choice: Choice) -> Launch:
    """The launch of the same action on one working file of one of its tasks. Whoever calls knows that she pressed.

    A launch that asks which working file is answered by it, and goes on.
    Raises: OtherTask, NotLoggedIn, Refused.
    """
    if task_id not in launch.click.task_ids:
        raise _other_task()
    if launch.question and launch.plan and launch.plan.files:
        await run.decide(launch, choice)
        return launch
    click = await _click(run, launch)
    return run.begin(replace(click, task_ids=(task_id,), choice=choice), trust.Go())


async def _click(run: Run, launch: Launch) -> Click:
    """The launch's click, as if it were made on our own page by the same person."""
    server = whose.server(launch.click, run.loaded().config.studio.servers)
    person = whose.again(launch.click, launch.person, await run.accounts.people(server))
    if person is None:
        raise NotLoggedIn(
            _("Nobody is logged in to {server} here.", server=server.origins[0]),
            next_step=_("Run `kitsu-launcher login`, then try again."),
        )
    return replace(
        launch.click,
        sender=Sender.PAGE,
        server=server.origins[0],
        person_id=person.id,
        person_email=person.email,
        received=(),
        choice=None,
    )


def _fitting(scene: Scene) -> list[Task]:
    return [task for task in scene.tasks if fitting((scene.action,), task, scene.person)]


def _other_task() -> OtherTask:
    return OtherTask(
        _("This launch is not about that task."), next_step=_("Click the action again in Kitsu, on the task itself.")
    )
