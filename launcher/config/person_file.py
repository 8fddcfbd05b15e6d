"""Changes one value of a person's own `config.toml`: her comments stay, and nothing is written that would not count."""

import os
import stat
import tomllib
from collections.abc import MutableMapping
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable

from launcher import paths
from launcher.config import files
from launcher.config.files import Document
from launcher.config.load import Watched
from launcher.config.problems import Problem, dotted, shown
from launcher.errors import LauncherError
from launcher.paths import Folders
from launcher.words import _


class PersonFileError(LauncherError):
    """A person's file cannot be changed so."""

    code = "config"
    exit_code = 2
    status = 422


def set_executable(folders: Folders, watched: Watched, app: str, executable: str) -> None:
    """Let `apps.APP.executable` be the person's own; an empty one is taken out again. It counts from the next click.

    Raises: PersonFileError, with nothing written.
    """
    _set(folders, watched, ("apps", app, "executable"), executable)


def set_language(folders: Folders, watched: Watched, language: str) -> None:
    """Let `desk.language` be this one; an empty one is taken out again, and the browser chooses. It counts at once.

    Raises: PersonFileError, with nothing written.
    """
    _set(folders, watched, ("desk", "language"), language)


def _set(folders: Folders, watched: Watched, key: tuple[str, ...], value: str) -> None:
    """Write one value into the person's file, or take it out.

    It is tried before it is written: a person's file with an error would be left out whole.
    Raises: PersonFileError, with nothing written.
    """
    path = folders.config / files.USER
    text = edited(path, _text(path), key, value)
    document = Document(path, text.encode(), tomllib.loads(text), path.parent)
    wrong = [one for one in watched.tried(document).problems if one.file == str(path) and not one.warning]
    if wrong:
        raise PersonFileError(
            _("This would leave your own file with an error, so nothing was written."),
            tried=map(str, wrong),
            next_step=_("Correct what is named above, then try again."),
        )
    try:
        paths.private_folder(folders.config)
        # To where a link leads: some keep their files of this sort in a folder of their own.
        paths.write_atomically(Path(os.path.realpath(path)), text.encode(), _mode(path))
    except OSError as error:
        raise PersonFileError(
            _("{path} could not be written.", path=path),
            tried=[f"{path}: {error.strerror}"],
            next_step=_("Check its permissions and the free space."),
        ) from error


def edited(path: Path, text: str, key: tuple[str, ...], value: str) -> str:
    """`text` with another value of one key, or without it; all else in it stays. A table that it leaves empty goes too.

    Raises: PersonFileError, where the text is not TOML, or is written in a way that cannot be changed by program.
    """
    try:
        wanted, document = tomllib.loads(text), tomlkit.parse(text)
        if not value and not _has(wanted, key):
            return text
        for table in (wanted, document):
            _change(table, key, value)
        changed = tomlkit.dumps(document)
        if tomllib.loads(changed) == wanted:
            return changed
        reason: str = _("it is written in a way that only you can change")
    except (ValueError, TOMLKitError, TypeError, RecursionError) as error:
        reason = str(error).partition("\n")[0]
    raise PersonFileError(
        _("{path} could not be changed.", path=path),
        tried=[f"{path}: {reason}"],
        next_step=_("Write `{line}` into it yourself.", line=f"{dotted(key)} = {shown(value, longest=None)}")
        if value
        else _("Take `{line}` out of it yourself.", line=dotted(key)),
    )


def _has(table: object, key: tuple[str, ...]) -> bool:
    for name in key:
        if not isinstance(table, dict) or name not in table:
            return False
        table = table[name]
    return True


def _change(table: MutableMapping[str, object], key: tuple[str, ...], value: str) -> None:
    """Set or remove it. Raises: TypeError, where something else stands in the place of a table."""
    *parents, name = key
    tables = [table]
    for number, parent in enumerate(parents, 1):
        tables.append(_below(tables[-1], parent, holds_tables=number < len(parents)))
    if value:
        tables[-1][name] = value
    else:
        tables[-1].pop(name, None)
    for above, parent, inner in reversed(list(zip(tables, parents, tables[1:], strict=False))):
        if not inner:
            del above[parent]


def _below(table: MutableMapping[str, object], name: str, *, holds_tables: bool) -> MutableMapping[str, object]:
    if name not in table:
        table[name] = _new(table, holds_tables)
    found = table[name]
    if not isinstance(found, MutableMapping):
        raise TypeError(f'"{name}" is no table')
    return found


def _new(above: MutableMapping[str, object], holds_tables: bool) -> MutableMapping[str, object]:
    if type(above) is dict:
        return {}
    return tomlkit.inline_table() if isinstance(above, InlineTable) else tomlkit.table(is_super_table=holds_tables)


def _text(path: Path) -> str:
    """The file's text; empty where there is none.

    Raises: PersonFileError, where it is there and cannot be read.
    """
    try:
        found = files.read(path)
    except FileNotFoundError:
        return ""
    if isinstance(found, Problem):
        raise PersonFileError(
            _("{path} has an error, so it is not changed by program.", path=path),
            tried=[str(found)],
            next_step=_("Repair it in a text editor, then try again."),
        )
    return found.text.decode()


def _mode(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode) & 0o644
    except OSError:
        return 0o600
