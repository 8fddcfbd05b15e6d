"""What the values of the configuration must be beyond their shape: names, ranges, addresses, references. Pure."""

import re
from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import PurePosixPath, PureWindowsPath

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from launcher.config import patterns, revisions, sealed, wrapping
from launcher.config.address import AddressError, has_written_host, https
from launcher.config.person import wrong_grants
from launcher.config.problems import Fault, KeyPath, shown, unknown
from launcher.config.schema import (
    ENTITY_TYPES,
    KITSU,
    ROLES,
    Action,
    App,
    Before,
    Case,
    Conditions,
    CopyFrom,
    Feed,
    LaunchAction,
    OpenAction,
    Root,
    Studio,
)
from launcher.config.template import ANYTHING, Field, Template, TemplateError
from launcher.config.wrapping import is_absolute
from launcher.words import _, joined

NAMES_OF = {
    "roots": re.compile(r"[a-z_][a-z0-9_]{0,63}", re.ASCII),
    "apps": re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII),
    "actions": re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII),
}
WITH_DASHES = _("a name here is made of small letters, digits and -, at most 64 of them")
WORDS = {
    "roots": _("a name here is made of small letters, digits and _, at most 64 of them"),
    "apps": WITH_DASHES,
    "actions": WITH_DASHES,
}
KEY = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:.+")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
SCRIPT = re.compile(r"[A-Za-z0-9_][\w.-]*(/[A-Za-z0-9_][\w.-]*)*", re.ASCII)
MOST_TASKS = 500
LONGEST_TITLE = 80
LONGEST_BEFORE_S = 300


@dataclass(frozen=True, slots=True)
class Known:
    """What entries may refer to."""

    roots: frozenset[str]
    apps: tuple[str, ...]


def name(section: str, written: str) -> Iterator[Fault]:
    """Whether a root, an application or an action may have this name; it stands in URLs and in templates."""
    if not NAMES_OF[section].fullmatch(written):
        yield Fault((section, written), WORDS[section])
    elif (section, written) == ("apps", KITSU):
        yield Fault((section, written), _('"kitsu" is no application: as an action\'s "app" it lets Kitsu name one'))


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
    elif isinstance(value, Conditions):
        found = _conditions(value)
    for fault in found:
        if not any(below and fault.key[: len(below)] == below for below in told):
            yield replace(fault, key=(*path, *fault.key))


def references(entry: object, path: KeyPath, known: Known) -> Iterator[Fault]:
    """Applications and roots that an entry names and that there are not."""
    if isinstance(entry, LaunchAction):
        for i, app in enumerate(entry.app):
            if app not in known.apps and app != KITSU:
                text = unknown(_("application"), app, known.apps)
                yield Fault((*path, "app"), text, (*path, "app", i))
    for place, template in templates(entry):
        for used in sorted({name for field in template.fields for name in field.names}):
            if used.startswith("roots.") and used.removeprefix("roots.") not in known.roots:
                yield Fault((*path, *place), unknown(_("root"), used.removeprefix("roots."), sorted(known.roots)))


def templates(value: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Template]]:
    """Every template inside a value, with the path that it has in the file."""
    if isinstance(value, Template):
        yield path[:-1] if path[-1] == "set" else path, value
    elif is_dataclass(value) and not isinstance(value, Case):
        for field in fields(value):
            yield from templates(getattr(value, field.name), (*path, field.name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from templates(item, (*path, key))
    elif isinstance(value, tuple):
        for i, item in enumerate(value):
            yield from templates(item, (*path, i))


def template_text(error: TemplateError) -> str:
    """A template's error as one line."""
    return joined(" ", (error.problem, error.next_step))


def specifier(text: str, key: str) -> Iterator[Fault]:
    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        yield Fault((key,), _('{value} is no range of versions, as in ">=4.2,<5"', value=shown(text)))


def is_device(path: PureWindowsPath) -> bool:
    r"""Whether a path passes by Windows' own reading of names, as `\\?\C:\x` and `\\.\pipe\x` do."""
    return path.drive.startswith(("\\\\?", "\\\\."))


def _studio(studio: Studio) -> Iterator[Fault]:
    for i, key in enumerate(studio.keys):
        if not KEY.fullmatch(key):
            yield Fault(("keys", i), _('must be "env:NAME" or "file:PATH": the key itself never stands in this file'))
    yield from wrong_grants(studio.users_may)
    yield from specifier(studio.requires, "requires")
    if not 1024 <= studio.port <= 65535:
        yield Fault(("port",), _("must be from 1024 to 65535, not {port}", port=studio.port))
    if studio.ca_file and not is_absolute(studio.ca_file):
        yield Fault(("ca_file",), _("must be a whole path, from the root or the drive on"))
    if studio.feed:
        yield from _feed(studio.feed)


def _feed(feed: Feed) -> Iterator[Fault]:
    try:
        https(feed.url)
    except AddressError as error:
        yield Fault(("feed", "url"), _("{value} {reason}", value=shown(feed.url), reason=error.text))
    if sealed.public_key(feed.key) is None:
        text = _("is no Ed25519 public key in Base64; kitsu-launcher config keygen prints one")
        yield Fault(("feed", "key"), text)


def _root(root: Root) -> Iterator[Fault]:
    if not (root.linux or root.windows or root.macos):
        yield Fault((), _("needs a path for linux, windows or macos"))
    for key, path in (("linux", root.linux), ("macos", root.macos)):
        if path and not PurePosixPath(path).is_absolute():
            yield Fault((key,), _("{path} must be a whole path, beginning with /", path=shown(path)))
    if root.windows and not PureWindowsPath(root.windows).is_absolute():
        yield Fault(
            ("windows",),
            _('{path} must be a whole path with its drive or server, as in "P:/"', path=shown(root.windows)),
        )
    if root.windows and is_device(PureWindowsPath(root.windows)):
        yield Fault(("windows",), _("{path} is a device of Windows, not a folder", path=shown(root.windows)))
    for i, path in enumerate(root.also):
        if not is_absolute(path) or ".." in PureWindowsPath(path).parts or is_device(PureWindowsPath(path)):
            yield Fault(("also", i), _("{path} must be a whole path, without a way up", path=shown(path)))
    marker = PureWindowsPath(root.marker)
    if marker.anchor or ".." in marker.parts:
        yield Fault(("marker",), _("{path} must be a file inside the root", path=shown(root.marker)))


def _app(app: App) -> Iterator[Fault]:
    yield from _title(app.title)
    yield from specifier(app.version, "version")
    yield from wrapping.executable(app)
    yield from wrapping.workspace(app)
    for i, ending in enumerate(app.opens):
        if not ending.startswith("."):
            yield Fault(("opens", i), _('{ending} must begin with a dot, as in ".blend"', ending=shown(ending)))
    yield from patterns.faults(app.find)
    if app.script and not SCRIPT.fullmatch(app.script):
        yield Fault(("script",), _("{path} is no file of this program's own start-up scripts", path=shown(app.script)))
    yield from _entry_templates(app)


def _action(action: Action, told: Set[str | int]) -> Iterator[Fault]:
    yield from _title(action.title)
    yield from _words_of_kitsu(action)
    if isinstance(action, LaunchAction | OpenAction) and not 1 <= action.limit <= MOST_TASKS:
        yield Fault(("limit",), _("must be from 1 to {most}, not {limit}", most=MOST_TASKS, limit=action.limit))
    if isinstance(action, LaunchAction):
        yield from _launch(action)
    if isinstance(action, OpenAction):
        yield from _open(action, told)
    yield from _entry_templates(action)


def _words_of_kitsu(value: Action | Conditions) -> Iterator[Fault]:
    for key, what, given, known in (
        ("entity_types", _("entity type"), value.entity_types, ENTITY_TYPES),
        ("roles", _("role"), value.roles, ROLES),
    ):
        yield from (Fault((key, i), unknown(what, x, known)) for i, x in enumerate(given) if x not in known)


def _conditions(conditions: Conditions) -> Iterator[Fault]:
    yield from _words_of_kitsu(conditions)
    for field in fields(conditions):
        if any(not word.strip() for word in getattr(conditions, field.name)):
            yield Fault((field.name,), _("an empty name stands for nothing"))


def _launch(action: LaunchAction) -> Iterator[Fault]:
    if not action.app:
        yield Fault(("app",), _("must name at least one application"))
    if KITSU in action.app and len(action.app) > 1:
        yield Fault(("app",), _('"kitsu" stands alone: Kitsu names the application'))
    if action.file and action.file.text != KITSU:
        yield from _under_a_root(("file",), action.file)
    elif action.file and action.selection == "all":
        yield Fault(("selection",), _('"all" is not possible with file = "kitsu"; known: one, first, each'))
    if action.workspace:
        yield from _under_a_root(("workspace",), action.workspace)
    if action.new_file:
        yield from _under_a_root(("new_file",), action.new_file)
    if isinstance(action.when_missing, CopyFrom):
        yield from _under_a_root(("when_missing", "copy"), action.when_missing.copy)
    for i, before in enumerate(action.before):
        yield from _before(("before", i), before)
    if action.when_missing != "fail" and not action.file:
        yield Fault(("when_missing",), _('is for actions with a "file"'))
    yield from revisions.faults(action)


def _before(key: KeyPath, before: Before) -> Iterator[Fault]:
    if not before.run:
        yield Fault((*key, "run"), _("must name a program"))
    for program in before.run[:1]:
        yield from _under_a_root((*key, "run"), program)
        names = sorted({name for field in program.fields for name in field.names})
        if others := [name for name in names if not name.startswith(("roots.", "project."))]:
            text = _("a program is chosen by roots and project alone, not by {names}", names=", ".join(others))
            yield Fault((*key, "run"), text)
    if not 1 <= before.seconds <= LONGEST_BEFORE_S:
        text = _("must be from 1 to {most}, not {seconds}", most=LONGEST_BEFORE_S, seconds=before.seconds)
        yield Fault((*key, "seconds"), text)


def _open(action: OpenAction, told: Set[str | int]) -> Iterator[Fault]:
    if not told & {"folder", "url"} and (action.folder is None) == (action.url is None):
        yield Fault((), _('needs exactly one of "folder" and "url"'))
    if action.folder:
        yield from _under_a_root(("folder",), action.folder)
    if action.url:
        first = action.url.parts[0] if action.url.parts else ""
        if not (isinstance(first, str) and has_written_host(first, len(action.url.parts) > 1)):
            yield Fault(("url",), _("must begin with https:// or http:// and a host that is written out"))
    if action.selection == "all":
        yield Fault(("selection",), _('"all" is not possible for kind open; known: one, first, each'))


def _under_a_root(key: KeyPath, template: Template) -> Iterator[Fault]:
    first, after = (*template.parts, "", "")[:2]
    plain = isinstance(first, Field) and first.name.startswith("roots.") and first == Field(first.name)
    if not plain or not (after == "" or (isinstance(after, str) and after[0] in "/\\")):
        yield Fault(key, _("must begin with {roots.NAME} and a slash"))


def _title(title: str) -> Iterator[Fault]:
    if not title.strip() or len(title) > LONGEST_TITLE or not title.isprintable():
        yield Fault(("title",), _("must be one line of 1 to {most} characters", most=LONGEST_TITLE))


def _entry_templates(entry: App | Action) -> Iterator[Fault]:
    """Names of environment variables, and `{revision}`, which only a working file has."""
    env = entry.env if isinstance(entry, App | LaunchAction) else {}
    for variable in env:
        if not VARIABLE.fullmatch(variable):
            yield Fault(("env", variable), _("a variable's name is made of letters, digits and _"))
    for place, template in templates(entry):
        if place not in (("file",), ("new_file",)) and template.has("revision"):
            yield Fault(place, _('{revision} is only in "file" and "new_file"'))
        if place != ("file",) and template.has(ANYTHING):
            yield Fault(place, _('{*} is only in "file"'))
