"""The cattrs converter that makes schema's values from raw tables, strictly: nothing is turned into something else."""

from collections.abc import Callable, Mapping
from dataclasses import is_dataclass, replace
from functools import cache
from typing import Any, Literal, get_args, get_origin

import cattrs
from cattrs.gen import make_dict_structure_fn

from launcher.config import address
from launcher.config.problems import shown, unknown
from launcher.config.schema import ArgvItem, Before, CopyFrom, EnvChange, Server, WhenMissing
from launcher.config.template import Template, parse
from launcher.words import Words, _, either, joined


class Wrong(Exception):
    """A value of a shape that does not fit."""

    def __init__(self, text: Words) -> None:
        super().__init__(text)
        self.text = text
        """What people read."""


@cache
def converter() -> cattrs.Converter:
    """Made once, at the first configuration that is read: cattrs writes its functions then."""
    made = cattrs.Converter(detailed_validation=True, forbid_extra_keys=True)
    for cls, words in (
        (str, lambda value: _("must be text in quotes, not {value}", value=value)),
        (bool, lambda value: _("must be true or false, not {value}", value=value)),
        (int, lambda value: _("must be a whole number, not {value}", value=value)),
    ):
        made.register_structure_hook(cls, _exactly(cls, words))
    made.register_structure_hook(Template, lambda value, _wanted: parse(_text(value)))
    made.register_structure_hook_factory(is_dataclass, lambda cls: _dataclass(cls, made))
    made.register_structure_hook_factory(lambda t: _is(t, Literal), _literal)
    made.register_structure_hook_factory(lambda t: _is(t, tuple), lambda t: _list(t, made))
    made.register_structure_hook_factory(lambda t: _is(t, Mapping), lambda t: _mapping(t, made))
    made.register_structure_hook(ArgvItem, lambda value, _wanted: _argv_item(value, made))
    made.register_structure_hook(WhenMissing, lambda value, _wanted: _when_missing(value, made))
    return made


# From here on `Any` is what TOML may hold and what cattrs makes of it.


def _is(wanted: Any, origin: Any) -> bool:
    return get_origin(wanted) is origin


def _exactly(cls: type, words: Callable[[str], Words]) -> Callable[[Any, Any], Any]:
    def check(value: Any, _wanted: Any) -> Any:
        if type(value) is not cls:
            raise Wrong(words(shown(value)))
        return value

    return check


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Wrong(_("must be text in quotes, not {value}", value=shown(value)))
    return value


def _dataclass(cls: Any, made: cattrs.Converter) -> Callable[[Any, Any], Any]:
    """One table. A server may be a plain address, a change of the environment and a program plain texts."""
    read = make_dict_structure_fn(cls, made, _cattrs_forbid_extra_keys=True, _cattrs_detailed_validation=True)

    def table(value: Any, wanted: Any) -> Any:
        if not isinstance(value, dict):
            raise Wrong(_("must be a table, not {value}", value=shown(value)))
        return read(value, wanted)

    def change(value: Any, wanted: Any) -> Any:
        return EnvChange(set=parse(value)) if isinstance(value, str) else table(_table_of_changes(value), wanted)

    def server(value: Any, wanted: Any) -> Any:
        whole = {"origins": [value]} if isinstance(value, str) else value
        return _normal(table({"api": "", **whole} if isinstance(whole, dict) else whole, wanted))

    def before(value: Any, wanted: Any) -> Any:
        return Before(run=(parse(value),)) if isinstance(value, str) else table(value, wanted)

    return {EnvChange: change, Server: server, Before: before}.get(cls, table)


def _normal(server: Server) -> Server:
    """A server with its addresses as browsers write them; the API's follows from the first where it is not said."""
    if not server.origins:
        raise Wrong(_("needs at least one address in origins"))
    wrong: list[str] = []
    origins: list[str] = []
    for text in server.origins:
        try:
            origins.append(address.origin(text, insecure=server.insecure))
        except address.AddressError as error:
            wrong.append(_("{value} {reason}", value=shown(text), reason=error.text))
    api = ""
    try:
        api = address.api(server.api, insecure=server.insecure) if server.api else f"{(*origins, '')[0]}/api"
    except address.AddressError as error:
        wrong.append(_("{value} {reason}", value=shown(server.api), reason=error.text))
    try:
        page = address.login_page(server.login_page, origins, insecure=server.insecure)
    except address.AddressError as error:
        wrong.append(_("{value} {reason}", value=shown(server.login_page), reason=error.text))
    if wrong:
        raise Wrong(joined("; ", wrong))
    return replace(server, origins=tuple(origins), api=api, login_page=page)


def _table_of_changes(value: Any) -> Any:
    if isinstance(value, dict) and (not value or ("unset" in value and len(value) > 1) or "set" in value):
        raise Wrong(_('must be text, or a table of "prepend" and "append", or { unset = true }'))
    return value


def _literal(wanted: Any) -> Callable[[Any, Any], Any]:
    known = get_args(wanted)

    def check(value: Any, _wanted: Any) -> Any:
        if value not in known:
            raise Wrong(unknown(_("value"), value, known, list_all=True))
        return value

    return check


def _list(wanted: Any, made: cattrs.Converter) -> Callable[[Any, Any], Any]:
    plain: Any = list[get_args(wanted)[0]]  # type: ignore[misc]

    def check(value: Any, _wanted: Any) -> Any:
        if not isinstance(value, list):
            raise Wrong(_("must be a list, not {value}", value=shown(value)))
        return tuple(made.structure(value, plain))

    return check


def _mapping(wanted: Any, made: cattrs.Converter) -> Callable[[Any, Any], Any]:
    plain: Any = dict[get_args(wanted)]  # type: ignore[misc]

    def check(value: Any, _wanted: Any) -> Any:
        if not isinstance(value, dict):
            raise Wrong(_("must be a table, not {value}", value=shown(value)))
        return made.structure(value, plain)

    return check


def _argv_item(value: Any, made: cattrs.Converter) -> Any:
    return made.structure(value, tuple[str, ...]) if isinstance(value, list) else _text(value)


def _when_missing(value: Any, made: cattrs.Converter) -> Any:
    words = [args for part in get_args(WhenMissing) if get_origin(part) is Literal for args in get_args(part)]
    if isinstance(value, dict):
        return made.structure(value, CopyFrom)
    if value not in words:
        raise Wrong(_('must be {{ copy = "…" }}, {words}', words=either(map(shown, words))))
    return value
