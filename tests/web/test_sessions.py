"""Sessions: a one-time entrance, a cookie, and what every form sends back. The clock is the test's own."""

import json
import re

import pytest

from launcher.web.sessions import ENTRANCE_S, IDLE_S, MOST, NotEntered, Sessions
from tests.support.face import Face, at_home, cookie
from tests.support.launching import Clock
from tests.support.requests import visit


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(clock: Clock) -> Sessions:
    return Sessions(lambda: 24517, clock)


def once(sessions: Sessions) -> str:
    return sessions.enter_url().rpartition("/")[2]


def header(sessions: Sessions, value: str) -> list[str]:
    return [f"{sessions.cookie}={value}"]


def test_an_entrance_is_an_address_of_128_random_bits(sessions: Sessions):
    first, second = sessions.enter_url(), sessions.enter_url()

    assert re.fullmatch(r"http://127\.0\.0\.1:24517/enter/[A-Za-z0-9_-]{22}", first)
    assert first != second


def test_an_entrance_opens_once(sessions: Sessions):
    value = once(sessions)
    sessions.enter(value)

    with pytest.raises(NotEntered) as caught:
        sessions.enter(value)

    assert str(caught.value) == (
        "This address of the dashboard was used already, or is older than 30 s.\n"
        "  next   Open the dashboard again: run `kitsu-launcher` in a terminal."
    )


def test_an_entrance_opens_for_30_seconds(sessions: Sessions, clock: Clock):
    early, late = once(sessions), once(sessions)
    clock.now += ENTRANCE_S - 1
    sessions.enter(early)
    clock.now += 1

    with pytest.raises(NotEntered):
        sessions.enter(late)


def test_a_session_is_found_by_its_cookie_among_others(sessions: Sessions):
    """A planted cookie of the same name comes first where its path is longer."""
    value = sessions.enter(once(sessions))

    found = sessions.find([f"theme=dark; {sessions.cookie}=planted; {sessions.cookie}={value}"])

    assert found is not None
    assert sessions.find(header(sessions, value)) is found


@pytest.mark.parametrize("value", ["", "x", "\udcff", "A" * 22, '"'])
def test_a_made_up_cookie_finds_nothing(sessions: Sessions, value: str):
    sessions.enter(once(sessions))

    assert sessions.find(header(sessions, value)) is None


def test_another_daemon_has_another_cookie(sessions: Sessions):
    value = sessions.enter(once(sessions))

    assert sessions.cookie == "kitsu-launcher-24517"
    assert sessions.find([f"kitsu-launcher-24518={value}"]) is None


def test_a_session_ends_12_hours_after_it_was_last_used(sessions: Sessions, clock: Clock):
    value = sessions.enter(once(sessions))
    clock.now += IDLE_S - 1
    assert sessions.find(header(sessions, value))
    clock.now += IDLE_S - 1
    assert sessions.find(header(sessions, value))
    clock.now += IDLE_S

    assert sessions.find(header(sessions, value)) is None


def test_the_one_unused_for_longest_gives_way(sessions: Sessions):
    values = [sessions.enter(once(sessions)) for _ in range(MOST)]
    sessions.find(header(sessions, values[0]))
    sessions.enter(once(sessions))

    alive = [sessions.find(header(sessions, value)) is not None for value in values]

    assert alive == [True, False] + [True] * (MOST - 2)


def test_entrances_are_bounded(sessions: Sessions):
    first = once(sessions)
    for _ in range(MOST):
        once(sessions)

    with pytest.raises(NotEntered):
        sessions.enter(first)


def test_a_form_must_send_its_session_s_value(sessions: Sessions):
    session = sessions.find(header(sessions, sessions.enter(once(sessions))))
    assert session
    session.check(session.form_value)

    for sent in ("", "x", "é\udcff", session.form_value + "x"):
        with pytest.raises(NotEntered, match="This page is of an earlier session; nothing was done"):
            session.check(sent)


# -- over the port ---------------------------------------------------------------------------------------------------
def entering(face: Face, url: str):
    return visit(face.port, "/enter/" + url.rpartition("/")[2])(Sec_Fetch_Site="none")


async def test_an_entrance_may_lead_to_another_page(face: Face):
    """Real: the port. The tray opens the page of accounts so."""
    entered = await face.send(entering(face, face.parts.sessions.enter_url("/account")))

    assert (entered.status, entered.headers["Location"]) == (303, "/account")


async def test_the_door_hands_out_an_entrance_and_the_port_takes_it(face: Face):
    """Real: the private door, the port. The cookie is for this host alone, unseen by scripts, and not kept."""
    answer = await face.ask("POST", "/door/enter")
    url = json.loads(answer.body)["url"]

    entered = await face.send(entering(face, url))

    assert (entered.status, entered.headers["Location"], entered.body) == (303, "/", b"")
    name, _, rest = entered.headers["Set-Cookie"].partition("=")
    value, *attributes = rest.split("; ")
    assert name == f"kitsu-launcher-{face.port}"
    assert len(value) == 22
    assert sorted(attributes) == ["HttpOnly", "Path=/", "SameSite=Lax"]
    page = await face.send(at_home(face, "/", f"{name}={value}"))
    assert "<title>Overview – Kitsu Launcher</title>" in page.text


async def test_an_entrance_that_was_used_says_so_and_sets_no_cookie(face: Face):
    """Real: the port."""
    url = face.parts.sessions.enter_url()
    await face.send(entering(face, url))

    again = await face.send(entering(face, url))

    assert again.status == 403
    assert "Set-Cookie" not in again.headers
    assert "was used already" in again.text


async def test_who_is_in_already_is_let_through_a_used_entrance(face: Face):
    """Real: the port. A browser that loads its first tab again."""
    here = cookie(face)

    answer = await face.send(entering(face, "/enter/" + "0" * 22)(Cookie=here))

    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert "Set-Cookie" not in answer.headers


async def test_an_entrance_that_was_used_by_who_is_in_already_opens_nothing_more(face: Face):
    """Real: the port. T26: it stood in the browser's arguments, where every user of the machine may read it."""
    url = face.parts.sessions.enter_url("/account")

    answer = await face.send(entering(face, url)(Cookie=cookie(face)))

    assert (answer.status, answer.headers["Location"]) == (303, "/account")
    assert (await face.send(entering(face, url))).status == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "same-origin", None])
async def test_no_page_can_lead_through_an_entrance(face: Face, site: str | None):
    """Real: the port. It is not used up either."""
    url = face.parts.sessions.enter_url()

    answer = await face.send(entering(face, url)(Sec_Fetch_Site=site))

    assert answer.status == 403
    assert (await face.send(entering(face, url))).status == 303


async def test_the_door_asks_for_no_session_and_the_port_has_no_door(face: Face):
    """Real: the port."""
    answer = await face.send(visit(face.port, "/door/enter")(method="POST"))

    assert answer.status == 404
