"""The files of the configuration: which there are, what they hold, and the last good copy of the studio's."""

import os
import stat
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from launcher import filesystem, paths
from launcher.config.merge import Raw
from launcher.config.problems import Problem, line_of, shown, toml_problem, unknown
from launcher.errors import LauncherError, system_says
from launcher.paths import Folders
from launcher.words import _

ENV_CONFIG = "KITSU_LAUNCHER_CONFIG"
MACHINE, STUDIO, USER = "machine.toml", "studio.toml", "config.toml"
LAST_GOOD = "studio.last-good.toml"
COPY_OF = "\n# Last good copy of "
MOST_BYTES = 1_000_000
SHORTEST_KEY = 16
DAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
DEEPEST = 32
"""Tables within tables; nothing of ours needs more than six."""
TOO_DEEP = _("cannot be read: it has more than {most} tables or lists within each other", most=DEEPEST)


@dataclass(frozen=True, slots=True)
class Source:
    """One file that was looked at."""

    layer: str
    """machine, studio, last good or user."""
    path: Path
    counts: bool
    note: str = ""
    """Why it counts or does not."""


@dataclass(frozen=True, slots=True)
class Document:
    """One TOML file that was read."""

    path: Path
    text: bytes
    table: Raw
    home: Path
    """The folder that `file:` keys are relative to: that of the original, also for its last good copy."""


def read(path: Path) -> Document | Problem:
    """The file at `path`, or why it cannot be read. Only regular files up to 1 MB: a pipe would wait for ever.

    Raises: FileNotFoundError, if there is none.
    """
    content = _content(path)
    if isinstance(content, str):
        return Problem(str(path), 0, "", _("cannot be read: {reason}", reason=content))
    return _parsed(path, content)


def _content(path: Path) -> bytes | str:
    """The bytes of a file, or the reason why not."""
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, filesystem.READ)) as opened:
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                return _("it is no file")
            content = opened.read(MOST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileNotFoundError(str(path)) from error
    except OSError as error:
        return system_says(error)
    except ValueError:
        return _("that is no path")
    return content if len(content) <= MOST_BYTES else _("it is larger than {most:,} bytes", most=MOST_BYTES)


def _parsed(path: Path, text: bytes) -> Document | Problem:
    try:
        table: Raw = tomllib.loads(decoded := text.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        return Problem(str(path), line, "", _("not TOML: the text is not UTF-8"))
    except ValueError as error:
        return toml_problem(str(path), decoded, error)
    except RecursionError:
        return Problem(str(path), 0, "", TOO_DEEP)
    if _depth(table) > DEEPEST:
        return Problem(str(path), 0, "", TOO_DEEP)
    return Document(path, text, table, path.parent)


def _depth(table: Raw) -> int:
    """How deep tables and lists lie within each other; not recursive, since the file may be made to be deep."""
    depth = 0
    waiting: list[object] = [table]
    while waiting and depth <= DEEPEST:
        depth += 1
        inner: list[object] = []
        for value in waiting:
            inner += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        waiting = [value for value in inner if isinstance(value, dict | list)]
    return depth


def candidates(folders: Folders, environ: Mapping[str, str]) -> tuple[list[Path], list[Source], list[Problem]]:
    """Where the studio file may be, first place first, with what was found on the way there.

    No place at all means that the file's place cannot be told: only its last good copy can count.
    """
    machine = folders.machine / MACHINE
    named, source, problems = _named_by_machine(machine)
    chosen = environ.get(ENV_CONFIG) or named
    if not chosen:
        broken = any(not problem.warning for problem in problems)
        return [] if broken else [folders.machine / STUDIO, folders.config / STUDIO], [source], problems
    if "://" in chosen:
        said_by, key = (ENV_CONFIG, "") if environ.get(ENV_CONFIG) else (str(machine), "studio")
        text = _("{address} is an address; this version reads the studio file only from a path", address=shown(chosen))
        return [], [source], [*problems, Problem(said_by, 0, key, text)]
    return [folders.machine / chosen if chosen == named else Path(chosen).absolute()], [source], problems


def _named_by_machine(machine: Path) -> tuple[str, Source, list[Problem]]:
    """The studio file that `machine.toml` names; empty where it names none."""
    try:
        document = read(machine)
    except FileNotFoundError:
        return "", Source(_("machine"), machine, False, _("missing")), []
    if isinstance(document, Problem):
        return "", Source(_("machine"), machine, False, _("broken")), [document]
    problems = [
        Problem(str(machine), line_of(document.text, (key,)), "", unknown(_("key"), key, ["studio"]))
        for key in document.table
        if key != "studio"
    ]
    named = document.table.get("studio", "")
    if not isinstance(named, str):
        problems.append(
            Problem(str(machine), line_of(document.text, ("studio",)), "studio", _("must be text in quotes"))
        )
        named = ""
    return named, Source(_("machine"), machine, True), problems


def last_good(folders: Folders, places: list[Path]) -> Document | None:
    """The last good copy, if it is one of a file at one of `places`; of any place where none can be told."""
    path = folders.config / LAST_GOOD
    try:
        document = read(path)
    except FileNotFoundError:
        return None
    if isinstance(document, Problem):
        return None
    _before, _sep, original = document.text.decode().rpartition(COPY_OF)
    place = Path(unquote(original.strip(), errors="surrogateescape"))
    if places and place not in places:
        return None
    return Document(path, document.text, document.table, place.parent)


def keep(folders: Folders, document: Document) -> Problem | None:
    """Keep a copy of a studio file that was right; the lines in the copy are those of the file."""
    path = folders.config / LAST_GOOD
    copy = document.text + f"{COPY_OF}{quote(str(document.path), errors='surrogateescape')}\n".encode()
    try:
        if path.is_file() and path.read_bytes() == copy:
            return None
        paths.private_folder(folders.config)
        paths.write_atomically(path, copy)
    except (OSError, LauncherError) as error:
        reason = system_says(error) if isinstance(error, OSError) else error.problem
        text = _("the last good copy cannot be kept: {reason}", reason=reason)
        return Problem(str(path), 0, "", text, warning=True)
    return None


def kept_at(path: Path) -> str:
    """When the last good copy was written, as people say it: `Monday 09:12`."""
    try:
        then = time.localtime(path.stat().st_mtime)
    except OSError:
        return _("an unknown time")
    return _("{day} {time}", day=DAYS[then.tm_wday], time=time.strftime("%H:%M", then))


def owner_problem(path: Path) -> Problem | None:
    """A warning where somebody else could change what everybody's clicks start."""
    try:
        text = filesystem.who_else_may_change(path)
    except OSError:
        return None
    return Problem(str(path), 0, "", text, warning=True) if text else None


def read_key(reference: str, home: Path, environ: Mapping[str, str]) -> tuple[str, str]:
    """The key that `env:NAME` or `file:PATH` stands for, and what is wrong with it; one of the two is empty."""
    sort, _sep, name = reference.partition(":")
    if sort == "env":
        if not (key := environ.get(name, "")):
            return "", _("the environment variable {name} is not set", name=name)
    else:
        try:
            content = _content(home / name)
        except FileNotFoundError:
            content = _("it is missing")
        if isinstance(content, str):
            return "", _("{path} cannot be read: {reason}", path=home / name, reason=content)
        key = content.decode("ascii", "replace").strip()
    if len(key) < SHORTEST_KEY or not all("!" <= c <= "~" for c in key):
        return "", _(
            "the key in {name} must be at least {most} characters of plain ASCII, without spaces",
            name=name,
            most=SHORTEST_KEY,
        )
    return key, ""
