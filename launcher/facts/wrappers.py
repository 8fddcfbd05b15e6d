"""Whether the wrappers of applications are here, and whether workspaces' markers are. Only reads."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePath
from typing import Protocol

from launcher.config.schema import App
from launcher.disks import Disks
from launcher.model import OS
from launcher.plan.found import Candidates, Rejected
from launcher.plan.needs import FileState
from launcher.plan.workspace import above
from launcher.plan.wrapping import path_of, places
from launcher.system import Program
from launcher.words import _

PATIENCE_S = 2.0
"""For the disks of PATH to answer."""


class Looks(Protocol):
    """Who looks at programs: `applications.Applications`."""

    disks: Disks

    def look(self, path: Path, *, batch: bool = False) -> Program:
        """What is known of an executable; `batch`: whether it may be a batch file of Windows."""


async def applied(
    found: Mapping[str, Candidates],
    wanted: Mapping[str, str],
    apps: Mapping[str, App],
    environ: Mapping[str, str],
    here: OS,
    eyes: Looks,
) -> dict[str, Candidates]:
    """`found` with each application's wrapper; without it none of its candidates can be started.

    `wanted` is what to look for by application, an absolute path or a bare name; `environ` the applications' own.
    """
    result = dict(found)
    for name, sought in wanted.items():
        app, candidates = apps[name], found[name]
        maybe = places(sought, path_of(environ, here), here, app.batch)
        try:
            wrapper = await eyes.disks.ask(f"wrap.{name}", partial(_first, maybe, app, eyes), PATIENCE_S)
        except TimeoutError:
            wrapper = Rejected(PurePath(sought), _("a disk did not answer within {n} s", n=f"{PATIENCE_S:g}"))
        if wrapper is None:
            wrapper = Rejected(PurePath(sought), _("is in no folder of PATH; it wraps {app}", app=app.title))
        if isinstance(wrapper, Rejected):
            result[name] = Candidates(rejected=(wrapper, *candidates.rejected))
        else:
            result[name] = replace(candidates, wrapper=wrapper)
    return result


def _first(maybe: Iterable[PurePath], app: App, eyes: Looks) -> PurePath | Rejected | None:
    """The first that is there; one that is there and may not be started is told."""
    refused = None
    for path in maybe:
        program = eyes.look(Path(path), batch=app.batch)
        if not program.refusal:
            return path
        if refused is None and program.stamp != (0, 0):
            refused = Rejected(path, program.refusal)
    return refused


def marked(files: Iterable[PurePath], root: Path, markers: Iterable[str]) -> dict[PurePath, FileState]:
    """The markers that are above these files within their root, and the folders that have them."""
    names, seen = tuple(markers), set[PurePath]()
    found: dict[PurePath, FileState] = {}
    for folder in (folder for file in files if names for folder in above(file, root)):
        if folder in seen:
            continue
        seen.add(folder)
        for marker in names:
            if os.path.lexists(folder / marker):  # where a link leads does not matter, and is not looked at
                found[folder / marker] = FileState(True, folder / marker)
                found[folder] = FileState(True, Path(os.path.realpath(folder)), is_folder=True)
    return found
