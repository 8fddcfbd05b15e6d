"""Which language this person reads, where no browser says it: in the tray, in notices, in a terminal."""

from functools import cache

from launcher import words
from launcher.system.here import language


def of_person(chosen: str) -> str:
    """The language that she has set (`desk.language`), else her desktop's; English where neither has a catalogue."""
    return words.known(chosen) or of_desktop()


@cache
def of_desktop() -> str:
    """Asked once: a desktop changes its language with the next session."""
    return words.first_known(language.names())
