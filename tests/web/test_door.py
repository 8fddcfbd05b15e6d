"""The private door's routes, over its real Unix socket."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from launcher import __version__
from launcher.errors import LauncherError
from launcher.journal import Process
from launcher.model import Sender, State
from tests.support.face import Face
from tests.support.requests import TASK, Request


async def ask(face: Face, method: str, target: str, body: object = None) -> tuple[int, Any]:
    """One request, as the command line sends it."""
    answer = await face.ask(method, target, b"" if body is None else json.dumps(body).encode())
    return answer.status, json.loads(answer.body)


async def test_ping_says_who_answers(face: Face):
    """Real: the Unix socket."""
    assert await ask(face, "GET", "/door/ping") == (
        200,
        {"pid": os.getpid(), "version": __version__, "port": face.port},
    )


@pytest.mark.parametrize("target", ["/door/ping", "/door/launches", "/door/whoami", "/door/shell", "/door/quit"])
async def test_the_port_has_none_of_it(face: Face, target: str):
    """Real: the TCP socket."""
    for method in ("GET", "POST"):
        answer = await face.send(Request(method, target, {"Host": f"127.0.0.1:{face.port}"}))
        assert answer.status == 404
    assert face.stopped == []


async def test_a_click_of_the_command_line_is_a_launch(face: Face):
    """Real: the launch, which waits for somebody to log in."""
    status, told = await ask(face, "POST", "/door/run", {"action": "open-in-blender", "tasks": [TASK]})

    (launch,) = face.launches.recent()
    assert (status, told["id"], told["action"]) == (200, launch.id, "open-in-blender")
    assert launch.click.sender is Sender.COMMAND


async def test_a_dry_run_is_no_launch(face: Face):
    """Real: nobody is logged in, which a dry-run is told at once."""
    wish = {"action": "open-in-blender", "tasks": [TASK], "server": None, "dry_run": True}

    status, told = await ask(face, "POST", "/door/run", wish)

    assert (status, told["error"]["code"], told["error"]["exit_code"]) == (403, "login", 3)
    assert face.launches.recent() == []


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "The request is no JSON."),
        (b"[" * 60_000, "The request is no JSON."),
        (b"[]", "The request is no JSON object."),
        (b"{}", '"action" of the request must be a text.'),
        (b'{"action": 7}', '"action" of the request must be a text.'),
        (b'{"action": "a"}', '"tasks" of the request must be a list of texts.'),
        (b'{"action": "a", "tasks": [7]}', '"tasks" of the request must be a list of texts.'),
        (b'{"action": "a", "tasks": [], "server": 7}', '"server" of the request must be a text.'),
        (b'{"action": "a", "tasks": [], "dry_run": "yes"}', '"dry_run" of the request must be true or false.'),
    ],
)
async def test_a_request_that_is_none_is_told_what_is_wrong(face: Face, body: bytes, problem: str):
    """Real: the Unix socket."""
    answer = await face.ask("POST", "/door/run", body)

    assert answer.status in (400, 422)
    assert json.loads(answer.body)["error"]["problem"] == problem


async def test_launches_the_newest_first_and_one_by_the_beginning_of_its_id(face: Face):
    """Real: the launches."""
    old, new = face.launch(), face.in_state(State.ASKS)

    assert await ask(face, "GET", "/door/launches") == (200, [new.public(), old.public()])
    assert await ask(face, "GET", f"/door/launches/{old.id[:8]}") == (200, old.public())
    status, told = await ask(face, "GET", "/door/launches/ffff")
    assert (status, told["error"]["exit_code"]) == (404, 4)


async def test_a_launch_s_log(face: Face, tmp_path: Path):
    """Real: a file, with what no terminal should get."""
    log = tmp_path / "x.log"
    log.write_text("Blender 4.2.3\n\x1b]0;owned\x07\n")
    launch = face.in_state(State.PREPARING)
    face.launches.update(launch, processes=(Process("Blender", ("b",), 1, None, (), str(log), 0.0),))

    status, told = await ask(face, "GET", f"/door/launches/{launch.id}/log")

    assert status == 200
    assert told["id"] == launch.id
    assert told["log"].splitlines()[0] == "Blender 4.2.3"
    assert "\x1b" not in told["log"]


async def test_a_launch_without_a_log(face: Face):
    """Real: the launches."""
    status, told = await ask(face, "GET", f"/door/launches/{face.launch().id}/log")

    assert (status, told["error"]["code"]) == (404, "not-found")


async def test_no_is_said_without_a_one_time_value(face: Face):
    """Real: the question. Whoever is at this door is this user."""
    launch = face.in_state(State.ASKS)

    status, told = await ask(face, "POST", f"/door/launches/{launch.id[:8]}/answer", {"yes": False})

    assert (status, told["state"]) == (200, "refused")
    status, told = await ask(face, "POST", f"/door/launches/{launch.id[:8]}/answer", {"yes": False})
    assert (status, told["error"]["code"]) == (403, "refused")


async def test_a_link_is_a_launch_whose_page_is_opened(face: Face):
    """Real: the launch; the page is only written down here."""
    status, told = await ask(face, "POST", "/door/link", {"url": f"kitsu-launcher://run/open-in-blender?task={TASK}"})

    (launch,) = face.launches.recent()
    assert (status, told["id"]) == (200, launch.id)
    assert launch.click.sender is Sender.LINK
    assert face.opened == [launch.id]


async def test_a_link_without_an_action_opens_the_front_page(face: Face):
    """Real: the Unix socket."""
    assert await ask(face, "POST", "/door/link", {"url": "kitsu-launcher://open"}) == (200, {})
    assert face.opened == [None]
    assert face.launches.recent() == []


@pytest.mark.parametrize("url", ["", "https://evil.test", "kitsu-launcher://RUN/x?task=1", "kitsu-launcher://run/x"])
async def test_another_link_does_nothing(face: Face, url: str):
    """Real: the Unix socket."""
    status, told = await ask(face, "POST", "/door/link", {"url": url})

    assert (status, told["error"]["exit_code"]) == (422, 2)
    assert face.opened == []
    assert face.launches.recent() == []


async def test_quit_is_answered_before_the_daemon_ends(face: Face):
    """Real: the Unix socket; the daemon's own end is only written down here."""
    assert await ask(face, "POST", "/door/quit") == (200, {})
    assert face.stopped == []

    await asyncio.sleep(0.2)

    assert face.stopped == [True]


async def test_errors_are_json_with_the_exit_code(face: Face):
    """Real: the Unix socket."""
    launch = face.in_state(State.FAILED, LauncherError("No.", tried=["a"], next_step="Go."))

    _, told = await ask(face, "GET", f"/door/launches/{launch.id}")

    assert told["error"] == {"code": "failed", "exit_code": 1, "problem": "No.", "tried": ["a"], "next": "Go."}
