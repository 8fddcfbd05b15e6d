"""`serve`: the daemon, in the foreground."""

import argparse
import gc
from typing import TYPE_CHECKING

from launcher.words import _

if TYPE_CHECKING:
    from launcher.cli.parser import Subparsers


def add(commands: "Subparsers") -> None:
    """How it is called."""
    parser = commands.add_parser(
        "serve",
        help=_("listen for clicks until a signal or `quit`"),
        description=_("Listen for clicks until a signal or `kitsu-launcher quit`."),
        epilog=_("A port that somebody else holds is waited for. Exit codes: 0 ended, 1 failed, 2 one already runs"),
    )
    parser.add_argument("--no-tray", action="store_true", help=_("show no icon"))
    parser.add_argument("--restart", action="store_true", help=_("start again after a crash, as at login"))
    parser.add_argument(
        "--port", type=int, help=_("listen here instead of at the studio file's port; 0 takes a free one")
    )
    parser.set_defaults(func=serve)


def serve(args: argparse.Namespace) -> int:
    """Run the daemon, or what starts it again. Not while its installation is being replaced: it would be an old one."""
    from launcher import replacing

    if replacing.under_way():
        from launcher.knock import Updating

        raise Updating()
    if args.restart:
        return _supervise(args)
    # Nothing of what is imported now is garbage, and to look for some takes a twentieth of the start.
    gc.disable()
    from launcher import daemon, paths

    gc.freeze()
    gc.enable()
    daemon.serve(paths.folders(), args.port, tray=not args.no_tray)
    return 0


def _supervise(args: argparse.Namespace) -> int:
    from launcher import itself, supervise
    from launcher.system.here import signals

    options = ["--no-tray"] if args.no_tray else []
    if args.port is not None:
        options += ["--port", str(args.port)]
    return supervise.run(itself.command("serve", *options), itself.environment(), signals.when_told_to_end)
