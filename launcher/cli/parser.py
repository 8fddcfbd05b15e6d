"""The parser of commands: its help is in the person's language."""

import argparse
from collections.abc import Mapping
from typing import TypeAlias

from launcher.model import How, Json
from launcher.words import Words, _, in_language

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""The type that commands add themselves to."""
USAGE = "usage: "
ARGPARSES: Mapping[str, Words] = {
    USAGE: _("usage: "),
    "options": _("options"),
    "positional arguments": _("positional arguments"),
    "show this help message and exit": _("show this help message and exit"),
    "show program's version number and exit": _("show program's version number and exit"),
}
"""What argparse itself says in a help."""


def take_click(parser: argparse.ArgumentParser) -> None:
    """The arguments that say which click is meant: what `wish` reads."""
    parser.add_argument("action", metavar="ACTION", help=_("name of the action; `kitsu-launcher actions` lists them"))
    parser.add_argument(
        "--task",
        action="append",
        default=[],
        metavar="ID|PATH",
        help=_("a task's id, or Project/Sequence/Shot/Task type; may be given several times"),
    )
    parser.add_argument("--server", metavar="URL", help=_("the Kitsu to ask, where the studio has several"))
    parser.add_argument(
        "--choose", choices=list(How), help=_("answer a question that has several answers, as that for a revision")
    )
    parser.add_argument("--file", default="", metavar="NAME", help=_("the working file that --choose is about"))


def wish(args: argparse.Namespace) -> dict[str, Json]:
    """The same for the private door."""
    choose = args.choose and str(args.choose)
    return {
        "action": args.action,
        "tasks": list(args.task),
        "server": args.server,
        "choose": choose,
        "file": args.file,
    }


class Parser(argparse.ArgumentParser):
    """Translates only when help is asked for: what language that is must be read from files."""

    def format_help(self) -> str:
        """The help, every text translated; argparse's own errors stay English."""
        self.description, self.epilog = _said(self.description), _said(self.epilog)
        for group in self._action_groups:
            group.title = _said(group.title)
        for action in self._actions:
            action.help = _said(action.help)
            if isinstance(action, argparse._SubParsersAction):
                for one in action._get_subactions():
                    one.help = _said(one.help)
        text = super().format_help()
        return (_said(USAGE) or USAGE) + text.removeprefix(USAGE)


def _said(text: str | None) -> str | None:
    from launcher.cli.say import language

    return in_language(ARGPARSES.get(text, text), language()) if text else text
