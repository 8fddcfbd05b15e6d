"""Where the links of a path lead, told without touching what lies there: that may hang, or be another's machine."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from launcher.errors import Refused
from launcher.filesystem import is_link, is_share, led_to
from launcher.words import _

MOST_LINKS = 40
"""Followed for one path, as Linux does."""


class LeadsToShare(Refused):
    """A link leads to another machine that the studio file does not name: looking there would tell it who she is."""

    code = "outside root"
    status = 422


def used(paths: Iterable[Path], root: Path, places: Sequence[Path]) -> list[Path]:
    """Those of `places` that links below `root` lead any of `paths` to.

    Raises: LeadsToShare.
    """
    found = (place for path in dict.fromkeys(paths) if (place := leads_to(path, root, places)))
    return list(dict.fromkeys(found))


def leads_to(path: Path, root: Path, places: Sequence[Path] = ()) -> Path | None:
    """Which of `places` links lead `path` to; None where they lead to none. `root` itself is not looked at.

    Raises: LeadsToShare.
    """
    here, rest, followed = root, list(path.relative_to(root).parts), 0
    while rest:
        part = rest.pop(0)
        here = here.parent if part == ".." else here / part
        if place := next((place for place in places if here.is_relative_to(place)), None):
            return place
        try:
            said = led_to(here) if is_link(here) else ""
        except OSError:
            # It cannot be looked at, or changed meanwhile: whoever opens it will be told why.
            return None
        if said:
            followed += 1
            target = here.parent / said
            if followed > MOST_LINKS:
                return None
            if is_share(str(target)) and not any(target.is_relative_to(place) for place in (root, *places)):
                raise _to_share(here, said)
            here, rest = Path(target.anchor), [*target.parts[1:], *rest]
    return None


def _to_share(link: Path, said: str) -> LeadsToShare:
    return LeadsToShare(
        _("A link leads to another machine, which was not asked."),
        tried=[_("{path} leads to {place}", path=str(link), place=said)],
        next_step=_("Remove the link, or let the root of the studio file allow where it leads by `also`."),
    )
