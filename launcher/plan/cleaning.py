"""What comes from Kitsu is text that anybody in the production may have typed: made harmless here.

`component` is for paths, `plain` for arguments, variables and people. Nothing here knows templates.
"""

import hashlib
import re
import unicodedata

from launcher.errors import LauncherError
from launcher.words import _

LONGEST_BYTES = 120
"""Of one cleaned value: two of them and the studio's own text still fit into the 255 of a file system."""
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories: control, format (bidi, zero-width, soft hyphen), lone surrogates, line separators."""
SEPARATORS = str.maketrans(dict.fromkeys('/\\／＼:*?"<>|', "_"))
"""Of folders on any OS and their full-width twins, of drives and streams, and what Windows forbids besides."""
RESERVED = re.compile(r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³])", re.IGNORECASE)
"""Devices of Windows, whatever ending follows (learn.microsoft.com, "Naming Files, Paths, and Namespaces")."""


class PlanError(LauncherError):
    """A plan cannot be made for this task."""

    code = "plan"
    exit_code = 2
    status = 422

    key: str = ""
    """The configuration's key that it comes from, as in "actions.open.file"; `run` adds its file and line."""


def plain(text: str, longest: int = 0) -> str:
    """`text` without anything unseen, on one line; cut with "…" beyond `longest` characters, 0 for no limit."""
    seen = text if text.isascii() and text.isprintable() else _seen(text)
    return seen if not longest or len(seen) <= longest else seen[: longest - 1] + "…"


def _seen(text: str) -> str:
    # Twice NFC: what is left out may have kept a letter and its accent apart.
    seen = "".join(c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c) not in UNSEEN)
    return unicodedata.normalize("NFC", seen)


def component(value: str) -> str:
    """`value` as one component of a path, on every OS the same.

    Raises: PlanError when nothing is left of it.
    """
    return _bounded(shaped(lead(harmless(value))))


def harmless(value: str) -> str:
    """The characters of `value` that a component may have, bounded; where it stands is for `lead` and `shaped`.

    Raises: PlanError when nothing is left of it.
    """
    text = plain(value).translate(SEPARATORS)
    if not text.strip(". "):
        raise PlanError(
            _("Nothing of the name {value!r} can stand in a path.", value=plain(value, 80)),
            next_step=_("Give it another name in Kitsu."),
        )
    return _bounded(text)


def shaped(text: str) -> str:
    """A whole component: no dot or blank after it, no device of Windows. How it may begin is for `lead`."""
    text = unicodedata.normalize("NFC", text).rstrip(". ")
    stem, dot, ending = text.partition(".")
    return f"{stem}_{dot}{ending}" if RESERVED.fullmatch(stem.rstrip(" ")) else text


def lead(text: str) -> str:
    """A value that begins a component, with one "_" for the dots, dashes and blanks before it: no option, no `..`."""
    return re.sub(r"^[-. ]+", "_", text)


def slug(value: str) -> str:
    """Small ASCII letters and digits, joined by "_".

    What has no such letters ("日本語", "Ω") leaves a short hash instead, so that two names never become one folder.
    """
    apart = unicodedata.normalize("NFKD", plain(value).lower())
    letters = "".join(c for c in apart if not unicodedata.combining(c))
    text = re.sub(r"[^a-z0-9]+", "_", letters).strip("_")
    lost = any(c.isalnum() and not c.isascii() for c in letters)
    return _bounded("_".join(filter(None, [text, _mark(value) if lost or not text else ""])))


def _bounded(text: str) -> str:
    """At most `LONGEST_BYTES` of UTF-8, no character cut; what was cut is told apart by a short hash."""
    raw = text.encode()
    if len(raw) <= LONGEST_BYTES:
        return text
    mark = _mark(text)
    return f"{raw[: LONGEST_BYTES - len(mark) - 1].decode(errors='ignore')}_{mark}"


def _mark(text: str) -> str:
    return hashlib.sha256(plain(text).encode()).hexdigest()[:8]
