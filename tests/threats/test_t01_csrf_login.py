"""T1, of logins: another page logs the artist in as somebody else, or has her login handed to somebody else."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from launcher.demo.studio import EMAIL, PASSWORD
from launcher.launches import Launch
from launcher.web.login_forms import challenge
from tests.clicks.test_logins import link
from tests.support.accounts import api_of
from tests.support.face import at_home, cookie, press
from tests.support.logins import Desk, value
from tests.support.requests import CLICKED, FORM_TYPE, Request, own_page, visit
from tests.support.zou import Zou

GOOD = {"email": EMAIL, "password": PASSWORD}
EVIL = "https://evil.test"
PORT = "http://127.0.0.1:8080"
FORGED: list[dict[str, str | None]] = [
    {"Origin": EVIL, **CLICKED},
    {"Origin": "null", **CLICKED},
    {"Origin": None, **CLICKED},
    {"Origin": PORT, **CLICKED, "Sec-Fetch-Site": "same-site"},
    {"Origin": "https://kitsu.studio.test", **CLICKED},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Mode": "no-cors"},
    {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    {"Content-Type": "text/plain"},
    {"Content-Type": "multipart/form-data; boundary=x"},
    {"Host": "evil.test"},
]
"""What differs from our own page's request when another page sends it."""


async def waiting(desk: Desk) -> Launch:
    launch = await desk.mika()
    await desk.waits(launch)
    return launch


async def nobody(desk: Desk) -> bool:
    """Whether nobody is logged in."""
    people = [await desk.face.parts.accounts.people(one) for one in desk.face.parts.loaded().config.studio.servers]
    return not any(people)


def own_form(desk: Desk, target: str, **fields: str) -> Request:
    return own_page(desk.face.port, "POST", target, urlencode(fields).encode())


@pytest.mark.parametrize("forged", FORGED)
async def test_no_other_page_s_form_logs_anybody_in(fox_desk: Desk, forged: dict[str, str | None]):
    """Real: the port. Even with the form's own value, which no other page can read."""
    launch = await waiting(fox_desk)
    once = value(await fox_desk.page(launch), "once")
    sent = own_form(fox_desk, f"{launch.url}/login", once=once, **GOOD)
    sent.headers.update({"Content-Type": FORM_TYPE, **forged})

    answer = await fox_desk.face.send(sent)

    assert answer.status in (403, 415)
    assert await nobody(fox_desk)
    assert launch.waiting_for


@pytest.mark.parametrize("once", ["", "x", "é", "A" * 22])
async def test_a_login_without_its_form_s_value_does_nothing(fox_desk: Desk, once: str):
    """Real: the port, our own page's headers."""
    launch = await waiting(fox_desk)
    await fox_desk.page(launch)

    answer = await fox_desk.face.send(own_form(fox_desk, f"{launch.url}/login", once=once, **GOOD))

    assert answer.status == 403
    assert await nobody(fox_desk)


@pytest.mark.parametrize("forged", FORGED)
async def test_no_other_page_logs_in_on_the_dashboard(fox_desk: Desk, forged: dict[str, str | None]):
    """Real: the port, a living session whose cookie every port of this machine has sent."""
    here = cookie(fox_desk.face)
    page = (await fox_desk.face.send(at_home(fox_desk.face, "/account/login", here))).text
    fields = {"form": value(page, "form"), "server": fox_desk.servers[0], "once": value(page, "once"), **GOOD}
    sent = own_form(fox_desk, "/account/login", **fields)(Cookie=here)
    sent.headers.update(forged)

    answer = await fox_desk.face.send(sent)

    assert answer.status in (403, 415)
    assert await nobody(fox_desk)


async def test_on_the_dashboard_session_and_form_must_be_the_same(fox_desk: Desk):
    """Real: the port. Without a session, with another session's values, with a click's value."""
    launch = await waiting(fox_desk)
    here, other = cookie(fox_desk.face), cookie(fox_desk.face)
    page = (await fox_desk.face.send(at_home(fox_desk.face, "/account/login", here))).text
    await fox_desk.face.send(at_home(fox_desk.face, "/account/login", other))
    fields = {"server": fox_desk.servers[0], "once": value(page, "once"), **GOOD}
    click = {**fields, "once": value(await fox_desk.page(launch), "once")}

    answers = [
        await fox_desk.face.send(own_form(fox_desk, "/account/login", form=value(page, "form"), **fields)),
        await press(fox_desk.face, "/account/login", other, **fields),
        await press(fox_desk.face, "/account/login", here, **click),
    ]

    assert [answer.status for answer in answers] == [403, 403, 403]
    assert await nobody(fox_desk)


# -- by the browser --------------------------------------------------------------------------------------------------
@pytest.fixture
def paged(zou_desk: Desk, zou: Zou) -> Desk:
    """A studio whose Kitsu has a page of logins."""
    zou_desk.write((zou.url, zou.url, f'login_page = "{zou.url}/page"'))
    return zou_desk


async def state_of(desk: Desk, zou: Zou) -> tuple[Launch, str]:
    """A waiting click, and the state with which its login would come back."""
    artist = zou.account("user")
    launch = await desk.click(artist.email, artist.id, zou.task("Animation SH010"))
    await desk.waits(launch)
    address = link((await desk.face.send(visit(desk.face.port, launch.url))).text)
    return launch, parse_qs(urlsplit(address).query)["state"][0]


def code_of(zou: Zou, key: str, its_challenge: str) -> str:
    """A code that Zou gives to somebody who is logged in there."""
    return str(api_of(zou, key).done("POST", "auth/app-login/code", {"code_challenge": its_challenge})["code"])


def back(code: str, state: str) -> str:
    return f"/login/back?{urlencode({'code': code, 'state': state})}"


async def test_a_foreign_code_logs_nobody_in(paged: Desk, zou: Zou):
    """Real: Zou, a code of the attacker's own account. Without our state, and even with it: we hold the verifier."""
    launch, state = await state_of(paged, zou)
    code = code_of(zou, "outsider", challenge("v" * 64))

    unknown = await paged.face.send(visit(paged.face.port, back(code, "s" * 22)))
    known = await paged.face.send(visit(paged.face.port, back(code, state)))

    assert (unknown.status, known.headers["Location"]) == (403, launch.url)
    assert await nobody(paged)
    assert "Kitsu did not take the browser's code" in await paged.page(launch)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "code=a",
        "state={state}",
        "code=a&state={state}&code=b",
        "code=a&state={state}&x=1",
        "code=a%00&state={state}",
        "code=&state={state}",
        "code=a&state=é",
        "code=" + "a" * 300 + "&state={state}",
    ],
)
async def test_an_address_back_that_is_not_kitsu_s_uses_up_nothing(paged: Desk, zou: Zou, query: str):
    """Real: the port."""
    _launch, state = await state_of(paged, zou)

    answer = await paged.face.send(visit(paged.face.port, f"/login/back?{query.format(state=state)}"))

    assert answer.status in (400, 403)
    assert paged.face.launches.recent()[0].waiting_for
    _launch, again = await state_of_page(paged)
    assert again == state


async def state_of_page(desk: Desk) -> tuple[Launch, str]:
    """The state that the newest click's page shows now."""
    launch = desk.face.launches.recent()[0]
    address = link((await desk.face.send(visit(desk.face.port, launch.url))).text)
    return launch, parse_qs(urlsplit(address).query)["state"][0]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
        {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
        {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
        {"Sec-Fetch-Mode": None, "Sec-Fetch-Dest": None, "Sec-Fetch-Site": None, "Sec-Fetch-User": None},
    ],
)
async def test_only_a_whole_tab_comes_back_from_kitsu(paged: Desk, zou: Zou, headers: dict[str, str | None]):
    """Real: the port. No frame, picture or script, and no browser that does not tell."""
    _launch, state = await state_of(paged, zou)
    sent = visit(paged.face.port, back("a", state))
    sent.headers.update(headers)

    answer = await paged.face.send(sent)

    assert answer.status in (403, 405)
    assert (await state_of_page(paged))[1] == state
