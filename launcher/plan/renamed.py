"""Decides what stamps mean: whose folder it is, and whether a task without a working file has one by another name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from launcher.errors import NotFoundHere, Refused
from launcher.model import How, Mark, Stamp, Task
from launcher.plan.cleaning import plain
from launcher.plan.kin import Elsewhere, Kin, Whereabouts, by_names, names_entity
from launcher.plan.needs import Asked, Facts, Wanted, ground
from launcher.plan.selection import label
from launcher.words import _

CHOICES = (How.FOUND, How.ANYWAY)
"""What may be answered where a task's work was found by another name."""
STAMP = ".kitsu-launcher.json"
LONGEST_LABEL = 120


class AnotherEntity(Refused):
    """The folder that the template gives holds the work of another entity."""

    code = "another-entity"
    status = 422


class FoundIsGone(NotFoundHere):
    """What was found when it was asked is not there any more."""

    code = "found"


@dataclass(frozen=True, slots=True)
class Standing:
    """What stamps and the journal say of one task's folder."""

    steps: tuple[Stamp, ...] = ()
    """What the folder's stamp still lacks."""
    warnings: tuple[str, ...] = ()
    found: PurePath | None = None
    """Its newest work by another name."""
    inside: tuple[str, ...] = ()
    """As `Elsewhere.inside`."""
    reasons: tuple[str, ...] = ()
    """Why somebody must be asked before a first working file is made; none where she has said so."""

    def told(self) -> "Standing":
        """The same, where no file is made: only the warnings are left."""
        return Standing(warnings=self.warnings)


def choices(reasons: Sequence[str], others: tuple[How, ...]) -> tuple[How, ...]:
    """What may be answered, where other questions have answers of their own."""
    return tuple(dict.fromkeys((*CHOICES, *others))) if reasons else others


def remembered(wanted: Wanted, before: Mapping[str, tuple[str, ...]]) -> Wanted:
    """With the files that were opened here for each task, by its id. One outside its root is not even looked at."""

    def below(kin: Kin, files: Iterable[str]) -> tuple[PurePath, ...]:
        opened = kin.inside or kin.template
        ending = PurePath(f"x{opened.text.rpartition('}')[2]}").suffix
        paths = (path for file in files if (path := kin.os.path(file)).name.endswith(ending))
        return tuple(path for path in paths if path.is_relative_to(kin.base) and ".." not in path.parts)

    kins = {task: replace(one, before=below(one, before.get(task, ()))) for task, one in wanted.kins.items()}
    return replace(wanted, kins=kins)


def standing(asked: Asked, task: Task, facts: Facts) -> Standing:
    """Where a task stands.

    Raises: AnotherEntity, naming both.
    """
    seen = facts.whereabouts.get(task.id)
    if seen is None:
        return Standing()
    kin = seen.kin
    if other := _other(kin, seen):
        raise _refused(asked, task, kin, other)
    steps = () if kin.mark in seen.marks else (Stamp(kin.folder, ground(kin.folder, kin.root, facts), kin.mark),)
    warnings = []
    if seen.trouble:
        stamp = kin.folder / STAMP
        warnings.append(_("The stamp {path} was not read: {reason}.", path=str(stamp), reason=seen.trouble))
    if seen.cut:
        warnings.append(
            _("Not every folder beside {path} could be looked at for work under another name.", path=str(kin.folder))
        )
    found = next((one for one in seen.elsewhere if _is_inside(one.file, kin.root, facts)), None)
    if found is None:
        return Standing(steps, tuple(warnings))
    reason, choice = _reason(task, kin, found), asked.choice
    agreed = choice is not None and choice.how is How.ANYWAY and choice.answers(reason)
    reasons = () if agreed else (reason,)
    return Standing(steps, tuple(warnings), found.file, found.inside, reasons)


def taken(asked: Asked, task: Task, stands: Standing) -> PurePath | None:
    """What was found, where she answered to open that. What was put in its place since then is asked about anew.

    Raises: FoundIsGone
    """
    choice = asked.choice
    if choice is None or choice.how is not How.FOUND or not all(map(choice.answers, stands.reasons)):
        return None
    if stands.found is None:
        raise FoundIsGone(
            _("What was found of {task} is not there any more.", task=label(task)),
            next_step=_("Click the action again in Kitsu."),
        )
    return stands.found


def _reason(task: Task, kin: Kin, found: Elsewhere) -> str:
    old = plain(found.label, LONGEST_LABEL)
    if found.label and found.label != kin.mark.label:
        return _(
            "{task} has no working file in {folder}, but {file} is its work from when it was called {old}.",
            task=label(task), folder=str(kin.folder), file=str(found.file), old=old,
        )  # fmt: skip
    return _(
        "{task} has no working file in {folder}, but {file} is its work.",
        task=label(task), folder=str(kin.folder), file=str(found.file),
    )  # fmt: skip


def _other(kin: Kin, seen: Whereabouts) -> Mark | None:
    """A mark of another entity that keeps this one out; none where the folder is known to be this one's as well."""
    if any(mark.entity_id == kin.mark.entity_id for mark in seen.marks) or not names_entity(kin):
        return None
    return next((mark for mark in seen.marks if _keeps_out(kin, mark)), None)


def _keeps_out(kin: Kin, mark: Mark) -> bool:
    """In a folder of one entity, any other one; in a folder of many, one whose files would have the same names."""
    if kin.mark.own:
        return mark.own
    named = None if mark.own else by_names(kin, mark)
    mine = by_names(kin, kin.mark)
    return named is not None and mine is not None and named.first is not None and named.first == mine.first


def _refused(asked: Asked, task: Task, kin: Kin, other: Mark) -> AnotherEntity:
    name, stamp = plain(other.label, LONGEST_LABEL), str(kin.folder / STAMP)
    if name == plain(kin.mark.label, LONGEST_LABEL):  # as when one was deleted in Kitsu, and made again
        problem = _("The folder of {task} holds the work of another {other}.", task=label(task), other=name)
    else:
        problem = _("The folder of {task} holds the work of {other}.", task=label(task), other=name)
    template, key = kin.template.text, asked.key("file")
    return AnotherEntity(
        problem,
        tried=[
            _("{path}: its stamp names {other}", path=stamp, other=name),
            _("{key} = {template} gives {path} for both", key=key, template=template, path=str(kin.folder)),
        ],
        next_step=_(
            "Rename one of the two in Kitsu, or ask your studio to tell them apart in the template. "
            "If {other} is no more, remove that stamp.",
            other=name,
        ),
    )


def _is_inside(file: PurePath, root: str, facts: Facts) -> bool:
    state, of = facts.files.get(file), facts.roots[root]
    if state is None or not state.exists or of.real is None:
        return False
    return any(state.real.is_relative_to(place) for place in (of.real, *(one.real for one in of.also)))
