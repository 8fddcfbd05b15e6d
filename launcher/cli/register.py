"""`register` and `unregister`: kitsu-launcher:// links, and start at login, for this person."""

import argparse
from typing import TYPE_CHECKING

from launcher.words import _

if TYPE_CHECKING:
    from launcher.cli.parser import Subparsers

EXIT_CODES = "Exit codes: 0 done, or nothing was to be done; 1 the system refused; 2 a trial is no desktop"


def add(commands: "Subparsers") -> None:
    """How they are called."""
    parser = commands.add_parser(
        "register",
        help="open kitsu-launcher:// links here, and start at login",
        description="Open kitsu-launcher:// links with this program, and start it at each login. No administrator is"
        " needed. The daemon checks the links at each start, unless desk.links is false in your config.toml.",
        epilog=EXIT_CODES,
    )
    parser.set_defaults(func=register)
    parser = commands.add_parser(
        "unregister",
        help="undo what register did",
        description="Open no links any more, and start nothing at login, also after an update. Links that a package"
        " registered for everybody stay.",
        epilog=EXIT_CODES,
    )
    parser.set_defaults(func=unregister)


def register(args: argparse.Namespace) -> int:
    """Do both, and say what changed."""
    from launcher import itself
    from launcher.system.here import autostart, scheme

    changed = scheme.register(itself.link_handler())
    print(_("Links open here now.") if changed else _("Links opened here already."))
    started = autostart.state()
    autostart.enable(itself.command())
    print(_("It started at login already.") if started else _("It starts at each login from now on."))
    return 0


def unregister(args: argparse.Namespace) -> int:
    """Undo both, and say what changed."""
    from launcher.system.here import autostart, scheme

    changed = scheme.unregister()
    print(_("Links open here no more.") if changed else _("No links of yours opened here."))
    autostart.disable()
    print(_("Nothing starts at login."))
    if changed:
        print(_("The next start of the daemon registers links again, unless your config.toml says: desk.links = false"))
    return 0
