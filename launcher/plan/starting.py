"""How one process is started: its arguments, its environment, its context file. `launch` decides on which files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from launcher.config.schema import App, LaunchAction
from launcher.config.template import Template
from launcher.model import OS, Copy, MakeFolder, Start, Step, Task, WriteContext
from launcher.plan import environment
from launcher.plan.argv import argument, argv
from launcher.plan.found import Installed
from launcher.plan.naming import filling, text
from launcher.plan.needs import Asked, Facts
from launcher.plan.selection import label


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
    given: bool = False
    """Whether the file is there when the application starts; else it is where a first one is to be saved."""
    new: bool = False
    before: tuple[MakeFolder | Copy, ...] = ()
    scripts_may_run: bool = False


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
        tasks, asked.person, asked.server, action.name, app.name, first.file, first.new
    )
    env = _environment(asked, action, app, first, context_file, facts)
    start = Start(
        application=program.installed.label,
        argv=argv(
            app,
            program.installed.path,
            [opening.file for opening in openings if opening.file and opening.given],
            _arguments(asked, action, app, first.task),
            facts.startup_folder / app.script if app.script else None,
            all(opening.scripts_may_run for opening in openings),
        ),
        env=env,
        cwd=first.file.parent if first.file else _home(facts),
        task_ids=tuple(task.id for task in tasks),
        file=first.file,
        environment_changes={name: value for name, value in env.items() if facts.environment.get(name) != value},
    )
    return (WriteContext(context_file, content), start)


def _arguments(asked: Asked, action: LaunchAction, app: App, task: Task) -> list[str]:
    """The configuration's own arguments: the application's, then the action's."""
    of_app = _filler(asked, task, f"apps.{app.name}.args")
    of_action = _filler(asked, task, asked.key("args"))
    return [
        *(argument(template, of_app, label(task)) for template in app.args),
        *(argument(template, of_action, label(task)) for template in action.args),
    ]


def _environment(
    asked: Asked, action: LaunchAction, app: App, first: Opening, context_file: PurePath, facts: Facts
) -> dict[str, str]:
    """The machine's, changed by the application and then by the action, and the context's variables on top."""
    env = dict(facts.environment)
    for key, changes in ((f"apps.{app.name}.env", app.env), (asked.key("env"), action.env)):
        fill = _filler(asked, first.task, key)
        env = environment.environment(env, asked.os, [changes], fill, label(first.task))
    return env | environment.context_variables(first.task, asked.person, asked.server, first.file, context_file)


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
