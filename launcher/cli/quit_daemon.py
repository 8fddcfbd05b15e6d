"""`quit`: end the daemon. Never starts one; started applications are left alone."""

import argparse
import time
from typing import TYPE_CHECKING

from launcher.words import _

if TYPE_CHECKING:
    from launcher.cli.parser import Subparsers


def add(commands: "Subparsers") -> None:
    """How it is called."""
    from launcher.cli.replace import take_whom

    parser = commands.add_parser(
        "quit",
        help=_("end the daemon; applications stay open"),
        description=_(
            "End the daemon, and whatever would start it again. Applications that it started stay open. Never starts"
            " a daemon."
        ),
        epilog=_(
            "Exit codes: 0 ended, or none ran; 1 it did not end in time; 2 usage; 3 --everybody without being root,"
            " SYSTEM or an administrator"
        ),
    )
    take_whom(parser)
    parser.add_argument("--force", action="store_true", help=_("kill one that does not end in time"))
    parser.set_defaults(func=quit_daemon)


def quit_daemon(args: argparse.Namespace) -> int:
    """Ask it to end, and wait until its door is gone; then end what else runs from this installation."""
    from launcher import replacement

    hangs = not args.everybody and not _quit_own(args.wait, args.force)
    replacement.quit_all(replacement.Wanted(args.everybody, 0 if hangs else args.wait, args.force))
    return 0


def _quit_own(wait_s: float, force: bool) -> bool:
    """End the daemon behind this person's door, whichever installation it is of; False where it must be forced to."""
    from launcher import door
    from launcher.errors import LauncherError

    deadline = time.monotonic() + wait_s
    question = ("POST", "/door/quit")
    while True:
        try:
            door.ask(*question, None, patience_s=max(0.1, deadline - time.monotonic()))
        except (FileNotFoundError, ConnectionRefusedError, door.NotOurs):
            return True
        except (OSError, ValueError):
            # It ends just now, or hangs; the next question tells.
            pass
        if time.monotonic() >= deadline:
            break
        question = ("GET", "/door/ping")
        time.sleep(0.05)
    if not force:
        raise LauncherError(
            _("Kitsu Launcher did not end within {n} seconds.", n=f"{wait_s:g}"),
            next_step=_("`kitsu-launcher quit --force` kills it; `kitsu-launcher quit --wait 60` waits longer."),
        )
    return False
