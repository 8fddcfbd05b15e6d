"""The `kitsu-launcher` command. One file for each command; each says in `add` how it is called."""

import argparse
import sys
from collections.abc import Callable, Sequence

from launcher.errors import LauncherError

EXIT_CODES = "Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 refused, 4 not found here, 5 Kitsu away"


def main(argv: Sequence[str] | None = None) -> int:
    """Do one command and answer its exit code. Errors go to stderr: what was wanted, tried, and what to do next."""
    parser = build()
    args = parser.parse_args(argv)
    command: Callable[[argparse.Namespace], int] = getattr(args, "func", _dashboard)
    try:
        return command(args)
    except LauncherError as error:
        print(_told(error), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output has gone, as `head` does; nothing is left to tell it.
        sys.stderr.close()
        return 1


def _told(error: LauncherError) -> LauncherError:
    """The error for a terminal: a name in it, from Kitsu or from a disk, can neither command it nor begin a line."""
    from launcher.logs import escaped

    return LauncherError(
        escaped(error.problem), tried=[escaped(line) for line in error.tried], next_step=escaped(error.next_step)
    )


def build() -> argparse.ArgumentParser:
    """The parser of every command."""
    from launcher.cli import account, actions, apps, config, demo, launches, open_link, quit_daemon, run, serve

    parser = argparse.ArgumentParser(
        prog="kitsu-launcher",
        description="A click in Kitsu opens the right application on the right file. Alone it opens the dashboard.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for module in (demo, serve, quit_daemon, run, actions, apps, launches, account, config, open_link):
        module.add(commands)
    if sys.platform == "win32":
        from launcher.cli import register

        register.add(commands)
    return parser


def _dashboard(_: argparse.Namespace) -> int:
    """No command: open the dashboard in the browser; a daemon is started when none runs."""
    from launcher.knock import request

    request("POST", "/door/link", {"url": "kitsu-launcher://open"})
    return 0


def _version() -> str:
    from launcher import __version__

    return f"kitsu-launcher {__version__}"
