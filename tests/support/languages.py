"""The catalogues of `launcher/locale`: what there is to say, what is said in each language, and both brought together.

python -m tests.support.languages update      new sentences into every .po, then every .mo
python -m tests.support.languages add de      a new language
"""

import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from launcher.words import DOMAIN, FOLDER

CODE = Path(__file__).parents[2] / "launcher"
METHODS = [("**.py", "python"), ("web/templates/**.html", "jinja2.ext:babel_extract")]
KEYWORDS = {"_": None, "n_": (1, 2), "t": None, "tn": (1, 2)}
PLACEHOLDER = re.compile(r"\{\{|\}\}|\{[^{}]*\}")
WIDTH = 120
PROJECT = "Kitsu Launcher"
NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)
"""A date in the header would make a conflict of every two changes."""


def files() -> list[Path]:
    """Every language's .po."""
    return sorted(FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def said() -> Catalog:
    """Every sentence of the code and of the templates, with the files that say it."""
    catalogue = Catalog(project=PROJECT, charset="utf-8", creation_date=NO_DATE)
    for name, _line, text, comments, _context in extract_from_dir(str(CODE), METHODS, keywords=KEYWORDS):
        catalogue.add(text, locations=[(f"launcher/{name}", 0)], auto_comments=comments)
    return catalogue


def read(path: Path) -> Catalog:
    """One language, as it stands in its .po."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3], domain=DOMAIN)


def compiled(catalogue: Catalog) -> bytes:
    """What its .mo must be."""
    made = io.BytesIO()
    write_mo(made, catalogue)
    return made.getvalue()


def problems(catalogue: Catalog) -> Iterator[str]:
    """What a translator still has to do, one line for each sentence."""
    wanted = {_key(message): message for message in said() if message.id}
    for key, message in wanted.items():
        found = catalogue.get(message.id)
        if found is None or not all(_forms(found)):
            yield f"missing: {key!r} ({', '.join(name for name, _line in message.locations)})"
        elif found.fuzzy:
            yield f"not looked at: {key!r}"
        elif any(_placeholders(form) not in map(_placeholders, _said(message)) for form in _forms(found)):
            yield f"other {{placeholders}}: {key!r}"
    yield from (f"said nowhere any more: {_key(one)!r}" for one in catalogue if one.id and _key(one) not in wanted)
    yield from (f"said nowhere any more: {_key(one)!r}" for one in catalogue.obsolete.values())


def update(path: Path) -> None:
    """New sentences into a .po, those that nobody says any more out of it, and the .mo beside it."""
    catalogue = read(path)
    catalogue.update(said(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    for one in catalogue:
        one.flags.discard("python-brace-format")  # braces without values are the studio file's own
    with path.open("wb") as file:
        write_po(file, catalogue, width=WIDTH, sort_output=True, include_lineno=False, omit_header=False)
    path.with_suffix(".mo").write_bytes(compiled(catalogue))


def add(language: str) -> Path:
    """A .po without any sentence yet."""
    path = FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    path.parent.mkdir(parents=True)
    catalogue = Catalog(
        locale=language,
        project=PROJECT,
        charset="utf-8",
        fuzzy=False,
        creation_date=NO_DATE,
        revision_date=NO_DATE,
        version="1",
        msgid_bugs_address="",
        last_translator="",
        language_team="",
        header_comment=f"# {PROJECT}: {language}",
    )
    with path.open("wb") as file:
        write_po(file, catalogue)
    return path


def _key(message: Message) -> str:
    """The English that stands for all forms: that of many, where it counts."""
    return message.id[1] if isinstance(message.id, tuple) else message.id


def _said(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def _placeholders(text: str) -> set[str]:
    # A language may quote in its own way what English shows as Python does.
    return {found.replace("!r}", "}") for found in PLACEHOLDER.findall(text)}


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["add", name]:
            update(add(name))
        case ["update"]:
            for one in files():
                update(one)
        case _:
            sys.exit(__doc__)
