"""`serve`: the daemon, in the foreground."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from launcher.cli.parser import Subparsers


def add(commands: "Subparsers") -> None:
    """How it is called."""
    parser = commands.add_parser(
        "serve",
        help="listen for clicks until a signal or `quit`",
        description="Listen for clicks until a signal or `kitsu-launcher quit`.",
        epilog="Exit codes: 0 ended, 1 the port is taken, 2 one already runs",
    )
    parser.add_argument("--port", type=int, help="listen here instead of at the studio file's port; 0 takes a free one")
    parser.set_defaults(func=serve)


def serve(args: argparse.Namespace) -> int:
    """Run the daemon."""
    from launcher import daemon, paths

    daemon.serve(paths.folders(), args.port)
    return 0
