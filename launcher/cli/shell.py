"""`shell ACTION`: a terminal with exactly the environment that the action's application would have."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from launcher.cli.parser import take_click, wish
from launcher.model import Json
from launcher.words import _

if TYPE_CHECKING:
    from launcher.cli.parser import Subparsers

EXAMPLES = _("""\
  kitsu-launcher shell open-in-blender --task "Big Buck Bunny/SQ010/SH030/Animation"
  kitsu-launcher shell open-in-blender --task "Big Buck Bunny/SQ010/SH030/Animation" --print
  kitsu-launcher shell open-in-blender --task "Big Buck Bunny/SQ010/SH030/Animation" -- python3 check.py

The context file is written; nothing else is made, and no application and no `before` program is started.
The shell starts without its own start-up files, which would change the environment.

Exit codes: that of the shell or command; else 1 failed, 2 usage or configuration, 3 refused, 4 not found here,
5 Kitsu away""")


def apart(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """A command line of `shell` without the command after "--", and that: argparse would read its options."""
    if argv[:1] != ["shell"] or "--" not in argv:
        return list(argv), []
    cut = list(argv).index("--")
    return list(argv[:cut]), list(argv[cut + 1 :])


def add(commands: "Subparsers") -> None:
    """How it is called."""
    parser = commands.add_parser(
        "shell",
        usage="kitsu-launcher shell ACTION --task ID|PATH [--server URL] [--choose ANSWER [--file NAME]] "
        "[--print | --json] [-- COMMAND...]",
        help=_("a terminal with exactly the application's environment"),
        description=_("A terminal with exactly the environment that the action's application would have."),
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    take_click(parser)
    parser.add_argument("--print", action="store_true", help=_("print what is set and unset, and start no shell"))
    parser.add_argument(
        "--json", action="store_true", help=_("print the whole environment as JSON, and start no shell")
    )
    parser.set_defaults(func=shell, command=[])


def shell(args: argparse.Namespace) -> int:
    """Ask the daemon for the environment, then become the shell or the command; its exit code."""
    from launcher.cli.say import say_json
    from launcher.knock import request

    told = request("POST", "/door/shell", wish(args))
    assert isinstance(told, dict)  # noqa: S101  # our own daemon's answer, of our own version
    if args.json:
        say_json(told)
        return 0
    if args.print:
        return _print(told)
    return _become(told, list(args.command))


def _print(told: Mapping[str, Json]) -> int:
    from launcher.cli.say import say

    for name, value in _texts(told, "changes").items():
        print(say(f"{name}={value}"))
    for name in _list(told, "unset"):
        print(say(f"unset {name}"))
    return 0


def _become(told: Mapping[str, Json], command: list[str]) -> int:
    from launcher.system.here import shell as system

    env, wrapper = _texts(told, "environment"), _list(told, "wrapper")
    if command and not wrapper:
        command[0] = system.found(command[0], env)
    terminal = not command and sys.stdin.isatty()
    notes = _notes(told, wrapper)
    if terminal and "TERM" not in env and "TERM" in os.environ:
        env["TERM"] = os.environ["TERM"]
        notes.append(_("TERM is this terminal's own: the application has none."))
    cwd = _nearest(Path(str(told.get("cwd"))))
    if str(cwd) != told.get("cwd"):
        notes.append(_("{path} is not there yet: a click makes it first.", path=str(told.get("cwd"))))
    argv = [*wrapper, *(command or system.interactive(os.environ))]
    if terminal:
        _tell([_("The environment of {app}; leave it with exit.", app=str(told.get("application"))), *notes])
    return system.become(argv, env, cwd)


def _notes(told: Mapping[str, Json], wrapper: Sequence[str]) -> list[str]:
    """What the person should know of this environment."""
    notes: list[str] = [_("warning: {text}", text=text) for text in _list(told, "warnings")]
    if wrapper:
        notes.append(_("It starts within {wrapper}, as the application does.", wrapper=" ".join(wrapper)))
    programs = _list(told, "before")
    if programs:
        notes.append(_("Not asked: {programs}; what they would add is missing here.", programs=", ".join(programs)))
    return notes


def _tell(lines: Sequence[str]) -> None:
    from launcher.cli.say import say

    for line in lines:
        print(say(line), file=sys.stderr)


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next((one for one in (folder, *folder.parents) if one.is_dir()), Path(folder.anchor))


def _texts(told: Mapping[str, Json], name: str) -> dict[str, str]:
    found = told.get(name)
    return {key: str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def _list(told: Mapping[str, Json], name: str) -> list[str]:
    found = told.get(name)
    return [str(value) for value in found] if isinstance(found, list) else []
