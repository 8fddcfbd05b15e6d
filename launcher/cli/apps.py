"""`apps`: which applications this machine has, and why each other candidate does not count. Needs no daemon."""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from launcher.config.schema import App
from launcher.model import OS, Json
from launcher.plan.found import Candidates
from launcher.words import _, n_

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
    parser.add_argument("names", nargs="*", metavar="NAME", help=_("only these, with every place that was looked at"))
    parser.add_argument("--all", action="store_true", help=_("also list those that are not installed here"))
    parser.add_argument("--json", action="store_true", help=_("print a list for programs"))
    parser.set_defaults(func=apps)


def apps(args: argparse.Namespace) -> int:
    """Find every application of the catalogue and of the files, or those of `names`, and print them."""
    import asyncio
    import os
    import socket
    import sys

    from launcher.applications import Applications
    from launcher.cli.say import say, say_json
    from launcher.config.load import load
    from launcher.config.problems import unknown
    from launcher.paths import folders, this_os
    from launcher.system.here import places

    home = folders()
    loaded = load(home, os=this_os(), hostname=socket.gethostname(), environ=os.environ)
    for problem in loaded.problems:
        print(say(str(problem)), file=sys.stderr)
    known = loaded.config.apps
    for name in args.names:
        if name not in known:
            print(say(unknown(_("application"), name, known)), file=sys.stderr)
            return 2
    wanted = {name: known[name] for name in dict.fromkeys(args.names)} or known
    found = asyncio.run(Applications(home, places, this_os()).find_all(wanted))
    if args.json:
        say_json(as_json(wanted, found, this_os()))
    elif args.names:
        settings = home.config / "config.toml"
        print("\n\n".join(one(app, found[name], this_os(), settings) for name, app in wanted.items()))
    else:
        print(table(wanted, found, args.all))
    return 0


def table(wanted: Mapping[str, App], found: Mapping[str, Candidates], everything: bool = False) -> str:
    """One line for each installed application, the one that is taken first; then what was rejected; then how many
    others there are, or with `everything` each of them."""
    from launcher.cli.say import say

    lines = _fits(found) or [say(_("No application was found."))]
    lines += _rejected(found)
    absent = [(name, wanted[name].title) for name, one_of in found.items() if not one_of.fits and not one_of.rejected]
    if absent and everything:
        lines += ["", say(_("Not here:")), *_indented(absent)]
    elif absent:
        n = len(absent)
        lines += [
            "",
            say(
                n_(
                    "One other is not installed here; `kitsu-launcher apps --all` names it.",
                    "{n} others are not installed here; `kitsu-launcher apps --all` lists them.",
                    n,
                )
            ),
        ]
    return "\n".join(lines)


def one(app: App, candidates: Candidates, os: OS, settings: Path) -> str:
    """All that there is to say of one application; `settings` is the person's own file."""
    from launcher.cli.say import say

    found = {app.name: candidates}
    lines = _fits(found) or [say(_("{app} was not found here.", app=f"{app.title} {app.version}".rstrip()))]
    lines += _rejected(found)
    if looked := app.find.on(os):
        return "\n".join([*lines, "", say(_("Looked at:")), *(f"  {say(pattern)}" for pattern in looked)])
    text = _(
        "Where {app} is installed on this system is not known: name it as {key} in {file}.",
        app=app.title,
        key=f"apps.{app.name}.executable",
        file=settings,
    )
    return "\n".join([*lines, "", say(text)])


def _fits(found: Mapping[str, Candidates]) -> list[str]:
    return _columns(
        [
            (name, fit.title, fit.version, str(fit.path), _from(fit.source))
            for name, candidates in found.items()
            for fit in candidates.fits
        ]
    )


def _rejected(found: Mapping[str, Candidates]) -> list[str]:
    from launcher.cli.say import say

    no = [(name, str(one.path), say(one.reason)) for name, one_of in found.items() for one in one_of.rejected]
    return ["", say(_("Not used:")), *_indented(no)] if no else []


def _from(source: str) -> str:
    """Which file names an application; empty for what was found."""
    from launcher.cli.say import say

    return {"studio": say(_("(studio file)")), "user": say(_("(user file)"))}.get(source, "")


def _indented(rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [f"  {line}" for line in _columns(list(rows))]


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows of equal columns; no name in them can command the terminal."""
    from launcher.cli.say import say

    said = [tuple(map(say, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*said, strict=True)]
    return ["  ".join(f"{text:{width}}" for text, width in zip(row, widths, strict=True)).rstrip() for row in said]


def as_json(wanted: Mapping[str, App], found: Mapping[str, Candidates], os: OS) -> Json:
    """The same for programs: one object for each application, also for those that are not here."""
    return [
        {
            "name": name,
            "title": wanted[name].title,
            "version": wanted[name].version,
            "fits": [{"version": one.version, "path": str(one.path), "source": one.source} for one in candidates.fits],
            "rejected": [{"path": str(one.path), "reason": one.reason} for one in candidates.rejected],
            "looked": list(wanted[name].find.on(os)),
        }
        for name, candidates in found.items()
    ]
