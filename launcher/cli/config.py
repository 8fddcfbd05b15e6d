"""`config check|show|init|where`: what the configuration says, and whether it is right. Needs no daemon."""

import argparse
import json
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from launcher.model import Json

if TYPE_CHECKING:
    from launcher.cli.parser import Subparsers
    from launcher.config.load import Loaded
    from launcher.config.show import Row


def add(commands: "Subparsers") -> None:
    """How they are called."""
    parser = commands.add_parser(
        "config",
        help="check, show or begin the configuration",
        description="Check, show or begin the configuration.",
        epilog="Exit codes: 0 right, 2 an error in it, or a file that is there already",
    )
    which = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    checking = which.add_parser("check", help="tell every error", description="Tell every error, with file and line.")
    checking.set_defaults(func=check)
    showing = which.add_parser(
        "show",
        help="print each value and its origin",
        description="Print each value, and the file and line it is from.",
    )
    showing.add_argument("--project", metavar="NAME", help="as it counts for one production: its name, code or id")
    showing.set_defaults(func=show)
    looking = which.add_parser(
        "where", help="print which files count", description="Print every file that was looked at, and which count."
    )
    looking.set_defaults(func=where)
    beginning = which.add_parser(
        "init",
        help="write a first studio file",
        description="Write a first studio file with comments, and a random key beside it. Nothing is overwritten.",
    )
    beginning.add_argument("path", nargs="?", metavar="PATH", type=Path, help="where; else where it is looked for")
    beginning.set_defaults(func=init)
    for command in (checking, showing, looking, beginning):
        command.add_argument("--json", action="store_true", help="print JSON for programs")


def check(args: argparse.Namespace) -> int:
    """Print every problem, and how many errors there are: 2 if there is any."""
    loaded = _loaded()
    errors = sum(not problem.warning for problem in loaded.problems)
    if args.json:
        _print(
            {
                "errors": errors,
                "problems": [
                    {"file": p.file, "line": p.line, "key": p.key, "text": p.text, "warning": p.warning}
                    for p in loaded.problems
                ],
            }
        )
    else:
        for problem in loaded.problems:
            print(problem)
        print(_summary(loaded, errors))
    return 2 if errors else 0


def show(args: argparse.Namespace) -> int:
    """Print each value as `key = value   # FILE:LINE`; what is wrong goes to stderr."""
    import sys

    from launcher.config.show import listed
    from launcher.model import Project

    loaded = _loaded()
    for problem in loaded.problems:
        print(problem, file=sys.stderr)
    project = Project("", args.project, "", "") if args.project else None
    rows = listed(loaded, project)
    if args.json:
        _print([{"key": row.key, "value": row.value, "file": row.file, "line": row.line} for row in rows])
    else:
        print("\n".join(_aligned(rows)))
    return 0


def where(args: argparse.Namespace) -> int:
    """Print every file that was looked at."""
    sources = _loaded().sources
    if args.json:
        _print([{"layer": s.layer, "path": str(s.path), "counts": s.counts, "note": s.note} for s in sources])
        return 0
    for source in sources:
        state = "counts" if source.counts else "-"
        print(f"{source.layer:9}  {state:6}  {source.path}{f'  ({source.note})' if source.note else ''}")
    return 0


def init(args: argparse.Namespace) -> int:
    """Write a first studio file and say what to do next.

    Raises: ConfigError if there is one already.
    """
    from launcher.config import files, starter
    from launcher.paths import folders

    home = folders()
    path = args.path.absolute() if args.path else starter.place(home, os.environ)
    key = starter.write(path)
    found = path in files.candidates(home, os.environ)[0]
    if args.json:
        _print({"studio": str(path), "key": str(key), "counts": found})
        return 0
    print(f"Wrote {path}")
    print(f"  and {key}, which everybody who clicks must be able to read; now only you can.")
    print("Next:")
    if not found:
        print(f"  0. export {files.ENV_CONFIG}={path},")
        print(f"     or write studio = {json.dumps(str(path))} into {home.machine / files.MACHINE}")
    print("  1. put the address of your Kitsu into servers")
    print("  2. kitsu-launcher config check")
    print("  3. kitsu-launcher login")
    print("  4. kitsu-launcher actions publish")
    return 0


def _loaded() -> "Loaded":
    """The configuration as it counts here. Looking at it makes no last good copy: only the daemon's does."""
    from launcher.config.load import load
    from launcher.paths import folders, this_os

    return load(folders(), os=this_os(), hostname=socket.gethostname(), environ=os.environ, keep_copy=False)


def _summary(loaded: "Loaded", errors: int) -> str:
    if errors:
        return f"{errors} error{'s' if errors > 1 else ''}."
    config = loaded.config
    files = " and ".join(str(s.path) for s in loaded.sources if s.counts and s.layer != "machine")
    counts = [
        f"{len(table)} {word if len(table) == 1 else word + 's'}"
        for table, word in ((config.actions, "action"), (config.apps, "application"), (config.roots, "root"))
    ]
    return f"{files} {'are' if ' and ' in files else 'is'} right: {', '.join(counts)}."


def _aligned(rows: "list[Row]") -> list[str]:
    texts = [f"{row.key} = {row.text}" for row in rows]
    width = min(max((len(text) for text in texts), default=0), 80)
    return [f"{text:{width}}  # {row.origin}" for text, row in zip(texts, rows, strict=True)]


def _print(value: Json) -> None:
    print(json.dumps(value, indent=1, ensure_ascii=False))
