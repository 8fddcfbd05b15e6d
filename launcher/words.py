"""Words that people read, in the reader's language. English stands in the code; other languages in `locale/`.

`_("{app} is not installed here.", app=app)` is that English sentence, a plain `str` everywhere. It also remembers its
pattern and values, so that whoever shows it can ask for it in another language: `in_language(text, "fr")`.
"""

import gettext
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

DOMAIN = "launcher"
FOLDER = Path(__file__).parent / "locale"


class Words(str):
    """An English sentence that knows its pattern and its values."""

    __slots__ = ("one", "pattern", "values")
    pattern: str
    one: str
    """The pattern for exactly one, where there is one; else empty."""
    values: Mapping[str, object]


def _(pattern: str, **values: object) -> Words:
    """A sentence. `{name}` in it stands for a value; values may themselves be `Words`."""
    words = Words(pattern.format(**values) if values else pattern)
    words.pattern, words.one, words.values = pattern, "", values
    return words


def n_(one: str, many: str, n: int, **values: object) -> Words:
    """A sentence that counts: `one` where `n` is 1. `{n}` stands for the number."""
    words = Words((one if n == 1 else many).format(n=n, **values))
    words.pattern, words.one, words.values = many, one, {"n": n, **values}
    return words


def in_language(text: str, language: str) -> str:
    """`text` in a language ("fr", "en", "fr-CA"); what has no translation, or is no `Words`, stays as it is."""
    if not isinstance(text, Words):
        return text
    catalogue = _catalogue(language)
    if catalogue is None:
        return str(text)
    values = {name: in_language(v, language) if isinstance(v, str) else v for name, v in text.values.items()}
    if text.one:
        count = values["n"]
        pattern = catalogue.ngettext(text.one, text.pattern, count if isinstance(count, int) else 2)
    else:
        pattern = catalogue.gettext(text.pattern)
    return pattern.format(**values) if values else pattern


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


def of_desktop(environ: Mapping[str, str]) -> str:
    """The language of the desktop session, by the variables of gettext in their order."""
    chosen: Iterable[str] = (environ.get(name, "") for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"))
    for value in chosen:
        for name in value.split(":"):
            if found := known(name):
                return found
        if value:
            return "en"
    return "en"


def _quality(text: str) -> float:
    try:
        return float(text.strip().removeprefix("q="))
    except ValueError:
        return 1.0


@cache
def _catalogue(language: str) -> gettext.NullTranslations | None:
    name = known(language)
    if name is None or name == "en":
        return None
    return gettext.translation(DOMAIN, FOLDER, [name])
