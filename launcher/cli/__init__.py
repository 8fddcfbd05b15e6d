"""The `kitsu-launcher` command. One file for each command; each says in `add` how it is called."""

import argparse
import sys
from collections.abc import Callable, Sequence

from launcher import replacing
from launcher.errors import LauncherError
from launcher.words import _, joined

EXIT_CODES = _("Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 refused, 4 not found here, 5 Kitsu away")
INSTALLERS = _("For installers: kitsu-launcher replace begin, kitsu-launcher replace end; both take --help")


def main(argv: Sequence[str] | None = None) -> int:
    """Do one command and answer its exit code. Errors go to stderr: what was wanted, tried, and what to do next."""
    from launcher.cli.shell import apart

    own, after = apart(sys.argv[1:] if argv is None else argv)
    args = build().parse_args(own)
    if after:
        args.command = after
    command: Callable[[argparse.Namespace], int] = args.func
    try:
        return command(args)
    except LauncherError as error:
        print(told(error), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output has gone, as `head` does; nothing is left to tell it.
        sys.stderr.close()
        return 1
    except Exception:
        # Its files may be being replaced under it: what is imported now is gone, or another version's.
        if command.__module__ == "launcher.cli.replace" or not replacing.under_way():
            raise
        print(f"kitsu-launcher: {replacing.UPDATING}", file=sys.stderr)
        return 1


def told(error: LauncherError) -> str:
    """The error for a terminal: a name in it, from Kitsu or from a disk, can neither command it nor begin a line."""
    from launcher.cli.say import say

    return "\n".join(say(line) for line in error.lines())


def build() -> argparse.ArgumentParser:
    """The parser of every command."""
    from launcher.cli import (
        account,
        actions,
        apps,
        config,
        demo,
        doctor,
        launches,
        open_link,
        quit_daemon,
        register,
        replace,
        run,
        serve,
        shell,
    )
    from launcher.cli.dashboard import show
    from launcher.cli.parser import Parser

    parser = Parser(
        prog="kitsu-launcher",
        description=_(
            "A click in Kitsu opens the right application on the right file. Without a command the dashboard"
            " is shown, and the daemon started where none runs."
        ),
        epilog=joined("\n", (INSTALLERS, EXIT_CODES)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(func=show)
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(title=_("commands"), metavar="COMMAND")
    for module in (
        demo,
        serve,
        quit_daemon,
        run,
        shell,
        actions,
        apps,
        launches,
        account,
        config,
        doctor,
        open_link,
        register,
        replace,
    ):
        module.add(commands)
    return parser


def _version() -> str:
    from launcher import __version__

    return f"kitsu-launcher {__version__}"
