"""Where programs are on a Mac: patterns, PATH and home, and what lies in applications. Fulfils `system.Places`."""

import os
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from launcher.system import Place, Program, patterns
from launcher.system.macos import plists
from launcher.system.macos import process as processes
from launcher.words import _

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

from launcher.system.posix import places as programs  # noqa: E402  # after the line for mypy

SEPARATORS = "/"
APPLICATIONS = "/Applications/"


def matches(pattern: str) -> list[Place]:
    """Every program that a pattern leads to: `{version}`, `*`, `?`, `[…]`, `~`, and `{path}` for each folder of PATH.

    An application stands for the program in it; /Applications also means the person's own.
    """
    found = []
    for place in patterns.places(expand(pattern), SEPARATORS):
        path = place.path if bundle_of(place.path) != place.path else executable(place.path)
        if path:
            found.append(Place(path, place.version or version_of(path)))
    return found


def version_in(pattern: str, path: Path) -> str:
    """What `{version}` stands for in a path that the pattern leads to, else what the application says of itself."""
    bundle = bundle_of(path)
    told = (patterns.version_in(expand(pattern), one, SEPARATORS) for one in (path, bundle) if one)
    return next((one for one in told if one), "") or version_of(path)


def expand(pattern: str) -> list[str]:
    """The patterns that one of the catalogue stands for, with this person's folders in it."""
    # A child's environment is what counts: nothing of our own virtual environment or bundle.
    environ = processes.clean_environment(os.environ)
    home = environ.get("HOME", "")
    known = os.path.isabs(home)
    if pattern.startswith("~/"):
        return [patterns.literal(home) + pattern[1:]] if known else []
    if pattern.startswith(APPLICATIONS):
        return [pattern, patterns.literal(home) + pattern] if known else [pattern]
    if "{path}" not in pattern:
        return [pattern]
    # A relative folder in PATH would make the daemon's current folder a place for programs.
    folders = dict.fromkeys(folder for folder in environ.get("PATH", "").split(":") if os.path.isabs(folder))
    return [pattern.replace("{path}", patterns.literal(folder.rstrip("/"))) for folder in folders]


def bundle_of(path: Path) -> Path | None:
    """The application that a path is or lies in, the innermost one; None where it is in none."""
    return next((one for one in (path, *path.parents) if one.suffix.lower() == ".app"), None)


def executable(bundle: Path) -> Path | None:
    """The program that an application starts; None where its Info.plist names none, or one elsewhere."""
    name = _info(bundle).get("CFBundleExecutable")
    if not isinstance(name, str) or not name or name in (".", "..") or "/" in name or "\0" in name:
        return None
    return bundle / "Contents" / "MacOS" / name


def version_of(path: Path) -> str:
    """What the application that a program lies in says of its version, as in `4.2.3 2024-10-14`; else empty."""
    bundle = bundle_of(path)
    text = _info(bundle).get("CFBundleShortVersionString") if bundle else None
    match = re.match(rf"({patterns.VERSION})(?:\s|$)", text) if isinstance(text, str) else None
    return match[1] if match else ""


def _info(bundle: Path) -> dict[str, object]:
    """An application's Info.plist; empty where there is none that can be read."""
    return plists.read(bundle / "Contents" / "Info.plist")


def program(path: Path, *, batch: bool = False) -> Program:
    """Look at an executable: an absolute path to a file that this user may start and not everybody may change."""
    found = programs.program(path, batch=batch)
    if bundle_of(path) == path and (inside := executable(path)):
        return replace(found, refusal=_("is an application; its program is {program}", program=str(inside)))
    return found


def says(argv: Sequence[str], timeout_s: float) -> str | None:
    """What a program prints on both of its outputs; None if it does not end in time, or cannot be started."""
    return programs.says(argv, timeout_s, processes.clean_environment(os.environ))
