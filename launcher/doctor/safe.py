"""Findings that may be shown to anybody: without keys, tokens, passwords and addresses of people. Pure."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from launcher import words
from launcher.doctor.finding import Finding

MASK = "…"
SHORTEST = 4
"""What is shorter is no secret, and would take letters out of every word."""
PATTERNS = (
    (re.compile(r"(?i)\b(key|token|password|code|secret)=[^\s&\"'<>]+"), r"\1=" + MASK),
    (re.compile(r"\beyJ[\w-]{8,}(\.[\w-]*){0,2}"), MASK),  # what Kitsu's tokens begin with
    (re.compile(r"(?<=://)[^/\s@]+@"), MASK + "@"),  # a password in an address
    (re.compile(r"(?<![\w/\\])[\w.+-]+@(?=(?:[\w-]+\.)+[A-Za-z]{2,}\b)"), MASK + "@"),  # an e-mail's person
)


def cleaner(secrets: Iterable[str], home: Path) -> Callable[[str], str]:
    """A function that takes what nobody else should read out of a text; `Words` stay such where they can."""
    known = sorted((one for one in secrets if len(one) >= SHORTEST), key=len, reverse=True)
    at_home = re.compile(re.escape(str(home)) + r"(?![\w.-])") if len(home.parts) > 1 else None

    def plain(text: str) -> str:
        for secret in known:
            text = text.replace(secret, MASK)
        for pattern, shown in PATTERNS:
            text = pattern.sub(shown, text)
        return at_home.sub("~", text) if at_home else text

    def clean(text: str) -> str:
        by_values = words.cleaned(text, plain)
        whole = plain(str(by_values))
        # A secret may also stand in a value that is no text, or across two: then safety comes before translation.
        return by_values if whole == by_values else whole

    return clean


def cleaned(finding: Finding, clean: Callable[[str], str]) -> Finding:
    """A finding whose texts name no secret."""
    return replace(
        finding,
        title=clean(finding.title),
        cure=clean(finding.cure),
        details=tuple(map(clean, finding.details)),
    )
