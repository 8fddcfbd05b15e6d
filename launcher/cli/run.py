"""`run ACTION`: do what a click in Kitsu would do."""

import argparse
import sys
import time
from typing import TYPE_CHECKING

from launcher.cli.parser import take_click, wish
from launcher.model import Json, State
from launcher.words import _

if TYPE_CHECKING:
    from launcher.cli.parser import Subparsers

EXAMPLES = _("""\
  kitsu-launcher run open-in-blender --task "Big Buck Bunny/SQ010/SH030/Animation"
  kitsu-launcher run open-in-blender --task "Big Buck Bunny/SQ010/SH030/Animation" --dry-run

Exit codes: 0 started, 1 failed, 2 usage or configuration, 3 refused, 4 not found here, 5 Kitsu away""")
POLL_S = 0.1


def add(commands: "Subparsers") -> None:
    """How it is called."""
    parser = commands.add_parser(
        "run",
        help=_("do what a click in Kitsu would do"),
        description=_("Do what a click in Kitsu would do."),
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    take_click(parser)
    parser.add_argument("--dry-run", action="store_true", help=_("print the plan, start nothing"))
    parser.add_argument("--yes", action="store_true", help=_("answer the plan's questions with yes"))
    parser.add_argument("--json", action="store_true", help=_("print JSON"))
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Begin the click through the private door, and follow it until it has begun or failed."""
    from launcher.knock import request

    if args.dry_run:
        return _print_plan(request("POST", "/door/run", {**wish(args), "dry_run": True}), args.json)
    launch = _launch(request("POST", "/door/run", {**wish(args), "yes": args.yes}))
    while launch["state"] == State.PREPARING:
        time.sleep(POLL_S)
        launch = _launch(request("GET", f"/door/launches/{launch['id']}"))
        if launch["state"] == State.ASKS:
            launch = _ask(launch, args.json)
    return _print_launch(launch, args.json)


def _launch(answer: Json) -> dict[str, Json]:
    assert isinstance(answer, dict)  # noqa: S101  # our own daemon's answer, of our own version
    return answer


def _lines(launch: dict[str, Json], name: str) -> list[str]:
    lines = launch.get(name)
    return [str(line) for line in lines] if isinstance(lines, list) else []


def _ask(launch: dict[str, Json], as_json: bool) -> dict[str, Json]:
    """The question, at the terminal; without one the answer is no."""
    from launcher.cli.say import is_yes, say
    from launcher.knock import request

    question = launch.get("question")
    reasons = _lines(question, "reasons") if isinstance(question, dict) else []
    choices = _lines(question, "choices") if isinstance(question, dict) else []
    reply: dict[str, Json] = {"yes": False}
    if sys.stdin.isatty() and not as_json:
        print("\n".join([*_lines(launch, "steps"), *reasons]))
        if choices:
            asked = _(
                "Answer with one of {names}, mostly with a file's name after it, or no:", names=", ".join(choices)
            )
            how, _space, file = input(say(asked) + " ").strip().partition(" ")
            reply = {"choose": how, "file": file.strip()} if how in choices else reply
        else:
            reply = {"yes": is_yes(input(say(_("Go on? [y/N]")) + " "))}
    return _launch(request("POST", f"/door/launches/{launch['id']}/answer", reply))


def _print_plan(answer: Json, as_json: bool) -> int:
    from launcher.cli.say import say_json

    plan = _launch(answer)
    if as_json:
        say_json(plan)
    else:
        print("\n".join(_lines(plan, "lines")))
    return 0


def _print_launch(launch: dict[str, Json], as_json: bool) -> int:
    from launcher.cli.say import say_json
    from launcher.knock import Told

    error = launch.get("error")
    if as_json:
        say_json(launch)
        return Told(error).exit_code if isinstance(error, dict) else 0
    for line in _lines(launch, "steps"):
        print(line)
    if isinstance(error, dict):
        raise Told(error)
    return 0
