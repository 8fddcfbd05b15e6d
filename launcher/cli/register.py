"""`register` and `unregister`: links and start at login, in the person's registry. On Windows only, so far."""

import argparse
import sys
from typing import TYPE_CHECKING

from launcher.words import _

if TYPE_CHECKING:
    from launcher.cli.parser import Subparsers


def add(commands: "Subparsers") -> None:
    """How they are called."""
    register_parser = commands.add_parser(
        "register",
        help="open kitsu-launcher:// links here, and start at login",
        description="Open kitsu-launcher:// links with this program, and start it at each login.",
        epilog="Exit codes: 0 registered, 1 the registry refused",
    )
    register_parser.set_defaults(func=register)
    unregister_parser = commands.add_parser(
        "unregister",
        help="undo what register did",
        description="Open no links any more, and start nothing at login.",
        epilog="Exit codes: 0 undone, 1 the registry refused",
    )
    unregister_parser.set_defaults(func=unregister)


def register(_args: argparse.Namespace) -> int:
    """Write both, and say what changed."""
    from launcher.system.windows import autostart, scheme

    program = [sys.executable, "-m", "launcher"]
    changed = scheme.register(program)
    autostart.enable([*program, "serve"])
    already = _("Links opened here already; it starts at login.")
    print(_("Links open here, and it starts at login.") if changed else already)
    return 0


def unregister(_args: argparse.Namespace) -> int:
    """Remove both."""
    from launcher.system.windows import autostart, scheme

    scheme.unregister()
    autostart.disable()
    print(_("Links open here no more, and nothing starts at login."))
    return 0
