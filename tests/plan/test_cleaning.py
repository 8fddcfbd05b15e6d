"""What comes from Kitsu becomes one harmless component: `launcher.plan.cleaning`."""

import re
import unicodedata
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from launcher.plan.cleaning import LONGEST_BYTES, UNSEEN, PlanError, component, plain, slug
from tests.support.planned import NASTY

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)
"""Lone surrogates too."""


def cleaned(text: str) -> str | None:
    try:
        return component(text)
    except PlanError:
        return None


@pytest.mark.parametrize(
    ("name", "becomes"),
    [
        ("SH030", "SH030"),
        ("../../etc/passwd", "__.._etc_passwd"),
        ("a/b\\c", "a_b_c"),
        ("／full＼width", "_full_width"),
        ("-rf", "_rf"),
        ("--python-expr", "_python-expr"),
        (".hidden", "_hidden"),
        (" . -x", "_x"),
        ("-", "_"),
        ("dot.", "dot"),
        ("name with  spaces ", "name with  spaces"),
        ("C:\\x", "C__x"),
        ("x:stream", "x_stream"),
        ("rtl\u202egpj.exe", "rtlgpj.exe"),
        ("zero\u200bwidth", "zerowidth"),
        ("tab\there", "tabhere"),
        ("line\nbreak\x00", "linebreak"),
        ("lone\ud800surrogate", "lonesurrogate"),
        ("cafe\u0301", "caf\u00e9"),
        ("cafe\u200b\u0301", "caf\u00e9"),
        ("日本語カット", "日本語カット"),
        ("CON", "CON_"),
        ("con.tar.gz", "con_.tar.gz"),
        ("aux.txt", "aux_.txt"),
        ("COM¹", "COM¹_"),
        ("LPT9.blend", "LPT9_.blend"),
        ("nul .txt", "nul _.txt"),
        ("CONSOLE", "CONSOLE"),
        ("{project.name}", "{project.name}"),
        ("$(touch x)`y`;&|", "$(touch x)`y`;&_"),
        ("<b>*?</b>", "_b_____b_"),
    ],
)
def test_a_name_becomes_one_component(name: str, becomes: str) -> None:
    """Real: the cleaning itself."""
    assert component(name) == becomes


@pytest.mark.parametrize("name", ["", " ", ".", "..", ". .", "\u200b", "\u202e.", "\x00\n", "\ud800"])
def test_a_name_of_which_nothing_is_left_is_an_error(name: str) -> None:
    """Real: the cleaning itself."""
    with pytest.raises(PlanError, match="can stand in a path"):
        component(name)


def test_long_names_are_cut_between_characters_and_stay_distinct() -> None:
    """Real: the cleaning itself."""
    first, second = component("卵" * 100), component("卵" * 101)

    assert first != second
    assert all(len(name.encode()) <= LONGEST_BYTES for name in (first, second))
    assert re.fullmatch("卵{37}_[0-9a-f]{8}", first)


@given(ANY_TEXT)
@example("..")
@example("CON" + "x" * 200)
def test_whatever_the_name_it_stays_one_component_on_every_os(text: str) -> None:
    """Real: the cleaning itself, and pathlib's reading of its result on both families of OS."""
    name = cleaned(text)
    if name is None:
        return

    assert not re.search(r'[/\\／＼:*?"<>|\x00-\x1f\u202a-\u202e\u2066-\u2069\u200b-\u200f\ud800-\udfff]', name)
    assert not name.startswith(("-", ".", " "))
    assert not name.endswith((".", " "))
    assert 0 < len(name.encode()) <= LONGEST_BYTES
    assert PurePosixPath("/r", name).parts == ("/", "r", name)
    assert PureWindowsPath("C:/r", name).parts == ("C:\\", "r", name)
    assert not PureWindowsPath(name).is_reserved()


@given(ANY_TEXT)
@example("con." + "x" * 200)
def test_what_is_clean_stays_as_it_is(text: str) -> None:
    """Real: the cleaning itself."""
    name = cleaned(text)

    assert name is None or component(name) == name


@pytest.mark.parametrize(
    ("name", "becomes"),
    [
        ("Animation", "animation"),
        ("Lighting & Comp 2", "lighting_comp_2"),
        ("Ünïcödé ñ", "unicode_n"),
        ("日本語", "77710aed"),
        ("日本語 01", "01_e92e4caa"),
        ("../x", "x"),
    ],
)
def test_a_slug_is_small_ascii(name: str, becomes: str) -> None:
    """Real: the cleaning itself."""
    assert slug(name) == becomes


def test_slugs_of_names_in_other_scripts_do_not_become_one_folder() -> None:
    """Real: the cleaning itself."""
    assert len({slug(name) for name in ("日本語 01", "英語 01", "01", "Ω 01")}) == 4


@given(ANY_TEXT)
def test_a_slug_is_never_empty_and_never_odd(text: str) -> None:
    """Real: the cleaning itself."""
    assert re.fullmatch(r"[a-z0-9][a-z0-9_]*", slug(text))


def test_the_seeds_names_that_hurt_are_all_cleaned_and_stay_distinct() -> None:
    """Real: the names that the test studio's Zou stores."""
    assert len({component(name) for name in NASTY}) == len(NASTY)


def test_text_for_people_is_one_line_and_bounded() -> None:
    """Real: the cleaning itself."""
    assert plain("a\r\nb\x1b[31m\u202ec", 5) == "ab[3…"


def test_every_ascii_character_is_plain_or_unseen_by_its_category() -> None:
    """Printable ASCII, which nearly every name is, is not looked at character by character."""
    for number in range(128):
        seen = unicodedata.category(chr(number)) not in UNSEEN
        assert plain(f"a{chr(number)}b") == (f"a{chr(number)}b" if seen else "ab")
