"""The plan of kind `page`: the debug page. And every plan in words, the same for question, dry-run and page."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from launcher.config.schema import PageAction, Server
from launcher.config.template import NAMES
from launcher.errors import LauncherError
from launcher.model import (
    Click,
    Copy,
    FileRow,
    Json,
    LeaveNote,
    MakeFolder,
    OpenFolder,
    OpenUrl,
    Person,
    Plan,
    RunBefore,
    ShowPage,
    Stamp,
    Start,
    Step,
    Task,
    WriteContext,
)
from launcher.plan.cleaning import plain
from launcher.plan.names import names, shown
from launcher.plan.selection import label, selected
from launcher.words import _, cleaned, n_

GROUPS = {
    "task": _("task"),
    "task_type": _("task type"),
    "project": _("project"),
    "entity": _("entity"),
    "asset_type": _("asset type"),
    "sequence": _("sequence"),
    "episode": _("episode"),
    "shot": _("shot"),
    "asset": _("asset"),
    "person": _("person"),
    "frames": _("frames"),
    "server": _("server"),
    "entity data": _("entity data"),
    "project data": _("project data"),
    "roots": _("roots"),
}
"""The groups that a name's first part tells, in the order of the page, with what people read."""
FRAMES = ("frame_in", "frame_out", "fps", "resolution", "width", "height")
FREE = {
    "entity.data.": ("entity data", _("Kitsu's metadata of the entity")),
    "project.data.": ("project data", _("Kitsu's metadata of the production")),
    "roots.": ("roots", _("path of a root on this machine")),
}
LONGEST_VALUE = 2000
SMALL = (MakeFolder, LeaveNote, Stamp, WriteContext)
"""Steps that only serve the others."""
MOST_FILES = 20
"""Named in a plan, of those to choose from."""


def debug(
    action: PageAction,
    tasks: Sequence[Task],
    person: Person,
    server: Server,
    roots: Mapping[str, str],
    click: Click,
    outcomes: Iterable[tuple[str, str, Plan | LauncherError]] = (),
) -> Plan:
    """Everything known about the selection, each value with the template name that yields it; the click as it was
    received; and of each other action (its name and title) the plan it would carry out, or why it would not.

    Raises: NotYours, SelectionRefused
    """
    chosen = selected(action, tasks, person)
    content: dict[str, Json] = {
        "tree": [
            {"task": label(task), "leaves": _leaves(names(task, person, server.origins[0], roots))}
            for task in chosen.tasks
        ],
        "received": [[plain(name, 80), plain(value, LONGEST_VALUE)] for name, value in click.received],
        "sender": str(click.sender),
        "person": {"name": plain(person.name, 120), "email": plain(person.email, 120), "role": person.role},
        "server": server.origins[0],
        "actions": [{"name": name, "title": title, "would": _would(outcome)} for name, title, outcome in outcomes],
    }
    return Plan((ShowPage("debug", content),), left_out=chosen.left_out)


@dataclass(frozen=True, slots=True)
class Steps:
    """A plan's steps in words, each once and in order: what somebody must know, and what is done beside it."""

    main: tuple[str, ...]
    small: tuple[str, ...]


def steps(plan: Plan) -> Steps:
    """The steps for a question's page, in the words of `describe`."""
    lines: dict[bool, list[str]] = {True: [], False: []}
    for step in plan.steps:
        lines[isinstance(step, SMALL)] += (cleaned(line, plain) for line in _lines(step))
    return Steps(tuple(lines[False]), tuple(lines[True]))


def describe(plan: Plan) -> tuple[str, ...]:
    """A plan for people: one line for each step, then what is left out, warned of and asked."""
    lines = [line for step in plan.steps for line in _lines(step)]
    lines += _files(plan.files)
    lines += [_("leave out {task}: {reason}", task=one.task, reason=one.reason) for one in plan.left_out]
    lines += [_("warning: {text}", text=warning) for warning in plan.warnings]
    lines += [_("asks first: {reason}", reason=reason) for reason in plan.must_ask]
    return tuple(cleaned(line, plain) for line in lines)


def _files(files: Sequence[FileRow]) -> list[str]:
    """What there is to choose from; of very many, the newest."""
    older = len(files) - MOST_FILES
    return [
        *(_("working file {name}", name=row.name) for row in files[:MOST_FILES]),
        *([n_("and {n} older one", "and {n} older ones", older)] if older > 0 else []),
    ]


def _lines(step: Step) -> list[str]:
    if isinstance(step, Start) and step.workspace:
        return [_step(step), _("with its workspace {path}", path=str(step.workspace))]
    return [_step(step)]


def _step(step: Step) -> str:
    match step:
        case MakeFolder():
            return _("make folder {path}", path=str(step.path))
        case Copy() if step.why:
            return _(
                "copy {source} to {path}, since {why}", source=str(step.source), path=str(step.target), why=step.why
            )
        case Copy():
            return _("copy {source} to {path}", source=str(step.source), path=str(step.target))
        case LeaveNote(follows=True):
            return _(
                "leave a note beside {path} that you have it open, when the other one is gone", path=str(step.file)
            )
        case LeaveNote():
            return _("leave a note beside {path} that you have it open", path=str(step.file))
        case Stamp():
            return _("note in {path} that it holds {label}", path=str(step.folder), label=step.mark.label)
        case WriteContext():
            return _("write context file {path}", path=str(step.path))
        case RunBefore():
            return _(
                "ask {program} before {app} starts, for {n} s at most: {command}",
                program=step.name,
                app=step.application,
                n=step.seconds,
                command=shlex.join(step.argv),
            )
        case Start():
            # A new scene that starts empty: the program gets its name by the context, not by argv.
            command, app = shlex.join(step.argv), step.application
            if step.file and str(step.file) not in step.argv:
                return _(
                    "start {app} for the new file {path}: {command}", app=app, path=str(step.file), command=command
                )
            return _("start {app}: {command}", app=app, command=command)
        case OpenFolder():
            return _("open folder {path}", path=str(step.path))
        case OpenUrl():
            return _("open {url}", url=step.url)
        case ShowPage():
            return _("show page {page}", page=step.page)
        case _:
            assert_never(step)


def _would(outcome: Plan | LauncherError) -> list[Json]:
    return (
        [cleaned(line, plain) for line in outcome.lines()]
        if isinstance(outcome, LauncherError)
        else [*describe(outcome)]
    )


def _leaves(values: Mapping[str, str | int | float]) -> list[Json]:
    """Every name in the page's order, also those that have no value for this task: their value is None."""
    known = [(name, _group(name), text) for name, text in NAMES.items() if name != "revision"]
    for before, (group, text) in FREE.items():
        known += [(name, group, text) for name in sorted(values) if name.startswith(before)]
    order = list(GROUPS)
    known.sort(key=lambda leaf: order.index(leaf[1]))
    return [
        {
            "name": name,
            "label": text,
            "group": GROUPS[group],
            "value": plain(shown(values[name]), LONGEST_VALUE) if name in values else None,
        }
        for name, group, text in known
    ]


def _group(name: str) -> str:
    return "frames" if name in FRAMES else name.partition(".")[0]
