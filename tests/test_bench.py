"""The bench itself: what other tests take for granted is seen here once."""

import asyncio
import os
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from tests.support.browsers import Browser
from tests.support.desktop import SIZE, Display, started
from tests.support.foreign import Foreign
from tests.support.kitsu_page import KitsuPage, Serve
from tests.support.needs import needs

TASK = "49e61584-c7c4-48e5-ab28-9972cedd9fea"
OTHER = "e31c2221-3616-475b-b98f-19fe41897c87"


@dataclass
class Receiver:
    """A bare server in the launcher's place: a form is sent on to a page that closes itself, an XHR is answered."""

    port: int = 0
    heads: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        """What a custom action of Kitsu would name."""
        return f"http://127.0.0.1:{self.port}/run/open?key=a"

    async def run(self, request: web.Request) -> web.Response:
        """Take one click of either kind."""
        allow = {
            "Access-Control-Allow-Origin": request.headers.get("Origin", ""),
            "Access-Control-Allow-Credentials": "true",
            "Access-Control-Allow-Headers": "content-type",
        }
        if request.method == "OPTIONS":
            return web.Response(status=204, headers=allow)
        self.heads.append(dict(request.headers))
        self.bodies.append(await request.read())
        if request.content_type == "application/json":
            return web.json_response({"launch": "1"}, status=202, headers=allow)
        raise web.HTTPSeeOther("/closing")

    async def closing(self, request: web.Request) -> web.Response:
        """The page that closes itself."""
        return web.Response(text="<!doctype html><script>close()</script>", content_type="text/html")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """The bare server on a port of its own."""
    one = Receiver()
    application = web.Application()
    application.router.add_route("*", "/run/open", one.run)
    application.router.add_get("/closing", one.closing)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    one.port = runner.addresses[0][1]
    yield one
    await runner.cleanup()


async def press(browser: Browser, page: KitsuPage, address: str) -> float:
    """Open a page of Kitsu and press its button with the keyboard; when that was."""
    await asyncio.to_thread(browser.open, address)
    await asyncio.to_thread(page.wait, "loaded", seconds=60)
    window = await asyncio.to_thread(browser.display.wait_for_window, "Kitsu stand-in")
    await asyncio.to_thread(browser.display.focus, window)
    await asyncio.to_thread(page.wait, "ready")
    pressed = time.time()
    await asyncio.to_thread(browser.display.key, "Return")
    return pressed


async def test_a_form_opens_a_tab_that_closes_itself_and_kitsu_is_in_front_again(
    browser: Browser, kitsu_page: KitsuPage, receiver: Receiver
) -> None:
    """Real: both browsers, a key press, http and https pages, two servers. The headers are those of threats.md."""
    pressed = await press(browser, kitsu_page, kitsu_page.form(receiver.url, [TASK, OTHER]))
    await asyncio.to_thread(kitsu_page.given_back, pressed)
    (head,) = receiver.heads
    https = kitsu_page.origin.startswith("https")
    assert head["Origin"] == ("null" if https else kitsu_page.origin)
    assert head["Sec-Fetch-Site"] == "cross-site"
    assert head["Sec-Fetch-Mode"] == "navigate"
    assert head["Sec-Fetch-Dest"] == "document"
    assert head["Sec-Fetch-User"] == "?1"
    assert receiver.bodies[0].decode() == (
        "personid=3cff9eaf-e26d-4d5e-b867-2cbb34893881&personemail=artist%40studio.example"
        "&projectid=d6cf8026-580d-4057-8dce-6e88253ddc09"
        "&currentpath=%2Fproductions%2Fd6cf8026-580d-4057-8dce-6e88253ddc09%2Fshots"
        f"&currentserver={kitsu_page.server.replace(':', '%3A')}&selection={TASK}%2C{OTHER}&entitytype=shot"
    )


async def test_an_ajax_action_shows_its_origin_and_the_page_hears_the_answer(
    browser: Browser, kitsu_page: KitsuPage, receiver: Receiver
) -> None:
    """Real: both browsers, a key press, http and https pages, a preflight, two servers."""
    pressed = await press(browser, kitsu_page, kitsu_page.ajax(receiver.url, [TASK]))
    told = await asyncio.to_thread(kitsu_page.wait, "click", "answer", since=pressed)
    assert told.value == {"status": 202, "body": '{"launch": "1"}'}
    assert receiver.heads[0]["Origin"] == kitsu_page.origin
    assert receiver.bodies[0].decode() == (
        '{"entitytype":"shot","originurl":"/productions/d6cf8026-580d-4057-8dce-6e88253ddc09/shots",'
        f'"originserver":"{kitsu_page.server}","selection":["{TASK}"],'
        '"productionid":"d6cf8026-580d-4057-8dce-6e88253ddc09","userid":"3cff9eaf-e26d-4d5e-b867-2cbb34893881",'
        '"useremail":"artist@studio.example"}'
    )


@needs("xmessage")
def test_a_window_is_found_by_its_title_and_closed_by_a_key(display: Display, tmp_path: Path) -> None:
    """Real: Xvfb, openbox, xmessage, a key press, a screenshot."""
    with started(["xmessage", "-title", "a bench", "-default", "okay", "hello"], env=display.environment) as process:
        window = display.wait_for_window(r"^a bench$")
        display.focus(window)
        assert display.active() == window
        picture = display.screenshot(tmp_path / "screen.png")
        assert picture.read_bytes()[16:24] == SIZE[0].to_bytes(4) + SIZE[1].to_bytes(4)
        display.key("Return")
        assert process.wait(10) == 0
    with pytest.raises(AssertionError, match=r"a window titled 'a bench': not within 0\.3 s; there were"):
        display.wait_for_window("a bench", 0.3)


def test_a_foreign_user_connects_but_enters_no_private_folder(foreign: Foreign, home: Path) -> None:
    """Real: a process of another uid, TCP, a Unix socket in a 0700 folder and in an open one."""
    assert foreign.uid != os.getuid()
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as door:
        with pytest.raises(OSError, match="refused"):
            foreign.request("127.0.0.1", free_port(), b"")
        answer_once(server)
        assert foreign.request("127.0.0.1", server.getsockname()[1], b"hello") == b"hello"
        door.bind(str(home / "door"))
        door.listen()
        assert foreign.connect_unix(home / "door", b"hello") == "Permission denied"
        os.chmod(home, 0o755)
        os.chmod(home / "door", 0o777)
        answer_once(door)
        assert foreign.connect_unix(home / "door", b"hello") == b"hello"


def test_a_foreign_user_squats_a_port_and_a_door_and_hears_what_is_said_there(foreign: Foreign, home: Path) -> None:
    """Real: a process of another uid that holds a TCP port and owns a folder."""
    port = free_port()
    foreign.squat_tcp("127.0.0.1", port)
    with pytest.raises(OSError, match="in use"):
        socket.create_server(("127.0.0.1", port))
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"a secret")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    assert foreign.free() == b"a secret"
    os.chmod(home, 0o777)
    foreign.squat_unix(home / "run", "door")
    assert (home / "run").stat().st_uid == foreign.uid
    assert stat.S_ISSOCK((home / "run" / "door").stat().st_mode)


async def test_a_second_page_opens_in_the_same_browser(browser: Browser, serve_kitsu_page: Serve) -> None:
    """Real: both browsers, started twice on one profile."""
    page = serve_kitsu_page()
    first, second = page.form("http://127.0.0.1:9/", [TASK]), page.form("http://127.0.0.1:9/", [OTHER])
    await asyncio.to_thread(browser.open, first)
    await asyncio.to_thread(page.wait, "loaded", seconds=60)
    await asyncio.to_thread(browser.open, second)
    await asyncio.to_thread(page.wait, "loaded", "loaded", seconds=60)
    await asyncio.to_thread(browser.display.wait_for_window, "^Kitsu stand-in 1")
    assert len(browser.display.windows()) == 1


SKIPPING = """
import pytest
from tests.support.needs import needs

@needs("sh", "no-such-program", "nor-this-one")
def test_that_needs_much(): ...

def test_that_skips_itself(): pytest.skip("not today")

@pytest.mark.xfail
def test_that_is_known_to_fail(): assert False

def test_that_runs(): ...
"""


def pytest_on_a_file_that_skips(folder: Path, ci: str) -> tuple[int, list[str]]:
    """The exit code and the lines of a pytest with this conftest and that CI."""
    (folder / "test_some.py").write_text(SKIPPING)
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", f"--rootdir={folder}", "-c", os.devnull]
    done = subprocess.run(
        [*command, folder / "test_some.py"],
        cwd=Path(__file__).parent.parent,
        env=os.environ | {"CI": ci},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout.splitlines()


def test_skipped_tests_are_listed_by_name_just_before_the_last_line(tmp_path: Path) -> None:
    """Real: pytest in a process of its own, with this conftest."""
    status, lines = pytest_on_a_file_that_skips(tmp_path, ci="")
    assert status == 0
    assert lines[-3:-1] == [
        "test_some.py::test_that_needs_much: not installed: no-such-program, nor-this-one",
        "test_some.py::test_that_skips_itself: not today",
    ]
    assert "1 passed, 2 skipped, 1 xfailed" in lines[-1]


def test_a_skipped_test_fails_on_the_machine_that_judges(tmp_path: Path) -> None:
    """Real: pytest in a process of its own, with this conftest and CI=true."""
    status, lines = pytest_on_a_file_that_skips(tmp_path, ci="true")
    assert status == 1
    because = "was skipped, and with CI=true every test must run"
    assert f"test_some.py::test_that_needs_much {because}: not installed: no-such-program, nor-this-one" in lines
    assert f"test_some.py::test_that_skips_itself {because}: not today" in lines
    assert "1 failed, 1 passed, 1 xfailed, 1 error" in lines[-1]


def test_a_home_is_empty_short_and_the_only_setting(home: Path) -> None:
    """Real: the environment that a child of this test gets."""
    assert list(home.iterdir()) == []
    assert len(os.fsencode(home / "run" / "door")) < 100
    seen = subprocess.run(["env"], capture_output=True, text=True, check=True).stdout.splitlines()
    assert [line for line in seen if line.startswith("KITSU_LAUNCHER_")] == [f"KITSU_LAUNCHER_HOME={home}"]


def free_port() -> int:
    """A port that nobody holds."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def answer_once(server: socket.socket) -> None:
    """Send the next caller's first bytes back, in a thread."""

    def answer() -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(connection.recv(100))

    threading.Thread(target=answer, daemon=True).start()
