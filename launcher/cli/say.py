"""What the command line says, in the person's language: hers of `config.toml`, else her desktop's."""

import json
import re
import tomllib
from functools import cache

from launcher.logs import escaped
from launcher.model import Json
from launcher.words import _, in_language


@cache
def language() -> str:
    """Read at the first word that is said. A broken file is for `config check` to tell."""
    from launcher import paths, spoken

    try:
        desk = tomllib.loads((paths.folders().config / "config.toml").read_text("utf-8")).get("desk")
    except (OSError, ValueError, RecursionError):
        desk = None
    chosen = desk.get("language") if isinstance(desk, dict) else None
    return spoken.of_person(chosen if isinstance(chosen, str) else "")


def is_yes(typed: str) -> bool:
    """Whether an answer means yes: in English, or in the person's language."""
    first = say(_("yes"))
    return typed.strip().lower() in ("y", "yes", first, first[:1])


def say(text: str, **values: object) -> str:
    """One line for the terminal, in the person's language; no name in it can command the terminal or end the line.

    Plain text is taken for a pattern, as by `_`, only where there are values for it.
    """
    return escaped(in_language(_(text, **values) if values else text, language()))


def say_json(value: Json) -> None:
    """An answer for programs, readable for people: no name in it can command the terminal that it is printed to."""
    text = json.dumps(value, indent=1, ensure_ascii=False)
    # JSON itself writes out what is below a blank; some terminals take these for commands as well.
    print(re.sub("[\x7f-\x9f]", lambda found: f"\\u{ord(found[0]):04x}", text))
