"""`quit`: end the daemon. Never starts one; started applications are left alone."""

import argparse
import time
from typing import TYPE_CHECKING

from launcher.words import _

if TYPE_CHECKING:
    from launcher.cli.parser import Subparsers


def add(commands: "Subparsers") -> None:
    """How it is called."""
    parser = commands.add_parser(
        "quit",
        help=_("end the daemon; applications stay open"),
        description=_("End the daemon. Applications that it started stay open. Never starts a daemon."),
        epilog=_("Exit codes: 0 ended, or none ran; 1 it did not end in time"),
    )
    parser.add_argument(
        "--wait", type=float, default=10, metavar="SECONDS", help=_("how long it may take (default: 10)")
    )
    parser.set_defaults(func=quit_daemon)


def quit_daemon(args: argparse.Namespace) -> int:
    """Ask it to end, and wait until its door is gone."""
    from launcher.errors import LauncherError
    from launcher.knock import DoorError, request

    try:
        request("POST", "/door/quit", start=False)
    except DoorError:
        return 0
    deadline = time.monotonic() + args.wait
    while time.monotonic() < deadline:
        try:
            request("GET", "/door/ping", start=False)
        except (DoorError, ConnectionResetError):
            return 0
        time.sleep(0.05)
    raise LauncherError(
        _("Kitsu Launcher did not end within {n} seconds.", n=f"{args.wait:g}"),
        next_step=_("End its process by hand; `kitsu-launcher quit --wait 60` waits longer."),
    )
