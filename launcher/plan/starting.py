"""How one process is started: its arguments, its environment, its context file. `launch` decides on which files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from launcher.config.schema import App, LaunchAction
from launcher.config.template import Template
from launcher.model import OS, Copy, MakeFolder, Stamp, Start, Step, Task, WriteContext
from launcher.plan import environment, workspace, wrapping
from launcher.plan.argv import argument, argv
from launcher.plan.found import Installed
from launcher.plan.naming import filling, text
from launcher.plan.needs import Asked, Facts
from launcher.plan.renamed import Standing
from launcher.plan.selection import label
from launcher.plan.wrapping import Wrapping


@dataclass(frozen=True, slots=True)
class Program:
    """An application of the configuration, with the one of its versions that will be started."""

    app: App
    installed: Installed


@dataclass(frozen=True, slots=True)
class Opening:
    """One task with the file that will be worked on, and what must be made before."""

    task: Task
    file: PurePath | None = None
    root: str = ""
    """Name of the root that the file is below."""
    given: bool = False
    """Whether the file is there when the application starts; else it is where a first one is to be saved."""
    new: bool = False
    before: tuple[MakeFolder | Copy, ...] = ()
    stamps: tuple[Stamp, ...] = ()
    """What its folder is marked with, once the application has been started."""
    scripts_may_run: bool = False
    stands: Standing = field(default_factory=Standing)
    """What stamps say of the task's folder; its reasons are to be asked."""
    inside: tuple[str, ...] = ()
    """The names of what is opened, below a `file` that is a folder."""

    @property
    def opened(self) -> PurePath | None:
        """What the application has open."""
        return self.file.joinpath(*self.inside) if self.file else None


def process(
    asked: Asked,
    action: LaunchAction,
    program: Program,
    openings: Sequence[Opening],
    tasks: Sequence[Task],
    facts: Facts,
    number: int,
) -> tuple[Step, ...]:
    """The launch's process with this number, from 1: all openings in it, told of all `tasks`.

    Templates and variables are filled in for the first opening's task.
    """
    app, first = program.app, openings[0]
    context_file = facts.context_folder / ("context.json" if number == 1 else f"context-{number}.json")
    content = {"launch": asked.launch_id} | environment.context(
        tasks, asked.person, asked.server, action.name, app.name, first.opened, first.new
    )
    folder = workspace.workspace(asked, action, app, first.task, first.opened, first.before, facts)
    env = _environment(asked, action, app, first, context_file, facts, workspace.variables(app, folder))
    wrapper, command = _command(asked, action, program, openings, facts, folder)
    wrapping.must_be_no_batch_file(app, program.installed, (*wrapper, *command), first.task, facts.os)
    start = Start(
        application=program.installed.label,
        argv=(*wrapper, *command),
        env=env,
        cwd=first.opened.parent if first.opened else _home(facts),
        task_ids=tuple(task.id for task in tasks),
        file=first.opened,
        environment_changes={name: value for name, value in env.items() if facts.environment.get(name) != value},
        wrapper=wrapper,
        workspace=folder,
        hands_over=app.hands_over,
        batch=app.batch,
    )
    return (WriteContext(context_file, content), start)


def _command(
    asked: Asked,
    action: LaunchAction,
    program: Program,
    openings: Sequence[Opening],
    facts: Facts,
    folder: PurePath | None,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What stands before the application's own command line, and that itself. What a wrapper gets is held to `SAFE`."""
    app, task = program.app, openings[0].task
    behind = Wrapping(asked, app, task, facts.applications[app.name].wrapper)
    given = [opening for opening in openings if opening.file and opening.given]
    for opening in given:
        replace(behind, task=opening.task).hold(str(opening.opened), asked.key("file"), action.file)
    if folder:
        behind.hold(str(folder), asked.key("workspace"), action.workspace)
    if program.installed.source != "studio":
        behind.hold(str(program.installed.path), f"apps.{app.name}.executable")
    command = argv(
        app,
        program.installed.path,
        [opening.opened for opening in given if opening.opened],
        _arguments(asked, action, behind),
        facts.startup_folder / app.script if app.script else None,
        all(opening.scripts_may_run for opening in openings),
        folder,
    )
    return behind.prefix(argument), command


def _arguments(asked: Asked, action: LaunchAction, behind: Wrapping) -> list[str]:
    """The configuration's own arguments: the application's, then the action's."""
    app, task = behind.app, behind.task
    made: list[str] = []
    for key, templates in ((f"apps.{app.name}.args", app.args), (asked.key("args"), action.args)):
        fill = _filler(asked, task, key)
        for template in templates:
            made.append(argument(template, fill, label(task)))
            behind.hold_text(made[-1], key, template)
    return made


def _environment(
    asked: Asked,
    action: LaunchAction,
    app: App,
    first: Opening,
    context_file: PurePath,
    facts: Facts,
    own: Mapping[str, str],
) -> dict[str, str]:
    """The machine's with the workspace's (`own`), changed by the application and then by the action, and the context's
    variables on top."""
    env = {**facts.environment, **own}
    for key, changes in ((f"apps.{app.name}.env", app.env), (asked.key("env"), action.env)):
        fill = _filler(asked, first.task, key)
        env = environment.environment(env, asked.os, [changes], fill, label(first.task))
    return env | environment.context_variables(first.task, asked.person, asked.server, first.opened, context_file)


def _filler(asked: Asked, task: Task, key: str) -> Callable[[Template], str]:
    values = asked.values(task)

    def fill(template: Template) -> str:
        with filling(task, key, template):
            return text(template, values)

    return fill


def _home(facts: Facts) -> PurePath:
    """The person's home; where none is told, the launch's own folder, which is always there."""
    home = facts.environment.get("USERPROFILE" if facts.os is OS.WINDOWS else "HOME")
    return facts.os.path(home) if home else facts.context_folder
