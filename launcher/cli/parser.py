"""The parser of commands: its help is in the person's language."""

import argparse
from collections.abc import Mapping
from typing import TypeAlias

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
