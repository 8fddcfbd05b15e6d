"""T11: more clicks or questions than a person makes are turned away, and those before go on."""

import pytest

from launcher.launches import A_MINUTE, ANSWER_S, DOUBTED_A_MINUTE, OPEN_QUESTIONS, Launches, TooMany
from launcher.model import Sender, State
from launcher.paths import Folders
from tests.support.launching import Clock, click


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


def test_the_same_click_pressed_very_often_is_one_launch_and_no_flood(timed: Launches) -> None:
    first = timed.begin(click(), "Open in Blender")

    assert {timed.begin(click(), "Open in Blender").id for _ in range(500)} == {first.id}
    assert not refused(timed, 1)


def test_of_500_links_three_wait_for_an_answer(timed: Launches, clock: Clock) -> None:
    asked = []
    for number in range(500):
        clock.now += 1.1
        try:
            timed.ask(timed.begin(click(f"a{number}", sender=Sender.LINK), "A", doubted=True), ["It came by a link."])
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
            launch = timed.begin(click(f"a{number}"), "A", doubted=True)
        except TooMany:
            turned_away += 1
        else:
            timed.update(launch, state=State.REFUSED)

    assert turned_away == 200 - DOUBTED_A_MINUTE
    assert [refused(timed, number) for number in range(A_MINUTE)] == [False] * A_MINUTE


def test_strangers_questions_leave_a_persons_own_their_places(timed: Launches) -> None:
    for number in range(OPEN_QUESTIONS):
        timed.ask(timed.begin(click(f"a{number}"), "A", doubted=True), ["why"])
    with pytest.raises(TooMany):
        timed.begin(click("stranger"), "A", doubted=True)

    timed.ask(timed.begin(click("mine"), "A"), ["opens 2 windows"])


def test_strangers_clicks_that_wait_for_a_login_are_few(timed: Launches) -> None:
    for number in range(OPEN_QUESTIONS):
        timed.begin(click(f"a{number}"), "A", doubted=True)

    with pytest.raises(TooMany) as told:
        timed.begin(click("fourth"), "A", doubted=True)
    assert told.value.problem == "3 launches already wait for an answer."


def test_a_persons_own_click_never_joins_one_that_any_page_may_have_sent(timed: Launches) -> None:
    assert timed.begin(click(), "A", doubted=True) is not timed.begin(click(), "A")


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


def test_an_answered_question_makes_room_for_another(timed: Launches) -> None:
    asked = [timed.begin(click(f"a{number}"), "A") for number in range(OPEN_QUESTIONS)]
    once = [timed.ask(launch, ["why"]).once for launch in asked]

    timed.answer(asked[0], once[0])

    timed.ask(timed.begin(click("fourth"), "Fourth"), ["why"])
