"""Templates `{dotted.name:format|filter}`: their grammar and the names that exist. Pure; `plan.naming` fills them in.

A template is parsed once, when the configuration is read, and a value that is filled in is never parsed again.
"""

import difflib
import re
from dataclasses import dataclass
from typing import TypeAlias

from launcher.errors import LauncherError
from launcher.words import _

NAMES = {
    "server": _("address of the Kitsu server"),
    "project.id": _("id of the production"),
    "project.name": _("name of the production"),
    "project.code": _("code of the production; may be missing"),
    "project.production_type": _("short, tvshow, featurefilm…"),
    "project.fps": _("frames per second of the production"),
    "project.resolution": _("resolution of the production, 1920x1080"),
    "project.ratio": _("aspect ratio of the production, 16:9"),
    "entity.id": _("id of the shot, asset, sequence, episode or edit"),
    "entity.name": _("its name"),
    "entity.type": _("asset, shot, sequence, episode, edit or concept"),
    "entity.path": _("assets/TYPE/NAME or shots/[EPISODE/]SEQUENCE/NAME, each part cleaned"),
    "task.id": _("id of the task"),
    "task.name": _("name of the task, mostly main"),
    "task.status": _("short name of the task's status: todo, wip, retake…"),
    "task.priority": _("priority of the task, a number"),
    "task.due_date": _("due date of the task; may be missing"),
    "task.assignees": _("names of the assignees, joined by commas"),
    "task_type.id": _("id of the task type"),
    "task_type.name": _("name of the task type: Modeling, Animation…"),
    "task_type.short_name": _("its short name; mostly missing"),
    "sequence.id": _("id of the sequence of a shot"),
    "sequence.name": _("name of the sequence of a shot"),
    "episode.id": _("id of the episode, in TV shows"),
    "episode.name": _("name of the episode, in TV shows; missing for the main pack"),
    "asset_type.id": _("id of the asset type"),
    "asset_type.name": _("asset type: Characters, Props…"),
    "shot.name": _("name of the shot; missing elsewhere"),
    "asset.name": _("name of the asset; missing elsewhere"),
    "frame_in": _("first frame"),
    "frame_out": _("last frame"),
    "fps": _("frames per second: the shot's own, else the production's"),
    "resolution": _("resolution: the shot's own, else the production's"),
    "width": _("width in pixels"),
    "height": _("height in pixels"),
    "person.id": _("id of the person who clicked"),
    "person.name": _("name of the person"),
    "person.email": _("e-mail of the person"),
    "person.initials": _("first letters of the person's names, in small letters"),
    "revision": _("number of the working file; only in `file` and `new_file`"),
}
ANYTHING = "*"
"""`{*}` stands for anything within one component, when working files are looked for."""
FREE = ("entity.data.", "project.data.", "roots.")
"""Names that begin so depend on the studio: Kitsu's own metadata, and the studio file's roots."""
FILTERS = ("slug", "lower", "upper", "or")
WIDEST = 64
FIELD = re.compile(
    r"(?P<name>[a-z_]+(?:\.[A-Za-z_][\w-]*)*)(?::(?P<format>[^|{}]*))?(?P<filters>(?:\|[^|{}]*)*)", re.ASCII
)


class TemplateError(LauncherError):
    """A template that cannot be read, or cannot be filled in for a task."""

    code = "template"
    exit_code = 2
    status = 422


@dataclass(frozen=True, slots=True)
class Field:
    """One `{name:format|filter|or:other}`."""

    name: str
    width: int = 0
    """Digits that a number is padded to with zeros; 0 for none."""
    filters: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()
    """Names tried in turn when the first one is missing."""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.otherwise)


Part: TypeAlias = str | Field


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template. `text` is as the studio wrote it."""

    text: str
    parts: tuple[Part, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(part for part in self.parts if isinstance(part, Field))

    def has(self, name: str) -> bool:
        """Whether a field of it is, or may be, this name."""
        return any(name in field.names for field in self.fields)


def parse(text: str) -> Template:
    """Read a template.

    Raises: TemplateError, naming the nearest known name where one is unknown.
    """
    parts: list[Part] = []
    for i, piece in enumerate(re.split(r"\{([^{}]*)\}", text)):
        if i % 2:
            parts.append(_field(piece, text))
        elif "{" in piece or "}" in piece:
            raise TemplateError(
                _("A brace without its partner in {text!r}.", text=text),
                next_step=_("Write {name} with one brace on each side."),
            )
        elif piece:
            parts.append(piece)
    return Template(text, tuple(parts))


def _field(inside: str, text: str) -> Field:
    if inside == ANYTHING:
        return Field(ANYTHING)
    match = FIELD.fullmatch(inside)
    if not match:
        raise TemplateError(
            _("{{{inside}}} in {text!r} is no name.", inside=inside, text=text),
            next_step=_("Write {name}, {name:03} or {name|slug}."),
        )
    filters, otherwise = [], []
    for written in match["filters"].split("|")[1:]:
        word, _sep, argument = written.partition(":")
        if word not in FILTERS or (word == "or") != bool(argument):
            raise TemplateError(
                _("Unknown filter {written!r} in {text!r}.", written=written, text=text),
                next_step=_("Filters are slug, lower, upper, or:other.name."),
            )
        if word == "or":
            otherwise.append(_known(argument, text))
        else:
            filters.append(word)
    return Field(_known(match["name"], text), _width(match["format"], text), tuple(filters), tuple(otherwise))


def _known(name: str, text: str) -> str:
    if name in NAMES or (name.startswith(FREE) and not name.endswith(".")):
        return name
    near = difflib.get_close_matches(name, NAMES, 1)
    hint = f'Did you mean "{near[0]}"?' if near else f"Known names are {', '.join(NAMES)}."
    raise TemplateError(_("Unknown name {name!r} in {text!r}.", name=name, text=text), next_step=hint)


def _width(written: str | None, text: str) -> int:
    if written is None:
        return 0
    if not re.fullmatch(r"0?[1-9][0-9]?", written, re.ASCII) or int(written) > WIDEST:
        raise TemplateError(
            _("Unknown format {written!r} in {text!r}.", written=written, text=text),
            next_step=_("A format is a number of digits up to {most}, as in {{revision:03}}.", most=WIDEST),
        )
    return int(written)
