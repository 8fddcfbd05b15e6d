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
    parser.set_defaults(func=demo)


def demo(args: argparse.Namespace) -> int:
    """Set the stage, and click or let the person click."""
    from launcher.demo.show import show

    return show(once=args.once, json_wanted=args.json)
