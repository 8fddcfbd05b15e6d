"""Pure: what came in, as bytes or as text, becomes a `Click` or an error. Who may click is `trust`'s to say.

Kitsu has two vocabularies: forms say `personid`, AJAX says `userid` (kitsu `ActionPanel.vue`). One strict grammar each;
every value is decoded once.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import NoReturn
from urllib.parse import unquote, unquote_plus

from launcher.errors import LauncherError
from launcher.model import FORM_TYPE, Choice, Click, How, Json, Sender
from launcher.model import JSON_TYPE as JSON_TYPE
from launcher.model import MAX_BODY_BYTES as MAX_BODY_BYTES
from launcher.words import _

MAX_FIELDS = 16
"""Kitsu sends seven."""
MAX_DEPTH = 4
"""Of nested JSON; Kitsu's has two levels."""
MAX_LINK_BYTES = 8_000
"""Of a link; 190 tasks fit."""
MAX_NUMBER_DIGITS = 20
LONGEST_SHOWN = 4_000
LONGEST_FILE = 1_000
"""Characters of one field on the debug page."""
SECRET_FIELDS = frozenset({"key", "password", "token", "cookie"})

_ACTION = re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII)
# Not uuid.UUID: that takes braces, urn:, no dashes and full-width digits too.
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_ORIGIN = re.compile(r"https?://([a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(:[0-9]{1,5})?", re.ASCII)
_LINK = re.compile(r"kitsu-launcher://run/([a-z0-9-]{1,64})/?\?([A-Za-z0-9._~:/%=&\[\]-]+)", re.ASCII)
_OPEN = re.compile(r"kitsu-launcher://open/?", re.ASCII)

CLICK_AGAIN = _("Select the tasks in Kitsu and click the action again.")


class IncomingError(LauncherError):
    """What came in is not a click: a name, an id or a field is not what it must be."""

    code = "grammar"
    exit_code = 2
    status = 422


class Unreadable(IncomingError):
    """The bytes cannot be read at all: not UTF-8, not JSON, too many fields, or one of them twice."""

    code = "body"
    status = 400


class WrongType(IncomingError):
    """The body is of another type than Kitsu sends."""

    code = "type"
    status = 415


class TooLarge(IncomingError):
    """More bytes than any click has."""

    code = "size"
    status = 413


class NothingSelected(IncomingError):
    """A click without a single task."""

    code = "selection"


class NoServer(IncomingError):
    """What is named as the server is no http(s) origin."""

    code = "server"
    status = 403


def form(action: str, content_type: str, body: bytes) -> Click:
    """The click of one of Kitsu's plain actions: a form, whose selection is ids joined by commas.

    Raises: IncomingError.
    """
    _check_type(content_type, FORM_TYPE)
    values: dict[str, Json] = {}
    for name, value in fields(body):
        if name in values:
            raise Unreadable(_("The field {name!a} came twice.", name=name[:40]), next_step=CLICK_AGAIN)
        values[name] = value
    selection = _text(values, "selection", MAX_BODY_BYTES) or ""
    names = ("personid", "personemail", "projectid", "currentserver", "currentpath")
    return _click(Sender.FORM, action, values, selection.split(","), names)


def ajax(action: str, content_type: str, body: bytes) -> Click:
    """The click of one of Kitsu's AJAX actions: JSON, whose selection is an array of ids.

    Raises: IncomingError.
    """
    _check_type(content_type, JSON_TYPE)
    values = _object(_decoded(body))
    selection = values.get("selection") or []
    if not isinstance(selection, list):
        raise IncomingError(_("The selection is not a list of tasks."), next_step=CLICK_AGAIN)
    names = ("userid", "useremail", "productionid", "originserver", "originurl")
    return _click(Sender.AJAX, action, values, selection, names)


def question(action: str, query: str) -> Click:
    """The click that the page of `GET /run/{action}?task=…&server=…` offers to begin; `query` is still encoded.

    Raises: IncomingError.
    """
    return _asked(Sender.PAGE, action, query)


def link(url: str) -> Click | None:
    """The click of `kitsu-launcher://run/ACTION?server=…&task=…&task=…`; None for `kitsu-launcher://open`.

    Raises: IncomingError for anything else.
    """
    if len(url) > MAX_LINK_BYTES:
        raise TooLarge(
            _("The link is longer than {most} characters.", most=MAX_LINK_BYTES), next_step=_("Select fewer tasks.")
        )
    if _OPEN.fullmatch(url):
        return None
    match = _LINK.fullmatch(url)
    if not match:
        raise IncomingError(
            _("This is not a link that Kitsu Launcher knows."),
            tried=[ascii(url[:120])],
            next_step=_("Use kitsu-launcher://run/ACTION?task=ID or kitsu-launcher://open."),
        )
    return _asked(Sender.LINK, match[1], match[2])


def command(action: str, task_ids: Iterable[str], *, server: str | None = None) -> Click:
    """The click of this user's own command line; it may name no task yet.

    Raises: IncomingError.
    """
    ids = tuple(dict.fromkeys(task_id(text) for text in task_ids))
    return Click(action=action_name(action), task_ids=ids, sender=Sender.COMMAND, server=server)


def choice(how: str, file: str) -> Choice:
    """An answer beyond yes and no. What `file` names is looked up among the files that are there.

    Raises: IncomingError.
    """
    if how not in tuple(How):
        raise IncomingError(
            _("{answer!r} is no answer.", answer=how[:40]), next_step=_("Known answers: {names}.", names=", ".join(How))
        )
    if len(file) > LONGEST_FILE or not file.isprintable():
        raise IncomingError(
            _("That is no name of a working file."), next_step=_("Choose one of the files that are listed.")
        )
    return Choice(How(how), file)


def action_name(text: str) -> str:
    """`text`, when it can be the name of an action.

    Raises: IncomingError.
    """
    if not _ACTION.fullmatch(text):
        raise IncomingError(
            _("{text!a} cannot be the name of an action.", text=text[:80]),
            next_step=_("Names are small letters, digits and dashes, as in open-in-blender."),
        )
    return text


def task_id(text: str) -> str:
    """`text`, when it is an id as Kitsu writes them: a UUID in small letters, with dashes.

    Raises: IncomingError.
    """
    if not _ID.fullmatch(text):
        raise IncomingError(
            _("{text!a} is not the id of a task.", text=text[:80]),
            next_step=_("Ids look like 49e61584-c7c4-48e5-ab28-9972cedd9fea."),
        )
    return text


def fields(body: bytes) -> list[tuple[str, str]]:
    """The fields of an urlencoded form, in their order; the same name may stand there twice.

    Raises: TooLarge, Unreadable.
    """
    pieces = _decoded(body).split("&")
    if len(pieces) > MAX_FIELDS:
        _too_many()
    try:
        pairs = [piece.partition("=") for piece in pieces if piece]
        return [(unquote_plus(n, errors="strict"), unquote_plus(v, errors="strict")) for n, _, v in pairs]
    except UnicodeDecodeError as error:
        raise Unreadable(_("A field is not UTF-8."), next_step=CLICK_AGAIN) from error


# -- bytes and their types -------------------------------------------------------------------------------------------
def _check_type(content_type: str, wanted: str) -> None:
    essence, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = [value.strip('"') for name, _, value in (p.partition("=") for p in parameters) if name == "charset"]
    if essence != wanted or any(charset != "utf-8" for charset in charsets):
        raise WrongType(
            _("The request is {type!a}, not {wanted} in UTF-8.", type=content_type[:80], wanted=wanted),
            next_step=_("Use Kitsu's own custom actions; `kitsu-launcher actions publish` sets them up."),
        )


def _decoded(body: bytes) -> str:
    if len(body) > MAX_BODY_BYTES:
        raise TooLarge(
            _("The request is larger than {most} KiB.", most=MAX_BODY_BYTES // 1024), next_step=_("Select fewer tasks.")
        )
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(_("The request is not UTF-8."), next_step=CLICK_AGAIN) from error


def _object(text: str) -> dict[str, Json]:
    """JSON's outermost object, with bounds on all that Python leaves open."""
    try:
        value: Json = json.loads(text, object_pairs_hook=_unique, parse_int=_short_int, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Unreadable(_("The request is not JSON, or not as Kitsu sends it."), next_step=CLICK_AGAIN) from error
    if not isinstance(value, dict):
        raise Unreadable(_("The request is JSON, but no object."), next_step=CLICK_AGAIN)
    if len(value) > MAX_FIELDS:
        _too_many()
    level: list[Json] = [value]
    for _level in range(MAX_DEPTH):
        level = [inner for outer in level for inner in _inside(outer)]
    if level:
        raise Unreadable(_("The request is nested too deeply."), next_step=CLICK_AGAIN)
    return value


def _inside(value: Json) -> Iterable[Json]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a name stands there twice")
    return made


def _short_int(digits: str) -> int:
    if len(digits) > MAX_NUMBER_DIGITS:
        raise ValueError("a number is too long")
    return int(digits)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _too_many() -> NoReturn:
    raise Unreadable(_("The request has more than {most} fields.", most=MAX_FIELDS), next_step=CLICK_AGAIN)


# -- values ----------------------------------------------------------------------------------------------------------
def _click(
    sender: Sender, action: str, values: Mapping[str, Json], selection: Iterable[Json], names: tuple[str, ...]
) -> Click:
    """A click of either vocabulary; `names` are its words for person, e-mail, project, server and page."""
    person, email, project, server, page = names
    person_id = _text(values, person, 64)
    project_id = _text(values, project, 64)
    return Click(
        action=action_name(action),
        task_ids=_ids(selection),
        sender=sender,
        server=_text(values, server, 255),
        person_id=task_id(person_id) if person_id else None,
        person_email=_text(values, email, 320),
        # Some of Kitsu's pages are of no single production, and say "all" here.
        project_id=project_id if project_id and _ID.fullmatch(project_id) else None,
        entity_type=_text(values, "entitytype", 64),
        page=_text(values, page, 2_000),
        received=tuple((_shown(n)[:80], _shown(v)) for n, v in values.items() if n.lower() not in SECRET_FIELDS),
    )


def _ids(selection: Iterable[Json]) -> tuple[str, ...]:
    """The selected tasks, each once, in their order. Kitsu has sent empty and double ids (kitsu 9a16a485e)."""
    ids: dict[str, None] = {}
    for item in selection:
        if item is not None and not isinstance(item, str):
            raise IncomingError(_("The selection holds something other than ids."), next_step=CLICK_AGAIN)
        if item:
            ids[task_id(item)] = None
    if not ids:
        raise NothingSelected(_("Nothing was selected."), next_step=CLICK_AGAIN)
    return tuple(ids)


def _text(values: Mapping[str, Json], name: str, most: int) -> str | None:
    """A field's text; None where it is missing or empty."""
    value = values.get(name)
    if value is None or value == "":
        return None
    # isprintable is false for control and bidi characters and for lone surrogates, which JSON can carry.
    if not isinstance(value, str) or len(value) > most or not value.isprintable():
        raise IncomingError(_("The field {name} is not a short line of text.", name=name), next_step=CLICK_AGAIN)
    return value


def _shown(value: Json) -> str:
    """A value for people: bounded, and without lone surrogates, which no page and no file could hold."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"


def _asked(sender: Sender, action: str, query: str) -> Click:
    """A click of a query, `task=ID&task=ID&server=ORIGIN` and nothing else."""
    if len(query) > MAX_LINK_BYTES:
        raise TooLarge(
            _("The address is longer than {most} characters.", most=MAX_LINK_BYTES), next_step=_("Select fewer tasks.")
        )
    tasks: list[Json] = []
    servers: list[str] = []
    for piece in query.split("&"):
        name, _sep, value = piece.partition("=")
        # Decoded once: `%2561` becomes `%61` and is no id.
        value = unquote(value, errors="replace")
        if name == "task":
            tasks.append(value)
        elif name == "server":
            servers.append(value)
        elif piece:
            raise IncomingError(
                _("The address has an unknown part {name!a}.", name=name[:40]), next_step=_("It takes task and server.")
            )
    if len(servers) > 1 or len(set(map(str, tasks))) < len(tasks):
        raise IncomingError(
            _("The address says the same thing twice."), next_step=_("Name each task and the server once.")
        )
    if servers and not _ORIGIN.fullmatch(servers[0]):
        raise NoServer(
            _("{server!a} is not the address of a Kitsu.", server=servers[0][:120]),
            next_step=_("Name it as it stands in the studio file, as in https://kitsu.example.com."),
        )
    return Click(
        action=action_name(action), task_ids=_ids(tasks), sender=sender, server=servers[0] if servers else None
    )
