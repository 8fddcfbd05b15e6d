"""What is installed here, as values, and which version may be used. Pure: `applications` looks."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath
from typing import Literal

from packaging.specifiers import InvalidSpecifier, Specifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from launcher.config.schema import App
from launcher.errors import LauncherError, NotFoundHere
from launcher.model import OS
from launcher.words import _, either

NUKES = re.compile(r"(?<=\d)v(?=\d)")
"""Nuke's "15.0v2" is to PEP 440 what "15.0.2" is."""
PLAIN = re.compile(r"\d+(\.\d+)*")


class VersionError(LauncherError):
    """`apps.NAME.version` cannot be read."""

    code = "version"
    exit_code = 2
    status = 422


@dataclass(frozen=True, slots=True)
class Installed:
    """One application that may be started."""

    app: str
    """Its name in the configuration."""
    title: str
    path: PurePath
    version: str
    """As the program tells it; empty where it tells none."""
    source: Literal["found", "studio", "user"]
    """Who named it: the catalogue's patterns, the studio file, the person's own file."""

    @property
    def label(self) -> str:
        """Title and version, for people: "Blender 4.2.3"."""
        return f"{self.title} {self.version}".rstrip()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A path that was looked at, and why it does not count."""

    path: PurePath
    reason: str
    version: str = ""
    """As the program tells it, where it was asked."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What was found for one application: the first of `fits` is taken."""

    fits: tuple[Installed, ...] = ()
    """The person's own first, then the studio's, then the newest."""
    rejected: tuple[Rejected, ...] = ()
    wrapper: PurePath | None = None
    """What starts it, where it has a wrapper and that is here."""


class AppMissing(NotFoundHere):
    """No application that the action names is installed here in a version that fits."""

    code = "application"


def missing(wanted: Sequence[App], found: Mapping[str, Candidates], settings: PurePath, os: OS) -> AppMissing:
    """The error for an action none of whose applications is here, with everything that was looked at.

    `found` holds the candidates by the application's name, `settings` the person's own file.
    """
    first = wanted[0]
    rejected = [one for app in wanted for one in found.get(app.name, Candidates()).rejected]
    unseen = [app for app in wanted if not found.get(app.name, Candidates()).rejected]
    unknown = [app for app in unseen if not app.find.on(os)]
    rejected += [Rejected(PurePath(place), _("nothing there")) for app in unseen for place in app.find.on(os)]
    width = max((len(str(one.path)) for one in rejected), default=0)
    names = [f"{app.title} {app.version}".rstrip() for app in wanted]
    return AppMissing(
        _("{app} is not installed here.", app=either(names)),
        tried=[
            *(_("{path}   {reason}", path=f"{one.path!s:{width}}", reason=one.reason) for one in rejected),
            *(_("where {app} is installed on this system is not known", app=app.title) for app in unknown),
        ],
        next_step=_(
            "Install {app}, or set {key} in {file}",
            app=f"{first.title} {oldest(first.version)}".rstrip(),
            key=f"apps.{first.name}.executable",
            file=settings,
        ),
    )


def version(text: str) -> Version | None:
    """A program's version as a value that can be compared; None where it is none.

    What PEP 440 does not know is cut off: "4.3.0 Alpha" counts as 4.3.0.
    """
    normal = NUKES.sub(".", text.strip())
    plain = PLAIN.match(normal)
    try:
        return Version(normal)
    except InvalidVersion:
        return Version(plain[0]) if plain else None


def dated(told: str, year_zero: int) -> str:
    """A version as people say it: "25.6" of a program whose version 0 was of 1999 is "2024.6"; a year stays one."""
    first, dot, rest = told.partition(".")
    if not year_zero or not first.isdecimal() or int(first) >= year_zero:
        return told
    return f"{int(first) + year_zero}{dot}{rest}"


@lru_cache(256)
def specifiers(text: str) -> SpecifierSet:
    """What `version` in the configuration allows, as in ">=4.2,<5"; empty allows everything.

    Raises: VersionError
    """
    try:
        return SpecifierSet(NUKES.sub(".", text), prereleases=True)
    except InvalidSpecifier as error:
        raise VersionError(
            _("{text!r} says no versions.", text=text),
            next_step=_('Write ">=4.2,<5", "==3.6.*" or another PEP 440 specifier.'),
        ) from error


def why_unfit(has: str, wanted: str) -> str:
    """Why version `has` is not one of `wanted`, in plain words; empty if it is.

    Raises: VersionError
    """
    allowed = specifiers(wanted)
    if not wanted.strip():
        return ""
    number = version(has)
    if number is None:
        return _("its version is not known, and {wanted} is wanted", wanted=wanted)
    failing = [one for one in allowed if not one.contains(number, prereleases=True)]
    return _verdict(has, number, failing[0], wanted) if failing else ""


def _verdict(has: str, number: Version, failing: Specifier, wanted: str) -> str:
    if failing.operator in ("!=", "==="):
        return _("{has}, not allowed for {wanted}", has=has, wanted=wanted)
    bound = version(failing.version)
    below = failing.operator in (">=", ">") or (bound is not None and number < bound)
    if below:
        return _("{has}, too old for {wanted}", has=has, wanted=wanted)
    return _("{has}, too new for {wanted}", has=has, wanted=wanted)


def oldest(wanted: str) -> str:
    """The version that somebody without one should install, as in "4.2"; empty if any will do."""
    lower = [one.version.removesuffix(".*") for one in specifiers(wanted) if one.operator in (">=", "==", "~=")]
    return lower[0] if lower else ""
