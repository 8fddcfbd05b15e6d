"""`config check|show|init|where`: what the configuration says, and whether it is right. Needs no daemon.

What a TD does before a new studio file counts (`keygen|sign|try`) is in `config_td`.
"""

import argparse
import json
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from launcher.words import Words, _, joined, n_

if TYPE_CHECKING:
    from launcher.cli.parser import Subparsers
    from launcher.config.load import Loaded
    from launcher.config.problems import Problem
    from launcher.config.show import Row


def add(commands: "Subparsers") -> None:
    """How they are called."""
    from launcher.cli import config_announce, config_td

    parser = commands.add_parser(
        "config",
        help=_("check, show, begin, try or sign the configuration"),
        description=_("Check, show or begin the configuration; try a new studio file, or sign one."),
        epilog=_("Exit codes: 0 right, 1 a click would get worse, 2 an error in it, or a file that is there already"),
    )
    which = parser.add_subparsers(title=_("commands"), metavar="COMMAND", required=True)
    checking = which.add_parser(
        "check",
        help=_("tell every error"),
        description=_("Tell every error, with file and line. A studio file at an address is fetched first."),
    )
    checking.set_defaults(func=check)
    showing = which.add_parser(
        "show",
        help=_("print each value and its origin"),
        description=_("Print each value, and the file and line it is from."),
    )
    showing.add_argument(
        "--all", action="store_true", help=_("also of the catalogue's applications that no file changes")
    )
    showing.add_argument("--project", metavar="NAME", help=_("as it counts for one production: its name, code or id"))
    showing.set_defaults(func=show)
    looking = which.add_parser(
        "where",
        help=_("print which files count"),
        description=_("Print every file that was looked at."),
    )
    looking.set_defaults(func=where)
    beginning = which.add_parser(
        "init",
        help=_("write a first studio file"),
        description=_("Write a first studio file with comments, and a random key beside it. Nothing is overwritten."),
    )
    beginning.add_argument("path", nargs="?", metavar="PATH", type=Path, help=_("where; else where it is looked for"))
    beginning.set_defaults(func=init)
    for command in (checking, showing, looking, beginning):
        command.add_argument("--json", action="store_true", help=_("print JSON for programs"))
    config_td.add(which)
    config_announce.add(which)


def check(args: argparse.Namespace) -> int:
    """Print every problem, and how many errors there are: 2 if there is any."""
    from launcher.cli.say import say, say_json

    _fetch()
    loaded = _loaded()
    problems = [*loaded.problems, *_old_keys(loaded)]
    errors = sum(not problem.warning for problem in problems)
    if args.json:
        say_json(
            {
                "errors": errors,
                "problems": [
                    {"file": p.file, "line": p.line, "key": p.key, "text": p.text, "warning": p.warning}
                    for p in problems
                ],
            }
        )
    else:
        for problem in problems:
            print(say(str(problem)))
        print(say(_summary(loaded, errors)))
    return 2 if errors else 0


def show(args: argparse.Namespace) -> int:
    """Print each value as `key = value   # FILE:LINE`; what is wrong goes to stderr."""
    import sys

    from launcher.cli.say import say, say_json
    from launcher.config.show import changed, listed
    from launcher.model import Project

    loaded = _loaded()
    for problem in loaded.problems:
        print(say(str(problem)), file=sys.stderr)
    project = Project("", args.project, "", "") if args.project else None
    rows = listed(loaded, project)
    if args.json:
        say_json([{"key": row.key, "value": row.value, "file": row.file, "line": row.line} for row in rows])
        return 0
    own = rows if args.all else changed(rows)
    print("\n".join(_aligned(own)))
    if len(own) < len(rows):
        print()
        print(
            say(
                n_(
                    "{n} value more is the catalogue's; `kitsu-launcher config show --all` prints it.",
                    "{n} values more are the catalogue's; `kitsu-launcher config show --all` prints them.",
                    len(rows) - len(own),
                )
            )
        )
    return 0


def where(args: argparse.Namespace) -> int:
    """Print every file that was looked at."""
    from launcher.cli.say import say, say_json

    sources = _loaded().sources
    if args.json:
        say_json([{"layer": s.layer, "path": str(s.path), "counts": s.counts, "note": s.note} for s in sources])
        return 0
    for source in sources:
        state = say(_("counts")) if source.counts else "-"
        print(f"{source.layer:9}  {state:6}  {source.path}{f'  ({say(source.note)})' if source.note else ''}")
    return 0


def init(args: argparse.Namespace) -> int:
    """Write a first studio file and say what to do next.

    Raises: ConfigError if there is one already.
    """
    from launcher.cli.say import say, say_json
    from launcher.config import files, starter
    from launcher.paths import folders

    home = folders()
    path = args.path.absolute() if args.path else starter.place(home, os.environ)
    key = starter.write(path)
    found = path in files.candidates(home, os.environ)[0]
    if args.json:
        say_json({"studio": str(path), "key": str(key), "counts": found})
        return 0
    print(say(_("Wrote {path}", path=path)))
    print("  " + say(_("and {key}, which everybody who clicks must be able to read; now only you can.", key=key)))
    print(say(_("Next:")))
    if not found:
        line, machine = f"studio = {json.dumps(str(path))}", home.machine / files.MACHINE
        print("  0. " + say(_("export {setting},", setting=f"{files.ENV_CONFIG}={path}")))
        print("     " + say(_("or write {line} into {file}", line=line, file=machine)))
    print("  1. " + say(_("put the address of your Kitsu into servers")))
    print("  2. kitsu-launcher config check")
    print("  3. kitsu-launcher login")
    print("  4. kitsu-launcher actions publish")
    return 0


def _fetch() -> None:
    """Look whether there is another studio file, if it is at an address. What goes wrong is told with all else."""
    from launcher.config import files
    from launcher.paths import folders

    home = folders()
    if remote := files.remote(home, os.environ):
        import asyncio

        from launcher.config import fetch

        asyncio.run(fetch.refresh(remote))


def _old_keys(loaded: "Loaded") -> "list[Problem]":
    """What the clicks of this person on this machine say about keys that are being replaced."""
    import time

    from launcher.config import rotation
    from launcher.journal import keys_seen
    from launcher.paths import folders

    if len(loaded.keys) < 2:
        return []
    return rotation.unused(loaded, keys_seen(folders().state), time.time())


def _loaded() -> "Loaded":
    """The configuration as it counts here. Looking at it makes no last good copy: only the daemon's does."""
    from launcher.config.load import load
    from launcher.paths import folders, this_os

    return load(folders(), os=this_os(), hostname=socket.gethostname(), environ=os.environ, keep_copy=False)


def _summary(loaded: "Loaded", errors: int) -> Words:
    if errors:
        return n_("{n} error.", "{n} errors.", errors)
    config = loaded.config
    files = [str(s.path) for s in loaded.sources if s.counts and s.layer != "machine"]
    counts = joined(
        ", ",
        (
            n_("{n} action", "{n} actions", len(config.actions)),
            n_("{n} application", "{n} applications", len(config.apps)),
            n_("{n} root", "{n} roots", len(config.roots)),
        ),
    )
    if len(files) > 1:
        *first, last = files
        return _("{files} and {last} are right: {counts}.", files=", ".join(first), last=last, counts=counts)
    return _("{file} is right: {counts}.", file="".join(files), counts=counts)


def _aligned(rows: "list[Row]") -> list[str]:
    texts = [f"{row.key} = {row.text}" for row in rows]
    width = min(max((len(text) for text in texts), default=0), 80)
    return [f"{text:{width}}  # {row.origin}" for text, row in zip(texts, rows, strict=True)]
