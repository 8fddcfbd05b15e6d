"""`[[actions.NAME.when]]`: each entry is tried as the whole action that it makes, so that nothing is told at a click.

Pure. `structure` gives the way to read one table; which entry counts for a task is `plan.rules`' to say.
"""

import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace

from launcher.config.merge import Layer, Raw, merge
from launcher.config.problems import Fault, KeyPath, dotted, unknown
from launcher.config.schema import Action, Case, Conditions, LaunchAction, OpenAction
from launcher.words import _, joined

FIXED = ("kind", "title", "ajax", "when", "name")
"""What an action is before any task of it is known: Kitsu shows it, sends it, or the table is called so."""
CONDITIONS = tuple(field.name for field in fields(Conditions))
SETTINGS = frozenset(field.name for kind in (LaunchAction, OpenAction) for field in fields(kind))
PLACE = re.compile(r"when\[([1-9][0-9]*)\]", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reader:
    """How the tables of one action are read, with what is wrong in them."""

    path: KeyPath
    """Of the action: `("actions", NAME)`."""
    base: Raw
    """The action's own table, without `when` and `kind`."""
    told: Sequence[Fault]
    """What is wrong in that."""
    conditions: Callable[[Raw, KeyPath], tuple[Conditions | None, list[Fault]]]
    action: Callable[[Raw], tuple[Action | None, list[Fault]]]
    """A whole table as the action, its faults told of the action."""


def cases(written: object, reader: Reader, faults: list[Fault]) -> tuple[Case, ...]:
    """The entries of `when`; what is wrong in them is added to `faults`."""
    path = (*reader.path, "when")
    if not isinstance(written, list):
        faults.append(Fault(path, _("must be written as [[{key}]]", key=dotted(path))))
        return ()
    found: list[Case] = []
    for i, table in enumerate(written):
        here = (*path, i)
        if not isinstance(table, dict):
            faults.append(Fault(here, _("must be a table")))
            continue
        if (case := _case(table, here, reader, faults)) is not None:
            faults.extend(_never(case, found, here))
            found.append(case)
    return tuple(found)


def references(action: object, path: KeyPath, of: Callable[[object, KeyPath], Iterator[Fault]]) -> Iterator[Fault]:
    """What an entry and each refinement of it name and there is not, by `of`; each told once, where it stands."""
    own = list(of(action, path))
    yield from own
    if isinstance(action, LaunchAction | OpenAction):
        for i, case in enumerate(action.when):
            yield from _moved(of(case.action, path), path, (*path, "when", i), case.table.keys(), own)


def indexed(path: KeyPath) -> KeyPath:
    """A path whose places in `when` are written for people, as `when[2]`, with their index instead: `when`, 1."""
    found: list[str | int] = []
    for key in path:
        match = PLACE.fullmatch(key) if isinstance(key, str) else None
        found += ["when", int(match[1]) - 1] if match else [key]
    return tuple(found)


def _case(table: Raw, here: KeyPath, reader: Reader, faults: list[Fault]) -> Case | None:
    asked = {key: value for key, value in table.items() if key in CONDITIONS}
    rest = {key: value for key, value in table.items() if key not in (*CONDITIONS, *FIXED)}
    for key in FIXED:
        if key in table:
            text = _("is the same for every task: it belongs to the action itself")
            faults.append(Fault((*here, key), text))
    misspelt = [key for key in rest if key not in SETTINGS and difflib.get_close_matches(key, CONDITIONS, 1)]
    for key in misspelt:
        faults.append(Fault(here, unknown(_("key"), key, CONDITIONS), at=(*here, key)))
        del rest[key]
    conditions, wrong = reader.conditions(asked, here)
    faults += wrong
    if misspelt:
        conditions = None
    elif not any(asked.values()):
        text = _("needs a condition: {names}", names=", ".join(CONDITIONS))
        faults.append(Fault(here, text))
        conditions = None
    name = str(reader.path[-1])
    tables = (Layer("", {"actions": {name: reader.base}}), Layer("", {"actions": {name: rest}}))
    whole = merge(tables)["actions"]
    assert isinstance(whole, dict)  # noqa: S101  # both tables have it
    action, wrong = reader.action(whole[name])
    faults += _moved(wrong, reader.path, here, rest.keys(), reader.told)
    if conditions is None or not isinstance(action, LaunchAction | OpenAction):
        return None
    return Case(conditions=conditions, action=action, table=table)


def _moved(
    found: Iterator[Fault] | list[Fault], path: KeyPath, here: KeyPath, keys: object, told: Sequence[Fault]
) -> Iterator[Fault]:
    """Faults of a refined action, told of the entry that made them; those of the action itself are told already."""
    known = {(fault.key, str(fault.text)) for fault in told}
    for fault in found:
        if (fault.key, str(fault.text)) in known:
            continue
        below, at = fault.key[len(path) :], (fault.at or fault.key)[len(path) :]
        if (below or at) and (below or at)[0] in keys:  # type: ignore[operator]
            yield replace(fault, key=(*here, *below), at=(*here, *at))
        else:
            text = joined(": ", (part for part in (dotted(below), fault.text) if part))
            yield Fault(here, text)


def _never(case: Case, earlier: Sequence[Case], here: KeyPath) -> Iterator[Fault]:
    """Why an entry can never count: one before it always does, or the action itself takes no such task."""
    for number, other in enumerate(earlier, 1):
        if all(_covers(other.conditions, case.conditions, key) for key in CONDITIONS):
            yield Fault(here, _("never counts: number {n}, before it, is true of every such task", n=number))
            return
    for key in ("entity_types", "task_types", "roles"):
        taken, wanted = _words(case.action, key), _words(case.conditions, key)
        if taken and wanted and not taken & wanted:
            text = _("never counts: the action takes only {names}", names=", ".join(getattr(case.action, key)))
            yield Fault((*here, key), text)


def _covers(wide: Conditions, narrow: Conditions, key: str) -> bool:
    have, want = _words(wide, key), _words(narrow, key)
    return not have or (bool(want) and want <= have)


def _words(value: object, key: str) -> set[str]:
    return {word.casefold() for word in getattr(value, key)}
