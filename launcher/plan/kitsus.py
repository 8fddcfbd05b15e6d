"""Applications and working files as Kitsu itself names them: `app = "kitsu"` and `file = "kitsu"`.

Pure. What Kitsu answers, which `kitsu.filetree` asks for, becomes an application and a template of this configuration
here; all of it may be hostile. From there on such an action is planned like any other.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath, PureWindowsPath

from launcher.config.schema import KITSU, Action, App, Config, LaunchAction, Root
from launcher.config.template import Field, Template
from launcher.model import OS, Task
from launcher.plan.cleaning import SEPARATORS, PlanError, lead, plain, shaped
from launcher.plan.matching import WorkingFile
from launcher.plan.needs import Asked, Facts
from launcher.plan.settled import Recorded, Settled, Software
from launcher.words import _

REVISIONS = (111, 222)
"""A place is asked for with each of these: where the two answers differ, the file tree has the revision."""
WIDTH = 3
"""Digits of a revision that Zou writes."""
REVISION = "\0"
"""Stands for the revision in a place; no path has it."""
ENDING = re.compile(r"\.?([A-Za-z0-9]{1,12})", re.ASCII)
LONGEST_BYTES = 255
LONGEST = 400
"""Characters of Kitsu's text that people are shown."""


class KitsusOwn(PlanError):
    """What Kitsu says of its own file tree, or of its softwares, cannot be used here."""

    code = "file tree"


def kitsus(action: Action) -> bool:
    """Whether Kitsu has to be asked for this action, as it is without its refinements."""
    return isinstance(action, LaunchAction) and (KITSU in action.app or of_kitsu(action.file))


def of_kitsu(file: Template | None) -> bool:
    """Whether it is Kitsu that names the working file."""
    return file is not None and file.text == KITSU


def program(
    action: LaunchAction, task: Task, softwares: Mapping[str, Software], linked: Sequence[str], apps: Mapping[str, App]
) -> tuple[App, Software | None]:
    """The application for a task, and what Kitsu calls it.

    `linked` are the ids of what the production uses for the task type. Of several, the first that is known here.
    Raises: KitsusOwn, where Kitsu names none, or none that is known here.
    """
    if KITSU not in action.app:
        app = apps[action.app[0]]
        return app, next((one for one in softwares.values() if _same(one, app)), None)
    used = [softwares[id] for id in linked if id in softwares]
    for software in used:
        if found := _application(software, apps.values()):
            return found, software
    raise _unknown(action, task, used, apps)


def _application(software: Software, apps: Iterable[App]) -> App | None:
    """By name, or as the only one that opens its files."""
    by_name = sorted((app for app in apps if _same(software, app)), key=lambda app: app.name != software.short_name)
    by_ending = [app for app in apps if software.endings and software.endings[0] in app.opens]
    return by_name[0] if by_name else by_ending[0] if len(by_ending) == 1 else None


def _same(software: Software, app: App) -> bool:
    return bool({_word(software.name), _word(software.short_name)} & {_word(app.name), _word(app.title)} - {""})


def _word(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def ending(app: App, software: Software | None) -> str:
    """Of a first working file: as Kitsu has it, if the application opens such files, else the application's own.

    Raises: KitsusOwn where the application opens no files.
    """
    for one in (*(software.endings if software else ()), *app.opens):
        if one in app.opens or not app.opens:
            return one
    raise KitsusOwn(
        _("It is not known how the files of {app} end.", app=app.title),
        next_step=_('Set apps.{name}.opens, as in [".blend"].', name=app.name),
    )


def endings(row: Iterable[str]) -> tuple[str, ...]:
    """Kitsu's endings with their dot, of which some people type it and some do not; nonsense is left out."""
    found = (ENDING.fullmatch(text.strip()) for text in row)
    return tuple(dict.fromkeys(f".{match[1].lower()}" for match in found if match))


def settle(
    action: LaunchAction,
    task: Task,
    config: Config,
    os: OS,
    app: App,
    software: Software | None,
    places: tuple[str, str] | None,
    recorded: Recorded | None,
) -> Settled:
    """What the action does for this task.

    `places` is the working file without its ending, as Kitsu names it for each of `REVISIONS`; None where the action
    has a file of its own.
    Raises: KitsusOwn, naming what Kitsu has said, and why that is no file of this studio.
    """
    if places is None:
        return Settled(app.name)
    last = ending(app, software)
    if any(REVISION in place for place in places):
        raise _cannot_be(action, task, places[0])
    name, components = under_a_root(_with_revision(*places), config.roots, action, task)
    bare = not any(REVISION in one for one in components)
    whole = [*components[:-1], components[-1] + (f"_v{REVISION}" if bare else "") + last]
    others = []
    base = os.path(config.roots[name].on(os))
    if bare:
        others.append((base.joinpath(*components[:-1], components[-1] + last), 0))
    if recorded and (parts := _recorded(recorded, name, config.roots, action, task)):
        known = any(parts[-1].lower().endswith(one) for one in (last, *app.opens))
        file = base.joinpath(*parts[:-1], parts[-1] if known else parts[-1] + last)
        others = [(path, revision) for path, revision in others if path != file]
        others.append((file, recorded.revision))
    return Settled(app.name, _template(name, whole), name, tuple(others))


def _recorded(
    recorded: Recorded, root: str, roots: Mapping[str, Root], action: LaunchAction, task: Task
) -> tuple[str, ...]:
    """Where the recorded file is below the same root; nothing where it is elsewhere, as before a studio has moved."""
    if REVISION in recorded.path:
        return ()
    try:
        name, parts = under_a_root(recorded.path, roots, action, task)
    except KitsusOwn:
        return ()
    return parts if name == root else ()


def _with_revision(first: str, second: str) -> str:
    """The place with `REVISION` wherever the two answers differ, each time as three digits."""
    one, two = (str(number) for number in REVISIONS)
    at, text = 0, ""
    while at < len(first):
        if first[at : at + WIDTH] == one and second[at : at + WIDTH] == two:
            text, at = text + REVISION, at + WIDTH
        elif first[at] == second[at : at + 1]:
            text, at = text + first[at], at + 1
        else:
            break
    if len(first) != len(second) or at < len(first):
        raise KitsusOwn(
            _("Kitsu names another working file each time it is asked."),
            tried=[plain(first, LONGEST), plain(second, LONGEST)],
            next_step=_("Look at the production's file tree in Kitsu."),
        )
    return text


def under_a_root(text: str, roots: Mapping[str, Root], action: LaunchAction, task: Task) -> tuple[str, tuple[str, ...]]:
    """The root that a path of Kitsu's lies under, whichever OS it was written for, and what follows.

    Kitsu has one mount point for all OSes: of the roots whose path on any OS it begins with, the longest counts.
    Raises: KitsusOwn, where there is none, or a part of it can be no name.
    """
    shown = plain(text.replace(REVISION, "{revision}"), LONGEST)
    found: list[tuple[int, str, tuple[str, ...]]] = []
    for name, root in roots.items():
        for os in OS:
            path, base = os.path(text), os.path(root.on(os))
            windows = isinstance(path, PureWindowsPath)
            if root.on(os) and bool(path.drive) == windows and path.is_relative_to(base):
                found.append((len(base.parts), name, path.relative_to(base).parts))
    if not found:
        raise _own(
            action,
            task,
            _("Kitsu's file tree leads to a place that is no root here."),
            [shown, *(f"roots.{name}: {_places(root)}" for name, root in roots.items())],
            _("Let [roots] have a place, on any OS, that the file tree's mount point begins with."),
        )
    _length, name, parts = max(found, key=lambda one: one[0])
    if not parts or not all(_may_stand(part) for part in parts):
        raise _cannot_be(action, task, shown)
    return name, parts


def _cannot_be(action: LaunchAction, task: Task, path: str) -> KitsusOwn:
    return _own(
        action,
        task,
        _("Kitsu's file tree names a path that cannot be."),
        [plain(path, LONGEST)],
        _("Look at the production's file tree in Kitsu, or write `file` as a template."),
    )


def _may_stand(part: str) -> bool:
    """Whether a name can be a file's on every OS; nothing of Kitsu's is mended, since then it would be another file."""
    name = part.replace(REVISION, "1" * WIDTH)
    return name == shaped(lead(plain(name).translate(SEPARATORS))) and len(name.encode()) <= LONGEST_BYTES


def _template(root: str, components: Sequence[str]) -> Template:
    """A template of the configuration's sort. Its texts are never parsed: a brace in a name stays one."""
    first, *others = f"/{'/'.join(components)}".split(REVISION)
    parts: list[str | Field] = [Field(f"roots.{root}"), first]
    for text in others:
        parts += [Field("revision", WIDTH), text]
    shown = "".join(
        part if isinstance(part, str) else f"{{roots.{root}}}" if not part.width else "{revision:03}" for part in parts
    )
    return Template(shown, tuple(part for part in parts if part))


def _unknown(action: LaunchAction, task: Task, used: Sequence[Software], apps: Mapping[str, App]) -> KitsusOwn:
    kind, project = plain(task.task_type.name, 80), plain(task.project.name, 80)
    if not used:
        return _own(
            action,
            task,
            _("Kitsu names no software for {kind} in {project}.", kind=kind, project=project),
            [],
            _("Choose one in the production's settings in Kitsu, or name an application here."),
            "app",
        )
    names = [plain(one.name, 80) for one in used]
    return _own(
        action,
        task,
        _(
            "{software}, which {project} uses for {kind}, is not known here.",
            software=names[0],
            project=project,
            kind=kind,
        ),
        [
            _("{name}: files {endings}", name=name, endings=", ".join(one.endings))
            for name, one in zip(names, used, strict=True)
        ],
        _(
            'Add it to the studio file: [apps.{name}] with title = "{title}" and an executable.',
            name=_word(used[0].short_name) or _word(used[0].name) or "name",
            title=names[0].replace('"', ""),
        ),
        "app",
    )


def _own(
    action: LaunchAction, task: Task, problem: str, tried: Sequence[str], next_step: str, key: str = "file"
) -> KitsusOwn:
    error = KitsusOwn(
        problem,
        tried=[_("{task}: {text}", task=plain(task.label, 120), text=text) for text in tried],
        next_step=next_step,
    )
    error.key = f"actions.{action.name}.{key}"
    return error


def _places(root: Root) -> str:
    return ", ".join(dict.fromkeys(filter(None, (root.linux, root.windows, root.macos))))


def together(groups: Sequence[tuple[Asked, tuple[Task, ...]]]) -> list[tuple[Asked, tuple[Task, ...]]]:
    """The groups with each word of Kitsu's own replaced by what it means; each file of Kitsu's makes a group."""
    made: list[tuple[Asked, tuple[Task, ...]]] = []
    for asked, tasks in groups:
        action = asked.action
        if not (isinstance(action, LaunchAction) and kitsus(action)):
            made.append((asked, tasks))
        elif of_kitsu(action.file):
            made += [(_resolved(asked, action, asked.settled[task.id]), (task,)) for task in tasks]
        else:
            for app in dict.fromkeys(asked.settled[task.id].app for task in tasks):
                those = tuple(task for task in tasks if asked.settled[task.id].app == app)
                made.append((_resolved(asked, action, Settled(app)), those))
    return made


def _resolved(asked: Asked, action: LaunchAction, settled: Settled) -> Asked:
    app = (settled.app,) if KITSU in action.app else action.app
    file = settled.file if of_kitsu(action.file) else action.file
    return replace(asked, action=replace(action, app=app, file=file))


def files(asked: Asked, task: Task) -> dict[PurePath, str]:
    """What must be looked at beside what is searched for, each with its root."""
    one = asked.settled.get(task.id)
    return {path: one.root for path, _revision in one.others} if one else {}


def newest(asked: Asked, task: Task, found: WorkingFile | None, facts: Facts) -> WorkingFile | None:
    """The working file of the highest revision, of what was found and of what Kitsu names besides.

    What she has chosen herself stays.
    """
    if asked.choice and asked.choice.file:
        return found
    there = [found, *_there(asked, task, facts)]
    return max((file for file in there if file), key=lambda file: file.revision, default=None)


def revisions(asked: Asked, task: Task, facts: Facts) -> list[int]:
    """Of the files that Kitsu names besides and that are there."""
    return [file.revision for file in _there(asked, task, facts)]


def _there(asked: Asked, task: Task, facts: Facts) -> list[WorkingFile]:
    one = asked.settled.get(task.id)
    return [WorkingFile(path, number) for path, number in (one.others if one else ()) if facts.files[path].exists]
