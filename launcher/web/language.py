"""The language of one answer: what the person has set, else what her browser prefers. Templates call it `t`."""

from collections.abc import Mapping
from contextvars import ContextVar

from aiohttp import hdrs, web

from launcher import words
from launcher.model import Json

NAMES: Mapping[str, str] = {"en": "English", "fr": "Français"}
"""What speakers of each language call it; one that is not here is called by its code."""
_spoken: ContextVar[str] = ContextVar("language", default="en")


def choose(chosen: str, request: web.Request) -> None:
    """Let all that is rendered for this request be in the person's language, or in the one her browser asks for."""
    _spoken.set(words.known(chosen) or words.preferred(request.headers.get(hdrs.ACCEPT_LANGUAGE, "")))


def spoken() -> str:
    """The language of the answer that is being made, as `<html lang>` names it."""
    return _spoken.get()


def say(text: str, **values: object) -> str:
    """A sentence in the request's language: `Words`, or the English pattern of one with its values."""
    if not text:
        return ""
    return words.in_language(text if isinstance(text, words.Words) else words._(text, **values), spoken())


def count(one: str, many: str, n: int, **values: object) -> str:
    """A sentence that counts, in the request's language."""
    return words.in_language(words.n_(one, many, n, **values), spoken())


def translated(value: Json) -> Json:
    """JSON whose `Words` are in the request's language; all else as it is."""
    if isinstance(value, str):
        return words.in_language(value, spoken())
    if isinstance(value, Mapping):
        return {name: translated(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [translated(inner) for inner in value]
    return value
