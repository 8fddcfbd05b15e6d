"""What the values of the configuration must be beyond their shape: names, ranges, addresses, references. Pure."""

import re
from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import PurePosixPath, PureWindowsPath

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from launcher.config.address import has_written_host
from launcher.config.person import wrong_grants
from launcher.config.problems import Fault, KeyPath, shown, unknown
from launcher.config.schema import (
    ENTITY_TYPES,
    ROLES,
    Action,
    App,
    CopyFrom,
    LaunchAction,
    OpenAction,
    Root,
    Studio,
)
from launcher.config.template import Field, Template, TemplateError

NAMES_OF = {
    "roots": re.compile(r"[a-z_][a-z0-9_]{0,63}", re.ASCII),
    "apps": re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII),
    "actions": re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII),
}
WORDS = {
    "roots": "small letters, digits and _",
    "apps": "small letters, digits and -",
    "actions": "small letters, digits and -",
}
KEY = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:.+")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
SCRIPT = re.compile(r"[A-Za-z0-9_][\w.-]*(/[A-Za-z0-9_][\w.-]*)*", re.ASCII)
MOST_TASKS = 500
LONGEST_TITLE = 80


@dataclass(frozen=True, slots=True)
class Known:
    """What entries may refer to."""

    roots: frozenset[str]
    apps: tuple[str, ...]


def name(section: str, written: str) -> Iterator[Fault]:
    """Whether a root, an application or an action may have this name; it stands in URLs and in templates."""
    if not NAMES_OF[section].fullmatch(written):
        yield Fault((section, written), f"a name here is made of {WORDS[section]}, at most 64 of them")


def values(value: object, path: KeyPath, told: Collection[KeyPath]) -> Iterator[Fault]:
    """What is wrong inside one entry by itself. What is in `told` was told already, and `value` lacks it."""
    found: Iterator[Fault] = iter(())
    if isinstance(value, Studio):
        found = _studio(value)
    elif isinstance(value, Root):
        found = _root(value)
    elif isinstance(value, App):
        found = _app(value)
    elif isinstance(value, Action):
        found = _action(value, {below[0] for below in told if below})
    for fault in found:
        if not any(below and fault.key[: len(below)] == below for below in told):
            yield replace(fault, key=(*path, *fault.key))


def references(entry: object, path: KeyPath, known: Known) -> Iterator[Fault]:
    """Applications and roots that an entry names and that there are not."""
    if isinstance(entry, LaunchAction):
        for i, app in enumerate(entry.app):
            if app not in known.apps:
                text = unknown("application", app, known.apps, list_all=True)
                yield Fault((*path, "app"), text, (*path, "app", i))
    for place, template in templates(entry):
        for used in sorted({name for field in template.fields for name in field.names}):
            if used.startswith("roots.") and used.removeprefix("roots.") not in known.roots:
                yield Fault((*path, *place), unknown("root", used.removeprefix("roots."), sorted(known.roots)))


def templates(value: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Template]]:
    """Every template inside a value, with the path that it has in the file."""
    if isinstance(value, Template):
        yield path[:-1] if path[-1] == "set" else path, value
    elif is_dataclass(value):
        for field in fields(value):
            yield from templates(getattr(value, field.name), (*path, field.name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from templates(item, (*path, key))
    elif isinstance(value, tuple):
        for i, item in enumerate(value):
            yield from templates(item, (*path, i))


def template_text(error: TemplateError) -> str:
    """A template's error as one line, in the form of every other configuration error."""
    problem, hint = error.problem.rstrip("."), error.next_step.rstrip(".")
    return f"{problem[0].lower()}{problem[1:]}; {hint[0].lower()}{hint[1:]}"


def specifier(text: str, key: str) -> Iterator[Fault]:
    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        yield Fault((key,), f'{shown(text)} is no range of versions, as in ">=4.2,<5"')


def is_absolute(path: str) -> bool:
    """Whether a path is a whole one on at least one OS."""
    return PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute()


def _studio(studio: Studio) -> Iterator[Fault]:
    for i, key in enumerate(studio.keys):
        if not KEY.fullmatch(key):
            yield Fault(("keys", i), 'must be "env:NAME" or "file:PATH": the key itself never stands in this file')
    yield from wrong_grants(studio.users_may)
    yield from specifier(studio.requires, "requires")
    if not 1024 <= studio.port <= 65535:
        yield Fault(("port",), f"must be from 1024 to 65535, not {studio.port}")
    if studio.ca_file and not is_absolute(studio.ca_file):
        yield Fault(("ca_file",), "must be a whole path, from the root or the drive on")


def _root(root: Root) -> Iterator[Fault]:
    if not (root.linux or root.windows or root.macos):
        yield Fault((), "needs a path for linux, windows or macos")
    for key, path in (("linux", root.linux), ("macos", root.macos)):
        if path and not PurePosixPath(path).is_absolute():
            yield Fault((key,), f"{shown(path)} must be a whole path, beginning with /")
    if root.windows and not PureWindowsPath(root.windows).is_absolute():
        yield Fault(("windows",), f'{shown(root.windows)} must be a whole path with its drive or server, as in "P:/"')
    marker = PureWindowsPath(root.marker)
    if marker.anchor or ".." in marker.parts:
        yield Fault(("marker",), f"{shown(root.marker)} must be a file inside the root")


def _app(app: App) -> Iterator[Fault]:
    yield from _title(app.title)
    yield from specifier(app.version, "version")
    if app.executable and not is_absolute(app.executable):
        yield Fault(("executable",), f"{shown(app.executable)} must be a whole path, from the root or the drive on")
    for i, ending in enumerate(app.opens):
        if not ending.startswith("."):
            yield Fault(("opens", i), f'{shown(ending)} must begin with a dot, as in ".blend"')
    if app.script and not SCRIPT.fullmatch(app.script):
        yield Fault(("script",), f"{shown(app.script)} is no file of this program's own start-up scripts")
    yield from _entry_templates(app)


def _action(action: Action, told: Set[str | int]) -> Iterator[Fault]:
    yield from _title(action.title)
    for key, given, known in (
        ("entity_types", action.entity_types, ENTITY_TYPES),
        ("roles", action.roles, ROLES),
    ):
        what = key.removesuffix("s").replace("_", " ")
        yield from (Fault((key, i), unknown(what, x, known)) for i, x in enumerate(given) if x not in known)
    if isinstance(action, LaunchAction | OpenAction) and not 1 <= action.limit <= MOST_TASKS:
        yield Fault(("limit",), f"must be from 1 to {MOST_TASKS}, not {action.limit}")
    if isinstance(action, LaunchAction):
        yield from _launch(action)
    if isinstance(action, OpenAction):
        yield from _open(action, told)
    yield from _entry_templates(action)


def _launch(action: LaunchAction) -> Iterator[Fault]:
    if not action.app:
        yield Fault(("app",), "must name at least one application")
    if action.file:
        yield from _under_a_root(("file",), action.file)
    if isinstance(action.when_missing, CopyFrom):
        yield from _under_a_root(("when_missing", "copy"), action.when_missing.copy)
    if action.when_missing != "fail" and not action.file:
        yield Fault(("when_missing",), 'is for actions with a "file"')


def _open(action: OpenAction, told: Set[str | int]) -> Iterator[Fault]:
    if not told & {"folder", "url"} and (action.folder is None) == (action.url is None):
        yield Fault((), 'needs exactly one of "folder" and "url"')
    if action.folder:
        yield from _under_a_root(("folder",), action.folder)
    if action.url:
        first = action.url.parts[0] if action.url.parts else ""
        if not (isinstance(first, str) and has_written_host(first, len(action.url.parts) > 1)):
            yield Fault(("url",), "must begin with https:// or http:// and a host that is written out")
    if action.selection == "all":
        yield Fault(("selection",), '"all" is not possible for kind open; known: one, first, each')


def _under_a_root(key: KeyPath, template: Template) -> Iterator[Fault]:
    first, after = (*template.parts, "", "")[:2]
    plain = isinstance(first, Field) and first.name.startswith("roots.") and first == Field(first.name)
    if not plain or not (after == "" or (isinstance(after, str) and after[0] in "/\\")):
        yield Fault(key, "must begin with {roots.NAME} and a slash")


def _title(title: str) -> Iterator[Fault]:
    if not title.strip() or len(title) > LONGEST_TITLE or not title.isprintable():
        yield Fault(("title",), f"must be one line of 1 to {LONGEST_TITLE} characters")


def _entry_templates(entry: App | Action) -> Iterator[Fault]:
    """Names of environment variables, and `{revision}`, which only a working file has."""
    env = entry.env if isinstance(entry, App | LaunchAction) else {}
    for variable in env:
        if not VARIABLE.fullmatch(variable):
            yield Fault(("env", variable), "a variable's name is made of letters, digits and _")
    for place, template in templates(entry):
        if place != ("file",) and any("revision" in field.names for field in template.fields):
            yield Fault(place, '{revision} is only in "file"')
