"""The catalogues of `launcher/locale` are whole, and every text for people can be said in their languages."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.words import _, cleaned, either, first_known, in_language, joined, n_, packed, unpacked
from tests.support import languages

FILES = languages.files()
CODE = sorted(languages.CODE.rglob("*.py"))
FOUND_AT_RUN_TIME = {
    "launcher/errors.py": "the operating system's own words",
    "launcher/words.py": "a sentence that is made anew of its pattern",
    "launcher/web/language.py": "the pattern stands in a template",
    "launcher/cli/say.py": "the pattern stands at the caller's",
}
"""Where `_` may be given something other than a literal, and why that is found all the same."""


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parts[-3])
def test_every_sentence_is_translated_and_none_is_left_over(file: Path) -> None:
    """Real: babel reads code, templates and the .po."""
    assert list(languages.problems(languages.read(file))) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parts[-3])
def test_what_is_compiled_is_what_is_written(file: Path) -> None:
    """`python -m tests.support.languages update` makes it so."""
    assert file.with_suffix(".mo").read_bytes() == languages.compiled(languages.read(file))


def test_french_is_there() -> None:
    assert "fr" in [file.parts[-3] for file in FILES]
    assert first_known(["de_CH.UTF-8", "fr_CH.UTF-8"]) == "fr"


def test_french_is_said_with_its_own_spaces_and_numbers() -> None:
    """Real: the catalogue."""
    missing = _("{app} is not installed here.", app=either(["Blender", "Krita", "VLC"]))

    assert in_language(missing, "fr") == "Blender, Krita ou VLC n’est pas installé ici."
    assert in_language(_("{path}: {reason}", path="/p", reason=_("Permission denied")), "fr-CA") == (
        "/p\N{NO-BREAK SPACE}: Permission refusée"
    )
    counted = [n_("{n} launch is running", "{n} launches are running", n) for n in (0, 1, 2)]
    assert [in_language(text, "fr") for text in counted] == [
        "0 lancement en cours",
        "1 lancement en cours",
        "2 lancements en cours",
    ]


def test_a_row_of_sentences_is_said_one_by_one() -> None:
    row = joined(": ", ("/etc/studio.toml:3", "studio.port", _("must be a table")))

    assert row == "/etc/studio.toml:3: studio.port: must be a table"
    assert in_language(row, "fr") == "/etc/studio.toml:3: studio.port: doit être une table"


def test_cleaning_reaches_values_and_leaves_the_sentence() -> None:
    text = _("warning: {text}", text=_("{path}: is not there", path="/p\x07"))

    clean = cleaned(text, lambda value: value.replace("\x07", ""))

    assert clean == "warning: /p: is not there"
    assert in_language(clean, "fr") == "avertissement\N{NO-BREAK SPACE}: /p\N{NO-BREAK SPACE}: n’est pas là"


def test_what_is_packed_is_said_as_before() -> None:
    text = joined(
        " ", (n_("{n} launch is running", "{n} launches are running", 2), _("{path}: is not there", path="/p"), "plain")
    )

    again = unpacked(packed(text))

    assert again == text
    assert in_language(again, "fr") == in_language(text, "fr")


@pytest.mark.parametrize("file", CODE, ids=lambda file: str(file.relative_to(languages.CODE)))
def test_errors_speak_every_language(file: Path) -> None:
    """No error is made of a plain text, and no pattern is put together where nobody can find it."""
    assert (
        list(_untranslatable(ast.parse(file.read_text("utf-8")), f"launcher/{file.relative_to(languages.CODE)}")) == []
    )


def _untranslatable(tree: ast.AST, file: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in ("_", "n_") and file not in FOUND_AT_RUN_TIME:
            patterns = node.args[: 1 if name == "_" else 2]
            yield from (f"{file}:{one.lineno}: not a literal" for one in patterns if not isinstance(one, ast.Constant))
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        if "next_step" in given:
            said = [*node.args[:1], given["next_step"], *([given["tried"]] if "tried" in given else [])]
            yield from (f"{file}:{one.lineno}: {ast.unparse(one)}" for text in said for one in _plain(text))


def _plain(text: ast.expr) -> Iterator[ast.expr]:
    """The plain sentences in an argument; a path, a value or a line of somebody else's is none."""
    match text:
        case ast.Constant(value=str(words)) if " " in words.strip():
            yield text
        case ast.JoinedStr(values=parts):
            own = "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))
            if any(word.isalpha() and len(word) > 1 for word in own.replace(":", " ").split()):
                yield text
        case ast.IfExp(body=one, orelse=other):
            yield from (*_plain(one), *_plain(other))
        case ast.List(elts=several) | ast.Tuple(elts=several):
            yield from (found for one in several for found in _plain(one))
        case ast.ListComp(elt=one) | ast.GeneratorExp(elt=one) | ast.Starred(value=one):
            yield from _plain(one)
