"""Another key for the studio's actions: made beside the old one, which counts until nobody comes with it any more."""

import difflib
import os
import re
import secrets
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

import tomlkit
from tomlkit.exceptions import TOMLKitError

from launcher import filesystem
from launcher.config import files
from launcher.config.files import Document
from launcher.config.keys import fingerprint
from launcher.config.load import ConfigError, Loaded
from launcher.config.merge import problem
from launcher.config.problems import Fault, Problem, shown
from launcher.config.starter import KEY_BYTES
from launcher.errors import system_says
from launcher.journal import Came
from launcher.model import Json
from launcher.words import Words, _, n_

UNUSED_S = 14 * 24 * 3600.0
UNUSED_CLICKS = 20
"""So many clicks with the new key after the last one with the old tell as much as two weeks."""


# -- is the old one still used? --------------------------------------------------------------------------------------
def unused(loaded: Loaded, seen: Mapping[str, Came], now: float) -> list[Problem]:
    """What clicks on this machine tell of keys that are being replaced; nothing before the new one has come."""
    (first, new_key), *older = loaded.keys
    new = seen.get(fingerprint(new_key))
    if not new:
        return []
    told = []
    for reference, key in older:
        old = seen.get(fingerprint(key))
        since = old.last if old else new.times[0]
        later = sum(moment > since for moment in new.times)
        day = time.strftime("%Y-%m-%d", time.localtime(since))
        if now - since >= UNUSED_S or later >= UNUSED_CLICKS:
            text = n_(
                "{old} has come with no click here since {day}, and {n} click has come with {new}: take it out, if the"
                " same is told on other machines",
                "{old} has come with no click here since {day}, and {n} clicks have come with {new}: take it out, if"
                " the same is told on other machines",
                later,
                old=reference,
                new=first,
                day=day,
            )
        elif old and old.last > new.times[0]:
            text = _("{old} still comes with clicks here, the last on {day}", old=reference, day=day)
        else:
            continue
        told.append(_of_key(loaded, reference, text))
    return told


def _of_key(loaded: Loaded, reference: str, text: Words) -> Problem:
    """A warning at the line of one key."""
    path = ("studio", "keys", _references(loaded).index(reference))
    return replace(problem(loaded.stack.layers(), Fault(path[:2], text, path)), warning=True)


def _references(loaded: Loaded) -> list[str]:
    studio = loaded.base.raw.get("studio")
    keys = studio.get("keys") if isinstance(studio, dict) else None
    return [str(key) for key in keys] if isinstance(keys, list) else []


# -- another one -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Change:
    """What a program does for another key: a new file with it, and one more name in the studio file."""

    studio: str
    """The studio file, as the configuration names it."""
    path: Path
    """Where that really is."""
    before: bytes
    after: bytes
    key_file: Path
    old_file: Path

    @property
    def diff(self) -> list[str]:
        """What changes in the studio file, as a unified diff."""
        before, after = (text.decode("utf-8", "replace").splitlines() for text in (self.before, self.after))
        return list(difflib.unified_diff(before, after, self.studio, self.studio, lineterm=""))


@dataclass(frozen=True, slots=True)
class Rotation:
    """What giving the actions another key takes."""

    reference: str
    """The new key, as the studio file names it."""
    old: str
    studio: str
    """Where the studio file is: a path or an address."""
    change: Change | None = None
    """None where a program cannot do it: then a person does what `by_hand` says."""

    @property
    def keys_line(self) -> str:
        """The line of the studio file."""
        return f"keys = [{shown(self.reference, longest=None)}, {shown(self.old, longest=None)}]"


def rotation(loaded: Loaded) -> Rotation:
    """What is to be done for a new key; nothing is written.

    Raises: ConfigError where there is no key yet, two are there already, or the studio file is not in use as it is.
    """
    source = next((one for one in loaded.sources if one.layer == "studio" and one.counts), None)
    references = _references(loaded)
    if source is None:
        raise ConfigError(
            _("The studio file is not in use as it stands, so its keys are not changed."),
            tried=[str(one) for one in loaded.problems if not one.warning],
            next_step=_("Repair it first; kitsu-launcher config check tells every error."),
        )
    if not references:
        raise ConfigError(
            _("The studio file has no key that could be replaced."),
            tried=[_("{path}: {key} is empty", path=str(source.path), key="studio.keys")],
            next_step=_('Write keys = ["file:studio.key"] into it, and a random text of 16 characters or more there.'),
        )
    if len(references) > 1:
        raise ConfigError(
            _("The studio file has two keys already: one is being replaced."),
            tried=[f"{loaded.where('studio.keys')}: {', '.join(references)}"],
            next_step=_("Take the old one out once it is no longer used: kitsu-launcher config check tells when."),
        )
    (old,) = references
    by_hand = Rotation(_next(old, None), old, str(source.path))
    if not isinstance(source.path, Path) or not old.startswith("file:"):
        return by_hand
    return _in_file(source.path, old) or by_hand


def new_key() -> str:
    """A key that nobody guesses."""
    return secrets.token_urlsafe(KEY_BYTES)


def write(change: Change, key: str) -> None:
    """Write the key, then the studio file that names it: in between, what there is counts as before.

    Raises: ConfigError, with nothing changed.
    """
    path, key_file, made = change.path, change.key_file, False
    try:
        with open(os.open(key_file, filesystem.NEW, 0o600), "wb") as opened:
            made = True
            opened.write(f"{key}\n".encode())
            opened.flush()
            os.fsync(opened.fileno())
        filesystem.share_as(key_file, change.old_file)
        if path.read_bytes() != change.before:
            raise OSError(None, _("it has changed meanwhile"))
        _put(path, change.after)
    except OSError as error:
        if made:
            key_file.unlink(missing_ok=True)
        raise ConfigError(
            _("The key was not changed."),
            tried=[_("{path}: {reason}", path=error.filename or path, reason=system_says(error))],
            next_step=_("Run it again, once that is put right."),
        ) from error


def _in_file(named: Path, old: str) -> Rotation | None:
    """The change of a studio file on a disk; None where a program cannot or should not change it."""
    path = Path(os.path.realpath(named))
    found = files.read(path)
    old_file = named.parent / old.removeprefix("file:")
    if not isinstance(found, Document) or not _is_mine(path) or not os.access(old_file.parent, os.W_OK):
        return None
    reference = _next(old, old_file)
    after = _edited(found, reference, old)
    if after is None:
        return None
    key_file = named.parent / reference.removeprefix("file:")
    change = Change(str(named), path, found.text, after, key_file, old_file)
    return Rotation(reference, old, str(named), change)


def _is_mine(path: Path) -> bool:
    """Whether this user may put another file in its place without changing whose it is."""
    try:
        mine = filesystem.is_mine(path)
    except OSError:
        return False
    return mine and os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _edited(document: Document, reference: str, old: str) -> bytes | None:
    """The text with one more key before the old one, all else as it was; None where that is not possible."""
    studio = document.table.get("studio")
    if not isinstance(studio, dict) or studio.get("keys") != [old]:
        return None
    try:
        changed = tomlkit.parse(document.text.decode())
        table = changed["studio"]
        if "\n" in table["keys"].as_string():
            table["keys"].insert(0, reference)  # between the lines there may be comments
        else:
            table["keys"] = [reference, old]
        text = tomlkit.dumps(changed)
        wanted = {**document.table, "studio": {**studio, "keys": [reference, old]}}
        return text.encode() if tomllib.loads(text) == wanted else None
    except (TOMLKitError, ValueError, TypeError, AttributeError, KeyError):
        return None


def _next(old: str, beside: Path | None) -> str:
    """A name for the new key: `studio-2.key` after `studio.key`, `KEY_2` after `KEY`."""
    sort, _sep, name = old.partition(":")
    if sort == "env":
        found = re.fullmatch(r"(.*?)(?:_(\d+))?", name)
        return f"env:{found[1]}_{int(found[2] or 1) + 1}" if found else f"env:{name}_2"
    path = PurePath(name)
    stem, number = path.stem, 1
    if counted := re.fullmatch(r"(.+)-(\d{1,6})", stem):
        stem, number = counted[1], int(counted[2])
    while True:
        number += 1
        new = f"{stem}-{number}{path.suffix}"
        if beside is None or not os.path.lexists(beside.with_name(new)):
            return f"file:{name.removesuffix(path.name)}{new}"


def _put(path: Path, content: bytes) -> None:
    """Replace a file whole, readable for those who could read it. Raises: OSError, with nothing left behind."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with open(os.open(temporary, filesystem.NEW, 0o600), "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        filesystem.share_as(temporary, path)
        filesystem.replace(temporary, path)
    except BaseException:  # a Ctrl-C, too, leaves no half of a file
        temporary.unlink(missing_ok=True)
        raise


def by_hand(wanted: Rotation, key: str) -> list[Words]:
    """What a person must do, step by step, where a program cannot: exactly the lines."""
    name = wanted.reference.partition(":")[2]
    steps = [
        _("Set the environment variable {name} for everybody who clicks: {key}", name=name, key=key)
        if wanted.reference.startswith("env:")
        else _("Write this key into {name}, readable for everybody who clicks: {key}", name=name, key=key),
        _("In {studio}: {line}", studio=wanted.studio, line=wanted.keys_line),
    ]
    if "://" in wanted.studio:
        steps.append(_("Raise studio.serial, sign the file, and put both where they are fetched from."))
    return [*steps, _("Then: kitsu-launcher actions publish")]


def as_json(wanted: Rotation) -> dict[str, Json]:
    """For programs; never a key."""
    return {
        "studio": wanted.studio,
        "new": wanted.reference,
        "old": wanted.old,
        "diff": [*wanted.change.diff] if wanted.change else [],
    }
