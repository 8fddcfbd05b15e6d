"""What the doctor finds: one value for each thing that was looked at, good or not."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from launcher.errors import LauncherError
from launcher.model import Json
from launcher.words import _


class Level(StrEnum):
    """How bad it is."""

    GOOD = "good"
    WARNING = "warning"
    """Clicks work; something else does not, or will not for long."""
    BAD = "bad"
    """Some click cannot work before this is cured."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. Its texts name no secret: they may be pasted into a ticket."""

    key: str
    """A stable word for programs: `port`, `kitsu`… Several findings may have the same, one for each Kitsu or root."""
    level: Level
    title: str
    """How it is, a whole sentence."""
    cure: str = ""
    """What to do, a whole sentence; empty where all is good."""
    details: tuple[str, ...] = ()
    """What was looked at, one line each."""

    def as_json(self) -> dict[str, Json]:
        """The same for programs."""
        return {
            "key": self.key,
            "level": self.level.value,
            "title": self.title,
            "cure": self.cure,
            "details": list(self.details),
        }

    @classmethod
    def from_json(cls, told: dict[str, Json]) -> "Finding":
        """What another process has found."""
        details = told.get("details")
        return cls(
            key=str(told["key"]),
            level=Level(str(told["level"])),
            title=str(told["title"]),
            cure=str(told["cure"]),
            details=tuple(map(str, details)) if isinstance(details, list) else (),
        )


def good(key: str, title: str, details: Iterable[str] = ()) -> Finding:
    """All is well."""
    return Finding(key, Level.GOOD, title, "", tuple(details))


def warning(key: str, title: str, cure: str, details: Iterable[str] = ()) -> Finding:
    """Clicks work, and something is to be done all the same."""
    return Finding(key, Level.WARNING, title, cure, tuple(details))


def bad(key: str, title: str, cure: str, details: Iterable[str] = ()) -> Finding:
    """Some click cannot work."""
    return Finding(key, Level.BAD, title, cure, tuple(details))


def of_error(key: str, error: LauncherError, level: Level = Level.BAD) -> Finding:
    """An error of another part, in its own words."""
    return Finding(key, level, error.problem, error.next_step, error.tried)


def unanswered(key: str) -> Finding:
    """Whatever was asked did not answer in time."""
    return warning(
        key,
        _("It could not be told in time how this is: {what}.", what=key),
        _("Try again; if it stays so, restart this session, or ask IT which disk or service hangs."),
    )


def worst(findings: Iterable[Finding]) -> Level:
    """The worst level of some findings."""
    levels = {finding.level for finding in findings}
    return next((level for level in (Level.BAD, Level.WARNING) if level in levels), Level.GOOD)
