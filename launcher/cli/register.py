"""`register` and `unregister`: kitsu-launcher:// links, and start at login, for this person."""

import argparse
from typing import TYPE_CHECKING

from launcher.words import _

if TYPE_CHECKING:
    from launcher.cli.parser import Subparsers

EXIT_CODES = _("Exit codes: 0 done, or nothing was to be done; 1 the system refused; 2 a trial is no desktop")


def add(commands: "Subparsers") -> None:
    """How they are called."""
    parser = commands.add_parser(
        "register",
        help=_("open kitsu-launcher:// links here, and start at login"),
        description=_(
            "Open kitsu-launcher:// links with this program, and start it at each login. No administrator is"
            " needed. The daemon checks the links at each start, unless desk.links is false in your config.toml."
        ),
        epilog=EXIT_CODES,
    )
    parser.set_defaults(func=register)
    parser = commands.add_parser(
        "unregister",
        help=_("undo what register did"),
        description=_(
            "Open no links any more, and start nothing at login, also after an update. Links that a package"
            " registered for everybody stay."
        ),
        epilog=EXIT_CODES,
    )
    parser.set_defaults(func=unregister)


def register(args: argparse.Namespace) -> int:
    """Do both, and say what changed."""
    from launcher import itself
    from launcher.cli.say import say
    from launcher.system.here import autostart, scheme

    changed = scheme.register(itself.link_handler())
    print(say(_("Links open here now.") if changed else _("Links opened here already.")))
    started = autostart.state()
    autostart.enable(itself.command())
    print(say(_("It started at login already.") if started else _("It starts at each login from now on.")))
    return 0


def unregister(args: argparse.Namespace) -> int:
    """Undo both, and say what changed."""
    from launcher.cli.say import say
    from launcher.system.here import autostart, scheme

    changed = scheme.unregister()
    print(say(_("Links open here no more.") if changed else _("No links of yours opened here.")))
    autostart.disable()
    print(say(_("Nothing starts at login.")))
    if changed:
        again = _(
            "The next start of the daemon registers links again, unless your config.toml says: desk.links = false"
        )
        print(say(again))
    return 0
