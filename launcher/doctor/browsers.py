"""Whether the browsers of this machine let Kitsu's pages reach us. Pure; `system/*/policies` reads.

Forms are navigations, which no browser holds back. AJAX from an https page to this machine is "local network access":
Chrome and Edge (since 142) and Firefox (since 151) ask the person once for each site, unless a policy answers.
"""

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from launcher.config.schema import AnyAction, Server
from launcher.doctor.finding import Finding, bad, good, warning
from launcher.system import Browser
from launcher.words import _

CHROMIUM = (
    ("LoopbackNetworkBlockedForUrls", False),
    ("LoopbackNetworkAllowedForUrls", True),
    ("LocalNetworkAccessBlockedForUrls", False),
    ("LocalNetworkAccessAllowedForUrls", True),
)
"""Chromium's policies in the order in which they win, and whether each allows; the first two since 146."""
FIREFOX = "LocalNetworkAccess"


def judge(actions: Mapping[str, AnyAction], servers: Sequence[Server], browsers: Sequence[Browser]) -> list[Finding]:
    """One finding for each browser that asks or blocks, or one for all."""
    origins = [origin for server in servers for origin in server.origins if origin.startswith("https://")]
    if not any(action.ajax for action in actions.values()) or not origins:
        return [good("browsers", _("No action needs a browser's permission for this machine."))]
    unreadable = [
        warning(
            "browsers",
            _("A policy of {browser} cannot be read.", browser=one.name),
            _("Ask IT to correct it."),
            (line,),
        )
        for one in browsers
        for line in one.unreadable
    ]
    found = [finding for one in browsers if (finding := _judge(one, origins))]
    return [*unreadable, *found] or [good("browsers", _("No browser here holds Kitsu's actions back."))]


def _judge(browser: Browser, origins: Sequence[str]) -> Finding | None:
    answers = {origin: allowed(browser, origin) for origin in origins}
    blocked = [origin for origin, answer in answers.items() if answer is False]
    asks = [origin for origin, answer in answers.items() if answer is None]
    values = {"browser": browser.name, "policy": _policy(browser)}
    if blocked:
        title = _("A policy of {browser} blocks the AJAX actions of {kitsu}.", kitsu=", ".join(blocked), **values)
        cure = _("Ask IT to allow it there by the policy {policy}; or set `ajax = false` for these actions.", **values)
        return bad("browsers", title, cure, browser.sources)
    if asks:
        title = _("{browser} asks once before AJAX actions of {kitsu} work.", kitsu=", ".join(asks), **values)
        cure = _("Say yes there; IT can do so for everybody by the policy {policy}.", **values)
        return warning("browsers", title, cure, browser.sources)
    return None


def _policy(browser: Browser) -> str:
    return f"{FIREFOX}.SkipDomains" if browser.family == "firefox" else CHROMIUM[3][0]


def allowed(browser: Browser, origin: str) -> bool | None:
    """Whether a browser's policies let an origin reach this machine; None where the browser asks the person."""
    if browser.family == "firefox":
        return _by_firefox(browser.policies.get(FIREFOX), urlsplit(origin).hostname or "")
    for name, allows in CHROMIUM:
        if any(matches(pattern, origin) for pattern in _texts(browser.policies.get(name))):
            return allows
    return None


def _by_firefox(policy: object, host: str) -> bool | None:
    """`Enabled` switches all of it; without `EnablePrompting` nothing but trackers is held back."""
    rules = policy if isinstance(policy, Mapping) else {}
    if rules.get("Enabled") is False or rules.get("EnablePrompting") is False:
        return True
    for domain in _texts(rules.get("SkipDomains")):
        # "*.lunar.example" includes lunar.example itself.
        if fnmatch.fnmatchcase(host, domain.lower()) or (domain.startswith("*.") and host == domain[2:].lower()):
            return True
    return None


def matches(pattern: str, origin: str) -> bool:
    """Whether one of Chromium's URL patterns means an origin: `*`, `[*.]lunar.example`, `https://kitsu.lunar.example:8443`.

    What a pattern does not name may be anything.
    """
    if pattern.strip() == "*":
        return True
    wanted = urlsplit(origin)
    scheme, separator, rest = pattern.strip().lower().rpartition("://")
    if separator and scheme not in ("*", wanted.scheme):
        return False
    host, _colon, port = rest.partition("/")[0].partition(":")
    if port not in ("", "*", str(wanted.port or {"https": 443, "http": 80}.get(wanted.scheme))):
        return False
    name = wanted.hostname or ""
    for prefix in ("[*.]", "*."):
        if host.startswith(prefix):
            domain = host.removeprefix(prefix)
            return name == domain or name.endswith(f".{domain}")
    return host in ("*", name)


def _texts(value: object) -> Iterable[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else ()
