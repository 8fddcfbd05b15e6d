"""T12: any page can open a link, also by a redirect that the browser follows without asking."""

import http.server
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from launcher.launches import DOUBTED_A_MINUTE, JOIN_S
from launcher.web.door import Seldom
from tests.support.browsers import Browser
from tests.support.desktop import Display, wait_until
from tests.support.launching import Clock
from tests.support.needs import needs
from tests.support.person import Person

PAGE = "<!doctype html><title>Pictures of kittens</title><a href='{href}' style='position:fixed;inset:0'>kittens</a>"


@contextmanager
def evil(link: str) -> Iterator[str]:
    """A page of somebody else's with a link that leads to ours by a redirect; its origin."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302 if self.path == "/kittens" else 200)
            if self.path == "/kittens":
                self.send_header("Location", link)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(PAGE.format(href="/kittens").encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def chromium(person: Person, display: Display, authority: trustme.CA, tmp_path: Path) -> Iterator[Browser]:
    """A Chromium in her session, which was once told to open such links of any page without asking."""
    browser = Browser("chromium", display, tmp_path / "chromium", authority)
    yield browser
    browser.close()


@needs("chromium", "certutil", "xdg-open", "xdg-mime")
def test_a_page_that_opens_a_link_gets_a_question_and_no_launch(
    person: Person, chromium: Browser, display: Display, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real: Chromium with a real mouse click, xdg-open, hand-off, daemon, sample Kitsu; her yes counts for one."""
    person.serve()
    person.log_in()
    monkeypatch.setattr(Browser, "environment", property(lambda browser: person.env | {"NO_AT_BRIDGE": "1"}))
    link = f"kitsu-launcher://run/open?server={person.origin}&task={person.task()}"
    with evil(link) as origin:
        allow(chromium.home / "profile", origin)
        chromium.open(origin)
        window = display.wait_for_window("Pictures of kittens")
        for number in (1, 2):
            display.click(window)
            asked(person, number)
            time.sleep(JOIN_S)  # sooner it would be the same click, pressed twice
    assert len(person.opened()) == 2, "each was asked on a page of ours"


def asked(person: Person, number: int) -> None:
    """The link of this number asks, and nothing is started before she says yes."""
    wait_until(lambda: len(person.launches()) == number, 20, f"launch {number}")
    launch = person.settled("asks")
    assert launch["question"]["reasons"] == ["It came as a link, which any page can open."]
    assert len(person.notes()) == number - 1
    person.ask("POST", f"/door/launches/{launch['id']}/answer", {"yes": True})
    wait_until(lambda: len(person.notes()) == number, 20, "the program that she wanted")


def allow(profile: Path, origin: str) -> None:
    """Chromium's "Always allow this site to open links of this type", as it remembers it."""
    (profile / "Default").mkdir(parents=True, exist_ok=True)
    allowed = {"protocol_handler": {"allowed_origin_protocol_pairs": {origin: {"kitsu-launcher": True}}}}
    (profile / "Default" / "Preferences").write_text(json.dumps(allowed))


def test_links_by_the_hundred_ask_three_times_and_open_as_many_pages(person: Person) -> None:
    """Real: a page that opens one link after the other; what it cannot do is bury her under tabs or launch anything."""
    person.serve()
    person.log_in()
    for _ in range(12):
        person.cli("open", f"kitsu-launcher://run/open?task={person.task()}")

    assert person.notes() == []
    assert sum(launch["state"] == "asks" for launch in person.launches()) <= 3


def test_links_to_the_dashboard_open_one_page_and_never_a_dozen_at_once(person: Person) -> None:
    """Real: the command that the desktop starts, the daemon, her browser (a script that writes down addresses)."""
    person.serve()
    began = time.monotonic()
    for _ in range(8):
        person.cli("open", "kitsu-launcher://open")
    taken_s = time.monotonic() - began
    wait_until(person.opened, 10, "her page")

    assert len(person.opened()) <= min(taken_s / JOIN_S + 1, 7)


def test_links_to_the_dashboard_are_few_in_a_minute() -> None:
    """On a clock that the test moves."""
    clock = Clock()
    seldom = Seldom(clock)
    opened = []
    for _ in range(600):
        clock.now += 0.1
        opened.append(seldom.again())

    assert sum(opened) == DOUBTED_A_MINUTE
    assert opened[0]
    assert not any(opened[1:20])
    clock.now += 60
    assert seldom.again()
