"""The port's routes, from bytes to answers."""

import asyncio
import html
import json

import pytest

from launcher.errors import LauncherError, Refused
from launcher.model import Sender, State
from launcher.web import body, pages
from tests.support.face import Face
from tests.support.requests import (
    AJAX_BODY,
    CLICKED,
    FORM_BODY,
    FORM_TYPE,
    KEY,
    KITSU,
    TASK,
    Request,
    ajax,
    captures,
    form,
    own_page,
    preflight,
    replay,
    send,
    visit,
)

ASKED = f"/run/open-in-blender?task={TASK}"


async def test_a_form_of_kitsu_is_sent_to_its_launch_at_once(face: Face):
    """Real: the socket, the guard, the launch; nobody is logged in, so it waits for that and Kitsu is never asked."""
    answer = await face.send(form(face.port))

    (launch,) = face.launches.recent()
    assert (answer.status, answer.headers["Location"]) == (303, f"/launches/{launch.id}")
    assert answer.body == b""
    assert launch.click.task_ids == (TASK,)
    assert launch.click.sender is Sender.FORM


async def test_a_captured_form_of_a_real_browser_goes_the_same_way(face: Face):
    """Real: a form as Chromium sent it for the real Kitsu, with another target, Host and origin of its Kitsu."""
    (capture,) = [path for path in captures(b"POST ") if path.name == "form127-shots-3-01.http"]
    raw = replay(capture.read_bytes(), f"/run/open-in-blender?key={KEY}", f"127.0.0.1:{face.port}")
    raw = raw.replace(b"Origin: http://127.0.0.1:8080", b"Origin: " + KITSU.encode())

    answer = await send(raw, face.port)

    assert answer.status == 303
    assert len(face.launches.recent()[0].click.task_ids) == 3


async def test_loading_a_launch_again_launches_nothing(face: Face):
    """Real: the socket."""
    target = (await face.send(form(face.port))).headers["Location"]

    answers = [await face.send(visit(face.port, target)) for _ in range(3)]

    assert [answer.status for answer in answers] == [200, 200, 200]
    assert len(face.launches.recent()) == 1


async def test_the_same_form_twice_within_two_seconds_is_one_launch(face: Face):
    """Real: two connections at once."""
    first, second = await asyncio.gather(face.send(form(face.port)), face.send(form(face.port)))

    assert first.headers["Location"] == second.headers["Location"]


async def test_ajax_is_answered_with_its_launch_and_kitsu_may_read_it(face: Face):
    """Real: the socket."""
    answer = await face.send(ajax(face.port))

    (launch,) = face.launches.recent()
    assert answer.status == 202
    assert json.loads(answer.body) == {"launch": launch.id, "url": f"http://127.0.0.1:{face.port}/launches/{launch.id}"}
    assert answer.headers["Access-Control-Allow-Origin"] == KITSU
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert answer.headers["Vary"] == "Origin"


async def test_ajax_that_is_no_click_is_told_so_in_json_that_kitsu_may_read(face: Face):
    """Real: the socket."""
    answer = await face.send(ajax(face.port)(body=b'{"selection": []}'))

    assert answer.status == 422
    assert json.loads(answer.body)["error"] == {
        "problem": "Nothing was selected.",
        "tried": [],
        "next": "Select the tasks in Kitsu and click the action again.",
        "code": "selection",
        "exit_code": 2,
    }
    assert answer.headers["Access-Control-Allow-Origin"] == KITSU
    assert face.launches.recent() == []


async def test_a_preflight_of_kitsu_is_answered_and_another_s_is_not(face: Face):
    """Real: the socket."""
    good = await face.send(preflight(face.port))
    evil = await face.send(preflight(face.port, origin="https://evil.test"))

    assert (good.status, good.headers["Access-Control-Allow-Origin"]) == (204, KITSU)
    assert evil.status == 403
    assert "Access-Control-Allow-Origin" not in evil.headers


@pytest.mark.parametrize(
    ("body_sent", "problem"),
    [
        (FORM_BODY.replace(TASK.encode(), b""), "Nothing was selected."),
        (FORM_BODY.replace(TASK.encode(), b"x"), "'x' is not the id of a task."),
        (b"selection=%ff", "A field is not UTF-8."),
    ],
)
async def test_a_form_that_is_no_click_is_told_on_a_page_of_its_own(face: Face, body_sent: bytes, problem: str):
    """Real: the socket, the page. The address with the key is left at once."""
    answer = await face.send(form(face.port)(body=body_sent))
    page = await face.send(visit(face.port, answer.headers["Location"]))

    (launch,) = face.launches.recent()
    assert answer.status == 303
    assert launch.state is State.REFUSED
    assert f"<h1>{problem}</h1>" in html.unescape(page.text)


async def test_an_action_s_address_in_a_browser_shows_a_page_and_starts_nothing(face: Face):
    """Real: the socket. A link in a chat."""
    answer = await face.send(visit(face.port, f"{ASKED}&task={TASK[:-1]}0"))

    assert answer.status == 200
    assert "<h1>Open in Blender – 2 tasks?</h1>" in answer.text
    assert "<title>Open in Blender – 2 tasks?</title>" in answer.text
    assert face.launches.recent() == []


async def test_the_button_of_that_page_works_once(face: Face):
    """Real: the socket. It begins a launch that must be agreed to; pressed again it is too old."""
    once = (await face.send(visit(face.port, ASKED))).text.split('name="once" value="')[1].split('"')[0]
    press = own_page(face.port, "POST", "/run/open-in-blender/ask", f"once={once}".encode())

    first, second = await face.send(press), await face.send(press)

    (launch,) = face.launches.recent()
    assert (first.status, first.headers["Location"]) == (303, launch.url)
    assert launch.click.sender is Sender.PAGE
    assert second.status == 403
    assert json.loads(second.body)["error"]["code"] == "expired"


async def test_the_button_of_one_action_does_not_begin_another(face: Face):
    """Real: the socket."""
    once = (await face.send(visit(face.port, ASKED))).text.split('name="once" value="')[1].split('"')[0]

    answer = await face.send(own_page(face.port, "POST", "/run/debug/ask", f"once={once}".encode()))

    assert answer.status == 403
    assert face.launches.recent() == []


async def test_an_action_s_address_that_asks_for_nonsense_is_told_what_it_takes(face: Face):
    """Real: the socket."""
    answer = await face.send(visit(face.port, "/run/open-in-blender?command=rm"))

    assert answer.status == 422
    assert "<h1>The address has an unknown part &#39;command&#39;.</h1>" in answer.text
    assert "<p>It takes task and server.</p>" in answer.text


async def test_a_launch_tells_its_page_what_has_changed(face: Face):
    """Real: the socket. Words and how to behave, and what programs may see."""
    launch = face.in_state(State.RUNNING)

    answer = await face.send(own_page(face.port, "GET", f"{launch.url}.json"))

    told = json.loads(answer.body)
    page = told.pop("page")
    assert told == launch.public()
    assert (page["title"], page["mark"]) == ("Opening Blender 4.2.3 – SQ010/SH030/Animation", "running")
    assert (page["begun"], page["unfinished"], page["wide"], page["expires_s"]) == (True, True, False, 0)
    assert "<h1>Opening Blender 4.2.3</h1>" in page["status"]
    assert "leave out SQ010/SH040/Layout" in page["body"]
    assert "SECRET_OF_THE_ENVIRONMENT" not in answer.text


async def test_no_ends_a_question_and_the_value_counts_once(face: Face):
    """Real: the socket, the question."""
    launch = face.in_state(State.ASKS)
    assert launch.question
    say = own_page(face.port, "POST", f"{launch.url}/answer", f"once={launch.question.once}&answer=no".encode())

    first, second = await face.send(say), await face.send(say)

    assert (first.status, first.headers["Location"]) == (303, launch.url)
    assert launch.state is State.REFUSED
    assert second.status == 403
    assert json.loads(second.body)["error"]["code"] == "expired"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        (b"", 422),
        (b"once=", 422),
        (b"once=wrong&answer=maybe", 422),
        (b"answer=yes", 403),
        (b"once=wrong&answer=yes", 403),
        (b"once=wrong&answer=next", 403),
        ("once=é&answer=yes".encode(), 403),
    ],
)
async def test_a_wrong_answer_changes_nothing(face: Face, fields: bytes, status: int):
    """Real: the socket, the question."""
    launch = face.in_state(State.ASKS)

    answer = await face.send(own_page(face.port, "POST", f"{launch.url}/answer", fields))

    assert answer.status == status
    assert launch.state is State.ASKS


async def test_an_unknown_launch_is_told_to_people_and_to_programs(face: Face):
    """Real: the socket."""
    page = await face.send(visit(face.port, f"/launches/{'0' * 32}"))
    told = await face.send(own_page(face.port, "GET", f"/launches/{'0' * 32}.json"))

    assert (page.status, told.status) == (404, 404)
    assert "<h1>This launch is not known here.</h1>" in page.text
    assert json.loads(told.body)["error"]["code"] == "launch"


async def test_the_front_page_says_that_it_runs_and_nothing_of_anybody(face: Face):
    """Real: the socket. Its studio file has a name, and there was a launch."""
    face.launch(tasks=("SQ010/SH030/Secret",))

    answer = await face.send(visit(face.port, "/"))

    assert answer.status == 200
    assert "<h1>Kitsu Launcher runs</h1>" in answer.text
    for secret in ("Lunar", "Secret", "kitsu.studio.test", "0.1.0"):
        assert secret not in answer.text


async def test_health_says_ok_and_nothing_else(face: Face):
    """Real: the socket."""
    answer = await face.send(Request("GET", "/healthz", {"Host": f"127.0.0.1:{face.port}"}))

    assert (answer.status, answer.text) == (200, "ok")
    assert "Server" not in answer.headers


@pytest.mark.parametrize(
    ("path", "kind", "start"),
    [
        ("/favicon.ico", "image/x-icon", b"\0\0\1\0"),
        ("/static/kitsu.svg", "image/svg+xml", b"<svg"),
        ("/static/kitsu.css", "text/css; charset=utf-8", b"/*"),
        ("/static/kitsu.js", "text/javascript; charset=utf-8", b"//"),
    ],
)
async def test_what_pages_are_made_of(face: Face, path: str, kind: str, start: bytes):
    """Real: the socket, the files of the package."""
    answer = await face.send(own_page(face.port, "GET", path))

    assert (answer.status, answer.headers["Content-Type"]) == (200, kind)
    assert answer.body.startswith(start)


@pytest.mark.parametrize(
    "path", ["/static/kitsu.py", "/static/..", "/static/../app.py", "/static/%2e%2e%2fapp.py", "/x"]
)
async def test_nothing_else_is_served(face: Face, path: str):
    """Real: the socket."""
    answer = await face.send(own_page(face.port, "GET", path))

    assert answer.status == 404


async def test_people_see_a_page_for_an_address_where_nothing_is(face: Face):
    """Real: the socket. aiohttp's own 404, in our words."""
    answer = await face.send(visit(face.port, "/static/nothing")(Sec_Fetch_Site="none"))

    assert answer.status == 404
    assert "<h1>There is nothing at this address.</h1>" in answer.text


async def test_a_body_that_grows_beyond_a_click_is_cut_off(face: Face):
    """Real: the socket; sent in chunks, so that no length tells it before. A launch says why."""
    request = form(face.port)(Transfer_Encoding="chunked", body=b"11000\r\n" + b"x" * 0x11000 + b"\r\n0\r\n\r\n")
    request.length = None

    answer = await face.send(request)

    (launch,) = face.launches.recent()
    assert answer.status == 303
    assert launch.error
    assert launch.error.problem == "The request is larger than 64 KiB."


async def test_a_body_that_does_not_come_is_given_up(face: Face, monkeypatch: pytest.MonkeyPatch):
    """Real: the socket; ten seconds are half a second here."""
    monkeypatch.setattr(body, "PATIENCE_S", 0.5)
    request = ajax(face.port)
    request.length = str(len(AJAX_BODY) + 1)

    answer = await face.send(request)

    assert answer.status == 408
    assert json.loads(answer.body)["error"]["code"] == "slow"


async def test_a_61st_click_within_a_minute_is_told_so_at_an_address_without_the_key(face: Face):
    """Real: the socket, the page."""
    for _ in range(60):
        face.launch()

    form_answer, ajax_answer = await face.send(form(face.port)), await face.send(ajax(face.port))
    page = await face.send(visit(face.port, form_answer.headers["Location"]))

    assert (form_answer.status, form_answer.headers["Location"]) == (303, "/refused/too-many")
    assert page.status == 429
    assert "<h1>More was clicked than a person clicks, or three launches already wait for an answer.</h1>" in page.text
    assert ajax_answer.status == 429
    assert json.loads(ajax_answer.body)["error"]["problem"] == "More than 60 launches within a minute."


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"Origin": "https://evil.test"}, "This request is not allowed."),
        ({"Content_Type": "text/plain"}, "The request is not of the type that Kitsu sends."),
        ({"target": f"/run/open-in-blender?key={KEY}&x=1"}, "The action's address holds something other than its key."),
    ],
)
async def test_what_the_guard_refuses_after_a_right_key_is_told_at_an_address_without_it(
    face: Face, change: dict[str, str], problem: str
):
    """Real: the socket, the page."""
    answer = await face.send(form(face.port)(**change))
    page = await face.send(visit(face.port, answer.headers["Location"]))

    assert answer.status == 303
    assert page.status in (400, 403, 415)
    assert f"<h1>{problem}</h1>" in html.unescape(page.text)
    assert face.launches.recent() == []


@pytest.mark.parametrize("code", ["nonsense", "too", "x" * 20])
async def test_an_address_of_no_refusal_shows_nothing(face: Face, code: str):
    """Real: the socket."""
    assert (await face.send(visit(face.port, f"/refused/{code}"))).status == 404


async def test_the_way_back_leads_to_the_page_of_kitsu_that_was_clicked_on(face: Face):
    """Real: the socket."""
    launch = face.in_state(State.FAILED, LauncherError("No.", next_step="Go."))

    answer = await face.send(visit(face.port, launch.url))

    assert f'<a class="button" href="{KITSU}{launch.click.page}" data-back>Back to Kitsu</a>' in answer.text


async def test_a_click_that_names_another_server_gets_no_way_back(face: Face):
    """Real: the socket. A link to somewhere else would be anybody's."""
    request = form(face.port)(body=FORM_BODY.replace(b"kitsu.studio.test", b"evil.test"))

    answer = await face.send(visit(face.port, (await face.send(request)).headers["Location"]))

    assert "evil.test/" not in answer.text
    assert "Back to Kitsu" not in answer.text


@pytest.mark.parametrize("headers", [{}, CLICKED, {"Content-Type": FORM_TYPE}])
async def test_every_answer_carries_the_same_headers(face: Face, headers: dict[str, str]):
    """Real: the socket; a page, an error, a refusal by the guard."""
    for target in ("/", f"/launches/{'0' * 32}", "/healthz", "/nothing"):
        answer = await face.send(Request("GET", target, {"Host": f"127.0.0.1:{face.port}", **headers}))
        assert {name: answer.headers.get(name) for name in pages.HEADERS} == pages.HEADERS


async def test_a_refused_click_shows_what_was_wanted_and_what_to_do(face: Face):
    """Real: the socket."""
    error = Refused("This is not yours.", tried=["first", "second"], next_step="Run `kitsu-launcher login`.")

    answer = await face.send(visit(face.port, face.in_state(State.REFUSED, error).url))

    assert "<title>Refused: Open in Blender – SQ010/SH030/Animation</title>" in answer.text
    assert "<h1>This is not yours.</h1>" in answer.text
    assert "<li>first</li><li>second</li>" in answer.text
    assert "<p>Run <code>kitsu-launcher login</code>.</p>" in answer.text
