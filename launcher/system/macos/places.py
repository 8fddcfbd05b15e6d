"""Where programs are on a Mac: patterns, PATH and home, and what lies in applications. Fulfils `system.Places`."""

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePath, PurePosixPath
from typing import TypeAlias, TypeVar

from launcher.config.patterns import Pattern
from launcher.model import OS
from launcher.system import Place, Program, patterns
from launcher.system.macos import plists
from launcher.system.macos import process as processes
from launcher.system.sight import Disk, Look

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

from launcher.system.posix import places as programs  # noqa: E402  # after the line for mypy
from launcher.words import _  # noqa: E402  # after the line for mypy

APPLICATIONS = "/Applications/"
Read: TypeAlias = Callable[[str], bytes]
APath = TypeVar("APath", bound=PurePath)


def look() -> Look:
    """Begin to look around."""
    # A child's environment is what counts: nothing of our own virtual environment or bundle.
    return Look(Disk(processes.clean_environment(os.environ)))


def matches(texts: Sequence[str], around: Look | None = None) -> list[Place]:
    """Every program that an application's patterns lead to."""
    return [Place(Path(one.path), one.version) for one in found(texts, around or look())]


def found(texts: Sequence[str], around: Look) -> list[patterns.Match]:
    """The same of any Mac: `{version}`, `*`, `?`, `[…]`, `~`, and `{path}` for each folder of PATH.

    An application stands for the program in it; /Applications also means the person's own. Where the path tells no
    version, the application's Info.plist does.
    """
    programs_found = []
    for match in patterns.found(texts, OS.MACOS, around, _starts):
        path = PurePosixPath(match.path)
        inside = path if bundle_of(path) != path else executable(path, around.sight.read)
        if inside:
            version = match.version or version_said(inside, around.sight.read)
            programs_found.append(patterns.Match(str(inside), version))
    return programs_found


def _starts(pattern: Pattern, around: Look) -> Iterator[patterns.Start]:
    yield from programs.starts(pattern, around)
    home = programs.home_of(around.sight.environ)
    if not pattern.head and pattern.rest.startswith(APPLICATIONS) and home:
        yield patterns.Start(home, pattern.rest)


def version_in(texts: Sequence[str], path: Path) -> str:
    """What `{version}` stands for in a path that ends as one of the patterns does; else empty."""
    told = (patterns.version_in(texts, str(one), OS.MACOS) for one in (path, bundle_of(path)) if one)
    return next((one for one in told if one), "")


def bundle_of(path: APath) -> APath | None:
    """The application that a path is or lies in, the innermost one; None where it is in none."""
    return next((one for one in (path, *path.parents) if one.suffix.lower() == ".app"), None)


def executable(bundle: APath, read: Read | None = None) -> APath | None:
    """The program that an application starts; None where its Info.plist names none, or one elsewhere."""
    name = _info(bundle, read).get("CFBundleExecutable")
    if not isinstance(name, str) or not name or name in (".", "..") or "/" in name or "\0" in name:
        return None
    return bundle / "Contents" / "MacOS" / name


def version_of(path: Path) -> str:
    """What the application that a program lies in says of its version; else empty."""
    return version_said(path, Disk({}).read)


def version_said(path: PurePath, read: Read) -> str:
    """The same of any Mac: 4.2.3 where its Info.plist says `4.2.3 2024-10-14`."""
    bundle = bundle_of(path)
    text = _info(bundle, read).get("CFBundleShortVersionString") if bundle else None
    match = re.match(rf"({patterns.VERSION})(?:\s|$)", text) if isinstance(text, str) else None
    return match[1] if match else ""


def _info(bundle: PurePath, read: Read | None) -> dict[str, object]:
    """An application's Info.plist; empty where there is none that can be read."""
    return plists.parse((read or Disk({}).read)(str(bundle / "Contents" / "Info.plist")))


def program(path: Path, *, batch: bool = False) -> Program:
    """Look at an executable: an absolute path to a file that this user may start and not everybody may change."""
    found_program = programs.program(path, batch=batch)
    if bundle_of(path) == path and (inside := executable(path)):
        return replace(found_program, refusal=_("is an application; its program is {program}", program=str(inside)))
    return found_program


def says(argv: Sequence[str], timeout_s: float) -> str | None:
    """What a program prints on both of its outputs; None if it does not end in time, or cannot be started."""
    return programs.says(argv, timeout_s, processes.clean_environment(os.environ))
