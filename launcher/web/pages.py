"""HTML pages: jinja2 with autoescape, and the headers that every answer carries."""

import unicodedata
from functools import cache
from importlib import resources

from aiohttp import web
from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from launcher.errors import LauncherError
from launcher.trust import Refuse
from launcher.web import language
from launcher.words import _

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: under that a form of our own page would send Origin: null (Chromium 156).
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
WORDS = {403: _("Refused"), 404: _("Not found"), 429: _("Too many")}
"""The word above an error's problem, by the answer's status."""
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's categories of control, format (bidi too) and surrogate characters, and of line separators."""


def visible(value: object) -> object:
    r"""A value for a page, with every character that could hide or turn text written out, as in `\u{202e}`.

    A lone surrogate could not even be sent. Markup of our own passes.
    """
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    if value.isascii() and value.isprintable():
        return value
    return "".join(f"\\u{{{ord(c):x}}}" if unicodedata.category(c) in INVISIBLE else c for c in value)


def prose(text: str) -> Markup:
    """A sentence of ours, with commands between backquotes set as code."""
    pieces = str(visible(text)).split("`")
    if len(pieces) % 2 == 0:
        return escape("`".join(pieces))
    return Markup().join(Markup("<code>{}</code>").format(p) if i % 2 else escape(p) for i, p in enumerate(pieces))


@cache
def environment() -> Environment:
    """jinja2, set up once. Every value is escaped; a name that a template lacks is an error, not an empty text."""
    folder = resources.files("launcher.web") / "templates"
    made = Environment(
        autoescape=True,
        finalize=visible,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        loader=FunctionLoader(lambda name: (folder / name).read_text(encoding="utf-8")),
    )
    made.filters["prose"] = prose
    made.globals.update(t=language.say, tn=language.count, spoken=language.spoken)
    return made


def render(template: str, **values: object) -> str:
    """The text of one template, in the request's language: `t` and `tn` translate."""
    return environment().get_template(template).render(values)


def page(template: str, status: int = 200, /, **values: object) -> web.Response:
    """One whole page."""
    return web.Response(text=render(template, **values), status=status, content_type="text/html", charset="utf-8")


def error_page(error: LauncherError, status: int) -> web.Response:
    """A page that says what was wanted, what was tried and what to do next."""
    return _problem(status, error.problem, error.tried, error.next_step)


def refusal(refuse: Refuse) -> web.Response:
    """The page of a request that the guard turns away. It names nothing of this machine or person."""
    return _problem(refuse.status, refuse.text, (), refuse.next_step)


def _problem(status: int, problem: str, tried: tuple[str, ...], next_step: str) -> web.Response:
    word = WORDS.get(status, _("Failed"))
    return page("error.html", status, word=word, problem=problem, tried=tried, next_step=next_step)


async def secure(request: web.Request, response: web.StreamResponse) -> None:
    """Put the security headers on an answer, whoever made it."""
    response.headers.update(HEADERS)
    response.headers.pop("Server", None)
