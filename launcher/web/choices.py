"""What may be answered to a launch's question, in words for its buttons. Pure: templates lay it out, and translate."""

from collections.abc import Sequence
from dataclasses import dataclass

from launcher.model import How
from launcher.words import _


@dataclass(frozen=True, slots=True)
class Reply:
    """One button."""

    how: How
    label: str
    means: str
    """What comes of it, in a sentence beside the button."""


OPEN = Reply(How.OPEN, _("Open"), "")
NEXT = Reply(
    How.NEXT,
    _("Open as the next revision"),
    _("A copy with the next number is opened. The file itself stays as it is."),
)
FOUND = Reply(How.FOUND, _("Open the earlier work"), _("It is opened where it is, under its old name."))
ANYWAY = Reply(
    How.ANYWAY, _("Open it anyway"), _("The same file is opened. Whoever saves last overwrites the other’s work.")
)
BEGIN = Reply(
    How.ANYWAY, _("Begin a new one"), _("A first file is begun under the new name. The earlier work stays where it is.")
)
"""The same answer, where earlier work was found."""


def replies(choices: Sequence[How]) -> tuple[Reply, ...]:
    """The buttons beside "No", in their order."""
    words = {one.how: one for one in (OPEN, NEXT, FOUND, BEGIN if How.FOUND in choices else ANYWAY)}
    return tuple(words[how] for how in choices)
