"""Sentences that remember what they are made of."""

from launcher.words import Words, _, in_language, known, n_, preferred


def test_a_sentence_is_a_plain_text_everywhere():
    text = _("{app} is not installed here.", app="Blender")

    assert text == "Blender is not installed here."
    assert isinstance(text, str)
    assert f"{text}!" == "Blender is not installed here.!"


def test_it_remembers_pattern_and_values():
    text = _("{app} is not installed here.", app="Blender")

    assert isinstance(text, Words)
    assert (text.pattern, text.values) == ("{app} is not installed here.", {"app": "Blender"})


def test_braces_in_a_value_are_never_read_as_a_pattern():
    assert _("{name} is missing.", name="{x}{0.__class__}") == "{x}{0.__class__} is missing."


def test_a_sentence_that_counts_takes_the_pattern_of_its_number():
    assert [n_("{n} task", "{n} tasks", n) for n in (0, 1, 2)] == ["0 tasks", "1 task", "2 tasks"]


def test_a_language_without_a_catalogue_leaves_english():
    text = _("{app} is not installed here.", app="Blender")

    assert in_language(text, "tlh") == "Blender is not installed here."
    assert in_language("plain", "fr") == "plain"


def test_the_browser_chooses_by_quality():
    assert preferred("en;q=0.2, tlh, en-US") == "en"
    assert preferred("") == "en"
    assert preferred("x" * 100_000) == "en"


def test_a_language_is_known_by_its_first_part():
    assert known("en_GB.UTF-8") == "en"
    assert known("tlh") is None
