"""Raw tables → values of `schema`, with cattrs: every fault of shape at once. What the values mean is in `rules`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import TypeAlias, TypeVar

from cattrs.errors import ClassValidationError, ForbiddenExtraKeysError, IterableValidationError

from launcher.config import rules, when
from launcher.config.convert import Wrong, converter
from launcher.config.merge import Raw
from launcher.config.problems import Fault, KeyPath, shown, unknown
from launcher.config.schema import (
    Action,
    AnyAction,
    App,
    Conditions,
    Config,
    Desk,
    LaunchAction,
    OpenAction,
    PageAction,
    Root,
    Studio,
)
from launcher.config.template import TemplateError
from launcher.words import _, either

KINDS: Mapping[str, type[AnyAction]] = {"launch": LaunchAction, "open": OpenAction, "page": PageAction}
NOT_IN_FILES = frozenset({"name", "user_executable"})
"""Fields of entries that a file does not set: the name is that of the table, and a person's executable is her
`executable`."""

Value = TypeVar("Value")
Reader: TypeAlias = Callable[[str, object, KeyPath, list[Fault]], Value | None]


@dataclass(frozen=True, slots=True)
class Structured:
    """A merged table and what it means."""

    raw: Raw
    config: Config
    faults: tuple[Fault, ...]


def structure(raw: Raw, before: Structured | None = None) -> Structured:
    """The configuration that a merged table means, and all that is wrong in it.

    Entries that are the same as in `before` keep the value from there, and are not looked at again: a project's
    file of two lines costs two lines.
    """
    faults: list[Fault] = []
    tables = {name: _table(raw, name, faults) for name in ("studio", "roots", "apps", "actions", "desk")}
    known = rules.Known(frozenset(tables["roots"]), tuple(tables["apps"]))
    earlier = before or Structured({}, Config(), ())

    def entries(section: str, kept: Mapping[str, Value], read: Reader[Value]) -> dict[str, Value]:
        same = earlier.raw.get(section)
        found: dict[str, Value] = {}
        for name, table in tables[section].items():
            if isinstance(same, dict) and name in kept and same[name] == table:
                found[name] = kept[name]
                continue
            faults.extend(rules.name(section, name))
            if (value := read(name, table, (section, name), faults)) is not None:
                found[name] = value
                faults.extend(
                    when.references(value, (section, name), lambda one, path: rules.references(one, path, known))
                )
        return found

    config = Config(
        studio=_read(Studio, tables["studio"], ("studio",), faults) or Studio(),
        roots=entries("roots", earlier.config.roots, _root),
        apps=entries("apps", earlier.config.apps, _app),
        actions=entries("actions", earlier.config.actions, _action),
        desk=_read(Desk, tables["desk"], ("desk",), faults) or Desk(),
    )
    return Structured(raw, config, tuple(faults))


def _table(raw: Raw, name: str, faults: list[Fault]) -> Raw:
    value = raw.get(name, {})
    if isinstance(value, dict):
        return value
    faults.append(Fault((name,), _("must be a table")))
    return {}


def _root(name: str, table: object, path: KeyPath, faults: list[Fault]) -> Root | None:
    return _read(Root, table, path, faults, name)


def _app(name: str, table: object, path: KeyPath, faults: list[Fault]) -> App | None:
    return _read(App, table, path, faults, name)


def _action(name: str, table: object, path: KeyPath, faults: list[Fault]) -> AnyAction | None:
    if not isinstance(table, dict):
        faults.append(Fault(path, _("must be a table")))
        return None
    kind = table.get("kind")
    if kind is None:
        faults.append(Fault(path, _('needs "kind"; known: {names}', names=", ".join(KINDS))))
        return None
    if not isinstance(kind, str) or kind not in KINDS:
        text = _("kind {kind} is not known to this version; known: {names}", kind=shown(kind), names=", ".join(KINDS))
        faults.append(Fault((*path, "kind"), text))
        return None
    rest = {key: value for key, value in table.items() if key != "kind"}
    cases = rest.pop("when", None) if "when" in _keys_of(KINDS[kind]) else None
    told: list[Fault] = []
    value = _kind(kind, rest, path, told, name)
    faults.extend(told)
    if cases is None:
        return value

    def conditions(inner: Raw, here: KeyPath) -> tuple[Conditions | None, list[Fault]]:
        wrong: list[Fault] = []
        return _read(Conditions, inner, here, wrong), wrong

    def action(inner: Raw) -> tuple[AnyAction | None, list[Fault]]:
        wrong: list[Fault] = []
        return _kind(kind, inner, path, wrong, name), wrong

    found = when.cases(cases, when.Reader(path, rest, told, conditions, action), faults)
    return replace(value, when=found) if isinstance(value, LaunchAction | OpenAction) else value


def _kind(kind: str, table: Raw, path: KeyPath, faults: list[Fault], name: str) -> AnyAction | None:
    """The action of one kind; a single application stands for a list of one."""
    if isinstance(table.get("app"), str):
        table = {**table, "app": [table["app"]]}
    return _read(KINDS[kind], table, path, faults, name)


def _read(cls: type[Value], table: object, path: KeyPath, faults: list[Fault], name: str = "") -> Value | None:
    """`table` as a `cls`. Where something in it is wrong, the rest is still looked at: everything is told at once."""
    if not isinstance(table, dict):
        faults.append(Fault(path, _("must be a table")))
        return None
    hidden = NOT_IN_FILES & set(table) if issubclass(cls, App | Action) else frozenset()
    found = [_unknown_key(cls, path, key) for key in sorted(hidden)]
    table = {key: value for key, value in table.items() if key not in hidden}
    given: dict[str, object] = {"name": name} if issubclass(cls, App | Action) else {}
    if cls is App:
        given["title"] = name
    value: Value | None
    try:
        value = converter().structure({**given, **table}, cls)
    except Exception as error:  # cattrs raises whatever a hook raises, mostly in groups
        found += _faults(error, path)
        value = _rest(cls, {**given, **table}, [_below(fault, path) for fault in found])
    faults.extend(found)
    if value is not None:
        faults.extend(rules.values(value, path, [_below(fault, path) for fault in found]))
    return value


def _rest(cls: type[Value], table: Raw, wrong: list[KeyPath]) -> Value | None:
    """What remains of an entry without what is wrong in it; None where too little remains."""
    stand_in = {"title": "?", "app": []} if cls is LaunchAction else {"title": "?"} if issubclass(cls, Action) else {}
    rest = table
    for path in wrong:
        rest = _without(rest, path)
    try:
        return converter().structure({**stand_in, **rest}, cls)
    except Exception:  # what is wrong was told by the first try
        return None


def _without(table: Raw, path: KeyPath) -> Raw:
    """`table` without the value at `path`; a list on the way goes whole, or the places in it would be others."""
    if not path or path[0] not in table:
        return table
    key, inner = str(path[0]), table[str(path[0])]
    if len(path) > 1 and isinstance(inner, dict):
        return {**table, key: _without(inner, path[1:])}
    return {name: value for name, value in table.items() if name != key}


def _below(fault: Fault, path: KeyPath) -> KeyPath:
    """What a fault is about, seen from the entry at `path`."""
    return (fault.at or fault.key)[len(path) :]


def _unknown_key(cls: type, path: KeyPath, key: str) -> Fault:
    others = [kind for kind, other in KINDS.items() if key in _keys_of(other)]
    if cls in KINDS.values() and others:
        mine = next(kind for kind, other in KINDS.items() if other is cls)
        text = _('"{key}" belongs to kind {others}, this is kind {mine}', key=key, others=either(others), mine=mine)
        return Fault(path, text, (*path, key))
    return Fault(path, unknown(_("key"), key, _keys_of(cls)), (*path, key))


def _keys_of(cls: type) -> list[str]:
    hidden = NOT_IN_FILES if issubclass(cls, App | Action) else ()
    names = [field.name for field in fields(cls) if field.name not in hidden]
    return [*names, "kind"] if cls in KINDS.values() else names


def _faults(error: BaseException, path: KeyPath) -> Iterator[Fault]:
    """The single faults inside what cattrs raised, each with its path."""
    if isinstance(error, ClassValidationError):
        told, untold = error.group_exceptions()
        for inner, attribute in told:
            below = (*path, attribute.name)
            if isinstance(inner, KeyError):
                yield Fault(path, _('needs "{key}"', key=attribute.name), below)
            else:
                yield from _faults(inner, below)
        for inner in untold:
            yield from _faults(inner, path)
    elif isinstance(error, IterableValidationError):
        items, others = error.group_exceptions()
        for inner, item in items:
            yield from _faults(inner, (*path, item.index))
        for inner in others:
            yield from _faults(inner, path)
    elif isinstance(error, ForbiddenExtraKeysError):
        for key in sorted(error.extra_fields):
            yield _unknown_key(error.cl, path, key)
    elif isinstance(error, TemplateError):
        yield Fault(path, rules.template_text(error))
    elif isinstance(error, Wrong):
        yield Fault(path, error.text)
    else:
        yield Fault(path, _("is not what belongs here"))
