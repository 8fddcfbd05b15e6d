"""T4: requests that a page can send without asking, dressed as Kitsu's."""

import pytest

from tests.support.gate import Gate
from tests.support.requests import AJAX_BODY, FORM_TYPE, KEY, KITSU, TASK, ajax, form, own_page, preflight, visit
from tests.support.sample import SampleStudio


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


def test_none_of_it_leaves_a_trace_at_a_whole_daemon(sample_studio: SampleStudio) -> None:
    """Real: daemon, sockets; a right key, or her Kitsu's own origin."""
    form, ajax = sample_studio.form(), sample_studio.ajax()
    whole_tab = sample_studio.page(f"/run/open?task={sample_studio.task()}&server={sample_studio.origin}")
    attempts = [
        (415, ajax(Content_Type="text/plain")),
        (415, ajax(Content_Type="multipart/form-data; boundary=x")),
        (303, form(Content_Type="text/plain", body=ajax.body)),
        (403, ajax(Sec_Fetch_Mode="no-cors")),
        (403, ajax(Sec_Fetch_Dest="iframe", Sec_Fetch_Mode="navigate")),
        (403, form(Sec_Fetch_Dest="iframe")),
        (403, form(Sec_Fetch_Dest="image", Sec_Fetch_Mode="no-cors")),
        (405, ajax(method="PUT")),
        (405, ajax(method="TRACE")),
        (405, whole_tab(Sec_Fetch_Dest="image", Sec_Fetch_Mode="no-cors")),
        (403, whole_tab(Sec_Fetch_Dest="iframe")),
        (403, whole_tab(Upgrade="websocket", Connection="Upgrade")),
        (403, sample_studio.ajax(origin="https://evil.test")(method="OPTIONS", body=b"")),
        (200, whole_tab),
    ]
    asked = len(sample_studio.kitsu.looked_up)
    with sample_studio.untouched():
        for status, request in attempts:
            answer = sample_studio.refused(request, status)
            assert "Access-Control-Allow-Origin" not in answer.headers or request.headers["Origin"] == (
                sample_studio.origin
            )

    assert len(sample_studio.kitsu.looked_up) == asked, "nothing was read from Kitsu either"


def test_the_button_of_a_gets_page_makes_a_launch_that_asks(sample_studio: SampleStudio) -> None:
    """Real: daemon, sockets, sample Kitsu; the one-time value counts once and for its own action only."""
    page = sample_studio.send(sample_studio.page(f"/run/open?task={sample_studio.task()}"))
    once = page.text.partition('name="once" value="')[2].partition('"')[0]
    press = own_page(sample_studio.port, "POST", "/run/open/ask", f"once={once}".encode())

    with sample_studio.untouched():
        sample_studio.refused(press(Origin="https://evil.test"))
        sample_studio.refused(press(Sec_Fetch_Site="cross-site", Origin="null"))
    launch = sample_studio.clicked(press)
    sample_studio.refused(press)

    assert launch["question"]["reasons"] == ["It was opened as a link, which any page can do."]
    assert sample_studio.notes() == []
