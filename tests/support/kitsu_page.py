"""A stand-in for Kitsu's page, with exactly Kitsu's two kinds of custom action and nothing else of Kitsu.

The fields, their names and their order are those of Kitsu's `ActionPanel.vue`: a plain action is a form that posts
into a new tab, an AJAX action an XHR with credentials and JSON. The whole page is one button, focused, so that a click
or a Return by xdotool is a person's gesture. The page tells its server when the browser hides and shows it.
"""

import html
import json
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import trustme

PERSON = ("3cff9eaf-e26d-4d5e-b867-2cbb34893881", "artist@studio.example")
PROJECT = "d6cf8026-580d-4057-8dce-6e88253ddc09"

PAGE = """<!doctype html><meta charset="utf-8"><title>Kitsu stand-in {number}</title>
<style>html, body, form {{ margin: 0; height: 100% }} button {{ width: 100%; height: 100%; font-size: 40px }}</style>
{content}
<script>
let order = 0;
const tell = (name, value = null) => navigator.sendBeacon(
  "/told", JSON.stringify({{ page: {number}, name, value, at: Date.now() / 1000, order: order++ }}));
document.addEventListener("visibilitychange", () => tell(document.visibilityState));
addEventListener("focus", () => tell("focus"));
addEventListener("blur", () => tell("blur"));
addEventListener("load", () => {{ document.querySelector("button").focus(); tell("loaded"); ready(); }});
const painted = (then) => requestAnimationFrame(() => requestAnimationFrame(then));
const ready = () => document.hasFocus() ? painted(() => tell("ready")) : setTimeout(ready, 50);
document.querySelector("button").addEventListener("click", () => tell("click"));
const ajax = {ajax};
if (ajax) document.querySelector("button").addEventListener("click", () => {{
  const request = new XMLHttpRequest();
  request.open("POST", ajax.url);
  request.withCredentials = true;
  request.setRequestHeader("Content-Type", "application/json");
  request.onload = () => tell("answer", {{ status: request.status, body: request.responseText }});
  request.onerror = () => tell("answer", {{ status: 0, body: "" }});
  request.send(JSON.stringify(ajax.body));
}});
</script>
"""


@dataclass(frozen=True)
class Told:
    """One thing the page told: loaded, ready (it has the keyboard), click, hidden, visible, focus, blur, or an XHR's
    answer."""

    page: int
    name: str
    value: dict[str, object] | None
    at: float
    """By the page's clock, as `time.time()`."""
    order: int
    """Counts what one page told: beacons may overtake each other."""


@dataclass
class KitsuPage:
    """Serves the pages, and keeps what they told. `wait` blocks: inside an async test use `asyncio.to_thread`."""

    origin: str = ""
    told: list[Told] = field(default_factory=list)
    _pages: list[str] = field(default_factory=list)
    _news: threading.Condition = field(default_factory=threading.Condition)

    @property
    def server(self) -> str:
        """Host and port, as Kitsu's form names itself: `window.location.host`."""
        return self.origin.partition("://")[2]

    def form(self, url: str, tasks: Sequence[str], *, kind: str = "shot", **changes: str) -> str:
        """The address of a page with a plain action; `changes` replaces fields of the form."""
        fields = {
            "personid": PERSON[0],
            "personemail": PERSON[1],
            "projectid": PROJECT,
            "currentpath": f"/productions/{PROJECT}/{kind}s",
            "currentserver": self.server,
            "selection": ",".join(tasks),
            "entitytype": kind,
        } | changes
        inputs = "".join(f'<input type="hidden" name="{n}" value="{html.escape(v)}">' for n, v in fields.items())
        content = (
            f'<form target="_blank" method="POST" action="{html.escape(url)}">{inputs}<button>Form</button></form>'
        )
        return self._add(content, None)

    def ajax(self, url: str, tasks: Sequence[str], *, kind: str = "shot", **changes: object) -> str:
        """The address of a page with an AJAX action; `changes` replaces fields of its JSON."""
        body = {
            "entitytype": kind,
            "originurl": f"/productions/{PROJECT}/{kind}s",
            "originserver": self.server,
            "selection": list(tasks),
            "productionid": PROJECT,
            "userid": PERSON[0],
            "useremail": PERSON[1],
        } | changes
        return self._add("<button>AJAX</button>", {"url": url, "body": body})

    def _add(self, content: str, ajax: dict[str, object] | None) -> str:
        script = json.dumps(ajax).replace("<", "\\u003c")
        self._pages.append(PAGE.format(number=len(self._pages), content=content, ajax=script))
        return f"{self.origin}/{len(self._pages) - 1}"

    def page(self, number: int) -> str | None:
        """The HTML of one page."""
        return self._pages[number] if number < len(self._pages) else None

    def hear(self, told: Told) -> None:
        """Keep what a page told, and wake who waits for it."""
        with self._news:
            self.told.append(told)
            self.told.sort(key=lambda one: (one.at, one.order))
            self._news.notify_all()

    def wait(self, *names: str, since: float = 0.0, seconds: float = 20) -> Told:
        """What the pages told by these names, in this order, after `since` (`time.time()`); answers the last.

        Raises: AssertionError after `seconds`, with everything the pages told.
        """
        return self._await(lambda: self._find(names, since), since, seconds, f"{names}")

    def given_back(self, since: float, seconds: float = 20) -> float:
        """Wait until a tab came in front of this page and was gone again; answers the seconds from `since` to that.

        The keyboard tells it in every browser: Firefox never hides a page whose cover is gone before it was painted.
        """

        def back() -> Told | None:
            seen = [told.name for told in self.told if told.at >= since and told.name in {"hidden", "visible"}]
            if seen[-1:] == ["hidden"]:
                return None
            # The window of what was started may have the keyboard by then: the page is seen again without its focus.
            return self._find(("blur", "focus"), since) or self._find(("hidden", "visible"), since)

        return self._await(back, since, seconds, "that it was given back").at - since

    def _await(self, look: Callable[[], Told | None], since: float, seconds: float, what: str) -> Told:
        with self._news:
            self._news.wait_for(look, seconds)
            if found := look():
                return found
            heard = [(told.name, told.value) for told in self.told if told.at >= since]
            raise AssertionError(f"the page did not tell {what} within {seconds:g} s, but {heard}")

    def _find(self, names: Sequence[str], since: float) -> Told | None:
        """The last of these names, if they came in this order."""
        rest = iter([told for told in self.told if told.at >= since])
        found = [next((told for told in rest if told.name == name), None) for name in names]
        return found[-1]


class Handler(BaseHTTPRequestHandler):
    """Answers a page, or takes what it tells."""

    pages: KitsuPage

    def do_GET(self) -> None:
        number = self.path.strip("/")
        page = self.pages.page(int(number)) if number.isdecimal() else None
        self._answer(200 if page else 404, (page or "").encode())

    def do_POST(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.pages.hear(Told(**told))
        self._answer(204, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


Serve = Callable[..., KitsuPage]


@pytest.fixture
def serve_kitsu_page(authority: trustme.CA) -> Iterator[Serve]:
    """`serve_kitsu_page(scheme="http", host="localhost")`: Kitsu's stand-in on a port of its own; https is certified.

    `localhost` is another site than the launcher's 127.0.0.1; `host="127.0.0.1"` the same site, another origin.
    """
    running = []

    def serve(scheme: str = "http", host: str = "localhost") -> KitsuPage:
        pages = KitsuPage()
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"pages": pages}))
        if scheme == "https":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert(host).configure_cert(context)
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        pages.origin = f"{scheme}://{host}:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        running.append(server)
        return pages

    yield serve
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture(params=["http", "https"])
def kitsu_page(request: pytest.FixtureRequest, serve_kitsu_page: Serve) -> KitsuPage:
    """Each test that takes this runs with a Kitsu on http and with one on https."""
    return serve_kitsu_page(request.param)
