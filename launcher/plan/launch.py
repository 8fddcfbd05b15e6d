"""The plan of kind `launch`: an application on the newest working file of each task, or on its first one."""

from dataclasses import dataclass
from pathlib import PurePath

from launcher.config.schema import CopyFrom, LaunchAction
from launcher.errors import NotFoundHere
from launcher.model import Copy, MakeFolder, Plan, Step, Task
from launcher.plan import found, saved, workspace, wrapping
from launcher.plan.before import asked_first, programs
from launcher.plan.naming import Search, WorkingFile, filling, newest, path, root_of, search
from launcher.plan.needs import Asked, Facts, FileState, Wanted, ground, present, under
from launcher.plan.selection import Selected, label
from launcher.plan.starting import Opening, Program, process
from launcher.words import _, joined

FIRST_REVISION = 1


class NoWorkingFile(NotFoundHere):
    """There is no working file yet, and the action makes none."""

    code = "working-file"


class NoTemplateFile(NotFoundHere):
    """The file that the first working file is copied from is not there."""

    code = "template-file"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a task's working files are, and where its first one will be."""

    root: str
    first: PurePath
    """The file itself where the template has no revision."""
    search: Search | None
    copy: PurePath | None = None
    copy_root: str = ""


def wanted(asked: Asked, action: LaunchAction, chosen: Selected) -> Wanted:
    """What must be looked at to plan the launch.

    Raises: PlanError where a template cannot be filled in for a task.
    """
    places = {task.id: place for task in chosen.tasks if (place := _place(asked, action, task))}
    files: dict[PurePath, str] = {}
    for place in places.values():
        files |= {place.first: place.root, place.first.parent: place.root}
        if place.copy:
            files[place.copy] = place.copy_root
    files |= workspace.wanted(asked, action, chosen.tasks)
    before = programs(asked, action, chosen.tasks)
    files |= before
    return Wanted(
        apps=action.app,
        wrappers={app: sought for app in action.app if (sought := wrapping.sought(asked, asked.config.apps[app]))},
        markers=workspace.markers(asked, action),
        roots=tuple(dict.fromkeys(files.values())),
        searches={task: place.search for task, place in places.items() if place.search},
        files=files,
        programs=frozenset(before),
        formats=saved.formats([asked.config.apps[name] for name in action.app]),
    )


def plan(asked: Asked, action: LaunchAction, chosen: Selected, facts: Facts) -> Plan:
    """Every step of the launch.

    Raises: PlanError, AppMissing, RootAway, OutsideRoot, NoWorkingFile, NoTemplateFile and what `argv` and
    `environment` raise.
    """
    program = _application(asked, action, facts)
    one_for_all = action.selection == "all"
    opened = chosen.tasks[:1] if one_for_all and not program.app.many else chosen.tasks
    openings = [_opening(asked, action, task, facts) for task in opened]
    processes = [openings] if one_for_all else [[opening] for opening in openings]
    started = [saved.program(program, together, facts) for together in processes]
    steps: list[Step] = []
    for number, (program, together) in enumerate(zip(started, processes, strict=True), 1):
        # Two tasks may share one working file, as those of one shot: it is made once.
        steps += dict.fromkeys(step for opening in together for step in opening.before if step not in steps)
        tasks = chosen.tasks if one_for_all else (together[0].task,)
        steps += process(asked, action, program, together, tasks, facts, number)
    many, labels = len(processes), dict.fromkeys(one.installed.label for one in started)
    windows = [_("opens {n} windows of {app}", n=many, app=joined(", ", labels))] if many > 1 else []
    newer = [why for one, files in zip(started, processes, strict=True) for why in saved.reasons(one, files, facts)]
    ordered = asked_first(asked, action, chosen.tasks, steps, facts)
    return Plan(ordered, left_out=chosen.left_out, must_ask=tuple(dict.fromkeys((*windows, *newer))))


def _application(asked: Asked, action: LaunchAction, facts: Facts) -> Program:
    """The first of the action's applications that is installed in a version that fits."""
    apps = [asked.config.apps[name] for name in action.app]
    for app in apps:
        if fits := facts.applications[app.name].fits:
            return Program(app, fits[0])
    raise found.missing(apps, facts.applications, facts.settings, asked.os)


def _place(asked: Asked, action: LaunchAction, task: Task) -> _Place | None:
    """None where the application starts without a file."""
    if action.file is None:
        return None
    values = asked.values(task)
    with filling(task, asked.key("file"), action.file):
        first = path(action.file, {**values, "revision": FIRST_REVISION}, asked.os)
        has_revision = any("revision" in field.names for field in action.file.fields)
        looked = search(action.file, values, asked.os) if has_revision else None
        root = root_of(action.file)
    if not isinstance(action.when_missing, CopyFrom):
        return _Place(root, first, looked)
    template = action.when_missing.copy
    with filling(task, asked.key("when_missing.copy"), template):
        return _Place(root, first, looked, path(template, values, asked.os), root_of(template))


def _opening(asked: Asked, action: LaunchAction, task: Task, facts: Facts) -> Opening:
    place = _place(asked, action, task)
    if place is None:
        return Opening(task)
    present(place.root, asked.config, facts)
    scripts = asked.config.roots[place.root].run_scripts
    if file := _existing(place, task, facts):
        under(file.path, place.root, facts, label=label(task), key=asked.key("file"))
        return Opening(task, file.path, given=True, scripts_may_run=scripts)
    if action.when_missing == "fail":
        raise _no_working_file(asked, action, place, task)
    before = _first_file(asked, place, task, facts)
    return Opening(task, place.first, new=True, given=bool(place.copy), before=before, scripts_may_run=scripts)


def _existing(place: _Place, task: Task, facts: Facts) -> WorkingFile | None:
    """The newest working file; without a revision in the template, the file itself."""
    if place.search:
        return newest(facts.found.get(task.id, ()), place.search)
    return WorkingFile(place.first, 0) if facts.files[place.first].exists else None


def _first_file(asked: Asked, place: _Place, task: Task, facts: Facts) -> tuple[MakeFolder | Copy, ...]:
    """What must be made before an application can save, or open, the first working file."""
    under(place.first, place.root, facts, label=label(task), key=asked.key("file"))
    root, folder = ground(place.first, place.root, facts), place.first.parent
    steps: list[MakeFolder | Copy] = []
    if not facts.files[folder].exists:
        steps.append(MakeFolder(folder, root))
    if place.copy:
        present(place.copy_root, asked.config, facts)
        key = asked.key("when_missing.copy")
        _must_be_a_file(place.copy, under(place.copy, place.copy_root, facts, label=label(task), key=key), task, key)
        steps.append(Copy(place.copy, place.first, root))
    return tuple(steps)


def _must_be_a_file(template: PurePath, state: FileState, task: Task, key: str) -> None:
    if not state.exists or state.is_folder:
        raise NoTemplateFile(
            _("There is no template for the first working file of {task}.", task=label(task)),
            tried=[
                _("{key}: {path} is a folder", key=key, path=template)
                if state.is_folder
                else _("{key}: {path} is not there", key=key, path=template)
            ],
            next_step=_("Ask your studio to put one there."),
        )


def _no_working_file(asked: Asked, action: LaunchAction, place: _Place, task: Task) -> NoWorkingFile:
    looked = [_("{path}: is not there", path=place.first)]
    if place.search and action.file:
        name = action.file.text.rsplit("/", 1)[-1]
        looked = [_("{folder}: no file as {name}, as {path}", folder=place.search.folder, name=name, path=place.first)]
    return NoWorkingFile(
        _("There is no working file of {task} yet.", task=label(task)),
        tried=looked,
        next_step=_(
            'Save a first one there, or ask your studio to set {key} = {{ copy = "…" }}.', key=asked.key("when_missing")
        ),
    )
