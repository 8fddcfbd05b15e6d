"""What IT asks of a machine without anybody's session: what the package and the studio's files look like from outside.

Run as root or SYSTEM. No home, no person's file and no daemon is looked at, and nothing is written.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from launcher import __version__, itself
from launcher.config import files
from launcher.config import studio as studio_file
from launcher.config.files import Document, Place
from launcher.config.problems import Problem
from launcher.config.schema import Config
from launcher.config.sealed import Remote
from launcher.doctor import browsers, links, studio
from launcher.doctor.finding import Finding, bad, good, warning
from launcher.filesystem import who_else_may_change
from launcher.model import OS
from launcher.paths import Folders
from launcher.system.here import everybody, policies
from launcher.words import _


def look(folders: Folders, os: OS, hostname: str) -> list[Finding]:
    """All of it. Blocks as long as the disks do."""
    config, found = _files(folders, os, hostname)
    return [
        _program(itself.link_handler()[0]),
        *links.for_everybody(everybody.links(), everybody.autostart()),
        *found,
        *browsers.judge(config.actions, config.studio.servers, policies.browsers()),
    ]


def _program(path: str) -> Finding:
    if Path(path).is_file():
        return good("program", _("Kitsu Launcher {version} is installed.", version=__version__), (path,))
    return bad("program", _("The program that opens links is missing."), _("Install the package again."), (path,))


def _files(folders: Folders, os: OS, hostname: str) -> tuple[Config, list[Finding]]:
    """`machine.toml` and the studio file: whether they are there, right, and safe from everybody else."""
    places, sources, problems = files.candidates(folders, {})
    for place in places:
        if isinstance(place, Remote):
            return Config(), [*_safe([folders.machine, folders.machine / files.MACHINE]), _remote(place)]
    # A person's own studio file is no business of the machine.
    places = [place for place in places if isinstance(place, Path) and not place.is_relative_to(folders.config)]
    if away := _away(folders, places):
        return Config(), [*_safe([folders.machine, folders.machine / files.MACHINE]), away]
    document = studio_file.first(places, sources, problems)
    built = studio_file.build(document, os, hostname)
    problems += [one for one in built.problems if one not in problems]
    problems += _keys(document, built.structured.config)
    config = built.structured.config
    mine = [one for one in problems if not _is_ours(one)]
    found = studio.judge(mine, sources, len(config.actions))
    there = [path for one in sources if isinstance(path := one.path, Path) and path.exists()]
    return config, [*found, *_safe([folders.machine, *there])]


def _remote(remote: Remote) -> Finding:
    """A studio file at an address: what it says is judged in each person's session, where its copy is."""
    if remote.key:
        return good("studio", _("The studio file comes from {url}, and must be signed.", url=remote.url))
    return warning(
        "studio",
        _("The studio file comes from {url}, and anybody at that server may change it.", url=remote.url),
        _("Sign it, and name the key in machine.toml: kitsu-launcher config keygen makes one."),
    )


def _away(folders: Folders, places: Sequence[Place]) -> Finding | None:
    """A studio file on a share, which root or SYSTEM may not see."""
    place = places[0] if len(places) == 1 else None
    if not isinstance(place, Path) or place.parent == folders.machine or place.exists():
        return None
    return warning(
        "studio",
        _("The studio file cannot be seen from here: {path}.", path=str(place)),
        _("Where it lies on a share that only people may read, run `kitsu-launcher doctor` in a session."),
    )


def _is_ours(problem: Problem) -> bool:
    """Who owns the file is judged by `_safe`, for everybody and not for this user alone."""
    return problem.warning and not problem.line and not problem.key


def _keys(document: Document | Problem | None, config: Config) -> Iterator[Problem]:
    """The studio's key files; what stands in an environment belongs to a session."""
    if isinstance(document, Document):
        for reference in config.studio.keys:
            if reference.startswith("file:"):
                _key, wrong = files.read_key(reference, document.home, {})
                if wrong:
                    yield Problem(document.name, 0, "studio.keys", wrong)


def _safe(paths: list[Path]) -> list[Finding]:
    """Whether anybody else could change what everybody's clicks start, and whether everybody can read it."""
    findings, checked = [], [path for path in dict.fromkeys(paths) if path.exists()]
    cure = _("Let root own it, and nobody else write to it (chown root, chmod go-w).")
    for path in dict.fromkeys(deciding for one in checked for deciding in _decides(one)):
        if who := _who_may_change(path):
            findings.append(bad("owner", _("{path}: {who}.", path=str(path), who=who), cure))
        elif _group_writes(path):
            findings.append(warning("owner", _("Its group may change {path}.", path=str(path)), cure))
    for path in checked:
        if not _everybody_reads(path):
            cure = _("Where all artists shall read it: chmod a+r, and a+x for a folder.")
            findings.append(warning("owner", _("Not everybody may read {path}.", path=str(path)), cure))
    if findings or not checked:
        return findings
    return [good("owner", _("Nobody but root can change what clicks start."), map(str, checked))]


def _decides(path: Path) -> tuple[Path, ...]:
    """What decides what stands at a path: a file's folder too, where whoever may write puts another file."""
    real = path.resolve()
    return (path,) if real.is_dir() else (path, real.parent)


def _who_may_change(path: Path) -> str:
    """Who else may change it. In a folder such as /tmp nobody replaces what is another's."""
    sticky = path.is_dir() and path.stat().st_mode & stat.S_ISVTX
    return "" if sticky else who_else_may_change(path)


def _group_writes(path: Path) -> bool:
    status = path.stat()
    return os.name == "posix" and status.st_gid != 0 and bool(status.st_mode & stat.S_IWGRP)


def _everybody_reads(path: Path) -> bool:
    """Windows shows these bits as set: there an access list says it, which administrators look after."""
    needed = stat.S_IROTH | stat.S_IXOTH if path.is_dir() else stat.S_IROTH
    return os.name != "posix" or path.stat().st_mode & needed == needed
