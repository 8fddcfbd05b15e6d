"""T4: requests that a page can send without asking, dressed as Kitsu's."""

import pytest

from tests.support.gate import Gate
from tests.support.requests import AJAX_BODY, FORM_TYPE, KEY, KITSU, TASK, ajax, form, preflight, visit


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data; boundary=x", "application/json", None])
async def test_a_form_of_another_type_is_refused(gate: Gate, content_type: str | None) -> None:
    """Real: the guard on a socket. `text/plain` forms can be shaped as JSON."""
    answer = await gate.send(form(gate.port, key="wrong")(Content_Type=content_type, body=AJAX_BODY))

    assert answer.status == 415
    assert gate.clicks == []


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data; boundary=x", FORM_TYPE, None])
async def test_a_script_of_kitsu_sends_json_and_nothing_else(gate: Gate, content_type: str | None) -> None:
    """Real: the guard on a socket."""
    answer = await gate.send(ajax(gate.port)(Content_Type=content_type))

    assert answer.status == 415
    assert gate.clicks == []


@pytest.mark.parametrize(
    "fetch",
    [
        {"Sec_Fetch_Mode": "no-cors", "Sec_Fetch_Dest": "empty"},
        {"Sec_Fetch_Dest": "iframe"},
        {"Sec_Fetch_Dest": "image", "Sec_Fetch_Mode": "no-cors"},
        {"Sec_Fetch_Mode": "websocket", "Sec_Fetch_Dest": "empty"},
    ],
)
@pytest.mark.parametrize("origin", ["null", KITSU])
async def test_frames_images_and_blind_fetches_are_refused(gate: Gate, fetch: dict[str, str], origin: str) -> None:
    """Real: the guard on a socket, with a right key."""
    assert (await gate.send(form(gate.port, origin=origin)(**fetch))).status == 403
    assert gate.clicks == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "TRACE"])
async def test_other_methods_are_not_answered(gate: Gate, method: str) -> None:
    """Real: the guard on a socket."""
    assert (await gate.send(form(gate.port)(method=method))).status == 405
    assert gate.clicks == []


async def test_a_get_shows_a_question_in_a_whole_tab_and_launches_nothing(gate: Gate) -> None:
    """Real: the guard on a socket."""
    page = visit(gate.port, f"/run/open-in-blender?task={TASK}")

    assert (await gate.send(page)).text == "open-in-blender: 1 tasks"
    assert (await gate.send(page(Sec_Fetch_Mode="no-cors", Sec_Fetch_Dest="image"))).status == 405
    assert (await gate.send(page(Sec_Fetch_Mode="cors", Sec_Fetch_Dest="empty", Origin=KITSU))).status == 405
    assert (await gate.send(page(Sec_Fetch_Dest="iframe"))).status == 403
    bare = page(Sec_Fetch_Site=None, Sec_Fetch_Mode=None, Sec_Fetch_Dest=None, Sec_Fetch_User=None)
    assert (await gate.send(bare)).status == 403
    assert gate.clicks == []


@pytest.mark.parametrize("target", ["/", "/run/open-in-blender", f"/run/open-in-blender?key={KEY}", "/healthz"])
async def test_no_websocket_opens(gate: Gate, target: str) -> None:
    """Real: the guard on a socket. Firefox lets public pages open WebSockets to this machine."""
    request = visit(gate.port, target)(
        Origin=KITSU,
        Connection="Upgrade",
        Upgrade="websocket",
        Sec_WebSocket_Version="13",
        Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==",
        Sec_Fetch_Mode="websocket",
        Sec_Fetch_Dest="empty",
    )

    assert (await gate.send(request)).status == 403
    assert gate.clicks == []


@pytest.mark.parametrize("origin", ["https://evil.test", "null", None])
async def test_a_foreign_preflight_gets_no_permission(gate: Gate, origin: str | None) -> None:
    """Real: the guard on a socket."""
    answer = await gate.send(preflight(gate.port, origin=origin)(Access_Control_Request_Private_Network="true"))

    assert answer.status == 403
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
