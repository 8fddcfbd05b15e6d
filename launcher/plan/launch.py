"""The plan of kind `launch`: an application on the newest working file of each task, or on its first one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Literal

from launcher.config.schema import CopyFrom, LaunchAction
from launcher.config.template import ANYTHING
from launcher.errors import NotFoundHere
from launcher.model import Copy, MakeFolder, Plan, Step, Task
from launcher.plan import found, kitsus, renamed, revisions, rules, saved, scenes, workspace, wrapping
from launcher.plan.already import Already, told
from launcher.plan.before import asked_first, in_order, programs
from launcher.plan.kin import Kin, kin
from launcher.plan.matching import Search, WorkingFile
from launcher.plan.naming import filling, path, root_of
from launcher.plan.needs import Asked, Facts, FileState, Wanted, ground, present, under
from launcher.plan.renamed import Standing
from launcher.plan.selection import Selected, SelectionRefused, label
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
    first: PurePath | None
    """The file itself where the template has no revision. None where none can be made: `{*}` without `new_file`."""
    search: Search | None
    copy: PurePath | None = None
    copy_root: str = ""
    inside: tuple[str, ...] = ()
    """The names of what is opened, below a working file that is a folder."""


@dataclass(frozen=True, slots=True)
class _Process:
    """One process to be: by which refinement of the action, on which files, told of which tasks."""

    asked: Asked
    action: LaunchAction
    program: Program
    openings: tuple[Opening, ...]
    tasks: tuple[Task, ...]


def wanted(asked: Asked, chosen: Selected) -> Wanted:
    """What must be looked at to plan the launch.

    Raises: PlanError where a template cannot be filled in for a task.
    """
    files: dict[PurePath, str] = {}
    searches: dict[str, Search] = {}
    details: dict[str, Literal["newest", "all"]] = {}
    before: dict[PurePath, str] = {}
    apps: dict[str, None] = {}
    markers: dict[str, None] = {}
    opens: set[PurePath] = set()
    kins: dict[str, Kin] = {}
    for one, action, tasks in _ways(asked, chosen.tasks):
        apps |= dict.fromkeys(action.app)
        markers |= dict.fromkeys(workspace.markers(one, action))
        before |= programs(one, action, tasks)
        files |= workspace.wanted(one, action, tasks) | before
        for task in tasks:
            if place := _place(one, action, task):
                besides = kitsus.files(one, task)
                files |= _files(place) | besides
                opens |= {*besides, *([place.first] if place.first else [])}
                if action.file and (place.first or place.search):
                    where = (one.os, one.places, place.root, place.search, place.first)
                    known = kin(task, action.file, one.person, one.server, *where)
                    kins[task.id] = replace(known, inside=action.inside)
                if place.search:
                    searches[task.id] = place.search
                    details |= {task.id: extent} if (extent := _details(asked, action)) else {}
    return Wanted(
        apps=tuple(apps),
        wrappers={app: sought for app in apps if (sought := wrapping.sought(asked, asked.config.apps[app]))},
        markers=tuple(markers),
        roots=tuple(dict.fromkeys(files.values())),
        searches=searches,
        files=files,
        programs=frozenset(before),
        opens=frozenset(opens),
        formats=saved.formats([asked.config.apps[name] for name in apps]),
        picked=asked.choice.file if asked.choice else "",
        details=details,
        kins=kins,
    )


def plan(asked: Asked, chosen: Selected, facts: Facts) -> Plan:
    """Every step of the launch.

    Raises: PlanError, AppMissing, RootAway, OutsideRoot, NoWorkingFile, NoTemplateFile and what `revisions`, `argv`
    and `environment` raise.
    """
    ways = [(one, action, _application(one, action, facts), tasks) for one, action, tasks in _ways(asked, chosen.tasks)]
    if question := _question(asked, chosen, facts):
        return question
    processes: list[_Process] = []
    for one, action, program, tasks in ways:
        opened = tasks[:1] if action.selection == "all" and not program.app.many else tasks
        openings = [_opening(one, action, task, facts) for task in opened]
        if action.selection == "all":
            processes.append(_Process(one, action, program, tuple(openings), tasks))
        else:
            processes += [_Process(one, action, program, (opening,), (opening.task,)) for opening in openings]
    _must_be_one_application(
        asked, [(program, tasks) for _one, action, program, tasks in ways if action.selection == "all"]
    )
    order = {task.id: place for place, task in enumerate(chosen.tasks)}
    return _planned(sorted(processes, key=lambda each: order[each.tasks[0].id]), chosen, facts)


def _planned(processes: Sequence[_Process], chosen: Selected, facts: Facts) -> Plan:
    started = [saved.program(each.program, each.openings, facts) for each in processes]
    already = Already.of(
        [(each.asked, program, one) for program, each in zip(started, processes, strict=True) for one in each.openings],
        facts,
    )
    steps: list[Step] = []
    made: set[Step] = set()
    for number, (program, each) in enumerate(zip(started, processes, strict=True), 1):
        # Two tasks may share one working file, as those of one shot: it is made once.
        own = dict.fromkeys(step for opening in each.openings for step in already.before(opening) if step not in made)
        stamps = dict.fromkeys(step for opening in each.openings for step in opening.stamps if step not in made)
        made.update(own, stamps)
        # A stamp helps later clicks alone: this one's application does not wait for it.
        parts = (*own, *process(each.asked, each.action, program, each.openings, each.tasks, facts, number), *stamps)
        steps += asked_first(each.asked, each.action, each.tasks, parts, facts)
    many, labels = len(processes), dict.fromkeys(one.installed.label for one in started)
    windows = [_("opens {n} windows of {app}", n=many, app=joined(", ", labels))] if many > 1 else []
    newer = [
        why for one, each in zip(started, processes, strict=True) for why in saved.reasons(one, each.openings, facts)
    ]
    stands = [opening.stands for each in processes for opening in each.openings]
    elsewhere = [why for one in stands for why in (*one.reasons, *(told(one.found, facts) if one.reasons else ()))]
    return Plan(
        in_order(steps),
        left_out=chosen.left_out,
        warnings=tuple(dict.fromkeys((*(text for one in stands for text in one.warnings), *already.warnings))),
        must_ask=tuple(dict.fromkeys((*windows, *newer, *elsewhere, *already.reasons))),
        choices=renamed.choices(elsewhere, already.choices),
    )


def _ways(asked: Asked, tasks: Sequence[Task]) -> list[tuple[Asked, LaunchAction, tuple[Task, ...]]]:
    """The tasks by the `when` that counts for them."""
    groups = kitsus.together(rules.together(asked, tasks))
    return [(one, one.action, those) for one, those in groups if isinstance(one.action, LaunchAction)]


def _question(asked: Asked, chosen: Selected, facts: Facts) -> Plan | None:
    """Which working file, where the action lets her choose and she has not yet; None where nothing is to be asked."""
    for one, action, tasks in _ways(asked, chosen.tasks):
        if action.open == "choose" and asked.choice is None:
            place = _place(one, action, tasks[0])
            if place and place.search and revisions.picked(one, place.search, tasks[0], facts):
                present(place.root, asked.config, facts)
                return revisions.question(action, tasks[0], place.search, facts, chosen.left_out)
    return None


def _must_be_one_application(asked: Asked, ways: Sequence[tuple[Program, tuple[Task, ...]]]) -> None:
    """With `all`, tasks that are refined differently make several processes, but of one application."""
    if len({program.app.name for program, _tasks in ways}) > 1:
        raise SelectionRefused(
            _(
                "The selected tasks need different applications, and {action} opens all in one.",
                action=asked.action.title,
            ),
            tried=[
                _("{task}: {app}", task=label(task), app=program.app.title) for program, tasks in ways for task in tasks
            ],
            next_step=_("Select those of one application, and click again."),
        )


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
    root, looked = root_of(action.file), revisions.searched(asked, action, task)
    makes = action.new_file or not action.file.has(ANYTHING)
    first = revisions.new_path(asked, action, task, looked, FIRST_REVISION) if makes else None
    inside = scenes.names(asked, action, task)
    looked = replace(looked, inside=inside) if looked else None
    if not isinstance(action.when_missing, CopyFrom):
        return _Place(root, first, looked, inside=inside)
    template = action.when_missing.copy
    with filling(task, asked.key("when_missing.copy"), template):
        return _Place(root, first, looked, path(template, asked.values(task), asked.os), root_of(template), inside)


def _files(place: _Place) -> dict[PurePath, str]:
    """The paths of a place that must be looked at, each with its root."""
    files = {place.first: place.root, place.first.parent: place.root} if place.first else {}
    if place.search:
        files[place.search.folder] = place.root
    if place.copy:
        files[place.copy] = place.copy_root
    if place.inside and place.first and not place.search:
        files[place.first.joinpath(*place.inside)] = place.root
    if place.inside and place.copy:
        files[place.copy.joinpath(*place.inside)] = place.copy_root
    return files


def _details(asked: Asked, action: LaunchAction) -> Literal["newest", "all"] | None:
    if action.open == "choose" and asked.choice is None:
        return "all"
    return "newest" if action.next_when else None


def _opening(asked: Asked, action: LaunchAction, task: Task, facts: Facts) -> Opening:
    place = _place(asked, action, task)
    if place is None:
        return Opening(task)
    present(place.root, asked.config, facts)
    scripts = asked.config.roots[place.root].run_scripts
    stands = renamed.standing(asked, task, facts)
    opening = Opening(task, root=place.root, given=True, scripts_may_run=scripts, inside=place.inside)
    opening = replace(opening, stands=stands.told(), stamps=stands.steps)
    if file := _existing(asked, place, task, facts):
        under(file.path, place.root, facts, label=label(task), key=asked.key("file"))
        scenes.opened(asked, task, file.path, place.inside, place.root, facts)
        detail = revisions.detail_of(file.path, place.search, task, facts) if place.search else None
        why = revisions.why_next(asked, action, task, detail)
        if why is None:
            return replace(opening, file=file.path)
        following = revisions.following(asked, action, task, place.search, file.path, facts, why)
        return replace(opening, file=following.path, before=following.steps)
    if found_file := renamed.taken(asked, task, stands):
        within = stands.inside or place.inside
        scenes.opened(asked, task, found_file, within, place.root, facts)
        return replace(opening, file=found_file, inside=within, stamps=())
    if action.when_missing == "fail" or place.first is None:
        raise _no_working_file(asked, action, place, task, stands)
    before = _first_file(asked, place, place.first, task, facts)
    return replace(opening, file=place.first, new=True, given=bool(place.copy), before=before, stands=stands)


def _existing(asked: Asked, place: _Place, task: Task, facts: Facts) -> WorkingFile | None:
    """The newest working file, or the chosen one; without a revision in the template, the file itself."""
    if place.search:
        return kitsus.newest(asked, task, revisions.picked(asked, place.search, task, facts), facts)
    return WorkingFile(place.first, 0) if place.first and facts.files[place.first].exists else None


def _first_file(
    asked: Asked, place: _Place, first: PurePath, task: Task, facts: Facts
) -> tuple[MakeFolder | Copy, ...]:
    """What must be made before an application can save, or open, the first working file."""
    under(first, place.root, facts, label=label(task), key=asked.key("file"))
    root, folder = ground(first, place.root, facts), first.parent
    steps: list[MakeFolder | Copy] = []
    if not facts.files[folder].exists:
        steps.append(MakeFolder(folder, root))
    if place.copy:
        present(place.copy_root, asked.config, facts)
        key = asked.key("when_missing.copy")
        state = under(place.copy, place.copy_root, facts, label=label(task), key=key)
        earlier = None
        if place.inside:
            scenes.opened(asked, task, place.copy, place.inside, place.copy_root, facts)
            earlier = ground(place.copy, place.copy_root, facts)
        else:
            _must_be_a_file(place.copy, state, task, key)
        steps.append(Copy(place.copy, first, root, earlier))
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


def _no_working_file(asked: Asked, action: LaunchAction, place: _Place, task: Task, stands: Standing) -> NoWorkingFile:
    looked: list[str] = [_("{path}: is not there", path=place.first)] if place.first else []
    if place.search and action.file:
        name = action.file.text.rsplit("/", 1)[-1]
        looked = [
            _("{folder}: no file as {name}, as {path}", folder=place.search.folder, name=name, path=place.first)
            if place.first
            else _("{folder}: no file as {name}", folder=place.search.folder, name=name)
        ]
    return NoWorkingFile(
        _("There is no working file of {task} yet.", task=label(task)),
        tried=[*looked, *stands.reasons],
        next_step=_(
            'Save a first one there, or ask your studio to set {key} = {{ copy = "…" }}.', key=asked.key("when_missing")
        ),
    )
