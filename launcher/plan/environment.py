"""What an application gets to know: its environment variables and the content of its context file. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath

from launcher.config.schema import EnvChange
from launcher.config.template import Template
from launcher.errors import LauncherError
from launcher.model import OS, Json, Named, Person, Project, Task
from launcher.plan.cleaning import plain
from launcher.words import _

VARIABLES = {
    "KITSU_SERVER": "address of the Kitsu server",
    "KITSU_PROJECT_ID": "id of the production",
    "KITSU_PROJECT_NAME": "name of the production",
    "KITSU_TASK_ID": "id of the task",
    "KITSU_ENTITY_ID": "id of the shot, asset, sequence, episode or edit",
    "KITSU_ENTITY_NAME": "its name",
    "KITSU_ENTITY_TYPE": "asset, shot, sequence, episode, edit or concept",
    "KITSU_TASK_TYPE": "name of the task type: Modeling, Animation…",
    "KITSU_SEQUENCE": "name of the sequence of a shot",
    "KITSU_EPISODE": "name of the episode, in TV shows",
    "KITSU_SHOT": "name of the shot",
    "KITSU_ASSET": "name of the asset",
    "KITSU_ASSET_TYPE": "asset type: Characters, Props…",
    "KITSU_FRAME_IN": "first frame",
    "KITSU_FRAME_OUT": "last frame",
    "KITSU_FPS": "frames per second",
    "KITSU_RESOLUTION": "width and height in pixels, 1920x1080",
    "KITSU_PERSON_EMAIL": "e-mail of the person who clicked",
    "KITSU_FILE": "path of the working file",
    "KITSU_CONTEXT": "path of a JSON file with all of it, for every selected task",
}
"""What every application gets. A variable whose value is missing is not set."""

OURS = re.compile(r"KITSU_LAUNCHER_.*", re.IGNORECASE)
"""Our own settings: a key or a bot's token may be among them, so no application ever gets one."""
LISTS = re.compile(r".*(PATH|PATHS|DIRS)|LD_PRELOAD|LD_AUDIT", re.IGNORECASE)
"""Variables that hold lists, also where the configuration just sets them."""
UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class EnvironmentRefused(LauncherError):
    """A value would make an environment variable something other than what was meant."""

    code = "environment"
    exit_code = 3
    status = 422


def environment(
    base: Mapping[str, str],
    os: OS,
    changes: Sequence[Mapping[str, EnvChange]],
    fill: Callable[[Template], str],
    task: str = "",
) -> dict[str, str]:
    """The environment of an application, without the context's variables: those come on top.

    `base` is the machine's clean one; `changes` are applied in order, the application's before the action's;
    `fill` fills a template in for the task named `task`. Variables that load code into programs may stand in any of
    them: `config.person` has refused those of the person's own file.

    Raises: EnvironmentRefused, naming variable, field and task.
    """
    result = {name: value for name, value in base.items() if not OURS.fullmatch(name) and name not in VARIABLES}
    for change in changes:
        for written, wanted in change.items():
            name = _existing(written, result, os)
            if wanted.unset:
                result.pop(name, None)
            elif not OURS.fullmatch(name):
                result[name] = _changed(name, result.get(name, ""), wanted, os, fill, task)
    return result


def _existing(name: str, variables: Mapping[str, str], os: OS) -> str:
    """The name as it is already spelled: on Windows PATH and Path are one variable."""
    if os is not OS.WINDOWS:
        return name
    return next((known for known in variables if known.upper() == name.upper()), name)


def _changed(name: str, before: str, wanted: EnvChange, os: OS, fill: Callable[[Template], str], task: str) -> str:
    separator = ";" if os is OS.WINDOWS else ":"
    if wanted.set is not None:
        return _filled(name, wanted.set, fill, task, in_list=bool(LISTS.fullmatch(name)))
    # An empty entry would mean the current folder to the loader and to PATH.
    items = [before] if before else []
    if wanted.prepend is not None:
        items.insert(0, _filled(name, wanted.prepend, fill, task, in_list=True))
    if wanted.append is not None:
        items.append(_filled(name, wanted.append, fill, task, in_list=True))
    return separator.join(item for item in items if item)


def _filled(name: str, template: Template, fill: Callable[[Template], str], task: str, *, in_list: bool) -> str:
    """The template's text, refused where a value from Kitsu would bring further items into a list.

    Both separators count on every OS: what is harmless on Linux becomes an item of a Windows program's list.
    """
    for field in template.fields:
        if field.name.startswith("roots."):
            continue
        value = fill(Template("{" + field.name + "}", (field,)))
        if in_list and any(separator in value for separator in _separators(name)):
            line = _("{{{field}}} is {value!r}: would add further items to a list", field=field.name, value=value)
            raise _refused(name, task, line)
        if UNSAFE.search(value):
            line = _("{{{field}}} is {value!r}: holds control characters", field=field.name, value=value)
            raise _refused(name, task, line)
    text = fill(template)
    if UNSAFE.search(text):
        raise EnvironmentRefused(
            _("{name} cannot be set for {task}.", name=name, task=task),
            tried=[_("{template!r}: holds control characters", template=template.text)],
            next_step=_("Correct it in the studio file."),
        )
    return text


def _separators(name: str) -> str:
    # The dynamic loader splits these two at spaces too (ld.so(8)).
    return ":; " if name in ("LD_PRELOAD", "LD_AUDIT") else ":;"


def _refused(name: str, task: str, line: str) -> EnvironmentRefused:
    return EnvironmentRefused(
        _("{name} cannot be set for {task}.", name=name, task=task),
        tried=[line],
        next_step=_("Rename it in Kitsu, or use another field in the studio file, as an id or one with |slug."),
    )


def context_variables(
    task: Task, person: Person, server: str, file: PurePath | None, context_file: PurePath
) -> dict[str, str]:
    """The variables of `VARIABLES` for the first task of a launch; the rest is in the context file.

    A variable is one line without anything unseen: names with a tab or a line break stand exactly as they are in the
    context file alone.
    """
    names = {"KITSU_SEQUENCE": task.sequence, "KITSU_EPISODE": task.episode, "KITSU_ASSET_TYPE": task.asset_type}
    values: dict[str, str | None] = {
        "KITSU_SERVER": server,
        "KITSU_PROJECT_ID": task.project.id,
        "KITSU_PROJECT_NAME": task.project.name,
        "KITSU_TASK_ID": task.id,
        "KITSU_ENTITY_ID": task.entity.id,
        "KITSU_ENTITY_NAME": task.entity.name,
        "KITSU_ENTITY_TYPE": task.kind,
        "KITSU_TASK_TYPE": task.task_type.name,
        **{name: named.name if named else None for name, named in names.items()},
        "KITSU_SHOT": task.entity.name if task.kind == "shot" else None,
        "KITSU_ASSET": task.entity.name if task.kind == "asset" else None,
        "KITSU_FRAME_IN": str(task.frames.first) if task.frames else None,
        "KITSU_FRAME_OUT": str(task.frames.last) if task.frames else None,
        "KITSU_FPS": f"{task.fps:g}" if task.fps else None,
        "KITSU_RESOLUTION": str(task.resolution) if task.resolution else None,
        "KITSU_PERSON_EMAIL": person.email,
    }
    seen = {name: plain(value) for name, value in values.items() if value}
    # A path without one of its characters would be another path.
    paths = {"KITSU_FILE": str(file) if file else "", "KITSU_CONTEXT": str(context_file)}
    return {name: value for name, value in {**seen, **paths}.items() if value}


def context(
    tasks: Sequence[Task],
    person: Person,
    server: str,
    action: str,
    application: str,
    file: PurePath | None,
    new: bool,
) -> dict[str, Json]:
    """The content of the context file: every selected task, whole; names stand in it as they are in Kitsu.

    `application` is its name in the configuration; `new` says that the working file was made by this launch, or
    that it is the application that has to make it. Never a token or a key.
    """
    described: list[Json] = [_task(task) for task in tasks]
    return {
        "version": 1,
        "server": server,
        "person": {
            "id": person.id,
            "email": person.email,
            "name": person.name,
            "initials": person.initials,
            "role": person.role,
        },
        "action": action,
        "application": application,
        "file": str(file) if file else None,
        "new": new,
        "task": described[0] if described else None,
        "tasks": described,
    }


def _task(task: Task) -> dict[str, Json]:
    resolution = task.resolution
    return {
        "id": task.id,
        "name": task.name,
        "label": task.label,
        "project": _project(task.project),
        "entity": {
            "id": task.entity.id,
            "name": task.entity.name,
            "type": task.kind,
            "data": dict(task.entity.data),
        },
        "task_type": {
            "id": task.task_type.id,
            "name": task.task_type.name,
            "short_name": task.task_type.short_name,
        },
        "status": _named(task.status),
        "asset_type": _named(task.asset_type),
        "sequence": _named(task.sequence),
        "episode": _named(task.episode),
        "frame_in": task.frames.first if task.frames else None,
        "frame_out": task.frames.last if task.frames else None,
        "fps": task.fps,
        "resolution": {"width": resolution.width, "height": resolution.height} if resolution else None,
        "assignees": [_named(person) for person in task.assignees],
        "priority": task.priority,
        "due_date": task.due_date,
    }


def _project(project: Project) -> dict[str, Json]:
    return {
        "id": project.id,
        "name": project.name,
        "code": project.code,
        "production_type": project.production_type,
        "fps": project.fps,
        "resolution": str(project.resolution) if project.resolution else None,
        "ratio": project.ratio,
        "data": dict(project.data),
    }


def _named(value: Named | None) -> Json:
    return {"id": value.id, "name": value.name} if value else None
