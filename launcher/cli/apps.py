"""`apps`: which applications this machine has, and why each other candidate does not count. Needs no daemon."""

import argparse
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from launcher.config.schema import App
from launcher.model import Json
from launcher.plan.found import Candidates
from launcher.words import _

if TYPE_CHECKING:
    from launcher.cli.parser import Subparsers


def add(commands: "Subparsers") -> None:
    """How it is called."""
    parser = commands.add_parser(
        "apps",
        help=_("list the applications of this machine"),
        description=_("List the applications that were found here, and why each other candidate does not count."),
        epilog=_("Exit codes: 0 listed, 2 usage or configuration"),
    )
    parser.add_argument("--json", action="store_true", help=_("print a list for programs"))
    parser.set_defaults(func=apps)


def apps(args: argparse.Namespace) -> int:
    """Find every application of the catalogue and of the files, and print them."""
    import asyncio
    import os
    import socket
    import sys

    from launcher.applications import Applications
    from launcher.cli.say import say, say_json
    from launcher.config.load import load
    from launcher.paths import folders, this_os
    from launcher.system.here import places

    home = folders()
    loaded = load(home, os=this_os(), hostname=socket.gethostname(), environ=os.environ)
    for problem in loaded.problems:
        print(say(str(problem)), file=sys.stderr)
    wanted = loaded.config.apps
    found = asyncio.run(Applications(home, places, this_os()).find_all(wanted))
    if args.json:
        say_json(as_json(wanted, found))
    else:
        print(table(wanted, found))
    return 0


def table(wanted: Mapping[str, App], found: Mapping[str, Candidates]) -> str:
    """One line for each installed application, the one that is taken first; then what was rejected; then the rest."""
    from launcher.cli.say import say

    rows = [
        (name, one.title, one.version, str(one.path), _from(one.source))
        for name, candidates in found.items()
        for one in candidates.fits
    ]
    lines = _columns(rows) or [say(_("No application was found."))]
    if no := [(name, str(one.path), say(one.reason)) for name, one_of in found.items() for one in one_of.rejected]:
        lines += ["", say(_("Not used:")), *(f"  {line}" for line in _columns(no))]
    if absent := [wanted[name].title for name, one_of in found.items() if not one_of.fits]:
        lines += ["", say(_("Not here: {names}.", names=", ".join(absent)))]
    return "\n".join(lines)


def _from(source: str) -> str:
    """Which file names an application; empty for what was found."""
    from launcher.cli.say import say

    return {"studio": say(_("(studio file)")), "user": say(_("(user file)"))}.get(source, "")


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(f"{text:{width}}" for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def as_json(wanted: Mapping[str, App], found: Mapping[str, Candidates]) -> Json:
    """The same for programs: one object for each application, also for those that are not here."""
    return [
        {
            "name": name,
            "title": wanted[name].title,
            "version": wanted[name].version,
            "fits": [{"version": one.version, "path": str(one.path), "source": one.source} for one in candidates.fits],
            "rejected": [{"path": str(one.path), "reason": one.reason} for one in candidates.rejected],
        }
        for name, candidates in found.items()
    ]
