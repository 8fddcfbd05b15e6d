"""Pure: go, ask or refuse, each with a code. Everything is told by a request's head, before a body is read.

The order is peer, Host, method, duplicates, Origin and fetch metadata, type and size, key; `whose` tells server and
person of the finished click. What browsers send is measured in the tests' captures.
"""

import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from urllib.parse import unquote_to_bytes

from launcher.config.keys import fingerprint
from launcher.config.schema import Config, Server
from launcher.model import FORM_TYPE, JSON_TYPE, MAX_BODY_BYTES
from launcher.words import _

PUBLISH = _("If one of Kitsu's actions led here, ask whoever looks after them to publish the actions again.")
ENTER = _("Run `kitsu-launcher` in a terminal: it opens the dashboard.")

Header: TypeAlias = tuple[str, ...]
"""Every value of one header: a tuple, because a header may come twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """One request's head, raw."""

    private: bool
    """Whether it came by the private door."""
    peer_uid: int | str | None
    """Whose process is at the other end; None where that cannot be told."""
    own_uid: int | str
    method: str
    target: str
    """Path and query as they stand in the request line."""
    hosts: Header = ()
    origins: Header = ()
    content_types: Header = ()
    content_encodings: Header = ()
    fetch_site: Header = ()
    fetch_mode: Header = ()
    fetch_dest: Header = ()
    fetch_user: Header = ()
    content_length: int | None = None
    upgrade: bool = False
    session: bool = False
    """Whether it carries the cookie of a session that lives. Any port of this machine may have had it sent."""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    @property
    def fetch(self) -> tuple[str, str]:
        """Sec-Fetch-Mode and Sec-Fetch-Dest, empty where they are missing."""
        return ("".join(self.fetch_mode), "".join(self.fetch_dest))

    @property
    def has_fetch(self) -> bool:
        return bool(self.fetch_site or self.fetch_mode or self.fetch_dest or self.fetch_user)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the configuration says about senders."""

    port: int
    origins: frozenset[str]
    """Of the configured servers; an `http://` one only where the studio file says `insecure = true`."""
    keys: tuple[str, ...]
    null_origin: Literal["key", "refuse"]

    @classmethod
    def of(cls, config: Config, port: int) -> "Rules":
        """The rules of a configuration, for a daemon on `port`."""
        origins = frozenset(origin for server in config.studio.servers for origin in counting(server))
        return cls(port, origins, config.studio.keys, config.studio.null_origin)


@dataclass(frozen=True, slots=True)
class Go:
    """It may be done."""

    key: str = field(default="", compare=False)
    """The fingerprint of the studio's key that came; empty for none. Nothing is decided by it."""


@dataclass(frozen=True, slots=True)
class Ask:
    """It may be done once this user has agreed to it on the launch's page."""

    reason: str
    key: str = field(default="", compare=False)
    """As of `Go`."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """It is not done, and its body is not read."""

    code: str
    status: int
    text: str
    next_step: str
    keyed: bool = False
    """Whether the address holds a right key: it must not stay in the browser's history."""


Verdict: TypeAlias = Go | Ask | Refuse

STRANGER = _("This request is not allowed.")
"""All that a sender is told who has shown neither a listed origin nor a right key: the same for every reason."""

REASONS: Mapping[str, tuple[int, str]] = {
    "peer": (403, STRANGER),
    "host": (403, STRANGER),
    "origin": (403, STRANGER),
    "key": (403, _("This action's key is wrong, or there are two.")),
    "null": (403, _("This studio takes no clicks from pages that hide their address.")),
    "framed": (403, _("This page does not open inside another page.")),
    "fetch": (403, _("The request did not come from a click on a page.")),
    "session": (403, _("This page of Kitsu Launcher was not entered in this browser, or too long ago.")),
    "path": (404, _("There is nothing at this address.")),
    "method": (405, _("This address does not answer such requests.")),
    "duplicate": (400, _("The request says something twice.")),
    "query": (400, _("The action's address holds something other than its key.")),
    "type": (415, _("The request is not of the type that Kitsu sends.")),
    "size": (413, _("The request is larger than any click.")),
}
"""Each code's status, and what a known sender is told."""


# -- the one table: which address is for whom ------------------------------------------------------------------------
def check(head: Head, rules: Rules) -> Verdict:
    """Whether one request may go on, by its head alone. Every request passes here first."""
    if head.peer_uid is None or head.peer_uid != head.own_uid:
        return _refuse("peer")
    if head.private:
        # A Unix socket has no Host to tell, and no web page can reach it.
        return Go() if head.path.startswith("/door/") else _refuse("path")
    if len(head.hosts) != 1 or head.hosts[0] not in _hosts(rules.port) or not head.target.startswith("/"):
        return _refuse("host")
    methods = next((methods for path, methods in ROUTES if path.fullmatch(head.path)), None)
    if methods is None:
        return _refuse("path", head, rules)
    if head.method not in methods:
        return _refuse("method", head, rules)
    single = (head.origins, head.content_types, head.fetch_site, head.fetch_mode, head.fetch_dest, head.fetch_user)
    if any(len(values) > 1 for values in single):
        return _refuse("duplicate", head, rules)
    if head.upgrade:
        return _refuse("fetch", head, rules)
    return methods[head.method](head, rules)


def sender(head: Head, rules: Rules) -> Verdict:
    """`POST /run/{action}`: the rules about who may click."""
    listed = head.origins and head.origins[0] in rules.origins
    if not listed and head.origins != ("null",):
        return _refuse("origin", head, rules)
    # Old WebKit sends no Sec-Fetch-*; with an origin of the list it may go.
    if not listed and not head.has_fetch:
        return _refuse("null", head, rules)
    navigates = head.fetch == ("navigate", "document")
    scripted = head.fetch == ("cors", "empty")
    if not navigates and not (listed and (scripted or not head.has_fetch)):
        return _refuse("fetch", head, rules)
    types = [FORM_TYPE] if navigates else [JSON_TYPE] if scripted else [FORM_TYPE, JSON_TYPE]
    if problem := _body_problem(head, types):
        return _refuse(problem, head, rules)
    given = _keys(head.query)
    if len(given) > 1:
        return _refuse("key", head, rules)
    if listed:
        return _refuse("query", head, rules) if _has_others(head.query) else Go(_key_of(head, rules))
    return _null(head, rules)


def _null(head: Head, rules: Rules) -> Verdict:
    """A form that hides its origin, as every form from an https Kitsu to http://127.0.0.1 does (Chromium, Firefox)."""
    keyed = _right_key(head.query, rules)
    if rules.keys and not keyed:
        return _refuse("key", head, rules)
    if rules.null_origin == "refuse":
        return _refuse("null", head, rules)
    if _has_others(head.query):
        return _refuse("query", head, rules)
    if not keyed:
        return Ask(_("The page that sent it hides its address, and this studio's actions have no key."))
    came = _key_of(head, rules)
    if head.fetch_user != ("?1",):
        return Ask(_("The page that sent it hides its address, and nobody pressed a button there."), came)
    return Go(came)


def preflight(head: Head, rules: Rules) -> Verdict:
    """`OPTIONS /run/{action}`: what a browser asks before Kitsu's AJAX."""
    return Go() if head.origins and head.origins[0] in rules.origins else _refuse("origin", head, rules)


def question(head: Head, rules: Rules) -> Verdict:
    """`GET /run/{action}`: a page with a button, for a whole tab only; nothing is read or started before the button."""
    if not head.has_fetch:
        return _refuse("fetch", head, rules)
    if head.fetch == ("navigate", "document"):
        return Go()
    return _refuse("framed" if head.fetch[0] == "navigate" else "method", head, rules)


def document(head: Head, rules: Rules) -> Verdict:
    """Pages: never inside another page. Sec-Fetch-Site says cross-site after the redirect of Kitsu's form."""
    # Old WebKit has no Sec-Fetch-*: there, frame-ancestors keeps the page out of frames.
    if not head.has_fetch or head.fetch == ("navigate", "document"):
        return Go()
    return _refuse("framed" if head.fetch[0] == "navigate" else "fetch", head, rules)


def same_origin(head: Head, rules: Rules) -> Verdict:
    """What only our own pages ask for: a launch's state, and the buttons."""
    own = f"http://{head.hosts[0]}"
    if head.origins and head.origins[0] != own:
        return _refuse("origin", head, rules)
    if head.fetch_site != ("same-origin",) and (head.fetch_site or not head.origins):
        return _refuse("fetch", head, rules)
    if head.fetch not in (("navigate", "document"), ("cors", "empty"), ("same-origin", "empty"), ("", "")):
        return _refuse("fetch", head, rules)
    if head.method == "POST" and (problem := _body_problem(head, [FORM_TYPE, JSON_TYPE])):
        return _refuse(problem, head, rules)
    return Go()


def entrance(head: Head, rules: Rules) -> Verdict:
    """`GET /enter/{once}`: opened by a program of this user, which browsers call `none`. No page can lead there."""
    if head.fetch == ("navigate", "document") and head.fetch_site != ("none",):
        return _refuse("fetch")
    return question(head, rules)


def returned(head: Head, rules: Rules) -> Verdict:
    """`GET /login/back`: Kitsu's page of logins leads a whole tab here; what that may do its one-time `state` tells."""
    return question(head, rules)


def data(head: Head, rules: Rules) -> Verdict:
    """The dashboard's pages: for a session, in a whole tab, and sent there by this user or by our own pages."""
    verdict = document(head, rules)
    if not isinstance(verdict, Go):
        return verdict
    return Go() if at_home(head) else _enter_first()


def own(head: Head, rules: Rules) -> Verdict:
    """What the dashboard's pages ask for and send: same-origin, and of a session."""
    verdict = same_origin(head, rules)
    if not isinstance(verdict, Go):
        return verdict
    return Go() if at_home(head) else _enter_first()


def at_home(head: Head) -> bool:
    """Whether a request is of a session, and no other page is behind it.

    The cookie alone says little: cookies know no ports, so a page of another port has it sent too (`same-site`).
    A browser that does not tell where a request comes from (WebKit before 16.4) sees no dashboard.
    """
    return head.session and head.fetch_site in (("none",), ("same-origin",))


def resource(head: Head, rules: Rules) -> Verdict:
    """What our own pages are made of. Another page gets none of it, and so cannot tell our version by it."""
    return Go() if head.fetch_site in ((), ("none",), ("same-origin",)) else _refuse("fetch", head, rules)


Rule: TypeAlias = Callable[[Head, Rules], Verdict]


def _route(path: str, **methods: Rule) -> tuple[re.Pattern[str], Mapping[str, Rule]]:
    return re.compile(path, re.ASCII), methods


# Raw paths, matched whole: nothing percent-encoded, no `..`, so that the router cannot read another one than is meant.
ROUTES = (
    _route(r"/run/[A-Za-z0-9_-]{1,80}", POST=sender, OPTIONS=preflight, GET=question),
    _route(r"/run/[A-Za-z0-9_-]{1,80}/ask", POST=same_origin),
    _route(r"/launches/[0-9a-f]{32}", GET=document),
    _route(r"/launches/[0-9a-f]{32}\.json", GET=same_origin),
    _route(r"/launches/[0-9a-f]{32}/answer", POST=same_origin),
    _route(r"/launches/[0-9a-f]{32}/files", GET=document, POST=same_origin),
    _route(r"/launches/[0-9a-f]{32}/login", POST=same_origin),
    _route(r"/account/login", GET=data, POST=own),
    _route(r"/login/back", GET=returned),
    _route(r"/login/done", GET=document),
    _route(r"/enter/[A-Za-z0-9_-]{22}", GET=entrance),
    _route(r"/(tasks|launches|applications|configuration|account|help)", GET=data),
    _route(r"/state", GET=data),
    _route(r"/launches/[0-9a-f]{32}/log", GET=data),
    _route(r"/launches/[0-9a-f]{32}/log\.json", GET=own),
    _route(r"/(dashboard|tasks|launches|applications)\.json", GET=own),
    _route(r"/dashboard/(run|again|folder|executable|logout|autostart|language|quit)", POST=own),
    _route(r"/|/refused/[a-z-]{1,20}", GET=document),
    _route(r"/static/[a-z0-9][a-z0-9._-]{0,63}|/favicon\.ico|/healthz", GET=resource),
)


# -- reasons ---------------------------------------------------------------------------------------------------------
def explained(code: str) -> Refuse | None:
    """What a known sender is told for one code; None for a code that there is not."""
    if code not in REASONS:
        return None
    status, text = REASONS[code]
    return Refuse(code, status, text, PUBLISH)


def _refuse(code: str, head: Head | None = None, rules: Rules | None = None) -> Refuse:
    """A refusal; only who has shown a listed origin or a right key is told why."""
    status, text = REASONS[code]
    keyed = bool(head and rules and _right_key(head.query, rules))
    known = keyed or bool(head and rules and len(head.origins) == 1 and head.origins[0] in rules.origins)
    return Refuse(code, status, text if known else STRANGER, PUBLISH, keyed)


def _enter_first() -> Refuse:
    """For everybody the same: it tells nothing of this machine or person."""
    status, text = REASONS["session"]
    return Refuse("session", status, text, ENTER)


# -- parts of a head -------------------------------------------------------------------------------------------------
def _hosts(port: int) -> tuple[str, ...]:
    return (f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}")


def _body_problem(head: Head, types: Sequence[str]) -> str | None:
    """The code of what is wrong with a body, as far as its head tells."""
    essence = head.content_types[0].partition(";")[0].strip().lower() if head.content_types else ""
    # aiohttp would unpack a packed body by itself; no browser sends one.
    if essence not in types or head.content_encodings:
        return "type"
    return "size" if (head.content_length or 0) > MAX_BODY_BYTES else None


def _keys(query: str) -> list[str]:
    """Every `key` of a query, still encoded."""
    pairs = (piece.partition("=") for piece in query.split("&"))
    return [value for name, _, value in pairs if name == "key"]


def _has_others(query: str) -> bool:
    """Whether a query holds anything beside `key`."""
    return any(piece.partition("=")[0] != "key" for piece in query.split("&") if piece)


def _right_key(query: str, rules: Rules) -> bool:
    """Whether a query has exactly one key, and that is one of the studio's. It takes as long for wrong ones."""
    return any(_matches(query, rules))


def _key_of(head: Head, rules: Rules) -> str:
    """Which of the studio's keys came."""
    matches = _matches(head.query, rules)
    return fingerprint(rules.keys[matches.index(True)]) if any(matches) else ""


def _matches(query: str, rules: Rules) -> list[bool]:
    """For each of the studio's keys, whether it is the one that came."""
    given = _keys(query)
    if len(given) != 1 or not given[0]:
        return []
    value = unquote_to_bytes(given[0].encode("utf-8", "surrogatepass"))
    # Bytes: compare_digest raises TypeError for a text such as "é". A list: a generator would let `any` stop early.
    return [hmac.compare_digest(value, key.encode("utf-8", "surrogatepass")) for key in rules.keys]


# -- the origins that count ------------------------------------------------------------------------------------------
def counting(server: Server) -> tuple[str, ...]:
    """The origins of a server that may be used."""
    return tuple(origin for origin in server.origins if server.insecure or not origin.startswith("http://"))
