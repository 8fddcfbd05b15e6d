"""T11: more clicks or questions than a person makes are turned away, and those before go on."""

import socket
import time
import uuid
from collections import Counter
from contextlib import ExitStack

import pytest

from launcher.knock import Told
from launcher.launches import A_MINUTE, ANSWER_S, DOUBTED_A_MINUTE, MOST_WAITING, OPEN_QUESTIONS, Launches, TooMany
from launcher.model import Sender, State
from launcher.paths import Folders
from tests.support.desktop import wait_until
from tests.support.launching import Clock, click
from tests.support.sample import Make, SampleStudio

FORM_OF_NOBODY = b"selection=49e61584-c7c4-48e5-ab28-9972cedd9fea&personemail=nobody%d@studio.example"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timed(folders: Folders, clock: Clock) -> Launches:
    """Launches on a clock that the test moves; a real journal."""
    return Launches(folders, clock, clock)


def refused(launches: Launches, number: int) -> bool:
    try:
        launches.begin(click(f"a{number}"), "A")
    except TooMany:
        return True
    return False


def test_of_200_clicks_within_a_minute_60_are_launches(timed: Launches, clock: Clock) -> None:
    answers = []
    for number in range(200):
        clock.now += 59 / 200
        answers.append(refused(timed, number))

    assert answers == [False] * A_MINUTE + [True] * (200 - A_MINUTE)
    assert len(timed.recent(1000)) == A_MINUTE


def test_what_is_turned_away_is_told_and_answered_429(timed: Launches) -> None:
    for number in range(A_MINUTE):
        timed.begin(click(f"a{number}"), "A")

    with pytest.raises(TooMany) as told:
        timed.begin(click("more"), "More")

    assert str(told.value) == (
        "More than 60 launches within a minute.\n"
        "  next   Wait a minute, then click again; if nobody clicked, ask whoever looks after it."
    )
    assert (told.value.status, told.value.code, told.value.exit_code) == (429, "too-many", 3)


def test_a_minute_later_clicks_count_again(timed: Launches, clock: Clock) -> None:
    for number in range(A_MINUTE):
        timed.begin(click(f"a{number}"), "A")
    clock.now += 60

    assert not refused(timed, 1000)


def test_the_same_click_pressed_very_often_is_one_launch_and_no_flood(
    timed: Launches, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    first = timed.begin(click(), "Open in Blender")

    assert {timed.begin(click(), "Open in Blender").id for _ in range(500)} == {first.id}
    assert len(caplog.records) == 1
    assert not refused(timed, 1)


def test_of_500_links_three_wait_for_an_answer(timed: Launches, clock: Clock) -> None:
    asked = []
    for number in range(500):
        clock.now += 1.1
        try:
            timed.ask(timed.begin(click(f"a{number}", sender=Sender.LINK), "A", asked=("why",)), ["It came by a link."])
            asked.append(number)
        except TooMany:
            assert len(timed.recent(1000)) == len(asked), "what is turned away leaves nothing behind"

    assert asked[:OPEN_QUESTIONS] == [0, 1, 2]
    # Every two minutes the three are over, and three more may ask.
    assert len(asked) <= OPEN_QUESTIONS * (500 * 1.1 / ANSWER_S + 1)
    assert sum(launch.state is State.ASKS for launch in timed.recent(1000)) <= OPEN_QUESTIONS


def test_what_any_page_may_send_uses_up_nothing_of_a_persons_own_clicks(timed: Launches) -> None:
    turned_away = 0
    for number in range(200):
        try:
            launch = timed.begin(click(f"a{number}"), "A", asked=("why",))
        except TooMany:
            turned_away += 1
        else:
            timed.update(launch, state=State.REFUSED)

    assert turned_away == 200 - DOUBTED_A_MINUTE
    assert [refused(timed, number) for number in range(A_MINUTE)] == [False] * A_MINUTE


def test_strangers_questions_leave_a_persons_own_their_places(timed: Launches) -> None:
    for number in range(OPEN_QUESTIONS):
        timed.ask(timed.begin(click(f"a{number}"), "A", asked=("why",)), ["why"])
    with pytest.raises(TooMany):
        timed.begin(click("stranger"), "A", asked=("why",))

    timed.ask(timed.begin(click("mine"), "A"), ["opens 2 windows"])


def test_strangers_clicks_that_wait_for_a_login_are_few(timed: Launches) -> None:
    for number in range(OPEN_QUESTIONS):
        timed.begin(click(f"a{number}"), "A", asked=("why",))

    with pytest.raises(TooMany) as told:
        timed.begin(click("fourth"), "A", asked=("why",))
    assert told.value.problem == "3 launches already wait for an answer."


def test_a_persons_own_click_never_joins_one_that_any_page_may_have_sent(timed: Launches) -> None:
    assert timed.begin(click(), "A", asked=("why",)) is not timed.begin(click(), "A")


def test_the_fourth_question_is_told(timed: Launches) -> None:
    for number in range(OPEN_QUESTIONS):
        timed.ask(timed.begin(click(f"a{number}"), "A"), ["why"])
    fourth = timed.begin(click("fourth"), "Fourth")

    with pytest.raises(TooMany) as told:
        timed.ask(fourth, ["why"])

    assert str(told.value) == (
        "3 launches already wait for an answer.\n  next   Answer them or wait two minutes, then click again."
    )
    assert fourth.state is State.PREPARING


def test_clicks_of_somebody_who_is_away_are_ten_at_most(timed: Launches) -> None:
    """One login lets all that wait for it go on: they must be few enough to have been meant."""
    for number in range(MOST_WAITING):
        timed.wait_for_login(timed.begin(click(f"a{number}"), "A"), "https://kitsu.lunar.example")
    eleventh = timed.begin(click("eleventh"), "A")

    with pytest.raises(TooMany) as told:
        timed.wait_for_login(eleventh, "https://kitsu.lunar.example")
    assert str(told.value) == (
        "10 launches already wait for a login.\n"
        "  next   Log in on the page of one of them, or wait ten minutes; then click again."
    )

    stranger = timed.begin(click("stranger"), "A", asked=("why",))
    timed.wait_for_login(stranger, "https://kitsu.lunar.example")
    assert stranger.waiting_for


def test_strangers_who_never_come_take_no_place_of_those_who_are_here(timed: Launches) -> None:
    """Of what any page may send three wait for a login; in a studio without keys her own clicks are of that sort."""
    for number in range(OPEN_QUESTIONS):
        timed.wait_for_login(timed.begin(click(f"a{number}"), "A", asked=("why",)), "https://kitsu.lunar.example")
    fourth = timed.begin(click("fourth"), "A", asked=("why",))
    with pytest.raises(TooMany) as told:
        timed.wait_for_login(fourth, "https://kitsu.lunar.example")
    assert told.value.problem == "3 launches already wait for a login."
    timed.update(fourth, state=State.FAILED, error=told.value)

    hers = timed.begin(click("hers"), "A", asked=("why",))
    assert timed.ask(hers, ["why"]).seconds_left()


def test_who_presses_again_while_it_waits_for_her_login_has_one_launch(timed: Launches, clock: Clock) -> None:
    waiting = timed.begin(click(), "A")
    timed.wait_for_login(waiting, "https://kitsu.lunar.example")
    clock.now += 300

    assert timed.begin(click(), "A") is waiting
    assert timed.begin(click(), "A", asked=("why",)) is not waiting
    # By AJAX nothing would be seen of it: a new one opens its page.
    by_ajax = timed.begin(click(sender=Sender.AJAX), "A")
    timed.wait_for_login(by_ajax, "https://kitsu.lunar.example")
    clock.now += 300
    assert timed.begin(click(sender=Sender.AJAX), "A") is not by_ajax


def test_an_answered_question_makes_room_for_another(timed: Launches) -> None:
    asked = [timed.begin(click(f"a{number}"), "A") for number in range(OPEN_QUESTIONS)]
    once = [timed.ask(launch, ["why"]).once for launch in asked]

    timed.answer(asked[0], once[0])

    timed.ask(timed.begin(click("fourth"), "Fourth"), ["why"])


def test_of_500_links_at_a_whole_daemon_three_ask_and_her_own_clicks_go_on(sample_studio: SampleStudio) -> None:
    """Real: daemon, its private door, sample Kitsu, her browser (a script that writes down what it is to open)."""
    tasks = [sample_studio.task(name) for name in ("SH010", "SH020", "SH030")]
    answers = []
    for number in range(500):
        url = f"kitsu-launcher://run/title?task={tasks[number % 3]}&task={uuid.UUID(int=number + 1)}"
        try:
            answers.append(sample_studio.daemon.ask("POST", "/door/link", {"url": url})["state"])
        except Told as told:
            answers.append(told.told["code"])

    assert Counter(answers) == {"preparing": 3, "too-many": 497}
    wait_until(lambda: len(sample_studio.opened()) == 3, 10, "three pages")
    assert sample_studio.notes() == []
    for launch in sample_studio.launches():
        assert sample_studio.settled(launch["id"])["state"] in ("asks", "refused")
    assert sample_studio.clicked(sample_studio.form())["state"] == "done"
    # The places for her own questions are free too.
    assert sample_studio.clicked(sample_studio.form("open", *tasks[:2]))["state"] == "asks"


def test_forms_of_any_page_never_lock_her_out(make_studio: Make) -> None:
    """Real: daemon, sockets, sample Kitsu; a studio without keys, where every page may send what asks."""
    studio = make_studio(keyed=False)
    for number in range(200):
        body = b"selection=%d" % number if number % 2 else studio.form().body.replace(b"SH", b"SH%d" % number)
        assert studio.send(studio.form()(body=body)).status == 303

    assert studio.notes() == []
    assert len(studio.launches()) <= DOUBTED_A_MINUTE
    turned_away = studio.send(studio.form("title"))
    assert turned_away.headers["Location"] == "/refused/too-many"
    assert studio.send(studio.page("/refused/too-many")).status == 429
    assert studio.clicked(studio.form(origin=studio.origin))["state"] == "done"


def waiting(studio: SampleStudio) -> list[dict[str, object]]:
    return [launch for launch in studio.launches() if launch["state"] == "preparing" and launch["waiting_for"]]


def test_clicks_of_persons_who_are_away_leave_hers_alone(sample_studio: SampleStudio) -> None:
    """Real: daemon, sockets, sample Kitsu. Thirty of them, whose keys are right; her own goes on, theirs never do."""
    for number in range(30):
        assert sample_studio.send(sample_studio.form()(body=FORM_OF_NOBODY % number)).status == 303
    wait_until(lambda: len(waiting(sample_studio)) == MOST_WAITING, 10, "ten that wait for a login")

    assert sample_studio.clicked(sample_studio.form())["state"] == "done"
    assert len(sample_studio.notes()) == 1
    # She logs in once more: that is no login of theirs.
    sample_studio.log_in()
    assert sample_studio.clicked(sample_studio.form("title"))["state"] == "done"
    assert len(waiting(sample_studio)) == MOST_WAITING
    assert len(sample_studio.notes()) == 2


def test_in_a_studio_without_keys_strangers_who_never_come_leave_her_clicks_alone(make_studio: Make) -> None:
    """Real: daemon, sockets, sample Kitsu; any page sends what names somebody who will not log in."""
    studio = make_studio(keyed=False)
    for number in range(6):
        assert studio.send(studio.form()(body=FORM_OF_NOBODY % number)).status == 303
    wait_until(lambda: len(waiting(studio)) == OPEN_QUESTIONS, 10, "three that wait for a login")

    assert studio.clicked(studio.form())["state"] == "asks"
    assert studio.notes() == []


def test_of_200_clicks_at_a_whole_daemon_60_start_and_the_others_are_told(sample_studio: SampleStudio) -> None:
    """Real: daemon, sockets, her browser (a script). They name persons who are away: ten wait, the others fail."""
    answers = []
    for number in range(100):
        body = sample_studio.ajax().body.replace(b'"useremail":"mika', b'"useremail":"m%d' % number)
        body = body.replace(sample_studio.studio.person.encode(), str(uuid.UUID(int=number + 1)).encode())
        answers.append(sample_studio.send(sample_studio.ajax()(body=body)))
        answers.append(sample_studio.send(sample_studio.form()(body=FORM_OF_NOBODY % number)))

    statuses = Counter(answer.status for answer in answers)
    assert statuses[202] == 30
    assert statuses[429] == 70
    assert sample_studio.notes() == []
    begun = [one for one in answers if one.status == 202 or "/launches/" in one.headers.get("Location", "")]

    def by_fate() -> Counter[str]:
        fates = Counter[str]()
        for answer in begun:
            launch = sample_studio.daemon.ask("GET", f"/door/launches/{sample_studio.launched(answer)}")
            fates["waits" if launch["waiting_for"] else launch["error"]["code"] if launch["error"] else "?"] += 1
        return fates

    wait_until(lambda: by_fate() == {"waits": MOST_WAITING, "too-many": A_MINUTE - MOST_WAITING}, 10, "all told")
    assert "More than 60 launches within a minute." in sample_studio.send(sample_studio.ajax()).text
    assert sample_studio.send(sample_studio.form()).headers["Location"] == "/refused/too-many"


def test_one_task_more_than_the_limit_is_refused_and_says_so(sample_studio: SampleStudio) -> None:
    """Real: daemon, sockets, sample Kitsu. Nothing is cut silently."""
    tasks = [sample_studio.task(name) for name in ("SH010", "SH020", "SH030")]

    launch = sample_studio.clicked(sample_studio.form("open", *tasks))

    assert (launch["state"], launch["error"]["code"]) == ("refused", "limit")
    assert launch["error"]["problem"] == "Open takes at most 2 tasks at once, and 3 are selected."
    assert len(launch["error"]["tried"]) == 3
    assert sample_studio.notes() == []


def test_more_tasks_than_any_click_has_are_refused_before_kitsu_is_asked(sample_studio: SampleStudio) -> None:
    """Real: daemon, sockets, sample Kitsu."""
    asked = len(sample_studio.kitsu.looked_up)

    launch = sample_studio.clicked(sample_studio.form("known", *(str(uuid.UUID(int=n + 1)) for n in range(501))))

    assert launch["error"]["problem"] == "501 tasks are selected; one click takes at most 500."
    assert len(sample_studio.kitsu.looked_up) == asked


def test_half_sent_requests_neither_stop_a_click_nor_become_one(sample_studio: SampleStudio) -> None:
    """Real: daemon, 60 connections that stay open; half a head, half a body after a whole head of Kitsu's."""
    raw = sample_studio.form().raw()
    head = raw.index(b"\r\n\r\n") + 4
    with ExitStack() as stack:
        for number in range(60):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", sample_studio.port), timeout=5))
            connection.sendall((raw[: head // 2], raw[:head], raw[: (head + len(raw)) // 2])[number % 3])
        began = time.monotonic()
        answer = sample_studio.send(sample_studio.form("title"))
        taken_s = time.monotonic() - began

        assert taken_s < 1
        assert sample_studio.settled(sample_studio.launched(answer))["state"] == "done"
    assert [launch["action"] for launch in sample_studio.launches()] == ["title"]
    assert sample_studio.clicked(sample_studio.form())["state"] == "done"
    assert not sample_studio.log_lines(" ERROR ")
