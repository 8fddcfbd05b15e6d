"""Requests as bytes: Kitsu's own, those that browsers were seen to send, and generated ones.

Nothing is sent by a client library, which would repair what a test breaks.
"""

import asyncio
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

from multidict import CIMultiDict, CIMultiDictProxy

CAPTURES = Path(__file__).parents[1] / "captures"
KEY = "correct-horse-battery-staple-42"
KITSU = "https://kitsu.studio.test"
TASK = "49e61584-c7c4-48e5-ab28-9972cedd9fea"
OTHER_TASK = "e31c2221-3616-475b-b98f-19fe41897c87"
PERSON = "3cff9eaf-e26d-4d5e-b867-2cbb34893881"
PROJECT = "d6cf8026-580d-4057-8dce-6e88253ddc09"
FORM_TYPE = "application/x-www-form-urlencoded"

FORM_FIELDS = {
    "personid": PERSON,
    "personemail": "artist@studio.example",
    "projectid": PROJECT,
    "currentpath": f"/productions/{PROJECT}/shots",
    "currentserver": "kitsu.studio.test",
    "selection": TASK,
    "entitytype": "shot",
}
AJAX_FIELDS: dict[str, object] = {
    "entitytype": "shot",
    "originurl": f"/productions/{PROJECT}/shots",
    "originserver": "kitsu.studio.test",
    "selection": [TASK],
    "productionid": PROJECT,
    "userid": PERSON,
    "useremail": "artist@studio.example",
}
FORM_BODY = urlencode(FORM_FIELDS).encode()
AJAX_BODY = json.dumps(AJAX_FIELDS).encode()

NAVIGATES = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
CLICKED = {**NAVIGATES, "Sec-Fetch-User": "?1"}
SCRIPTED = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}


@dataclass
class Request:
    """One request that a test can break piece by piece. A header's value may be a list: then it is sent twice."""

    method: str
    target: str
    headers: dict[str, str | list[str] | None]
    body: bytes = b""
    version: str = "HTTP/1.1"
    length: str | None = ""
    """Content-Length; empty: the body's own, None: the header is left out."""

    def __call__(
        self, *, method: str = "", target: str = "", body: bytes | None = None, **headers: str | list[str] | None
    ) -> "Request":
        """The same with changes; `Sec_Fetch_Mode="cors"` sets a header, None removes it."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Request(
            method or self.method,
            target or self.target,
            {**self.headers, **named},
            self.body if body is None else body,
            self.version,
            self.length,
        )

    def pairs(self) -> list[tuple[str, str]]:
        """The headers as they are sent."""
        pairs = [
            (name, value)
            for name, values in self.headers.items()
            for value in ([] if values is None else [values] if isinstance(values, str) else values)
        ]
        if self.length is not None and (self.length or self.body):
            pairs.append(("Content-Length", self.length or str(len(self.body))))
        return pairs

    def multidict(self) -> CIMultiDictProxy[str]:
        """The headers as aiohttp hands them to the guard."""
        return CIMultiDictProxy(CIMultiDict(self.pairs()))

    def raw(self) -> bytes:
        """The request as bytes."""
        head = f"{self.method} {self.target} {self.version}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in self.pairs())
        return head.encode("utf-8", "surrogatepass") + b"\r\n" + self.body


def form(port: int, action: str = "open-in-blender", *, key: str | None = KEY, origin: str | None = "null") -> Request:
    """What Chromium sends for a plain action of an https Kitsu."""
    target = f"/run/{action}" if key is None else f"/run/{action}?key={quote(key)}"
    headers = {"Host": f"127.0.0.1:{port}", "Origin": origin, "Content-Type": FORM_TYPE, **CLICKED}
    return Request("POST", target, headers, FORM_BODY)


def ajax(port: int, action: str = "open-in-blender", *, key: str | None = KEY, origin: str | None = KITSU) -> Request:
    """What Chromium sends for an AJAX action, once its preflight was answered."""
    target = f"/run/{action}" if key is None else f"/run/{action}?key={quote(key)}"
    headers = {"Host": f"127.0.0.1:{port}", "Origin": origin, "Content-Type": "application/json", **SCRIPTED}
    return Request("POST", target, headers, AJAX_BODY)


def preflight(port: int, action: str = "open-in-blender", *, origin: str | None = KITSU) -> Request:
    """What Chromium asks before that."""
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    return Request("OPTIONS", f"/run/{action}", {"Host": f"127.0.0.1:{port}", "Origin": origin, **asked, **SCRIPTED})


def visit(port: int, target: str) -> Request:
    """An address typed into a browser, or a link that was followed."""
    return Request("GET", target, {"Host": f"127.0.0.1:{port}", **CLICKED})


def own_page(port: int, method: str, target: str, body: bytes = b"") -> Request:
    """What a script of our own page sends."""
    host = f"127.0.0.1:{port}"
    fetch = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
    posted = {"Origin": f"http://{host}", "Content-Type": FORM_TYPE} if method == "POST" else {}
    return Request(method, target, {"Host": host, **posted, **fetch}, body)


# -- sending ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Answer:
    """What came back. `status` 0: the connection was closed without an answer."""

    status: int
    headers: CIMultiDict[str] = field(default_factory=CIMultiDict)
    body: bytes = b""

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


async def send(raw: bytes, port: int, host: str = "127.0.0.1", timeout_s: float = 10) -> Answer:
    """Send bytes over a connection of their own, and read one answer.

    Raises: OSError if nobody listens; TimeoutError.
    """
    reader, writer = await asyncio.open_connection(host, port)
    return await _exchange(reader, writer, raw, timeout_s)


async def send_private(raw: bytes, path: str | Path, timeout_s: float = 10) -> Answer:
    """The same over a Unix socket."""
    reader, writer = await asyncio.open_unix_connection(str(path))
    return await _exchange(reader, writer, raw, timeout_s)


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, raw: bytes, timeout_s: float) -> Answer:
    try:
        async with asyncio.timeout(timeout_s):
            writer.write(raw)
            return await read_answer(reader, has_body=not raw.startswith(b"HEAD "))
    except ConnectionError:
        return Answer(0)
    finally:
        writer.close()


async def read_answer(reader: asyncio.StreamReader, has_body: bool = True) -> Answer:
    """One answer of a connection that may stay open."""
    try:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    except asyncio.IncompleteReadError:
        return Answer(0)
    headers = CIMultiDict(line.split(": ", 1) for line in lines if line)
    body = await reader.readexactly(int(headers.get("Content-Length", "0"))) if has_body else b""
    return Answer(int(first.split(" ")[1]), headers, body)


# -- what browsers were seen to send ---------------------------------------------------------------------------------
def captures(start: bytes = b"") -> list[Path]:
    """The captured requests that begin with `start`, as in b"POST "."""
    return [path for path in sorted(CAPTURES.glob("*.http")) if path.read_bytes().startswith(start)]


def replay(capture: bytes, target: str, host: str) -> bytes:
    """A captured request with another target and Host: every other header and the body stay byte for byte."""
    head, blank, body = capture.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    method, _, version = first.split(b" ")
    lines = [b"Host: " + host.encode() if line.lower().startswith(b"host:") else line for line in lines]
    return b"\r\n".join([b" ".join([method, target.encode(), version]), *lines]) + blank + body


# -- generated requests ----------------------------------------------------------------------------------------------
ODD = [
    "",
    " ",
    "é",
    "\x00",
    "a\nb",
    "\u202e",
    "%00",
    "%0a",
    "%252e",
    "../..",
    "' OR 1",
    "<script>",
    "\ud800",
    "０",
    "x" * 300,
]
HOSTS = [
    "",
    "evil.test",
    "127.0.0.1",
    "127.0.0.1:P@evil",
    "LOCALHOST:P",
    "127.0.0.1.:P",
    "[::1]:P",
    "0.0.0.0:P",
    "u@127.0.0.1:P",
]
ORIGINS = [
    "null",
    "https://evil.test",
    "",
    "NULL",
    KITSU.upper(),
    KITSU + ".",
    KITSU + ":8443",
    "http://127.0.0.1:P",
    "é",
]
FETCH = ["navigate", "cors", "no-cors", "document", "iframe", "image", "empty", "none", "same-origin", "?1", "?0", "x"]
TYPES = [
    FORM_TYPE,
    "application/json",
    "text/plain",
    "multipart/form-data; boundary=x",
    FORM_TYPE + "; charset=zzz",
    ";;=",
    "",
]
PATHS = [
    "/",
    "/run/",
    "/run/..",
    "/run/%6f",
    "/launches/" + "0" * 32,
    "/door/quit",
    "//evil",
    "*",
    "http://evil.test/run/x",
]
QUERIES = [
    "?key=",
    "?key=x&key=" + KEY,
    "?key=%C3%A9",
    "?key=" + "k" * 8000,
    "?KEY=x",
    "?key=" + KEY + "&x=1",
    "?",
    "#f",
    "?%",
]
METHODS = ["GET", "PUT", "TRACE", "DELETE", "HEAD", "CONNECT", "OPTIONS", "PATCH", "post", ""]
IDS = [
    "{" + TASK + "}",
    "urn:uuid:" + TASK,
    TASK.replace("-", ""),
    TASK.upper(),
    "０" + TASK[1:],
    TASK + "\n",
    "../x",
    "1",
]
NAMES = ["Host", "Origin", "Content-Type", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest", "Sec-Fetch-User"]
BODIES = [
    b"",
    b"\xff\xfe",
    b"\x1f\x8b\x08\x00",
    b"[" * 60_000,
    b'{"a":' * 9_000,
    b'{"selection":' + b"9" * 5_000 + b"}",
    b'{"selection": NaN}',
    b'{"selection": 1e999}',
    b'{"selection": ["\\ud800"], "userid": "\\ud800"}',
    b'{"selection": [], "selection": []}',
    b'["selection"]',
    b"null",
    b"selection=%ff",
    b"selection=a&selection=b",
    b"&" * 40,
    b"=" * 100,
    b"x" * 65_537,
    b"selection=" + b",".join([TASK.encode()] * 1_000),
    "selection=é".encode(),
]
Fault = Callable[[random.Random, Request], None]


def _method(r: random.Random, request: Request) -> None:
    request.method = r.choice(METHODS)


def _target(r: random.Random, request: Request) -> None:
    path = r.choice([*PATHS, "/run/" + quote(r.choice(ODD), errors="replace"), "/run/" + r.choice(ODD)])
    request.target = path + r.choice(["", *QUERIES])


def _query(r: random.Random, request: Request) -> None:
    request.target = request.target.partition("?")[0] + r.choice(
        [*QUERIES, "?task=" + r.choice(IDS), "?server=" + r.choice(ODD)]
    )


def _host(r: random.Random, request: Request) -> None:
    request.headers["Host"] = r.choice(HOSTS)


def _origin(r: random.Random, request: Request) -> None:
    request.headers["Origin"] = r.choice(ORIGINS)


def _fetch(r: random.Random, request: Request) -> None:
    request.headers[r.choice(NAMES[3:])] = r.choice(FETCH)


def _twice(r: random.Random, request: Request) -> None:
    name = r.choice(NAMES)
    request.headers[name] = [str(request.headers.get(name)), r.choice(ORIGINS)]


def _drop(r: random.Random, request: Request) -> None:
    request.headers[r.choice(NAMES)] = None


def _bare(r: random.Random, request: Request) -> None:
    for name in NAMES[3:]:
        request.headers[name] = None


def _odd(r: random.Random, request: Request) -> None:
    request.headers[r.choice([*NAMES, "Upgrade", "Content-Encoding", "X-" + str(r.random())])] = r.choice(ODD)


def _type(r: random.Random, request: Request) -> None:
    request.headers["Content-Type"] = r.choice(TYPES)


def _body(r: random.Random, request: Request) -> None:
    request.body = r.choice(BODIES)


def _noise(r: random.Random, request: Request) -> None:
    body = bytearray(request.body or b"x")
    for _ in range(r.randint(1, 8)):
        body[r.randrange(len(body))] = r.randrange(256)
    request.body = bytes(body)


def _fields(r: random.Random, request: Request) -> None:
    values: dict[str, object] = dict(r.choice([FORM_FIELDS, AJAX_FIELDS]))
    for _ in range(r.randint(1, 12)):
        name = r.choice([*values, r.choice(ODD), "key", "x" + str(r.randrange(99))])
        values[name] = r.choice([*ODD, *IDS, 7, -1, 2.5, None, True, [], {}, [[[[[1]]]]], [TASK, 7], {"a": {"b": {}}}])
    if request.headers.get("Content-Type") == FORM_TYPE:
        request.body = urlencode({name: str(value) for name, value in values.items()}, errors="surrogatepass").encode()
    else:
        request.body = json.dumps(values).encode()


def _length(r: random.Random, request: Request) -> None:
    request.length = r.choice(["0", "-1", "65537", "9" * 30, "x", "1, 2", None])


FAULTS: list[Fault] = [
    _method,
    _target,
    _query,
    _host,
    _origin,
    _fetch,
    _twice,
    _drop,
    _bare,
    _odd,
    _type,
    _body,
    _noise,
    _fields,
    _length,
]
WITHOUT_LENGTH = FAULTS[:-1]
"""For real sockets: a request that promises more than it sends only waits."""


def generated(seed: int, count: int, port: int, faults: list[Fault] = FAULTS) -> Iterator[Request]:
    """Requests with one to four faults each; some are still right, since a fault may change nothing."""
    r = random.Random(seed)
    page = visit(port, f"/run/open-in-blender?task={TASK}&server={quote(KITSU)}")
    bases = [form(port), form(port, origin=KITSU), ajax(port), ajax(port, key=None), preflight(port), page]
    for _ in range(count):
        request = r.choice(bases)()
        for fault in r.choices(faults, k=r.randint(1, 4)):
            fault(r, request)
        for name, value in request.headers.items():
            if isinstance(value, str):
                request.headers[name] = value.replace(":P", f":{port}")
        yield request
