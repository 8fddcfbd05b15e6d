"""`demo`: see the main job work, without Kitsu and without any configuration."""

import argparse
from typing import TYPE_CHECKING

from launcher.words import _

if TYPE_CHECKING:
    from launcher.cli.parser import Subparsers

TEXT = _("""\
A sample studio on this machine: a page with tasks and the buttons of Kitsu, a sample project folder, and a daemon
of its own. Click a button there, and an application that is really installed opens on the right file.
Everything lives in a temporary folder, which is removed at the end.""")


def add(commands: "Subparsers") -> None:
    """How it is called."""
    parser = commands.add_parser(
        "demo",
        help=_("see the main job work, without Kitsu"),
        description=TEXT,
        epilog=_("Exit codes: 0 all of it happened, 1 something did not"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--once", action="store_true", help=_("click every action once by itself, print what was started, and end")
    )
    parser.add_argument("--json", action="store_true", help=_("with --once: print a list for programs"))
    parser.add_argument("--sample-program", metavar="FILE", help=argparse.SUPPRESS)  # what its own action starts
    parser.set_defaults(func=demo)


def demo(args: argparse.Namespace) -> int:
    """Set the stage, and click or let the person click."""
    if args.sample_program:
        from launcher.demo.program import run

        return run(args.sample_program)
    from launcher.cli.say import language, say
    from launcher.demo.show import show

    language()  # hers: the demo goes on in a home of its own
    return show(say, once=args.once, json_wanted=args.json)
