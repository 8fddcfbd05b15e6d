"""Whether somebody has a file open already: what is asked or warned of, and the note that the launch leaves itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath

from launcher.config.schema import LaunchAction
from launcher.model import Copy, How, LeaveNote, MakeFolder, Step
from launcher.opennote import Found, Note, Standing, name_beside
from launcher.plan import revisions
from launcher.plan.cleaning import plain
from launcher.plan.needs import Asked, Facts, ground
from launcher.plan.starting import Opening, Program
from launcher.words import _

LONGEST_NAME = 60
"""Characters of a person, a host or an application, as a colleague's note gives them."""


@dataclass(frozen=True, slots=True)
class Already:
    """What the notes beside a launch's files come to."""

    notes: Mapping[PurePath, LeaveNote]
    """What is to be left, by file."""
    reasons: tuple[str, ...] = ()
    """Why somebody must be asked first."""
    choices: tuple[How, ...] = ()
    """What may be answered."""
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, openings: Iterable[tuple[Asked, Program, Opening]], facts: Facts) -> "Already":
        """By every file's note; roots with `notes = false` have none.

        She who said "open it anyway" is not asked again about the same. The next revision is offered where it is one
        file that is open, and there is one.
        """
        files = {
            one.file: (asked, program, one)
            for asked, program, one in openings
            if one.file and one.root and asked.config.roots[one.root].notes
        }
        notes: dict[PurePath, LeaveNote] = {}
        reasons: list[str] = []
        warnings: list[str] = []
        for file, (asked, program, opening) in files.items():
            found = facts.notes.get(file)
            name, root = plain(asked.person.name, LONGEST_NAME), _ground(file, opening, facts)
            note = LeaveNote(file, root, name, program.installed.label)
            if found is None:
                notes[file] = note
            elif found.standing in (Standing.OPEN, Standing.HERE) and found.note:
                reason = _reason(file, found, found.note)
                reasons += () if _agreed(asked, reason) else (reason,)
                notes[file] = replace(note, follows=True)
            else:
                if found.standing is not Standing.OVER:
                    warnings.append(_warning(file, found))
                notes[file] = replace(note, instead_of=found.mark, follows=not found.mark)
        next_one = len(files) == 1 and all(_has_next(asked) for asked, _program, _opening in files.values())
        choices = (How.NEXT, How.ANYWAY) if next_one else (How.ANYWAY,)
        return cls(notes, tuple(reasons), choices if reasons else (), tuple(warnings))

    def before(self, opening: Opening) -> tuple[Step, ...]:
        """What is done before the application starts. The note is left as soon as there is a folder for it, before
        the file itself is made: of two who make the same, the second is asked.
        """
        note = self.notes.get(opening.file) if opening.file else None
        folders = tuple(step for step in opening.before if isinstance(step, MakeFolder))
        copies = tuple(step for step in opening.before if isinstance(step, Copy))
        return (*folders, *([note] if note else ()), *copies)


def told(file: PurePath | None, facts: Facts) -> tuple[str, ...]:
    """Who has a file open that may be opened in another's place: part of that question."""
    found = facts.notes.get(file) if file else None
    if file and found and found.note and found.standing in (Standing.OPEN, Standing.HERE):
        return (_reason(file, found, found.note),)
    return ()


def _agreed(asked: Asked, reason: str) -> bool:
    """What was found by another name was asked about together with its note."""
    choice = asked.choice
    return choice is not None and choice.how in (How.ANYWAY, How.FOUND) and choice.answers(reason)


def _has_next(asked: Asked) -> bool:
    return isinstance(asked.action, LaunchAction) and revisions.possible(asked.action)


def _ground(file: PurePath, opening: Opening, facts: Facts) -> PurePath:
    """What the note must not leave: as the file's copy, where one is made."""
    made = [step.root for step in opening.before if isinstance(step, Copy) and step.target == file]
    return made[0] if made else ground(file, opening.root, facts)


def _reason(file: PurePath, found: Found, note: Note) -> str:
    if found.standing is Standing.HERE:
        return _(
            "{file} is open here already, in {app}, since {time}.",
            file=file.name,
            app=plain(note.application, LONGEST_NAME),
            time=found.since,
        )
    return _(
        "{person} has {file} open already: in {app} on {host}, since {time}.",
        person=plain(note.person, LONGEST_NAME),
        file=file.name,
        app=plain(note.application, LONGEST_NAME),
        host=plain(note.host, LONGEST_NAME),
        time=found.since,
    )


def _warning(file: PurePath, found: Found) -> str:
    if found.note and found.standing is Standing.STALE:
        return _(
            "{person} had {file} open in {app} on {host}, from where nothing has been heard since {time}.",
            person=plain(found.note.person, LONGEST_NAME),
            file=file.name,
            app=plain(found.note.application, LONGEST_NAME),
            host=plain(found.note.host, LONGEST_NAME),
            time=found.heard,
        )
    return _(
        "Whether somebody has {file} open is not known: {note} beside it {reason}.",
        file=file.name,
        note=name_beside(file.name),
        reason=found.why,
    )
