"""The studio file: found, checked with all of its layers, and its last good copy in its place when it is broken."""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from launcher import __version__
from launcher.catalogue import load_catalogue
from launcher.config import files, overlays
from launcher.config.files import Document, Source
from launcher.config.merge import Layer, merge, problem
from launcher.config.overlays import Stack
from launcher.config.problems import KeyPath, Problem, dotted, line_of
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


def first(places: list[Path], sources: list[Source], problems: list[Problem]) -> Document | Problem | None:
    """The first studio file there is."""
    found: Document | Problem | None = None
    for place in places:
        if found:
            sources.append(Source(_("studio"), place, False, _("an earlier one counts")))
            continue
        try:
            found = files.read(place)
        except FileNotFoundError:
            sources.append(Source(_("studio"), place, False, _("missing")))
            continue
        sources.append(Source(_("studio"), place, isinstance(found, Document)))
        if owner := files.owner_problem(place):
            problems.append(owner)
    if not found and places:
        text = (
            _("there is no studio file, nor {path}; kitsu-launcher config init writes a first one", path=places[1])
            if len(places) > 1
            else _("there is no studio file; kitsu-launcher config init writes a first one")
        )
        problems.append(Problem(str(places[0]), 0, "", text))
    return found


def build(document: Document | Problem | None, os: OS, hostname: str) -> Built:
    """Everything that one studio file says, with every error in it; the catalogue alone where there is none.

    Productions and machines that are not this one's are tried too: their errors are told before they are met.
    """
    catalogue, entries = _catalogue(os)
    if not isinstance(document, Document):
        problems = (document,) if document else ()
        return Built(Stack((catalogue,)), entries, problems)
    if too_old := _too_old(document):
        return Built(Stack((catalogue,)), entries, (too_old,))
    layers, faults = overlays.stack(str(document.path), document.text, document.table, os, hostname)
    stack = replace(layers, base=(catalogue, *layers.base))
    own = Layer(str(document.path), document.table, (), document.text)
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


def _too_old(document: Document) -> Problem | None:
    """The one error of a file that needs a newer program: its other keys may be right there."""
    studio = document.table.get("studio")
    wanted = studio.get("requires") if isinstance(studio, dict) else None
    try:
        if not isinstance(wanted, str) or SpecifierSet(wanted).contains(__version__, prereleases=True):
            return None
    except InvalidSpecifier:
        return None
    path: KeyPath = ("studio", "requires")
    text = _(
        "this file needs kitsu-launcher {wanted}, this is {version}: update it", wanted=wanted, version=__version__
    )
    return Problem(str(document.path), line_of(document.text, path), dotted(path), text)


def fall_back(
    folders: Folders, places: list[Path], sources: list[Source], problems: list[Problem], os: OS, hostname: str
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
