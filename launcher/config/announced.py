"""A newer version, as a studio's feed announces it: one JSON document, typed and capped. Pure.

    {"version": "1.2.0", "date": "2026-11-24", "page": "https://it.lunar.example/kitsu-launcher",
     "packages": [{"name": "kitsu-launcher_1.2.0_amd64.deb", "sha256": "…"}]}

Its detached signature is that of a studio file, and the same key may make both: JSON is no TOML, so neither document
ever passes for the other.
"""

import json
import re
from dataclasses import asdict, dataclass
from datetime import date

from packaging.version import Version

from launcher.config import address
from launcher.config.problems import shown
from launcher.words import Words, _

MOST_BYTES = 20_000
MOST_PACKAGES = 50
VERSION = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6}){0,4}((a|b|rc)[0-9]{1,4})?", re.ASCII)
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+~-]{0,119}", re.ASCII)
SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
LONGEST_PAGE = 500


class NoRelease(Exception):
    """The document is not what it must be."""

    def __init__(self, text: Words) -> None:
        super().__init__(text)
        self.text = text
        """What people read."""


@dataclass(frozen=True, slots=True)
class Package:
    """One file that holds this version."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Release:
    """One version that is told of."""

    version: str
    date: str
    """The day on which it was announced, as 2026-11-24."""
    page: str
    """Where a person reads more of it; an https address."""
    packages: tuple[Package, ...] = ()

    def written(self) -> bytes:
        """The document."""
        return (json.dumps(asdict(self), indent=1) + "\n").encode()

    def older_than(self, other: "Release") -> bool:
        """Whether it is an earlier one: of the same version, the day tells."""
        return (Version(self.version), self.date) < (Version(other.version), other.date)

    def newer_than(self, running: str) -> bool:
        """Whether it is newer than a program's version."""
        return Version(self.version) > Version(running)


def release(text: bytes) -> Release:
    """What a document says. Whether somebody we trust has signed it must be known before.

    Raises: NoRelease, telling the first thing in it that is wrong.
    """
    if len(text) > MOST_BYTES:
        raise NoRelease(_("it is larger than {most:,} bytes", most=MOST_BYTES))
    try:
        table: object = json.loads(text.decode())
    except (ValueError, RecursionError) as error:
        raise NoRelease(_("it is no JSON")) from error
    if not isinstance(table, dict):
        raise NoRelease(_("it is no table of JSON"))
    listed = table.get("packages", [])
    if not isinstance(listed, list) or len(listed) > MOST_PACKAGES:
        raise NoRelease(_('"packages" must be a list of at most {most}', most=MOST_PACKAGES))
    return Release(
        _matching(table, "version", VERSION, _("a version such as 1.2.0")),
        _day(_matching(table, "date", DATE, _("a day such as 2026-11-24"))),
        _page(table.get("page")),
        tuple(map(_package, listed)),
    )


def _matching(table: dict[str, object], key: str, pattern: re.Pattern[str], wanted: Words) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise NoRelease(_('"{key}" must be {wanted}, not {value}', key=key, wanted=wanted, value=shown(value)))
    return value


def _day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError as error:
        raise NoRelease(_("there is no day {day}", day=text)) from error
    return text


def _page(value: object) -> str:
    try:
        if isinstance(value, str) and len(value) <= LONGEST_PAGE:
            return address.https(value)
    except address.AddressError as error:
        raise NoRelease(_('"page": {value} {reason}', value=shown(value), reason=error.text)) from error
    raise NoRelease(
        _('"page" must be {wanted}, not {value}', wanted=_("an address that begins with https://"), value=shown(value))
    )


def _package(value: object) -> Package:
    if not isinstance(value, dict):
        raise NoRelease(_('"packages" must hold tables with "name" and "sha256"'))
    return Package(
        _matching(value, "name", NAME, _("a file's name")),
        _matching(value, "sha256", SHA256, _("64 hexadecimal digits")),
    )
