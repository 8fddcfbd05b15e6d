"""No text of the doctor names a secret."""

from pathlib import Path

import pytest

from launcher.doctor.finding import bad
from launcher.doctor.safe import cleaned, cleaner
from launcher.words import Words, _, n_

KEY = "0123456789abcdef-key-of-the-studio"
clean = cleaner([KEY, ""], Path("/home/ana"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"the key {KEY}!", "the key …!"),
        ("http://127.0.0.1:24517/run/x?key=abc&a=1", "http://127.0.0.1:24517/run/x?key=…&a=1"),
        ("Bearer eyJhbGciOiJIUzI1.eyJzdWIiOiIx.c2ln", "Bearer …"),
        ("https://ana:pass@kitsu.example/api", "https://…@kitsu.example/api"),
        ("ana.brandt+x@lunar.example is out", "…@lunar.example is out"),
        ("/home/ana/.config/x and /home/anabel", "~/.config/x and /home/anabel"),
        ("/opt/tool@2.0/bin/x.y", "/opt/tool@2.0/bin/x.y"),
        ("Blender 4.2 in /opt", "Blender 4.2 in /opt"),
    ],
)
def test_secrets_are_taken_out(text: str, shown: str):
    assert clean(text) == shown


def test_a_sentence_stays_one_that_can_be_translated():
    text = clean(_("{path} is not {what}.", path="/home/ana/x", what=_("yours")))

    assert text == "~/x is not yours."
    assert isinstance(text, Words)
    assert text.pattern == "{path} is not {what}."
    assert clean(n_("{n} of {path}", "{n} of {path}", 2, path=f"/{KEY}")) == "2 of /…"


def test_a_value_that_is_no_text_is_cleaned_too_and_the_sentence_stays_one():
    text = clean(_("{path} is missing.", path=Path("/home/ana/x")))

    assert text == "~/x is missing."
    assert isinstance(text, Words)


def test_every_part_of_a_finding_is_cleaned():
    found = cleaned(bad("a", f"A {KEY}.", f"B {KEY}.", [f"C {KEY}"]), clean)

    assert found == bad("a", "A ….", "B ….", ["C …"])


def test_a_home_that_is_the_root_hides_nothing():
    assert cleaner((), Path("/"))("/etc/x") == "/etc/x"
