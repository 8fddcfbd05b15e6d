"""Where an application may be, as `find` writes it: how a pattern begins on each OS, and what its braces mean. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from launcher.config.problems import Fault, shown, unknown
from launcher.config.schema import Find
from launcher.model import OS
from launcher.words import Words, _, joined

BRACES = re.compile(r"\{[^{}]*\}")
REGISTRY = re.compile(r"\{registry:((?:[^{}]|\{version\})*)\}(.*)", re.DOTALL)
HIVES = ("HKLM\\", "HKCU\\")
POSIX = ("/", "~/", "{path}/")
BEGINNINGS = {OS.LINUX: POSIX, OS.MACOS: POSIX, OS.WINDOWS: ("~\\", "{path}\\", "{program_files}\\")}
"""On Windows a drive or a value of the registry, too."""
DRIVE = re.compile(r"[A-Za-z]:\\")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern: where it begins, and what follows there."""

    head: str
    r"""`~`, `{path}`, `{program_files}`, `{registry}`; empty where the pattern begins with `/` or a drive itself."""
    rest: str
    """What follows the head, with its separator; the whole pattern where there is no head."""
    key: str = ""
    r"""The registry's key, with `{version}` and wildcards: `HKLM\SOFTWARE\Autodesk\Maya\{version}\…`."""
    value: str = ""
    """Name of its value; empty for the key's own."""


@lru_cache(1024)
def parse(text: str, os: OS) -> Pattern | Words:
    """A pattern, or what is wrong with it."""
    if "\0" in text:
        return _("{path} holds a character that no path can have", path=shown(text))
    found = REGISTRY.fullmatch(text) if os is OS.WINDOWS else None
    if found:
        key, _bar, value = found[1].partition("|")
        if not key.upper().startswith(HIVES):
            return _("{path}: a key of the registry begins with HKLM\\ or HKCU\\", path=shown(text))
        rest = found[2].replace("/", "\\")
        return _wrong_braces(text, rest, os) or Pattern("{registry}", rest, key.rstrip("\\"), value)
    if text.startswith("{registry:") and os is OS.WINDOWS:
        return _("{path}: between {{registry: and }} stand a key, | and the name of a value", path=shown(text))
    written = text.replace("/", "\\") if os is OS.WINDOWS else text
    for head in BEGINNINGS[os]:
        if written.startswith(head):
            known = head[:-1] if head != "/" else ""
            rest = written[len(known) :]
            return _wrong_braces(text, rest, os) or Pattern(known, rest)
    if os is OS.WINDOWS and DRIVE.match(written):
        return _wrong_braces(text, written, os) or Pattern("", written)
    return _beginning(text, os)


def _beginning(text: str, os: OS) -> Words:
    if os is not OS.WINDOWS:
        return _("{path} must begin with /, ~/ or {{path}}/", path=shown(text))
    # Looking at a share would tell another machine who this user is, before anybody has clicked.
    return _(
        r"{path} must begin with a drive, ~\, {{path}}\, {{program_files}}\ or {{registry:KEY|VALUE}}",
        path=shown(text),
    )


def _wrong_braces(text: str, rest: str, os: OS) -> Words | None:
    for braces in BRACES.findall(rest):
        if braces == "{version}":
            continue
        braces = "{registry}" if braces.startswith("{registry:") else braces
        if braces == "{registry}" or any(head.startswith(braces) for head in BEGINNINGS[os]):
            return _("{path}: {braces} stands at its beginning only", path=shown(text), braces=braces)
        return joined(": ", (shown(text), unknown(_("name"), braces, ["{version}"])))
    if "{" in BRACES.sub("", rest) or "}" in BRACES.sub("", rest):
        return _("{path}: a brace without its partner", path=shown(text))
    return None


def faults(find: Find) -> Iterator[Fault]:
    """What is wrong in an application's `find`."""
    for os in OS:
        for i, text in enumerate(find.on(os)):
            if not isinstance(wrong := parse(text, os), Pattern):
                yield Fault(("find", str(os), i), wrong)
