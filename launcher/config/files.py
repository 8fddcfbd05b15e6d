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
from launcher.errors import LauncherError
from launcher.paths import Folders

ENV_CONFIG = "KITSU_LAUNCHER_CONFIG"
MACHINE, STUDIO, USER = "machine.toml", "studio.toml", "config.toml"
LAST_GOOD = "studio.last-good.toml"
COPY_OF = "\n# Last good copy of "
MOST_BYTES = 1_000_000
SHORTEST_KEY = 16
DEEPEST = 32
"""Tables within tables; nothing of ours needs more than six."""
TOO_DEEP = f"cannot be read: it has more than {DEEPEST} tables or lists within each other"


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
        return Problem(str(path), 0, "", f"cannot be read: {content}")
    return _parsed(path, content)


def _content(path: Path) -> bytes | str:
    """The bytes of a file, or the reason why not."""
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, filesystem.READ)) as opened:
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                return "it is no file"
            content = opened.read(MOST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileNotFoundError(str(path)) from error
    except OSError as error:
        return str(error.strerror)
    except ValueError:
        return "that is no path"
    return content if len(content) <= MOST_BYTES else f"it is larger than {MOST_BYTES:,} bytes"


def _parsed(path: Path, text: bytes) -> Document | Problem:
    try:
        table: Raw = tomllib.loads(decoded := text.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        return Problem(str(path), line, "", "not TOML: the text is not UTF-8")
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
        text = f"{shown(chosen)} is an address; this version reads the studio file only from a path"
        return [], [source], [*problems, Problem(said_by, 0, key, text)]
    return [folders.machine / chosen if chosen == named else Path(chosen).absolute()], [source], problems


def _named_by_machine(machine: Path) -> tuple[str, Source, list[Problem]]:
    """The studio file that `machine.toml` names; empty where it names none."""
    try:
        document = read(machine)
    except FileNotFoundError:
        return "", Source("machine", machine, False, "missing"), []
    if isinstance(document, Problem):
        return "", Source("machine", machine, False, "broken"), [document]
    problems = [
        Problem(str(machine), line_of(document.text, (key,)), "", unknown("key", key, ["studio"]))
        for key in document.table
        if key != "studio"
    ]
    named = document.table.get("studio", "")
    if not isinstance(named, str):
        problems.append(Problem(str(machine), line_of(document.text, ("studio",)), "studio", "must be text in quotes"))
        named = ""
    return named, Source("machine", machine, True), problems


def last_good(folders: Folders, places: list[Path]) -> Document | None:
    """The last good copy, if it is one of a file at one of `places`; of any place where none can be told."""
    path = folders.config / LAST_GOOD
    try:
        document = read(path)
    except FileNotFoundError:
        return None
    if isinstance(document, Problem):
        return None
    _, _, original = document.text.decode().rpartition(COPY_OF)
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
        return Problem(str(path), 0, "", f"the last good copy cannot be kept: {error}".splitlines()[0], warning=True)
    return None


def kept_at(path: Path) -> str:
    """When the last good copy was written, as people say it: `Monday 09:12`."""
    try:
        return time.strftime("%A %H:%M", time.localtime(path.stat().st_mtime))
    except OSError:
        return "an unknown time"


def owner_problem(path: Path) -> Problem | None:
    """A warning where somebody else could change what everybody's clicks start."""
    try:
        text = filesystem.who_else_may_change(path)
    except OSError:
        return None
    return Problem(str(path), 0, "", text, warning=True) if text else None


def read_key(reference: str, home: Path, environ: Mapping[str, str]) -> tuple[str, str]:
    """The key that `env:NAME` or `file:PATH` stands for, and what is wrong with it; one of the two is empty."""
    sort, _, name = reference.partition(":")
    if sort == "env":
        if not (key := environ.get(name, "")):
            return "", f"the environment variable {name} is not set"
    else:
        try:
            content = _content(home / name)
        except FileNotFoundError:
            content = "it is missing"
        if isinstance(content, str):
            return "", f"{home / name} cannot be read: {content}"
        key = content.decode("ascii", "replace").strip()
    if len(key) < SHORTEST_KEY or not all("!" <= c <= "~" for c in key):
        return "", f"the key in {name} must be at least {SHORTEST_KEY} characters of plain ASCII, without spaces"
    return key, ""
