"""`replace begin` and `replace end`: for installers, before and after they put another version in place."""

import argparse
from typing import TYPE_CHECKING

from launcher.words import _

if TYPE_CHECKING:
    from launcher.cli.parser import Subparsers

EXIT_CODES = _(
    "Exit codes: 0 done, or there was nothing to do; 1 a daemon could not be ended, and all run as before, or one"
    " could not be started; 2 usage; 3 --everybody without being root, SYSTEM or an administrator"
)
EVERYBODY = _("of everybody on this machine; only for root, SYSTEM and administrators")


def add(commands: "Subparsers") -> None:
    """How they are called. People need neither: the main help names them apart."""
    parser = commands.add_parser(
        "replace",
        description=_(
            "For installers: end the daemons that run from this installation before another version is put in its"
            " place, and start them again afterwards. Applications stay open."
        ),
        epilog=EXIT_CODES,
    )
    verbs = parser.add_subparsers(title=_("commands"), metavar="begin|end", required=True)
    first = verbs.add_parser(
        "begin",
        help=_("end the daemons, and remember them"),
        description=_(
            "End the daemons that run from this installation, and whatever would start them again: ask, wait, then"
            " kill. They are remembered for `replace end`; until then none starts."
        ),
        epilog=EXIT_CODES,
    )
    take_whom(first)
    first.set_defaults(func=begin)
    second = verbs.add_parser(
        "end",
        help=_("start the remembered daemons again"),
        description=_(
            "Start a daemon again in each session that `replace begin` remembered, as that person, from the program"
            " that is in place now. Also after an upgrade that was given up."
        ),
        epilog=EXIT_CODES,
    )
    second.add_argument("--everybody", action="store_true", help=EVERYBODY)
    second.set_defaults(func=end)


def take_whom(parser: argparse.ArgumentParser) -> None:
    """The arguments that say whose daemons, and how long they may take."""
    parser.add_argument("--everybody", action="store_true", help=EVERYBODY)
    parser.add_argument(
        "--wait", type=float, default=10, metavar="SECONDS", help=_("how long it may take (default: 10)")
    )


def begin(args: argparse.Namespace) -> int:
    """End them."""
    from launcher import replacement

    replacement.begin(replacement.Wanted(args.everybody, args.wait))
    return 0


def end(args: argparse.Namespace) -> int:
    """Start them again."""
    from launcher import replacement

    replacement.end(everybody=args.everybody)
    return 0
