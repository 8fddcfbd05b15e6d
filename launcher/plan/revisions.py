"""Which revision of a task's work is opened, and which one is made: the newest, the one that she chose, the next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath

from launcher.config.schema import LaunchAction
from launcher.config.template import ANYTHING
from launcher.errors import NotFoundHere, Refused
from launcher.model import Choice, Copy, FileRow, How, LeftOut, MakeFolder, Plan, Preview, Task
from launcher.opennote import Standing
from launcher.plan import kitsus
from launcher.plan.cleaning import PlanError, plain
from launcher.plan.matching import Search, WorkingFile, newest, revision_of, revisions
from launcher.plan.naming import filling, path, search
from launcher.plan.needs import Asked, Detail, Facts, ground, under
from launcher.plan.selection import label
from launcher.words import _, n_

FURTHEST = 100
"""How far ahead of the newest file a note may promise one: nobody sees a note, and no number comes after the last."""


REASONS = {
    "newer-preview": _("there is a newer preview"),
    "other-owner": _("it is another person's"),
    "retake": _("its task is a retake"),
}
"""What `next_when` names, as the copy tells it."""


class Gone(NotFoundHere):
    """The working file that was chosen is not among those that are there now."""

    code = "gone"


class NoRevisions(Refused):
    """A next revision is asked for of an action whose files have none."""

    code = "revisions"
    status = 422


class NotFoundAgain(PlanError):
    """A new file would have a name that the action does not find."""

    code = "new-file"


@dataclass(frozen=True, slots=True)
class Next:
    """The revision to come, and what makes it."""

    path: PurePath
    steps: tuple[MakeFolder | Copy, ...]


def possible(action: LaunchAction) -> bool:
    """Whether the action can make a next revision."""
    file = action.file
    return file is not None and file.has("revision") and (action.new_file is not None or not file.has(ANYTHING))


def searched(asked: Asked, action: LaunchAction, task: Task) -> Search | None:
    """Where the revisions of a task's work are; None where its files have none.

    Raises: PlanError where the template cannot be filled in.
    """
    if action.file is None or not action.file.has("revision"):
        return None
    with filling(task, asked.key("file"), action.file):
        return search(action.file, asked.values(task), asked.os)


def picked(asked: Asked, search: Search, task: Task, facts: Facts) -> WorkingFile | None:
    """The working file that is to be opened, or copied: the one that she chose, else the newest.

    Raises: Gone when the chosen one is not there, or is none of this task's.
    """
    names = facts.found.get(task.id, ())
    wanted = asked.choice.file if asked.choice and asked.choice.how is not How.FOUND else ""
    if not wanted:
        return newest(names, search)
    for revision, levels in revisions(names, search):
        if "/".join(levels) == wanted:
            return WorkingFile(search.folder.joinpath(*levels), revision)
    raise Gone(
        _("The working file {name} of {task} is not there any more.", name=plain(wanted, 200), task=label(task)),
        tried=[_("{folder}: holds no such working file", folder=search.folder)],
        next_step=_("Choose another one: the list shows those that are there now."),
    )


def why_next(asked: Asked, action: LaunchAction, task: Task, detail: Detail | None) -> str | None:
    """Why the file is copied to the next revision first; empty where somebody says so, None where it is not.

    `detail` is what is known of the file.

    What the person answered counts before what the action says. "Anyway" is the answer about one file: it is that one
    which is opened.
    """
    choice = asked.choice
    if choice and choice.how is How.NEXT:
        return ""
    if action.open != "next-revision" or _means_itself(choice):
        return None
    reasons = {
        "newer-preview": detail is not None and _is_newer(task.latest_preview, detail.modified),
        "other-owner": detail is not None and detail.mine is False,
        "retake": task.status_is_retake,
    }
    return next((REASONS[name] for name in action.next_when if reasons[name]), None) if action.next_when else ""


def following(
    asked: Asked, action: LaunchAction, task: Task, search: Search | None, file: PurePath, facts: Facts, why: str = ""
) -> Next:
    """The revision after the highest of all, as a copy of `file`; `why`, as `why_next` tells it.

    Raises: NoRevisions, NotFoundAgain, OutsideRoot, PlanError where its name cannot be filled in.
    """
    if search is None or not possible(action):
        raise NoRevisions(
            _("{action} cannot make a next revision of {task}.", action=action.title, task=label(task)),
            tried=[f"{asked.key('file')} = {action.file.text if action.file else ''}"],
            next_step=_("Open the file itself, or ask your studio for a {revision} in it, and for new_file."),
        )
    found = revisions(facts.found.get(task.id, ()), search)
    there = max([*(number for number, _levels in found[:1]), *kitsus.revisions(asked, task, facts)], default=0)
    highest = max([there, *(number for number in _promised(search, facts) if number <= there + FURTHEST)])
    target = new_path(asked, action, task, search, highest + 1)
    under(search.folder, search.root, facts, label=label(task), key=asked.key("file"))
    root, earlier = ground(search.folder, search.root, facts), ground(file, search.root, facts)
    known = {search.folder, *(search.folder.joinpath(*levels[:-1]) for _revision, levels in found)}
    folder = () if target.parent in known else (MakeFolder(target.parent, root),)
    return Next(target, (*folder, Copy(file, target, root, earlier, why)))


def _promised(search: Search, facts: Facts) -> list[int]:
    """The revisions that somebody has left a note for, since she is about to make them or has them open."""
    live = (file for file, one in facts.notes.items() if one.standing in (Standing.OPEN, Standing.HERE))
    return [number for file in live if (number := revision_of(file, search)) is not None]


def new_path(asked: Asked, action: LaunchAction, task: Task, search: Search | None, revision: int) -> PurePath:
    """Path of a working file that is to be made: by `new_file`, else by `file`.

    Raises: NotFoundAgain when the action would not find it; PlanError where it cannot be filled in.
    """
    name, template = ("new_file", action.new_file) if action.new_file else ("file", action.file)
    assert template is not None  # noqa: S101  # who asks has a `file`
    with filling(task, asked.key(name), template):
        made = path(template, {**asked.values(task), "revision": revision}, asked.os)
    if search and revision_of(made, search) != revision:
        error = NotFoundAgain(
            _("A new working file of {task} would not be found again.", task=label(task)),
            tried=[
                f"{asked.key(name)}: {made}",
                _("{key} finds files as {text}", key=asked.key("file"), text=action.file.text if action.file else ""),
            ],
            next_step=_("Ask your studio to let new_file make names that file finds, with the same revision."),
        )
        error.key = asked.key(name)
        raise error
    return made


def question(action: LaunchAction, task: Task, search: Search, facts: Facts, left_out: tuple[LeftOut, ...]) -> Plan:
    """The plan that only asks which working file; there is at least one."""
    listed = rows(task, search, facts)
    reason = n_(
        "There is one working file of {task}: {newest}.",
        "There are {n} working files of {task}. The newest is {newest}.",
        len(listed),
        task=label(task),
        newest=plain(listed[0].name, 120),
    )
    choices = (How.OPEN, How.NEXT) if possible(action) else (How.OPEN,)
    return Plan((), left_out=left_out, must_ask=(reason,), choices=choices, files=listed)


def rows(task: Task, search: Search, facts: Facts) -> tuple[FileRow, ...]:
    """The working files of a task that there are, the newest revision first."""
    known: Mapping[tuple[str, ...], Detail] = facts.details.get(task.id, {})
    found = []
    for revision, levels in revisions(facts.found.get(task.id, ()), search):
        detail = known.get(levels)
        found.append(
            FileRow(
                name="/".join(levels),
                revision=revision,
                modified=detail.modified if detail else None,
                owner=detail.owner if detail else "",
                size_bytes=detail.size_bytes if detail else None,
            )
        )
    return tuple(found)


def detail_of(file: PurePath, search: Search, task: Task, facts: Facts) -> Detail | None:
    """What is known of one working file; None where nothing is."""
    if not file.is_relative_to(search.folder):
        return None
    return facts.details.get(task.id, {}).get(file.relative_to(search.folder).parts)


def _means_itself(choice: Choice | None) -> bool:
    """Whether an answer is about the very file that is there."""
    return choice is not None and (choice.how is How.OPEN or (choice.how is How.ANYWAY and bool(choice.file)))


def _is_newer(preview: Preview | None, modified: float) -> bool:
    """Whether a preview was posted after a file was saved. Kitsu tells UTC without saying so."""
    if preview is None:
        return False
    try:
        posted = datetime.fromisoformat(preview.created)
    except ValueError:
        return False
    return (posted if posted.tzinfo else posted.replace(tzinfo=UTC)).timestamp() > modified
