"""`actions`: what is configured, and publishing it as Kitsu's custom actions. The list needs no daemon."""

import argparse
from typing import TYPE_CHECKING

from launcher.config.schema import AnyAction, LaunchAction, OpenAction, Studio
from launcher.errors import Refused
from launcher.logs import escaped
from launcher.model import Json
from launcher.words import _

if TYPE_CHECKING:
    from launcher.cli.parser import Subparsers

EXIT_CODES = _("Exit codes: 0 done, 1 not published, 2 usage or configuration, 3 refused, 5 Kitsu away")


def add(commands: "Subparsers") -> None:
    """How they are called."""
    listing = commands.add_parser(
        "actions",
        help=_("list the configured actions, or publish them in Kitsu"),
        description=_("List the configured actions: what each takes, and the URL that Kitsu calls."),
        epilog=EXIT_CODES,
    )
    listing.add_argument("--show-key", action="store_true", help=_("print the URLs with the studio's key in them"))
    listing.add_argument("--json", action="store_true", help=_("print JSON"))
    listing.set_defaults(func=actions)
    send = listing.add_subparsers(title=_("commands"), metavar="COMMAND").add_parser(
        "publish",
        help=_("create and update them in Kitsu"),
        description=_("Show what would change in Kitsu, ask, and do it. Needs an administrator's login."),
        epilog=EXIT_CODES,
    )
    send.add_argument("--prune", action="store_true", help=_("also remove those of ours that are configured no longer"))
    send.add_argument(
        "--rotate",
        action="store_true",
        help=_("make another key and publish with it; the old one counts until it is taken out"),
    )
    send.add_argument("--yes", action="store_true", help=_("do not ask"))
    send.add_argument("--server", metavar="URL", help=_("the Kitsu to publish in, where the studio has several"))
    # No default here: argparse would overwrite `actions --json publish`.
    send.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=_("print JSON"))
    send.set_defaults(func=publish)


def actions(args: argparse.Namespace) -> int:
    """Print every configured action."""
    import os
    import socket
    import sys

    from launcher.cli.say import say, say_json
    from launcher.config.load import load
    from launcher.paths import folders, this_os

    loaded = load(folders(), os=this_os(), hostname=socket.gethostname(), environ=os.environ)
    for problem in loaded.problems:
        print(say(str(problem)), file=sys.stderr)
    listed = [describe(action, loaded.config.studio, args.show_key) for action in loaded.config.actions.values()]
    if args.json:
        say_json([*listed])
    else:
        print(
            "\n".join(map(table, listed))
            or say(_("No actions are configured. `kitsu-launcher config init` writes an example."))
        )
    return 0


def describe(action: AnyAction, studio: Studio, show_key: bool) -> dict[str, Json]:
    """One action for programs: its URL is masked unless the key shall be seen."""
    # Imported late: what is below `kitsu` loads aiohttp, which no other command shall wait for.
    from launcher.kitsu import publish as publishing

    url = publishing.address(action.name, studio.port, studio.keys)
    kind = "launch" if isinstance(action, LaunchAction) else "open" if isinstance(action, OpenAction) else "page"
    return {
        "name": action.name,
        "title": action.title,
        "kind": kind,
        "url": url if show_key else publishing.masked(url),
        "ajax": action.ajax,
        "entity_types": list(action.entity_types),
        "task_types": list(action.task_types),
        "roles": list(action.roles),
    }


def table(action: dict[str, Json]) -> str:
    """One action for people: a line with its name, and indented what it takes."""
    from launcher.cli.say import say

    taken = [(_("entity types"), "entity_types"), (_("task types"), "task_types"), (_("roles"), "roles")]
    lines = [
        f"{action['name']}  {escaped(str(action['title']))}  ({action['kind']}{', AJAX' if action['ajax'] else ''})"
    ]
    lines.append(f"  {action['url']}")
    for title, key in taken:
        values = action[key]
        if isinstance(values, list) and values:
            lines.append("  " + say(_("{what}: {values}", what=title, values=", ".join(map(str, values)))))
    return "\n".join(lines)


def publish(args: argparse.Namespace) -> int:
    """Show the difference, ask, and write it."""
    from launcher.cli.say import say, say_json
    from launcher.knock import request

    if args.rotate:
        from launcher.cli.rotate import rotate

        return rotate(args)
    wish: dict[str, Json] = {"server": args.server, "prune": args.prune}
    shown = record(request("POST", "/door/actions/publish", wish))
    if not args.json:
        show(shown)
    if not shown["empty"]:
        if shown["role"] != "admin":
            raise no_administrator(shown)
        if not (args.yes or (not args.json and agreed(_("Publish this? [y/N]")))):
            if args.json:
                say_json(shown)
            return 1
        shown = record(request("POST", "/door/actions/publish", {**wish, "agreed": shown["fingerprint"]}))
    if args.json:
        say_json(shown)
    elif shown["written"]:
        print(say(_("Published in {server}.", server=shown["server"])))
    else:
        print(say(_("Nothing to do.")))
    return 0


def show(shown: dict[str, Json]) -> None:
    """The difference, line by line."""
    lines = shown["lines"]
    for line in lines if isinstance(lines, list) else []:
        print(escaped(str(line)))


def agreed(question: str) -> bool:
    """The answer at the terminal; without one it is no."""
    import sys

    from launcher.cli.say import is_yes, say

    if not sys.stdin.isatty():
        print(say(_("Nothing was published: give --yes where nobody can be asked.")))
        return False
    return is_yes(input(say(question) + " "))


def no_administrator(shown: dict[str, Json]) -> Refused:
    """Kitsu would take it from nobody else."""
    values = {name: str(shown[name]) for name in ("server", "email", "role")}
    return Refused(
        _("Only a Kitsu administrator can publish actions."),
        tried=[_("{server}: {email} is {role}", **values)],
        next_step=_("Log in as one, or give one what `kitsu-launcher actions --show-key` prints."),
    )


def record(answer: Json) -> dict[str, Json]:
    """What our own daemon answers."""
    assert isinstance(answer, dict)  # noqa: S101  # our own daemon's answer, of our own version
    return answer
