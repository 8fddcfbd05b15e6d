"""Words that people read, in the reader's language. English stands in the code; other languages in `locale/`.

`_("{app} is not installed here.", app=app)` is that English sentence, a plain `str` everywhere. It also remembers its
pattern and values, so that whoever shows it can ask for it in another language: `in_language(text, "fr")`.
"""

import gettext
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TypeAlias

DOMAIN = "launcher"
FOLDER = Path(__file__).parent / "locale"
DEEPEST = 8
"""Sentences within sentences that are kept as such; nothing of ours needs more than four."""

Packed: TypeAlias = "str | dict[str, object]"
"""A text as JSON keeps it."""


class Words(str):
    """An English sentence that knows its pattern and its values."""

    __slots__ = ("one", "pattern", "values")
    pattern: str
    """Empty where the values are only put in a row."""
    one: str
    """The pattern for exactly one, where there is one; else empty. Of a row, what stands between."""
    values: Mapping[str, object]


def _(pattern: str, **values: object) -> Words:
    """A sentence. `{name}` in it stands for a value; values may themselves be `Words`."""
    return _made(pattern.format(**values) if values else pattern, pattern, "", values)


def n_(one: str, many: str, n: int, **values: object) -> Words:
    """A sentence that counts: `one` where `n` is 1. `{n}` stands for the number."""
    return _made((one if n == 1 else many).format(n=n, **values), many, one, {"n": n, **values})


def joined(between: str, texts: Iterable[str]) -> Words:
    """Several texts in a row, the same in every language but for the texts themselves."""
    row = list(texts)
    return _made(between.join(row), "", between, {str(i): text for i, text in enumerate(row)})


def either(names: Iterable[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    *before, last = names
    return _("{several} or {last}", several=", ".join(before), last=last) if before else last


def cleaned(text: str, clean: Callable[[str], str]) -> str:
    """`text` with what came from outside made harmless by `clean`: of a sentence, its values; else all of it."""
    if not isinstance(text, Words):
        return clean(text)
    values = {name: _cleaned(value, clean) for name, value in text.values.items()}
    if not text.pattern:
        return _made(text.one.join(map(str, values.values())), "", text.one, values)
    if text.one:
        return _made((text.one if values["n"] == 1 else text.pattern).format(**values), text.pattern, text.one, values)
    return _(text.pattern, **values)


def in_language(text: str, language: str) -> str:
    """`text` in a language ("fr", "en", "fr-CA"); what has no translation, or is no `Words`, stays as it is."""
    catalogue = _catalogue(language) if isinstance(text, Words) else None
    if catalogue is None or not isinstance(text, Words):
        return str(text)
    values = {name: in_language(v, language) if isinstance(v, str) else v for name, v in text.values.items()}
    if not text.pattern:
        return text.one.join(str(value) for value in values.values())
    try:
        if text.one:
            count = values["n"]
            pattern = catalogue.ngettext(text.one, text.pattern, count if isinstance(count, int) else 2)
        else:
            pattern = catalogue.gettext(text.pattern)
        # Only our own translations are ever filled in: a pattern that they do not know may come out of a file.
        return (pattern.format(**values) if values else pattern) or str(text)
    except (LookupError, ValueError, TypeError, AttributeError):
        return str(text)


def packed(text: str) -> Packed:
    """A text as JSON can keep it, so that `unpacked` can still say it in any language."""
    if not isinstance(text, Words):
        return text
    values = {name: _kept(value) for name, value in text.values.items()}
    return {"text": str(text), "pattern": text.pattern, "one": text.one, "values": values}


def unpacked(value: object, depth: int = 0) -> str:
    """What `packed` made, read from a file that may hold anything: it is never formatted anew.

    Raises: TypeError where it is no text at all.
    """
    if isinstance(value, str):
        return value
    if not isinstance(value, dict) or not isinstance(text := value.get("text"), str):
        raise TypeError("no text")
    pattern, one, values = value.get("pattern"), value.get("one"), value.get("values")
    if depth >= DEEPEST or not (isinstance(pattern, str) and isinstance(one, str) and isinstance(values, dict)):
        return text
    found: dict[str, object] = {}
    for name, inner in values.items():
        found[str(name)] = inner if isinstance(inner, int | float) else unpacked(inner, depth + 1)
    return _made(text, pattern, one, found)


def languages() -> tuple[str, ...]:
    """English, and every language that has a catalogue."""
    return ("en", *sorted(path.parent.parent.name for path in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")))


def preferred(header: str) -> str:
    """The best known language of an `Accept-Language` header; English where none is known."""
    wanted: list[tuple[float, str]] = []
    for part in header[:200].split(","):
        name, _sep, rest = part.partition(";")
        wanted.append((-_quality(rest), name.strip().lower()))
    for name in (name for _order, name in sorted(wanted, key=lambda pair: pair[0])):
        if found := known(name):
            return found
    return "en"


def known(name: str) -> str | None:
    """The catalogue for a language's name such as "fr-CA" or "fr_CH.UTF-8"; None where there is none."""
    short = name.lower().replace("_", "-").partition(".")[0].partition("-")[0]
    return short if short in languages() else None


def first_known(names: Iterable[str]) -> str:
    """The first language that has a catalogue, of those that a desktop names; English where none has."""
    return next((found for name in names if (found := known(name))), "en")


def _quality(text: str) -> float:
    try:
        return float(text.strip().removeprefix("q="))
    except ValueError:
        return 1.0


def _made(text: str, pattern: str, one: str, values: Mapping[str, object]) -> Words:
    words = Words(text)
    words.pattern, words.one, words.values = pattern, one, values
    return words


def _cleaned(value: object, clean: Callable[[str], str]) -> object:
    """A path or an address counts as the text that it is shown as."""
    if isinstance(value, int | float):
        return value
    return cleaned(value if isinstance(value, str) else str(value), clean)


def _kept(value: object) -> object:
    return packed(value) if isinstance(value, str) else value if isinstance(value, int | float) else str(value)


class _Unknown(gettext.NullTranslations):
    """What is not in the catalogue: empty, where gettext would answer the English pattern."""

    def gettext(self, message: str) -> str:
        return ""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return ""


@cache
def _catalogue(language: str) -> gettext.NullTranslations | None:
    name = known(language)
    if name is None or name == "en":
        return None
    catalogue = gettext.translation(DOMAIN, FOLDER, [name])
    catalogue.add_fallback(_Unknown())
    return catalogue
