"""What real browsers and a real Kitsu sent, replayed byte for byte."""

import json
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from launcher.model import Sender
from launcher.trust import Go
from tests.support.gate import Gate
from tests.support.requests import KEY, captures, replay

TARGET = "/run/open-in-blender"
KEYED = f"{TARGET}?key={KEY}"


def named(paths: list[Path]) -> list[object]:
    return [pytest.param(path.read_bytes(), id=path.stem) for path in paths]


FORMS = [path for path in captures(b"POST ") if b"Content-Type: application/x-www-form" in path.read_bytes()]
SCRIPTS = [path for path in captures(b"POST ") if b"Content-Type: application/json" in path.read_bytes()]
HIDDEN = [path for path in FORMS if b"Origin: null\r\n" in path.read_bytes()]


def test_every_capture_is_one_of_four_sorts() -> None:
    """Real: the captures. Chromium 156 with Kitsu 1.0.56, http and https."""
    assert (len(FORMS), len(SCRIPTS), len(captures(b"OPTIONS ")), len(captures(b"GET "))) == (22, 15, 7, 12)
    assert len(captures()) == 56
    assert len(HIDDEN) == 4


@pytest.mark.parametrize("capture", named(FORMS))
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_captured_form_is_a_click(gate: Gate, capture: bytes, host: str) -> None:
    """Real: a browser's bytes, the guard on a socket. Only target and Host are rewritten."""
    answer = await gate.send(replay(capture, KEYED, f"{host}:{gate.port}"))

    assert answer.status == 303, answer.text
    sent = {name: values[0] for name, values in parse_qs(capture.partition(b"\r\n\r\n")[2].decode()).items()}
    (click,) = gate.clicks
    assert click.sender is Sender.FORM
    assert gate.verdicts == [Go()]
    assert click.task_ids == tuple(sent["selection"].split(","))
    assert (click.person_id, click.person_email) == (sent["personid"], sent["personemail"])
    assert (click.project_id, click.entity_type) == (sent["projectid"], sent["entitytype"])
    assert (click.server, click.page) == (sent["currentserver"], sent["currentpath"])
    assert dict(click.received) == sent


@pytest.mark.parametrize("capture", named(SCRIPTS))
@pytest.mark.parametrize("target", [TARGET, KEYED])
async def test_a_captured_ajax_request_is_a_click(gate: Gate, capture: bytes, target: str) -> None:
    """Real: a browser's bytes, the guard on a socket."""
    answer = await gate.send(replay(capture, target, f"127.0.0.1:{gate.port}"))

    assert answer.status == 202, answer.text
    sent = json.loads(capture.partition(b"\r\n\r\n")[2])
    (click,) = gate.clicks
    assert click.sender is Sender.AJAX
    assert click.task_ids == tuple(sent["selection"])
    assert (click.person_id, click.person_email) == (sent["userid"], sent["useremail"])
    assert (click.project_id, click.entity_type) == (sent["productionid"], sent["entitytype"])
    assert (click.server, click.page) == (sent["originserver"], sent["originurl"])


@pytest.mark.parametrize("capture", named(captures(b"OPTIONS ")))
async def test_a_captured_preflight_is_answered_for_its_origin_alone(gate: Gate, capture: bytes) -> None:
    """Real: a browser's bytes, the guard on a socket."""
    answer = await gate.send(replay(capture, KEYED, f"127.0.0.1:{gate.port}"))

    origin = capture.partition(b"Origin: ")[2].partition(b"\r\n")[0].decode()
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert answer.headers["Access-Control-Allow-Methods"] == "POST"
    assert answer.headers["Access-Control-Allow-Headers"] == "content-type"
    assert answer.headers["Vary"] == "Origin"
    assert "Access-Control-Allow-Private-Network" not in answer.headers
    assert gate.clicks == []


@pytest.mark.parametrize("capture", named(captures(b"GET ")))
async def test_a_captured_favicon_request_does_nothing(gate: Gate, capture: bytes) -> None:
    """Real: a browser's bytes, the guard on a socket."""
    answer = await gate.send(replay(capture, "/favicon.ico", f"127.0.0.1:{gate.port}"))

    assert answer.status == 200
    assert gate.clicks == []


@pytest.mark.parametrize("capture", named(captures()))
async def test_an_unmodified_capture_is_refused(gate: Gate, capture: bytes) -> None:
    """Real: a browser's bytes. They name another port's Host."""
    answer = await gate.send(capture)

    assert answer.status == 403
    assert gate.clicks == []


@pytest.mark.parametrize("capture", named(captures(b"POST ")))
async def test_a_capture_with_nothing_but_its_host_rewritten_is_refused(gate: Gate, capture: bytes) -> None:
    """Real: a browser's bytes. They post to `/`, or to `/x`."""
    target = capture.split(b" ")[1].decode()

    answer = await gate.send(replay(capture, target, f"127.0.0.1:{gate.port}"))

    assert answer.status == (405 if target == "/" else 404)
    assert gate.clicks == []


@pytest.mark.parametrize("capture", named(HIDDEN))
@pytest.mark.parametrize("target", [TARGET, f"{TARGET}?key=wrong"])
async def test_a_captured_form_that_hides_its_origin_needs_the_key(gate: Gate, capture: bytes, target: str) -> None:
    """Real: a browser's bytes. From an https Kitsu, and from any other https page, they look the same."""
    answer = await gate.send(replay(capture, target, f"127.0.0.1:{gate.port}"))

    assert answer.status == 403
    assert "publish the actions again" in answer.text
    assert gate.clicks == []
