"""Templates filled in for a task: paths, texts, addresses, and which working file is the newest.

A value that is filled in is never parsed again. `names` has the values, `cleaning` says what may stay of them.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import quote

from launcher.config.template import ANYTHING, Field, Template
from launcher.model import OS, Task
from launcher.plan import windows
from launcher.plan.cleaning import RESERVED, PlanError, component, harmless, lead, plain, shaped, slug
from launcher.plan.matching import Search
from launcher.plan.names import Values, shown
from launcher.words import _

LONGEST_TEXT = 4096
"""Characters of one filled-in argument, variable or address. Linux stops at 128 KiB for one argument."""
PARENTS = ("episode.name", "sequence.name", "asset_type.name")
LONGEST_COMPONENT_BYTES = 255
"""Of every file system that counts here."""


class FieldError(PlanError):
    """A field of a template cannot be filled in. Names the field, the task and the template's key."""

    code = "template"

    def __init__(self, field: str, reason: str, *, next_step: str, tried: Iterable[str] = (), label: str = "") -> None:
        problem = (
            _("{{{field}}} of {task} {reason}.", field=field, task=plain(label, 120), reason=reason)
            if label
            else _("{{{field}}} {reason}.", field=field, reason=reason)
        )
        super().__init__(problem, tried=tried, next_step=next_step)
        self.field, self.reason = field, reason


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of one component. `field` is empty for the studio's own text, which is trusted."""

    text: str
    field: str = ""


@contextmanager
def filling(task: Task, key: str, template: Template) -> Iterator[None]:
    """Errors inside name the task, and the key and text of the template that was being filled in."""
    try:
        yield
    except FieldError as error:
        told = FieldError(
            error.field,
            error.reason,
            label=task.label,
            tried=[*error.tried, f"{key} = {template.text}"],
            next_step=error.next_step,
        )
        told.key = key
        raise told from error


def text(template: Template, values: Values) -> str:
    """For an environment variable or a piece of one: single line, nothing unseen, else verbatim.

    Raises: FieldError where a value is missing, PlanError where it becomes too long.
    """
    pieces = ""
    for part in template.parts:
        if isinstance(part, str):
            # A root may be written with its slash ("P:/", "/"): "{roots.x}/tools" has still one.
            pieces += part[1:] if pieces.endswith("/") and part.startswith("/") else part
        else:
            pieces += plain(_filtered(part, values))
    if len(pieces) > LONGEST_TEXT:
        raise FieldError(
            template.fields[-1].name if template.fields else template.text[:40],
            _("makes a text of {n} characters; {most} are the most", n=len(pieces), most=LONGEST_TEXT),
            next_step=_("Shorten it in Kitsu."),
        )
    return pieces


def url(template: Template, values: Values) -> str:
    """An address: the studio's text verbatim, every value percent-encoded as one piece.

    Raises: FieldError where a value is missing.
    """
    return "".join(
        part if isinstance(part, str) else quote(plain(_filtered(part, values)), safe="") for part in template.parts
    )


def path(template: Template, values: Values, os: OS) -> PurePath:
    """A path below a root. Each value stays within its own component; the studio's own "/" makes new ones.

    Raises: FieldError where a value is missing or nothing of it is left, PlanError for a path that cannot be.
    """
    _, base, components = _laid_out(template, values, os)
    return _proper(base.joinpath(*(_joined(pieces, template) for pieces in components)), base, template)


def inside(template: Template, within: Template, values: Values, os: OS) -> tuple[str, ...]:
    """The names of what `within` says, below the folder that `template` makes.

    Raises: as `path`.
    """
    whole = Template(f"{template.text}/{within.text}", (*template.parts, "/", *within.parts))
    known = {**values, "revision": 1}
    folder = path(template, known, os)
    return path(whole, known, os).relative_to(folder).parts


def root_of(template: Template) -> str:
    """Name of the root that a path's template begins with.

    Raises: PlanError where it begins otherwise.
    """
    first = template.parts[0] if template.parts else ""
    if isinstance(first, Field) and first.name.startswith("roots.") and not (first.filters or first.otherwise):
        after = template.parts[1] if len(template.parts) > 1 else "/"
        if isinstance(after, str) and after.startswith(("/", "\\")):
            return first.name.removeprefix("roots.")
    raise PlanError(
        _("The path {template!r} does not begin with a root.", template=template.text),
        next_step=_("Let it begin with {roots.NAME}/."),
    )


def search(template: Template, values: Values, os: OS) -> Search:
    """Where the revisions of a working file are. The template has a `{revision}`; any number of digits matches it,
    so `v12` and `v0012` are both revision 12, whatever the format that new files get. `{*}` matches anything.

    Raises: as `path`.
    """
    name, base, components = _laid_out(template, {**values, "revision": 1, ANYTHING: ANYTHING}, os)
    at = next(i for i, pieces in enumerate(components) if any(p.field in ("revision", ANYTHING) for p in pieces))
    folder = _proper(base.joinpath(*(_joined(pieces, template) for pieces in components[:at])), base, template)
    return Search(name, folder, tuple(_pattern(pieces, template, os) for pieces in components[at:]))


@dataclass(frozen=True, slots=True)
class Level:
    """One folder of a path: its name, and the template's names that make it."""

    name: str
    fields: frozenset[str]


def levels(template: Template, values: Values, os: OS, count: int) -> tuple[Level, ...]:
    """The first `count` components of a path below its root. The parts of `entity.path` count as what they are.

    Raises: as `path`.
    """
    _, _, components = _laid_out(template, {**values, "revision": 1, ANYTHING: ANYTHING}, os)
    parts = str(values.get("entity.path", "")).split("/")
    above = {component(str(values[name])): name for name in PARENTS if name in values}
    made: list[Level] = []
    for pieces in components[:count]:
        fields = {piece.field for piece in pieces if piece.field}
        if "entity.path" in fields:
            at = sum("entity.path" in level.fields for level in made) % len(parts)
            fields.add("entity.name" if at == len(parts) - 1 else above.get(parts[at], "") if at else "")
        made.append(Level(_joined(pieces, template), frozenset(fields - {""})))
    return tuple(made)


def _chosen(field: Field, values: Values) -> str:
    """The first of the field's names that has a value."""
    for name in field.names:
        if name in values:
            return name
    if field.name.startswith("roots."):
        raise FieldError(field.name, _("has no place on this OS"), next_step=_("Add it to [roots] in the studio file."))
    raise FieldError(
        field.name,
        _("has no value, nor have {names}", names=", ".join(field.otherwise)) if field.otherwise else _("has no value"),
        next_step=_(
            "Set it in Kitsu, or name another one in the template: {{{field}|or:other.name}}.", field=field.name
        ),
    )


def _filtered(field: Field, values: Values) -> str:
    """The value as text, padded and filtered, not yet cleaned."""
    text = shown(values[_chosen(field, values)])
    if field.width and re.fullmatch(r"-?[0-9]+", text):
        text = text.zfill(field.width)
    for word in field.filters:
        text = {"slug": slug, "lower": str.lower, "upper": str.upper}[word](text)
    return text


def _laid_out(template: Template, values: Values, os: OS) -> tuple[str, PurePath, list[list[_Piece]]]:
    """A path's template as its root's name, its root's path, and the pieces of each component below."""
    name = root_of(template)
    base = os.path(_filtered(template.fields[0], values))
    if not base.is_absolute():
        raise FieldError(
            f"roots.{name}", _("is no absolute path"), next_step=_("Write its whole path into the studio file.")
        )
    components: list[list[_Piece]] = [[]]
    for part in template.parts[1:]:
        if isinstance(part, str):
            level = [
                [_Piece(piece)] if piece else []
                for piece in (part.replace("\\", "/") if os is OS.WINDOWS else part).split("/")
            ]
        else:
            level = [[piece] for piece in _pieces(part, values)]
        components[-1] += level[0]
        components += level[1:]
    return name, base, [pieces for pieces in components if pieces]


def _pieces(field: Field, values: Values) -> list[_Piece]:
    """A value as pieces of components: one, but several for `entity.path`."""
    if field.name == ANYTHING:
        return [_anything(field, values)]
    name = _chosen(field, values)
    if name != "entity.path":
        shown = [_filtered(field, values)]
    else:
        bare = Field("part", filters=field.filters)
        shown = [_filtered(bare, {"part": part}) for part in str(values[name]).split("/")]
    try:
        return [_Piece(harmless(piece), name) for piece in shown]
    except PlanError as error:
        raise FieldError(
            name,
            _("is {value!r}, of which nothing can stand in a path", value=plain(shown[0], 80)),
            next_step=_("Give it another name in Kitsu."),
        ) from error


def _anything(field: Field, values: Values) -> _Piece:
    """`{*}`, which only a search gives a value: no file can be made of it."""
    if field.name not in values:
        raise FieldError(
            field.name,
            _("stands for anything, and no file can be made of it"),
            next_step=_("Say in new_file what new working files are called."),
        )
    return _Piece(ANYTHING, ANYTHING)


def _joined(pieces: Sequence[_Piece], template: Template) -> str:
    """One finished component. The studio's own text is taken verbatim, but never as a way up."""
    whole = "".join(_texts(pieces))
    if any(piece.field for piece in pieces):
        whole = shaped(whole)
    if whole in (".", ".."):
        raise PlanError(
            _("The path {template!r} has a way up in it.", template=template.text),
            next_step=_('Write it without "." and "..".'),
        )
    if len(whole.encode()) > LONGEST_COMPONENT_BYTES:
        raise FieldError(
            next((piece.field for piece in pieces if piece.field), whole[:40]),
            _(
                "makes a file name of {n} bytes; {most} are the most",
                n=len(whole.encode()),
                most=LONGEST_COMPONENT_BYTES,
            ),
            next_step=_("Shorten the names in Kitsu, or the template."),
        )
    return whole


def _proper(whole: PurePath, base: PurePath, template: Template) -> PurePath:
    """Raises: PlanError where the studio's own text makes a path that Windows would take for something else."""
    if reason := windows.why_not(whole, base):
        raise PlanError(
            _("The path {template!r} cannot be one on Windows.", template=template.text),
            tried=[_("{path}: {reason}", path=str(whole), reason=reason)],
            next_step=_("Write it otherwise in the studio file."),
        )
    return whole


def _texts(pieces: Sequence[_Piece]) -> list[str]:
    """The pieces' texts. Only a value from outside is kept from beginning as an option or a hidden file."""
    first, *others = pieces
    return [lead(first.text) if first.field else first.text, *(piece.text for piece in others)]


def _pattern(pieces: Sequence[_Piece], template: Template, os: OS) -> str:
    """The regular expression of one component, shaped as `_joined` shapes it."""
    if any(piece.field == ANYTHING for piece in pieces):
        pattern = _open_pattern(pieces)
    elif not any(piece.field == "revision" for piece in pieces):
        pattern = re.escape(_joined(pieces, template))
    else:
        texts = [""]
        for piece, part in zip(pieces, _texts(pieces), strict=True):
            if piece.field == "revision":
                texts.append("")
            else:
                texts[-1] += part
        texts[-1] = texts[-1].rstrip(". ")
        texts = _told_apart([unicodedata.normalize("NFC", text) for text in texts])
        pattern = texts[0] + "(?P<revision>[0-9]{1,18})" + "(?P=revision)".join(texts[1:])
    return pattern if os is OS.LINUX else f"(?i:{pattern})"


def _open_pattern(pieces: Sequence[_Piece]) -> str:
    """That of a component with `{*}`. A revision beside one is still all of its digits: "12" is never "2"."""
    texts = list(_texts(pieces))
    texts[-1] = texts[-1].rstrip(". ")
    # A hidden file is never meant: half-written copies and other programs' notes are called so.
    pattern = r"(?!\.)" if pieces[0].field == ANYTHING else ""
    fields, named = ["", *(piece.field for piece in pieces), ""], False
    for piece, part, before, after in zip(pieces, texts, fields, fields[2:], strict=False):
        if piece.field == ANYTHING:
            pattern += "[^/]*"
        elif piece.field == "revision":
            number = "(?P=revision)" if named else "(?P<revision>[0-9]{1,18})"
            behind, ahead = "(?<![0-9])" * (before == ANYTHING), "(?![0-9])" * (after == ANYTHING)
            pattern += behind + number + ahead
            named = True
        else:
            pattern += re.escape(unicodedata.normalize("NFC", part))
    return pattern


def _told_apart(texts: Sequence[str]) -> list[str]:
    """The texts around each revision as regular expressions, with the "_" that `shaped` puts after a device's name.

    With a revision in it, as in "COM{revision}", some names have it and some have not.
    """
    at = next((i for i, text in enumerate(texts) if "." in text), len(texts) - 1)
    before, dot, after = texts[at].partition(".")
    mark = ("_?" if at else "_") if RESERVED.fullmatch("1".join([*texts[:at], before]).rstrip(" ")) else ""
    return [
        re.escape(before) + mark + re.escape(dot + after) if i == at else re.escape(text)
        for i, text in enumerate(texts)
    ]
