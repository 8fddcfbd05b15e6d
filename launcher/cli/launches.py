"""`launches` and `log`: what became of clicks, and what their applications printed."""

import argparse
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from launcher.logs import capped, escaped
from launcher.model import Json
from launcher.words import _

if TYPE_CHECKING:
    from launcher.cli.parser import Subparsers

HEAD = (_("TIME"), _("ID"), _("STATE"), _("ACTION"), _("TASKS"), _("APPLICATION"), _("EXIT"))
WIDEST = 48
"""Columns that one cell of the table may take."""


def add(commands: "Subparsers") -> None:
    """How they are called."""
    listing = commands.add_parser(
        "launches",
        help=_("list the latest clicks, or show one"),
        description=_("List the latest clicks with what became of them, or show one of them whole."),
        epilog=_("Exit codes: 0 listed, 4 no such launch"),
    )
    listing.add_argument("id", nargs="?", metavar="ID", help=_("the beginning of a launch's id, 4 characters at least"))
    listing.add_argument("--json", action="store_true", help=_("print JSON for programs"))
    listing.set_defaults(func=launches)
    one = commands.add_parser(
        "log",
        help=_("print what a launch's applications printed"),
        description=_("Print what the applications of a launch printed; of a long log, its end."),
        epilog=_("Exit codes: 0 printed, 4 no such launch, or it has no log"),
    )
    one.add_argument("id", metavar="ID", help=_("the beginning of a launch's id, 4 characters at least"))
    one.set_defaults(func=log)


def launches(args: argparse.Namespace) -> int:
    """Print the list, or the one launch."""
    from urllib.parse import quote

    from launcher.cli.say import say_json
    from launcher.knock import request

    answer = request("GET", "/door/launches" + (f"/{quote(args.id, safe='')}" if args.id else ""))
    if args.json:
        say_json(answer)
    elif isinstance(answer, dict):
        print(details(answer))
    else:
        print(table(_dicts(answer)))
    return 0


def log(args: argparse.Namespace) -> int:
    """Print the log, as it is but for control characters."""
    from urllib.parse import quote

    from launcher.knock import request

    answer = request("GET", f"/door/launches/{quote(args.id, safe='')}/log")
    print(str(answer.get("log", "")) if isinstance(answer, dict) else "", end="")
    return 0


def table(listed: Sequence[Mapping[str, Json]]) -> str:
    """One line for each launch, the newest first."""
    from launcher.cli.say import say

    if not listed:
        return say(_("Nothing was launched yet. Click an action in Kitsu, or use `kitsu-launcher run`."))
    rows = [tuple(map(say, HEAD)), *(_row(launch) for launch in listed)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def details(launch: Mapping[str, Json]) -> str:
    """All of one launch: what it did, on what, and how it ended."""
    lines = [
        f"{_text(launch, 'title')}: {_text(launch, 'state')}",
        *_field(_("id"), [_text(launch, "id")]),
        *_field(_("time"), [_time(launch)]),
        *_field(_("person"), [_text(launch, "person")]),
        *_field(_("tasks"), _texts(launch.get("tasks"))),
        *_field(_("left out"), [_left_out(left) for left in _dicts(launch["left_out"])]),
        *_field(_("warning"), _texts(launch.get("warnings"))),
        *_field(_("steps"), _texts(launch.get("steps"))),
        *_field(_("process"), [_process(process) for process in _dicts(launch["processes"])]),
    ]
    error = launch.get("error")
    if isinstance(error, dict):
        lines += _field(_("error"), [_text(error, "problem")])
        lines += _field(_("tried"), _texts(error.get("tried")))
        lines += _field(_("next"), [_text(error, "next")])
    return "\n".join(lines)


def _row(launch: Mapping[str, Json]) -> tuple[str, ...]:
    processes = _dicts(launch["processes"])
    cells = (
        _time(launch),
        _text(launch, "id")[:8],
        _text(launch, "state"),
        _text(launch, "action"),
        ", ".join(_texts(launch.get("tasks"))),
        ", ".join(dict.fromkeys(_text(process, "application") for process in processes)),
        ", ".join(_text(process, "exit_code") for process in processes if process.get("exit_code") is not None),
    )
    return tuple(capped(cell, WIDEST) for cell in cells)


def _left_out(left: Mapping[str, Json]) -> str:
    return f"{_text(left, 'task')}: {_text(left, 'reason')}"


def _process(process: Mapping[str, Json]) -> str:
    from launcher.cli.say import say

    code = process.get("exit_code")
    if not process.get("ended"):
        end = _("runs, pid {pid}", pid=_text(process, "pid"))
    elif process.get("handed_over"):
        end = _("opened in the one that runs already")
    else:
        end = _("ended, exit code not known") if code is None else _("ended with {code}", code=code)
    return say(_("{what}: {how}", what=_text(process, "application"), how=end))


def _field(name: str, values: Sequence[str]) -> list[str]:
    from launcher.cli.say import say

    return [f"  {say(name) if i == 0 else '':9} {value}" for i, value in enumerate(values) if value]


def _time(launch: Mapping[str, Json]) -> str:
    return _text(launch, "created")[:19].replace("T", " ")


def _text(values: Mapping[str, Json], name: str) -> str:
    """One value for the terminal: names come from Kitsu and may hold anything."""
    value = values.get(name)
    return "" if value is None else escaped(str(value))


def _texts(values: Json) -> list[str]:
    return [escaped(str(value)) for value in values] if isinstance(values, list) else []


def _dicts(values: Json) -> list[dict[str, Json]]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []
