"""Which installed version opens files that other versions saved: none is made newer without need, nor older unasked."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import TypeAlias

from packaging.version import Version

from launcher.config.schema import App
from launcher.model import Copy
from launcher.plan.cleaning import plain
from launcher.plan.found import Candidates, Installed, version
from launcher.plan.needs import Facts
from launcher.plan.starting import Opening, Program
from launcher.words import _, joined

Minor: TypeAlias = tuple[int, int]
"""The two numbers of a version that a file tells: (4, 2) of 4.2.3."""


def formats(apps: Sequence[App]) -> dict[str, str]:
    """How the files of these applications tell their version, by ending; as `Wanted.formats`."""
    return {ending.lower(): app.file_version for app in apps if app.file_version for ending in app.opens}


def program(chosen: Program, together: Sequence[Opening], facts: Facts) -> Program:
    """`chosen`, in the version that shall open these files in one process.

    Of those that fit and are not older than any of the files: one that the person or the studio has named comes
    first, then the version of the files themselves, then the next newer one. Where all are older, the newest; `reasons`
    then asks. Without a file that tells its version, `chosen` as it is.
    """
    saved = [minor for _file, minor in _saved(chosen.app, together, facts)]
    if not saved:
        return chosen
    fits = facts.applications[chosen.app.name].fits
    able = [one for one in fits if not _older(one, max(saved))]
    if not able:
        return replace(chosen, installed=max(fits, key=lambda one: version(one.version) or Version("0")))
    # A stable sort: of one minor version the newest comes first, as in `fits`.
    return replace(chosen, installed=min(able, key=lambda one: (_rank(one), _minor(one.version) or (10**6, 0))))


def reasons(chosen: Program, together: Sequence[Opening], facts: Facts) -> Iterator[str]:
    """Why somebody must agree: each file that is newer than the version that would open it."""
    app, installed = chosen.app, chosen.installed
    for file, minor in _saved(app, together, facts):
        if _older(installed, minor):
            yield joined(
                " ",
                [
                    _(
                        "{file} was saved by {app} {version}. The newest that fits here is {newest}: it may lose what"
                        " it does not know, or not open the file at all.",
                        file=plain(file.name, 120),
                        app=app.title,
                        version=f"{minor[0]}.{minor[1]}",
                        newest=installed.version,
                    ),
                    *_elsewhere(app, facts.applications[app.name], minor),
                ],
            )


def _elsewhere(app: App, candidates: Candidates, minor: Minor) -> Iterator[str]:
    """The versions that could open it and are not allowed."""
    for one in candidates.rejected:
        has = _minor(one.version)
        if has and has >= minor:
            yield _(
                "{app} {version} is here too, at {path}, but {key} is {wanted}.",
                app=app.title,
                version=one.version,
                path=str(one.path),
                key=f"apps.{app.name}.version",
                wanted=app.version,
            )


def _saved(app: App, together: Sequence[Opening], facts: Facts) -> Iterator[tuple[PurePath, Minor]]:
    """The files that will be opened and tell their version; of one that is yet to be copied, what it is copied from."""
    for opening in together:
        copied = [step.source for step in opening.before if isinstance(step, Copy)]
        for file in copied or ([opening.file] if opening.file and opening.given else []):
            state = facts.files.get(file)
            minor = _minor(state.saved_by) if state and app.file_version else None
            if minor:
                yield file, minor


def _older(installed: Installed, minor: Minor) -> bool:
    """Whether a program is known to be older than what saved a file."""
    has = _minor(installed.version)
    return has is not None and has < minor


def _rank(one: Installed) -> int:
    return ("user", "studio", "found").index(one.source)


def _minor(text: str) -> Minor | None:
    number = version(text)
    return (number.major, number.minor) if number else None
