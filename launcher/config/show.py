"""The configuration as it counts, value by value with its origin: what `config show` prints."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from launcher.config.load import Loaded
from launcher.config.problems import BARE_KEY, dotted, shown, undotted
from launcher.config.schema import Case, CopyFrom, EnvChange, Server
from launcher.config.structure import KINDS
from launcher.config.template import Template
from launcher.model import Json, Project

SECRET = re.compile(r"TOKEN|SECRET|PASSW|KEY|CREDENTIAL", re.IGNORECASE)
MASK = "…"
CATALOGUE = "catalogue"


@dataclass(frozen=True, slots=True)
class Row:
    """One value, and where it comes from."""

    key: str
    value: Json
    file: str
    """A path, "catalogue" or "built in"."""
    line: int

    @property
    def text(self) -> str:
        """The value as TOML writes it."""
        return _toml(self.value)

    @property
    def origin(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


def listed(loaded: Loaded, project: Project | None = None) -> list[Row]:
    """Every value that is not empty, for all productions or for one. Keys are shown by where they are read from.

    Values of environment variables whose name speaks of a secret are masked.
    """
    config = loaded.for_project(project) if project else loaded.config
    rows: list[Row] = []
    for path, value in _values(config, ()):
        if path[-1] == "user_executable" and not value:
            continue  # of an application that she named none of, her file's table would be told as its place
        key = dotted(path)
        shown_value = _references(loaded) if path == ("studio", "keys") else _masked(path, value)
        file, line = loaded.place(key, project)
        if shown_value not in ("", [], {}, False, None) or file != "built in":
            rows.append(Row(key, shown_value, file, line))
    return rows


def changed(rows: Sequence[Row]) -> list[Row]:
    """Without the applications that only the catalogue speaks of."""
    named = {undotted(row.key)[:2] for row in rows if row.file not in (CATALOGUE, "built in")}
    return [row for row in rows if row.file != CATALOGUE or undotted(row.key)[:2] in named]


def _values(value: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Json]]:
    """Each value below a table of the schema, with its path in the file."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _values(inner, (*path, key))
    elif hasattr(value, "__dataclass_fields__") and not isinstance(value, Template | EnvChange | CopyFrom):
        for kind, cls in KINDS.items():
            if type(value) is cls:
                yield (*path, "kind"), kind
        for field in fields(value):  # type: ignore[arg-type]
            if len(path) != 2 or field.name != "name":
                yield from _values(getattr(value, field.name), (*path, field.name))
    else:
        yield path, _json(value)


def _json(value: object) -> Json:
    if isinstance(value, Template):
        return value.text
    if isinstance(value, Case):
        return _written(value.table)
    if isinstance(value, EnvChange) and value.set:
        return value.set.text
    if isinstance(value, EnvChange | CopyFrom | Server):
        inner = {field.name: _json(getattr(value, field.name)) for field in fields(value)}
        return {key: item for key, item in inner.items() if item not in (None, False, "")}
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    return value if isinstance(value, str | int | bool) else None


def _written(value: object, path: tuple[str, ...] = ()) -> Json:
    """A `when` as its file has it; the values of variables whose name speaks of a secret are masked."""
    if len(path) == 2 and path[0] == "env" and SECRET.search(path[1]):
        return MASK
    if isinstance(value, Mapping):
        return {str(key): _written(item, (*path, str(key))) for key, item in value.items()}
    if isinstance(value, list):
        return [_written(item, path) for item in value]
    return value if isinstance(value, str | int | bool) else None


def _masked(path: tuple[str, ...], value: Json) -> Json:
    return MASK if len(path) == 4 and path[2] == "env" and SECRET.search(path[3]) else value


def _references(loaded: Loaded) -> Json:
    """`env:NAME` and `file:PATH`, never a key itself."""
    studio = loaded.base.raw.get("studio")
    keys = studio.get("keys", []) if isinstance(studio, dict) else []
    return [str(key) for key in keys]


def _toml(value: Json) -> str:
    if isinstance(value, dict):
        inner = (f"{key if BARE_KEY.fullmatch(key) else shown(key)} = {_toml(item)}" for key, item in value.items())
        return f"{{ {', '.join(inner)} }}"
    if isinstance(value, list):
        return f"[{', '.join(_toml(item) for item in value)}]"
    return shown(value, longest=None)
