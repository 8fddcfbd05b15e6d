"""The studio file: found, checked with all of its layers, and its last good copy in its place when it is broken."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from launcher import __version__
from launcher.catalogue import load_catalogue
from launcher.config import files, locked, overlays, sealed
from launcher.config.files import Document, Place, Source
from launcher.config.merge import Layer, merge, problem
from launcher.config.overlays import Stack
from launcher.config.problems import KeyPath, Problem, dotted, line_of
from launcher.config.sealed import Remote, Seal
from launcher.config.structure import Structured, structure
from launcher.model import OS
from launcher.paths import Folders
from launcher.words import _

CATALOGUE = _("catalogue")
"""What is told as the origin of our own entries."""


@dataclass(frozen=True, slots=True)
class Built:
    """What one studio file comes to, before the person's own file."""

    stack: Stack
    structured: Structured
    problems: tuple[Problem, ...]


def first(places: list[Place], sources: list[Source], problems: list[Problem]) -> Document | Problem | None:
    """The first studio file there is."""
    found: Document | Problem | None = None
    for place in places:
        if found:
            sources.append(Source(_("studio"), place, False, _("an earlier one counts")))
            continue
        try:
            found = files.fetched(place) if isinstance(place, Remote) else files.read(place)
        except FileNotFoundError:
            missing = _("not fetched yet") if isinstance(place, Remote) else _("missing")
            sources.append(Source(_("studio"), place, False, missing))
            continue
        sources.append(Source(_("studio"), place, isinstance(found, Document)))
        if isinstance(place, Path) and (owner := files.owner_problem(place)):
            problems.append(owner)
    if places and isinstance(places[0], Remote):
        problems += _away(places[0], found is not None)
    elif not found and places:
        text = (
            _("there is no studio file, nor {path}; kitsu-launcher config init writes a first one", path=places[1])
            if len(places) > 1
            else _("there is no studio file; kitsu-launcher config init writes a first one")
        )
        problems.append(Problem(str(places[0]), 0, "", text))
    return found


def tried(path: Path, places: list[Place], sources: list[Source]) -> Document | Problem:
    """A studio file that is tried: as if it stood where the present one stands, and were signed as that must be."""
    try:
        found = files.read(path)
    except FileNotFoundError:
        found = Problem(str(path), 0, "", _("cannot be read: {reason}", reason=_("it is missing")))
    sources.append(Source(_("studio"), path, isinstance(found, Document), _("tried")))
    place = places[0] if places else None
    if isinstance(found, Problem) or place is None:
        return found
    if isinstance(place, Path):
        return replace(found, home=place.parent)
    return replace(found, seal=Seal(place, tried=True))


def _away(remote: Remote, has_copy: bool) -> Iterator[Problem]:
    """Why a studio file at an address is not here, or not here as it is there now."""
    if trouble := sealed.trouble(remote):
        reason, since = trouble
        moments = {"moment": sealed.moment(since), "reason": reason}
        text = _("could not be fetched since {moment}: {reason}", **moments)
        if has_copy:
            then = files.kept_at(remote.copy)
            text = _("could not be fetched since {moment}: {reason}; the copy of {then} counts", **moments, then=then)
        yield Problem(remote.url, 0, "", text, warning=has_copy)
    elif not has_copy:
        yield Problem(remote.url, 0, "", _("has not been fetched yet; kitsu-launcher config check fetches it"))


def build(document: Document | Problem | None, os: OS, hostname: str) -> Built:
    """Everything that one studio file says, with every error in it; the catalogue alone where there is none.

    Productions and machines that are not this one's are tried too: their errors are told before they are met.
    """
    catalogue, entries = _catalogue(os)
    if not isinstance(document, Document):
        problems = (document,) if document else ()
        return Built(Stack((catalogue,)), entries, problems)
    own = Layer(document.name, document.table, (), document.text)
    if first_of_all := _not_by_right(document, own) or _too_old(document):
        return Built(Stack((catalogue,)), entries, first_of_all)
    layers, faults = overlays.stack(document.name, document.text, document.table, os, hostname)
    stack = replace(layers, base=(catalogue, *layers.base))
    faults += locked.faults(document.table, document.seal, files.serial(document)) if document.seal else ()
    problems_found = [problem((own,), fault) for fault in faults]
    alone = structure(merge(stack.layers()), entries)
    problems_found += [problem(stack.layers(), fault) for fault in alone.faults]
    for seen in (*(stack.layers((name,)) for name in stack.projects), *((*stack.base, over) for over in stack.others)):
        laid = structure(merge(seen), alone)
        problems_found += [problem(seen, fault) for fault in laid.faults if fault not in alone.faults]
    return Built(stack, alone, tuple(sorted(dict.fromkeys(problems_found), key=lambda p: p.line)))


@cache
def _catalogue(os: OS) -> tuple[Layer, Structured]:
    """The catalogue, read once: a studio file that changes a hundred times a day has nothing to do with it."""
    layer = Layer(CATALOGUE, {"apps": dict(load_catalogue(os))})
    return layer, structure(merge([layer]))


def _not_by_right(document: Document, own: Layer) -> tuple[Problem, ...]:
    """All that is told of a file from an address that the machine's key has not signed: nothing of it counts."""
    wrong = document.seal.wrong(document.text) if document.seal else None
    if wrong is None:
        return ()
    faults = locked.which_code_runs(document.table, locked.NOT_SIGNED)
    told = [Problem(document.name, 0, "", wrong), *(problem((own,), fault) for fault in faults)]
    return tuple(dict.fromkeys(told))


def _too_old(document: Document) -> tuple[Problem, ...]:
    """The one error of a file that needs a newer program: its other keys may be right there."""
    studio = document.table.get("studio")
    wanted = studio.get("requires") if isinstance(studio, dict) else None
    try:
        if not isinstance(wanted, str) or SpecifierSet(wanted).contains(__version__, prereleases=True):
            return ()
    except InvalidSpecifier:
        return ()
    path: KeyPath = ("studio", "requires")
    text = _(
        "this file needs kitsu-launcher {wanted}, this is {version}: update it", wanted=wanted, version=__version__
    )
    return (Problem(document.name, line_of(document.text, path), dotted(path), text),)


def fall_back(
    folders: Folders, places: list[Place], sources: list[Source], problems: list[Problem], os: OS, hostname: str
) -> tuple[Document | None, Built]:
    """The last good copy, or a configuration without actions."""
    sources[:] = [
        replace(s, counts=False, note=_("broken")) if s.layer == "studio" and s.counts else s for s in sources
    ]
    copy = files.last_good(folders, places)
    built = build(copy, os, hostname)
    if copy is None or built.problems:
        return None, build(None, os, hostname)
    text = _("the configuration of {moment} stays in use", moment=files.kept_at(copy.path))
    problems.append(Problem(str(copy.path), 0, "", text, warning=True))
    sources.append(Source(_("last good"), copy.path, True, _("a copy of what was right before")))
    return copy, built
