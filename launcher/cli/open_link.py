"""`open URL`: hand a kitsu-launcher:// link to the daemon, as the desktop does."""

import argparse
from typing import TYPE_CHECKING

from launcher.words import _

if TYPE_CHECKING:
    from launcher.cli.parser import Subparsers


def add(commands: "Subparsers") -> None:
    """How it is called."""
    parser = commands.add_parser(
        "open",
        help=_("hand a kitsu-launcher:// link to the daemon"),
        description=_("Hand a kitsu-launcher:// link to the daemon. A link always asks before anything starts."),
        epilog=_("Exit codes: 0 handed over, 1 failed, 2 no such link, 3 refused"),
    )
    parser.add_argument("url", metavar="URL", help="kitsu-launcher://run/ACTION?task=ID")
    parser.set_defaults(func=open_link)


def open_link(args: argparse.Namespace) -> int:
    """Send it through the private door, starting a daemon if need be."""
    from launcher.knock import request

    request("POST", "/door/link", {"url": args.url}, tray=True)
    return 0
