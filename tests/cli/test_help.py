"""Help in the person's language: real parser, real catalogue."""

from pathlib import Path

import pytest

from launcher import spoken
from launcher.cli import say
from launcher.cli.parser import Parser
from launcher.words import _


@pytest.fixture
def in_french(home: Path) -> Path:
    """Her own file says French."""
    (home / "config").mkdir()
    (home / "config" / "config.toml").write_text('[desk]\nlanguage = "fr"\n')
    say.language.cache_clear()
    spoken.of_desktop.cache_clear()
    return home


@pytest.fixture(autouse=True)
def forgotten():
    """Every test asks anew which language it is."""
    yield
    say.language.cache_clear()


def parser() -> Parser:
    made = Parser(prog="x", description=_("Refused"), epilog=_("Failed"))
    made.add_argument("--json", help=_("Question"))
    made.add_subparsers(title=_("Waiting")).add_parser("one", help=_("Done"), description=_("Running"))
    return made


def test_every_part_of_the_help_is_translated(in_french: Path):
    """Real: words that the dashboard says too, so that the catalogue has them."""
    said = parser().format_help()

    assert [word in said for word in ("Refusé", "Échec", "Question", "En attente", "Fait")] == [True] * 5
    assert "Refused" not in said
    assert said.startswith("usage\N{NO-BREAK SPACE}: x [-h]")
    assert "affiche cette aide" in said, "argparse's own words too"


def test_without_a_language_it_is_english(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LANGUAGE", "en")
    spoken.of_desktop.cache_clear()
    say.language.cache_clear()

    assert "Refused" in parser().format_help()


@pytest.mark.parametrize(("typed", "yes"), [("y", True), (" YES ", True), ("", False), ("n", False), ("no", False)])
def test_an_answer(home: Path, typed: str, yes: bool):
    assert say.is_yes(typed) is yes


def test_an_answer_in_french(in_french: Path):
    """What counts is how the catalogue says yes; English counts as well."""
    assert say.is_yes(say.say(_("yes")))
    assert say.is_yes("y")
    assert not say.is_yes("non")
