"""T10: a click pressed twice is one launch; an answer counts once, in time, and for its own question only."""

import asyncio
from typing import Any
from urllib.parse import parse_qsl

import pytest
from playwright.async_api import BrowserContext

from launcher.errors import LauncherError
from launcher.launches import ANSWER_S, JOIN_S, Expired, Launches
from launcher.model import Click, Sender, State
from launcher.paths import Folders
from tests.support.face import needs_chromium
from tests.support.launching import OTHER_TASK, TASK, Clock, click
from tests.support.requests import own_page
from tests.support.sample import SampleStudio


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timed(folders: Folders, clock: Clock) -> Launches:
    """Launches on a clock that the test moves; a real journal."""
    return Launches(folders, clock, clock)


EXPIRED = "This answer was given already, or came too late.\n  next   Click the action again in Kitsu."


@pytest.mark.parametrize("state", [State.PREPARING, State.ASKS, State.RUNNING, State.DONE])
def test_the_same_click_within_two_seconds_joins_the_launch(timed: Launches, clock: Clock, state: State) -> None:
    first = timed.begin(click(), "Open in Blender")
    first.state = state
    clock.now += JOIN_S - 0.01

    assert timed.begin(click(), "Open in Blender") is first


@pytest.mark.parametrize("state", [State.REFUSED, State.FAILED])
def test_after_a_failure_the_same_click_is_a_new_try(timed: Launches, state: State) -> None:
    first = timed.begin(click(), "Open in Blender")
    timed.update(first, state=state)

    assert timed.begin(click(), "Open in Blender") is not first


def test_the_same_click_later_is_a_new_launch(timed: Launches, clock: Clock) -> None:
    first = timed.begin(click(), "Open in Blender")
    clock.now += JOIN_S + 0.01

    assert timed.begin(click(), "Open in Blender") is not first


@pytest.mark.parametrize(
    "other",
    [
        click("open-in-krita"),
        click(tasks=(OTHER_TASK,)),
        click(tasks=(TASK, OTHER_TASK)),
        click(sender=Sender.LINK),
        Click("open-in-blender", (TASK,), Sender.FORM, server="kitsu.example"),
        Click("open-in-blender", (TASK,), Sender.FORM, person_id=OTHER_TASK),
        Click("open-in-blender", (TASK,), Sender.FORM, person_email="mallory@example.com"),
    ],
)
def test_another_click_at_the_same_moment_is_another_launch(timed: Launches, other: Click) -> None:
    assert timed.begin(click(), "Open in Blender") is not timed.begin(other, "Other")


def test_a_click_of_the_same_tasks_in_another_order_joins(timed: Launches) -> None:
    first = timed.begin(click(tasks=(TASK, OTHER_TASK)), "Open")

    assert timed.begin(click(tasks=(OTHER_TASK, TASK)), "Open") is first


def test_a_joined_click_finds_the_first_among_many(timed: Launches) -> None:
    first = timed.begin(click(), "Open in Blender")
    for number in range(20):
        timed.begin(click(f"other-{number}"), "Other")

    assert timed.begin(click(), "Open in Blender") is first


def test_an_answer_counts_once(timed: Launches) -> None:
    launch = timed.begin(click(), "Open in Blender")
    once = timed.ask(launch, ["It came by a link."]).once

    timed.answer(launch, once)

    with pytest.raises(Expired) as told:
        timed.answer(launch, once)
    assert str(told.value) == EXPIRED
    assert (told.value.code, told.value.status, told.value.exit_code) == ("expired", 403, 3)


def test_an_answer_of_another_launch_does_not_count(timed: Launches) -> None:
    mine, other = timed.begin(click("a"), "A"), timed.begin(click("b"), "B")
    timed.ask(mine, ["why"])
    once = timed.ask(other, ["why"]).once

    with pytest.raises(Expired):
        timed.answer(mine, once)

    assert mine.question
    timed.answer(other, once)


@pytest.mark.parametrize("once", ["", "0" * 32, "é" * 16, "\ud800", "x" * 100_000])
def test_a_wrong_answer_is_refused_and_uses_nothing_up(timed: Launches, once: str) -> None:
    launch = timed.begin(click(), "Open in Blender")
    right = timed.ask(launch, ["why"]).once

    with pytest.raises(Expired):
        timed.answer(launch, once)

    timed.answer(launch, right)


def test_an_answer_to_no_question_is_refused(timed: Launches) -> None:
    with pytest.raises(LauncherError) as told:
        timed.answer(timed.begin(click(), "Open in Blender"), "")

    assert str(told.value) == EXPIRED


def test_a_late_answer_is_refused_and_the_launch_says_why(timed: Launches, clock: Clock) -> None:
    launch = timed.begin(click(), "Open in Blender")
    once = timed.ask(launch, ["why"]).once
    clock.now += ANSWER_S

    with pytest.raises(Expired):
        timed.answer(launch, once)

    assert launch.state is State.REFUSED
    assert launch.question is None
    assert str(launch.error) == (
        "Nobody answered within 2 minutes; nothing was started.\n  next   Click the action again in Kitsu."
    )


def test_a_page_that_looks_late_sees_that_the_question_is_over(timed: Launches, clock: Clock) -> None:
    launch = timed.begin(click(), "Open in Blender")
    timed.ask(launch, ["why"])
    clock.now += ANSWER_S - 1
    seen = timed.get(launch.id)
    assert seen
    assert seen.public()["question"] == {"reasons": ["why"], "choices": [], "seconds_left": 1}

    clock.now += 1

    seen = timed.get(launch.id)
    assert seen
    assert (seen.public()["state"], seen.public()["question"]) == ("refused", None)


def test_one_time_values_have_128_bits_and_differ(timed: Launches) -> None:
    values = set()
    for number in range(50):
        launch = timed.begin(click(f"a{number}"), "A")
        question = timed.ask(launch, ["why"])
        values.add(question.once)
        timed.answer(launch, question.once)
        timed.update(launch, state=State.REFUSED)

    assert len(values) == 50
    assert all(len(bytes.fromhex(value)) == 16 for value in values)


def test_a_one_time_value_is_told_nowhere(timed: Launches, folders: Folders, caplog: pytest.LogCaptureFixture) -> None:
    """Real: the journal's file, the log."""
    caplog.set_level(0)
    launch = timed.begin(click(), "Open in Blender")
    once = timed.ask(launch, ["why"]).once
    timed.close()

    assert once not in str(launch.public())
    assert once not in caplog.text
    assert once.encode() not in (folders.state / "launches.sqlite").read_bytes()


def test_a_page_that_is_loaded_again_and_a_click_pressed_twice_start_one_process(sample_studio: SampleStudio) -> None:
    """Real: daemon, sockets, sample Kitsu, processes."""
    answers = [sample_studio.send(sample_studio.form()) for _ in range(4)]
    (where,) = {answer.headers["Location"] for answer in answers}
    sample_studio.settled(sample_studio.launched(answers[0]), "done")
    answers = [sample_studio.send(sample_studio.page(where)) for _ in range(5)]

    assert [answer.status for answer in answers] == [200] * 5
    assert len(sample_studio.launches()) == 1
    assert len(sample_studio.notes()) == 1


def test_a_yes_counts_once_and_for_its_own_launch_only(sample_studio: SampleStudio) -> None:
    """Real: daemon, sockets, sample Kitsu, processes; the one-time value as the page's own script reads it."""
    form = sample_studio.form("title")(Sec_Fetch_User=None)
    mine, other = (
        sample_studio.clicked(form),
        sample_studio.clicked(sample_studio.form("title", sample_studio.task("SH020"))(Sec_Fetch_User=None)),
    )

    def once(launch: dict[str, Any]) -> str:
        shown = sample_studio.send(own_page(sample_studio.port, "GET", f"{launch['url']}.json"))
        return str(shown.text.partition('name=\\"once\\" value=\\"')[2].partition("\\")[0])

    def say_yes(launch: dict[str, Any], value: str) -> int:
        body = f"once={value}&answer=yes".encode()
        return sample_studio.send(own_page(sample_studio.port, "POST", f"{launch['url']}/answer", body)).status

    mine_once, other_once = once(mine), once(other)
    assert len(bytes.fromhex(mine_once)) == 16
    with sample_studio.untouched():
        assert say_yes(mine, other_once) == 403
        assert say_yes(mine, "") == 403
        assert say_yes(mine, "0" * 32) == 403
    assert say_yes(mine, mine_once) == 303
    sample_studio.settled(mine["id"], "done")
    with sample_studio.untouched():
        assert say_yes(mine, mine_once) == 403
    assert len(sample_studio.notes()) == 1
    assert sample_studio.settled(other["id"], "asks")["processes"] == []


@needs_chromium
async def test_f5_in_a_browser_starts_nothing_again(sample_studio: SampleStudio, context: BrowserContext) -> None:
    """Real: Chromium posts the form, reloads, goes back and forward; daemon, sample Kitsu, processes."""
    click = sample_studio.form("title")
    fields = dict(parse_qsl(click.body.decode()))
    inputs = "".join(f'<input name="{name}" value="{value}">' for name, value in fields.items())
    page = await context.new_page()
    await context.route("https://kitsu.test/", lambda route: route.fulfill(
        body=f'<form method="post" action="http://127.0.0.1:{sample_studio.port}{click.target}">{inputs}'
        "<button>Click</button></form>", content_type="text/html",
    ))  # fmt: skip
    await page.goto("https://kitsu.test/")
    await page.get_by_role("button").click()
    await page.wait_for_url("**/launches/*")
    (launch,) = sample_studio.launches()
    await asyncio.to_thread(sample_studio.settled, launch["id"], "done")

    for move in (page.reload, page.reload, page.go_back, page.go_forward, page.reload):
        await move()

    assert page.url.endswith(launch["url"])
    assert len(sample_studio.launches()) == 1
    assert len(sample_studio.notes()) == 1


def test_a_no_by_the_command_line_takes_the_question_away(sample_studio: SampleStudio) -> None:
    """Real: daemon, its private door. The place is free for another question."""
    for name in ("SH010", "SH020", "SH030", "Fox"):
        form = sample_studio.form("title", sample_studio.task(name))(Sec_Fetch_User=None)
        launch = sample_studio.clicked(form, "asks")
        told = sample_studio.daemon.ask("POST", f"/door/launches/{launch['id']}/answer", {"yes": False})

        assert (told["state"], told["question"]) == ("refused", None)
        assert told["error"]["problem"] == "Nothing was started: the answer was no."
    assert sample_studio.notes() == []
