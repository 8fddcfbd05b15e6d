"""How values reach a page."""

import re
import unicodedata
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from markupsafe import Markup

from launcher.errors import LauncherError
from launcher.trust import Refuse
from launcher.web.pages import INVISIBLE, environment, error_page, prose, refusal, render, visible


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("SQ010/SH030", "SQ010/SH030"),
        ("Löwe & Söhne — 猫", "Löwe & Söhne — 猫"),
        ("a\nb\tc\0", "a\\u{a}b\\u{9}c\\u{0}"),
        ("exe.\u202egpj", "exe.\\u{202e}gpj"),
        ("zero\u200bwidth", "zero\\u{200b}width"),
        ("\u2028\ud800", "\\u{2028}\\u{d800}"),
        ("\x1b[31m", "\\u{1b}[31m"),
        (7, 7),
        (None, None),
    ],
)
def test_characters_that_hide_or_turn_text_are_written_out(value: object, shown: object):
    assert visible(value) == shown


def test_markup_of_our_own_passes():
    markup = Markup("<b>\n</b>")

    assert visible(markup) is markup


@given(st.text())
def test_whatever_is_shown_can_be_sent_and_seen(text: str):
    shown = visible(text)

    assert isinstance(shown, str)
    assert not any(unicodedata.category(c) in INVISIBLE for c in shown)
    shown.encode()


@given(st.text(alphabet="<>&\"'`a\u202e\n"))
def test_a_sentence_holds_no_markup_but_code(text: str):
    rest = str(prose(text)).replace("<code>", "").replace("</code>", "")

    assert not set("<>\"'\n\u202e") & set(rest)


def test_commands_in_a_sentence_are_code():
    assert prose("Run `kitsu-launcher login`.") == Markup("Run <code>kitsu-launcher login</code>.")
    assert prose("one ` alone") == Markup("one ` alone")
    assert prose("`<b>`") == Markup("<code>&lt;b&gt;</code>")


def test_a_name_that_a_template_lacks_is_an_error():
    with pytest.raises(UndefinedError):
        render("error.html", status=404)


def test_every_template_can_be_read():
    """Real: the files of the package."""
    names = [entry.name for entry in (resources.files("launcher.web") / "templates").iterdir()]

    assert "launch.html" in names
    for name in names:
        environment().get_template(name)


def test_no_template_has_a_script_or_a_style_of_its_own():
    """The policy would stop them. Real: the files of the package."""
    for entry in (resources.files("launcher.web") / "templates").iterdir():
        text = entry.read_text()
        for forbidden in ("style=", "<style", "onclick", "javascript:", "|safe", "| safe"):
            assert forbidden not in text, (entry.name, forbidden)
        assert text.count("<script") == len(
            re.findall(r'<script src="/static/(kitsu|dashboard|files|login)\.js" defer></script>', text)
        )


def test_an_error_s_page():
    """The whole text, once."""
    error = LauncherError("It is <not> here.", tried=["/a", "/b"], next_step="Install `it`.")

    response = error_page(error, 404)

    assert (response.status, response.content_type, response.charset) == (404, "text/html", "utf-8")
    assert (
        response.text
        == """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>It is &lt;not&gt; here.</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="/static/kitsu.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/kitsu.css">
<script src="/static/kitsu.js" defer></script>
</head>
<body>
<header class="top"><img src="/static/kitsu.svg" alt="" width="28" height="28"><strong>Kitsu Launcher</strong></header>
<main>
<div class="state refused">
<svg class="sign" viewBox="0 0 48 48" aria-hidden="true">
<circle cx="24" cy="24" r="21"/>
<path d="M24 14v12M24 33h.01"/>
</svg>

<div><p class="word">Not found</p><h1>It is &lt;not&gt; here.</h1></div>
</div>
<div class="stack"><section class="sheet next">
<h2>What to do next</h2>
<p>Install <code>it</code>.</p>
</section>
<section class="sheet">
<h2>What was tried</h2>
<ul class="lines">
<li>/a</li><li>/b</li></ul>
</section>
</div>
</main>
<footer class="foot"></footer>
<p id="said" class="unseen" aria-live="polite" data-copy-word="copy" data-was-copied="copied" \
data-copied="Copied {text}" data-not-copied="Could not copy {text}" \
data-silent="Kitsu Launcher does not answer." data-clock="in {time}" data-hits="{hits} of {all}"></p>
</body>
</html>"""
    )


def test_a_refusal_s_page_says_what_the_guard_says():
    response = refusal(Refuse("origin", 403, "This request is not allowed.", "Ask."))

    assert response.status == 403
    assert response.text
    assert '<p class="word">Refused</p><h1>This request is not allowed.</h1>' in response.text
    assert "<p>Ask.</p>" in response.text
    assert "What was tried" not in response.text
