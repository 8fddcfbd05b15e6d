"""The files of the configuration: which there are, what they hold, and the last good copy of the studio's."""

import os
import stat
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from launcher import filesystem, paths
from launcher.config import address, sealed
from launcher.config.merge import Raw
from launcher.config.problems import Problem, line_of, shown, toml_problem, unknown
from launcher.config.sealed import Remote, Seal
from launcher.errors import LauncherError, system_says
from launcher.paths import Folders
from launcher.words import _

Place: TypeAlias = Path | Remote
"""Where a studio file may be: on a disk, or at an address."""
ENV_CONFIG = "KITSU_LAUNCHER_CONFIG"
MACHINE_KEYS = ("studio", "key", "ca_file")
"""What `machine.toml` may say: where the studio file is; who must have signed one at an address; and a private
authority of the server there."""
MACHINE, STUDIO, USER = "machine.toml", "studio.toml", "config.toml"
LAST_GOOD = "studio.last-good.toml"
COPY_OF = "\n# Last good copy of "
MOST_BYTES = 1_000_000
SHORTEST_KEY = 16
DEEPEST = 32
"""Tables within tables; nothing of ours needs more than six."""
TOO_DEEP = _("cannot be read: it has more than {most} tables or lists within each other", most=DEEPEST)


@dataclass(frozen=True, slots=True)
class Source:
    """One file that was looked at."""

    layer: str
    """machine, studio, last good or user."""
    path: Place
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
    address: str = ""
    """Where it was fetched from, if `path` is only the copy of that."""
    seal: Seal | None = None
    """By what right it counts, if it is from an address; also of its last good copy."""

    @property
    def name(self) -> str:
        """What it is called where its errors are told."""
        return self.address or str(self.path)


def read(path: Path, most: int = MOST_BYTES) -> Document | Problem:
    """The file at `path`, or why it cannot be read. Only regular files up to 1 MB: a pipe would wait for ever.

    Raises: FileNotFoundError, if there is none.
    """
    content = _content(path, most)
    if isinstance(content, str):
        return Problem(str(path), 0, "", _("cannot be read: {reason}", reason=content))
    return _parsed(path, content)


def _content(path: Path, most: int = MOST_BYTES) -> bytes | str:
    """The bytes of a file, or the reason why not."""
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, filesystem.READ)) as opened:
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                return _("it is no file")
            content = opened.read(most + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileNotFoundError(str(path)) from error
    except OSError as error:
        return system_says(error)
    except ValueError:
        return _("that is no path")
    return content if len(content) <= most else _("it is larger than {most:,} bytes", most=most)


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


def candidates(folders: Folders, environ: Mapping[str, str]) -> tuple[list[Place], list[Source], list[Problem]]:
    """Where the studio file may be, first place first, with what was found on the way there.

    No place at all means that the file's place cannot be told: only its last good copy can count.
    """
    machine = folders.machine / MACHINE
    document, source, problems = _machines_own(machine)
    named, key, ca_file = (_text_of(document, name, problems) for name in MACHINE_KEYS)
    public = sealed.public_key(key) if key else b""
    if document and public is None:
        text = _("is no Ed25519 public key in Base64; kitsu-launcher config keygen prints one")
        problems.append(Problem(str(machine), line_of(document.text, ("key",)), "key", text))
    chosen = environ.get(ENV_CONFIG) or named
    if not chosen:
        broken = any(not problem.warning for problem in problems)
        return [] if broken else [folders.machine / STUDIO, folders.config / STUDIO], [source], problems
    if "://" not in chosen:
        return [folders.machine / chosen if chosen == named else Path(chosen).absolute()], [source], problems
    url, wrong = _url(chosen)
    if wrong:
        said_by, name = (ENV_CONFIG, "") if environ.get(ENV_CONFIG) else (str(machine), "studio")
        problems.append(Problem(said_by, 0, name, wrong))
    if wrong or public is None:
        return [], [source], problems
    return [Remote(url, folders.config, public, ca_file)], [source], problems


def remote(folders: Folders, environ: Mapping[str, str]) -> Remote | None:
    """The address that the studio file is to be fetched from; None where it lies on a disk."""
    places, _sources, _problems = candidates(folders, environ)
    return next((place for place in places if isinstance(place, Remote)), None)


def watched(places: Iterable[Place]) -> tuple[Path, ...]:
    """The files whose change may change what the studio file says."""
    return tuple(
        path for place in places for path in ((place.copy, place.trouble) if isinstance(place, Remote) else (place,))
    )


def _url(written: str) -> tuple[str, str]:
    """An address of a studio file, and what is wrong with it; one of the two is empty."""
    try:
        return address.https(written), ""
    except address.AddressError as error:
        return "", _("{value} {reason}", value=shown(written), reason=error.text)


def _machines_own(machine: Path) -> tuple[Document | None, Source, list[Problem]]:
    """`machine.toml`, and keys in it that there are not."""
    try:
        document = read(machine)
    except FileNotFoundError:
        return None, Source(_("machine"), machine, False, _("missing")), []
    if isinstance(document, Problem):
        return None, Source(_("machine"), machine, False, _("broken")), [document]
    problems = [
        Problem(str(machine), line_of(document.text, (key,)), "", unknown(_("key"), key, MACHINE_KEYS))
        for key in document.table
        if key not in MACHINE_KEYS
    ]
    return document, Source(_("machine"), machine, True), problems


def _text_of(document: Document | None, key: str, problems: list[Problem]) -> str:
    """A text in `machine.toml`; empty where there is none."""
    value = document.table.get(key, "") if document else ""
    if document and not isinstance(value, str):
        line = line_of(document.text, (key,))
        problems.append(Problem(str(document.path), line, key, _("must be text in quotes")))
    return value if isinstance(value, str) else ""


def fetched(place: Remote) -> Document | Problem:
    """The copy of what was fetched last. Errors in it are told of its address.

    Raises: FileNotFoundError, if nothing of this address is here.
    """
    content = _content(place.copy, MOST_BYTES + sealed.NOTES_BYTES)
    if isinstance(content, str):
        return Problem(str(place.copy), 0, "", _("cannot be read: {reason}", reason=content))
    found = sealed.unstamped(content, sealed.FETCHED_FROM)
    if not found or found[1] != place.url:
        raise FileNotFoundError(str(place.copy))
    text, _url, notes = found
    document = _parsed(Path(place.url), text)
    if isinstance(document, Problem):
        return replace(document, file=place.url)
    seal = Seal(place, notes.get("signature", ""), sealed.floor(place))
    return replace(document, path=place.copy, home=place.folder, address=place.url, seal=seal)


def last_good(folders: Folders, places: list[Place]) -> Document | None:
    """The last good copy, if it is one of a file at one of `places`; of any place where none can be told."""
    path = folders.config / LAST_GOOD
    try:
        document = read(path, MOST_BYTES + sealed.NOTES_BYTES)
    except FileNotFoundError:
        return None
    if isinstance(document, Problem):
        return None
    text, original, notes = sealed.unstamped(document.text, COPY_OF) or (b"", "", {})
    place = next((place for place in places if str(place) == original), None)
    if places and place is None:
        return None
    if isinstance(place, Remote):
        seal = Seal(place, notes.get("signature", ""), sealed.floor(place))
        return replace(document, text=text, home=place.folder, seal=seal)
    return replace(document, text=text, home=Path(original).parent)


def keep(folders: Folders, document: Document) -> Problem | None:
    """Keep a copy of a studio file that was right; the lines in the copy are those of the file."""
    path, seal = folders.config / LAST_GOOD, document.seal
    notes = {"signature": seal.signature} if seal and seal.remote.key else {}
    copy = sealed.stamped(document.text, COPY_OF, document.name, notes)
    try:
        if seal and seal.remote.key:
            # First: a copy without its serial could be followed by an older file.
            paths.private_folder(folders.config)
            sealed.raise_floor(seal.remote, serial(document))
        if path.is_file() and path.read_bytes() == copy:
            return None
        paths.private_folder(folders.config)
        paths.write_atomically(path, copy)
    except (OSError, LauncherError) as error:
        reason = system_says(error) if isinstance(error, OSError) else error.problem
        text = _("the last good copy cannot be kept: {reason}", reason=reason)
        return Problem(str(path), 0, "", text, warning=True)
    return None


def serial(document: Document) -> int:
    """`studio.serial` of a file; 0 where it has none, or no number."""
    studio = document.table.get("studio")
    value = studio.get("serial") if isinstance(studio, dict) else None
    return value if type(value) is int else 0


def kept_at(path: Path) -> str:
    """When a copy was written, as people say it: `Monday 09:12`."""
    try:
        return sealed.moment(path.stat().st_mtime)
    except OSError:
        return _("an unknown time")


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
