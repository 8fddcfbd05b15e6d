"""What the dashboard says needs the person: values in, texts out, compared whole."""

from launcher.config.schema import Server
from launcher.kitsu.failures import KitsuAway, KitsuError, NotLoggedIn
from launcher.launch import Launch
from launcher.model import Click, Sender, State
from launcher.web.needs import Need, Standing, of_endings, of_kitsu, of_launches
from tests.support.face import PERSON

SERVER = Server(origins=("https://kitsu.test",), api="https://kitsu.test/api")
URL = "/account/login?server=https%3A%2F%2Fkitsu.test"


def launch(state: State, **changes: object) -> Launch:
    return Launch("ab" * 16, Click("open", (), Sender.FORM), "Open", 0, state, **changes)  # type: ignore[arg-type]


def test_a_question_and_a_click_that_waits_for_a_login_stand_still():
    asks = launch(State.ASKS, tasks=("SQ010/SH030/Animation",))
    waits = launch(State.PREPARING, waiting_for="https://kitsu.test")
    others = [launch(state) for state in State if state is not State.ASKS]

    assert of_launches([asks, waits, *others]) == [
        Need(asks.id, "asks", "Question", "Open: SQ010/SH030/Animation", button="Answer", url=asks.url),
        Need(
            waits.id,
            "login",
            "Waiting",
            "Open",
            "It waits until somebody logs in to https://kitsu.test.",
            "Log in",
            waits.url,
        ),
    ]


def test_a_kitsu_that_is_away_is_told_with_its_reason_and_nobody_is_sent_to_log_in():
    away = KitsuAway("https://kitsu.test does not answer.", next_step="Check the network.")

    assert of_kitsu([Standing(SERVER, (), away)]) == [
        Need(
            "https://kitsu.test",
            "failed",
            "Kitsu is away",
            "https://kitsu.test does not answer.",
            "Check the network.",
        )
    ]


def test_a_login_that_counts_no_longer_and_one_that_is_missing_lead_to_the_form():
    ended = NotLoggedIn("Your login has ended.", next_step="Log in again.")

    assert of_kitsu([Standing(SERVER, (PERSON,), ended), Standing(SERVER, (), None)]) == [
        Need("https://kitsu.test", "login", "Login needed", "Your login has ended.", "Log in again.", "Log in", URL),
        Need(
            "https://kitsu.test",
            "login",
            "Login needed",
            "Nobody is logged in to https://kitsu.test.",
            "",
            "Log in",
            URL,
        ),
    ]


def test_an_answer_that_cannot_be_used_is_told_and_needs_no_login():
    odd = KitsuError("Kitsu has answered nonsense.", next_step="Ask whoever looks after it.")

    assert of_kitsu([Standing(SERVER, (PERSON,), odd)]) == [
        Need("https://kitsu.test", "failed", "Kitsu’s answer", odd.problem, odd.next_step)
    ]


def test_nothing_is_said_before_it_is_known_and_where_all_is_well():
    assert of_kitsu([Standing(SERVER, (), None, known=False), Standing(SERVER, (PERSON,), None)]) == []


def test_the_end_of_a_login_is_told_in_hours():
    told = of_endings([(PERSON, SERVER, left) for left in (-5, 3000, 3700, 80_000)])

    assert [one.title for one in told] == [
        "The login of Ana Brandt to https://kitsu.test has ended.",
        "The login of Ana Brandt to https://kitsu.test ends within an hour.",
        "The login of Ana Brandt to https://kitsu.test ends in 1 hour.",
        "The login of Ana Brandt to https://kitsu.test ends in 22 hours.",
    ]
    assert {one.url for one in told} == {URL}
