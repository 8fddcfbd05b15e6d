"""The parser of commands: its help is in the person's language."""

import argparse
from typing import TypeAlias

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""The type that commands add themselves to."""


class Parser(argparse.ArgumentParser):
    """Translates only when help is asked for: what language that is must be read from files."""

    def format_help(self) -> str:
        """The help, every text of ours translated; argparse's own few words stay English."""
        self.description, self.epilog = _said(self.description), _said(self.epilog)
        for group in self._action_groups:
            group.title = _said(group.title)
        for action in self._actions:
            action.help = _said(action.help)
            if isinstance(action, argparse._SubParsersAction):
                for one in action._get_subactions():
                    one.help = _said(one.help)
        return super().format_help()


def _said(text: str | None) -> str | None:
    from launcher.cli.say import language
    from launcher.words import in_language

    return in_language(text, language()) if text else text
