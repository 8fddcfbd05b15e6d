"""What a studio's program answered that was asked before an application starts. Pure: `launcher.before` asks."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from launcher.config.person import LOADER
from launcher.model import OS
from launcher.plan.cleaning import plain
from launcher.plan.environment import UNSAFE
from launcher.words import Words, _

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}", re.ASCII)
OURS = re.compile(r"KITSU_.*", re.IGNORECASE)
LONGEST_VALUE = 32_767
"""Characters of one variable: the most that Windows takes."""
LONGEST_SENTENCE = 400
KEYS = ("env", "cancel")


class Unusable(Exception):
    """An answer that says nothing that could be done."""

    def __init__(self, why: Words) -> None:
        super().__init__(why)
        self.why = why
        """In words that people read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program wants."""

    env: Mapping[str, str | None] = field(default_factory=dict)
    """Variables that it sets; with None, removes."""
    cancel: str = ""
    """Its sentence for the artist, harmless and bounded; empty where it lets the launch go on."""


def answer(printed: bytes) -> Answer:
    """What was printed, as an answer: nothing, or one JSON object in UTF-8.

    Raises: Unusable
    """
    try:
        text = printed.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unusable(_("it printed something other than UTF-8")) from error
    if not text.strip():
        return Answer()
    try:
        said = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Unusable(_("it printed something other than JSON: {text!r}", text=plain(text, 120))) from error
    if not isinstance(said, dict):
        raise Unusable(_("it printed JSON that is no object: {text!r}", text=plain(text, 120)))
    for key in said:
        if key not in KEYS:
            raise Unusable(_('it answered {key!r}; known: "env" and "cancel"', key=plain(key, 80)))
    return Answer(_env(said.get("env")), _sentence(said.get("cancel")))


def merged(env: Mapping[str, str], added: Mapping[str, str | None], os: OS) -> dict[str, str]:
    """An environment with what a program added. On Windows PATH and Path are one variable."""
    result = dict(env)
    for written, value in added.items():
        same = [name for name in result if name.upper() == written.upper()] if os is OS.WINDOWS else []
        name = same[0] if same else written
        result.pop(name, None)
        if value is not None:
            result[name] = value
    return result


def _env(said: object) -> dict[str, str | None]:
    if said is None:
        return {}
    if not isinstance(said, dict):
        raise Unusable(_('its "env" is no object of names and texts'))
    for name, value in said.items():
        if not NAME.fullmatch(name):
            raise Unusable(_("{name!r} is no name of a variable", name=plain(name, 80)))
        if LOADER.fullmatch(name):
            raise Unusable(_("it set {name}, which makes programs load other code", name=name))
        if OURS.fullmatch(name):
            raise Unusable(_("it set {name}, which is Kitsu Launcher's own", name=name))
        if not isinstance(value, str | None):
            raise Unusable(_("it set {name} to something other than text or null", name=name))
        if value is not None and (UNSAFE.search(value) or len(value) > LONGEST_VALUE):
            raise Unusable(_("it set {name} to a value that is too long or holds control characters", name=name))
    return said


def _sentence(said: object) -> str:
    if said is None:
        return ""
    sentence = plain(said, LONGEST_SENTENCE).strip() if isinstance(said, str) else ""
    if not sentence:
        raise Unusable(_('its "cancel" is no sentence'))
    return sentence


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object whose names stand in it once: of two the reader could see one and the launcher take the other."""
    if len({name for name, _value in pairs}) != len(pairs):
        raise ValueError("a name stands there twice")
    return dict(pairs)


def _no_number(text: str) -> object:
    raise ValueError(f"{text} is no JSON")
