"""What notices say, and when there is one. Values in, values out; the launches are real ones."""

from dataclasses import replace

import pytest

from launcher import notices
from launcher.errors import LauncherError, Refused
from launcher.execute import Ended
from launcher.journal import Process
from launcher.launches import Launch, Launches
from launcher.model import Plan, Sender, ShowPage, State
from launcher.notices import BROWSER_S, PAGE_S, SOON_S, Kind, Way, kind, way
from launcher.system import Notice
from tests.support.face import plan
from tests.support.launching import click

TASK = ("SQ010/SH030/Animation",)
ABSENT = LauncherError("Blender is not installed here.", next_step="Install it, or run `kitsu-launcher apps`.")
CRASH = Ended("Blender 4.2.3: it crashed with signal 6 (SIGABRT), 2 s after its start.", next_step="Read its log.")


def process(exit_code: int | None = None) -> Process:
    ended = None if exit_code is None else 2.0
    return Process("Blender 4.2.3", ("blender",), 7, None, (), "/x.log", 1.0, ended=ended, exit_code=exit_code)


@pytest.fixture
def launch(launches: Launches) -> Launch:
    """A launch of an AJAX click that is being prepared."""
    made = launches.begin(click(sender=Sender.AJAX), "Open in Blender")
    launches.update(made, tasks=TASK)
    return made


def of(launch: Launch, sender: Sender) -> Launch:
    """The same launch, had it come another way."""
    launch.click = replace(launch.click, sender=sender)
    return launch


# -- whether there is something to tell ------------------------------------------------------------------------------
def test_of_each_state_there_is_one_thing_to_tell(launch: Launch, launches: Launches) -> None:
    assert kind(launch, None, False) is Kind.OPENING
    launches.update(launch, waiting_for="https://kitsu.example")
    assert kind(launch, None, False) is Kind.LOGIN
    launches.update(launch, waiting_for="")
    question = launches.ask(launch, ["why"])
    assert kind(launch, State.PREPARING, False) is Kind.QUESTION
    launches.answer(launch, question.once)
    launches.update(launch, state=State.PREPARING)
    assert kind(launch, State.ASKS, False) is None
    launches.update(launch, state=State.RUNNING, processes=(process(),))
    assert kind(launch, State.PREPARING, False) is Kind.OPENING
    assert kind(launch, State.PREPARING, True) is Kind.OPENED
    launches.update(launch, state=State.DONE, processes=(process(0),))
    assert kind(launch, State.RUNNING, False) is None


def test_a_file_that_a_running_application_took_is_open(launch: Launch, launches: Launches) -> None:
    launches.update(launch, state=State.RUNNING, processes=(replace(process(), hands_over=True),))
    launches.update(launch, state=State.DONE, processes=(replace(process(0), hands_over=True),))

    assert kind(launch, State.RUNNING, False) is Kind.OPENED
    assert kind(launch, None, False) is None
    told = notices.notice(launch, Kind.OPENED, "en")
    assert (told.title, told.text, told.urgent) == (
        "Open in Blender – SQ010/SH030/Animation",
        "Opened in the running Blender 4.2.3.",
        False,
    )


def test_what_went_wrong_is_told(launch: Launch, launches: Launches) -> None:
    launches.update(launch, state=State.FAILED, error=ABSENT)

    assert kind(launch, State.PREPARING, False) is Kind.FAILED


def test_a_crash_is_told_also_while_others_run_and_of_a_daemon_before(launch: Launch, launches: Launches) -> None:
    launches.update(launch, state=State.RUNNING, processes=(process(-6), process()), error=CRASH)

    assert kind(launch, State.PREPARING, True) is Kind.CRASHED
    assert kind(launch, None, True) is Kind.CRASHED


def test_a_question_that_got_a_no_or_no_answer_is_no_news(launch: Launch, launches: Launches) -> None:
    launches.ask(launch, ["why"])
    launches.update(launch, state=State.REFUSED, question=None, error=Refused("No.", next_step="Click again."))

    assert kind(launch, State.ASKS, False) is None


def test_launches_of_a_daemon_before_are_not_told_as_opening(launch: Launch, launches: Launches) -> None:
    launches.update(launch, state=State.RUNNING, processes=(process(),))

    assert kind(launch, None, True) is None


def test_what_any_page_may_have_sent_makes_no_notice_before_she_said_yes(launches: Launches) -> None:
    launch = launches.begin(click(), "Open in Blender", asked=("why",))
    launches.update(launch, state=State.REFUSED, error=ABSENT)
    assert kind(launch, State.PREPARING, False) is None

    agreed = launches.begin(click("other"), "Open in Blender", asked=("why",))
    launches.update(agreed, state=State.RUNNING, processes=(process(1),), error=CRASH)
    assert kind(agreed, State.PREPARING, False) is Kind.CRASHED


def test_something_to_read_is_told_by_its_page(launch: Launch, launches: Launches) -> None:
    launches.update(launch, state=State.DONE, plan=Plan((ShowPage("T", ()),)))

    assert kind(launch, State.PREPARING, False) is Kind.READ


# -- by which way ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("sender", [Sender.AJAX, Sender.TRAY])
def test_after_a_click_without_a_tab(launch: Launch, sender: Sender) -> None:
    of(launch, sender)

    assert way(launch, Kind.OPENING) == Way(notice=True, after_s=SOON_S)
    assert way(launch, Kind.OPENED) == Way(notice=True, after_s=SOON_S)
    assert way(launch, Kind.FAILED) == Way(notice=True, else_page=True)
    assert way(launch, Kind.LOGIN) == Way(page=True, notice=True, after_s=BROWSER_S)
    assert way(launch, Kind.QUESTION) == Way(page=True, notice=True, after_s=BROWSER_S)
    assert way(launch, Kind.READ) == Way(page=True)


@pytest.mark.parametrize("what", [Kind.OPENING, Kind.OPENED, Kind.FAILED, Kind.LOGIN, Kind.QUESTION, Kind.CRASHED])
def test_a_tab_is_given_time_to_tell_it(launch: Launch, what: Kind) -> None:
    assert way(of(launch, Sender.FORM), what) == Way(notice=True, after_s=PAGE_S)
    assert way(of(launch, Sender.PAGE), what) == Way(notice=True, after_s=PAGE_S)
    assert way(of(launch, Sender.LINK), what) == Way(notice=True, after_s=BROWSER_S)
    launch.page_shown = 1
    assert way(of(launch, Sender.LINK), what) == Way(notice=True, after_s=PAGE_S)
    assert way(launch, Kind.READ) == Way()


def test_an_early_crash_opens_the_page_where_there_are_no_notices(launch: Launch) -> None:
    launch.early = True

    for sender in Sender:
        assert way(of(launch, sender), Kind.CRASHED).else_page


def test_a_terminal_tells_all_but_a_crash(launch: Launch) -> None:
    of(launch, Sender.COMMAND)

    assert {what for what in Kind if way(launch, what) != Way()} == {Kind.CRASHED}


def test_the_dashboard_shows_what_opens_itself(launch: Launch) -> None:
    of(launch, Sender.DASHBOARD)

    assert way(launch, Kind.OPENING) == way(launch, Kind.OPENED) == way(launch, Kind.READ) == Way()
    assert way(launch, Kind.FAILED) == way(launch, Kind.LOGIN) == Way(notice=True, after_s=PAGE_S)


def test_a_page_shows_what_it_has_asked_for_until_it_closes(launch: Launch) -> None:
    assert not notices.on_page(launch)
    launch.page_shown = launch.version
    assert notices.on_page(launch)
    launch.page_left = True
    assert not notices.on_page(launch)


# -- in words --------------------------------------------------------------------------------------------------------
def test_the_words_of_each_notice(launch: Launch, launches: Launches) -> None:
    def said(what: Kind) -> tuple[str, str, bool]:
        made = notices.notice(launch, what, "en")
        return made.title, made.text, made.urgent

    both = "Open in Blender – SQ010/SH030/Animation"
    assert said(Kind.OPENING) == (both, "Preparing: Open in Blender", False)
    assert said(Kind.QUESTION) == (both, "It asks something first. Nothing has been started yet.", True)
    assert said(Kind.LOGIN) == ("Log in to Kitsu", "Open in Blender: it goes on once you have logged in.", True)
    launches.update(launch, plan=plan(), processes=(process(),))
    assert said(Kind.OPENING) == (both, "Opening Blender 4.2.3", False)
    assert said(Kind.OPENED) == (both, "Blender 4.2.3 is open.", False)
    launches.update(launch, error=ABSENT)
    told = "Blender is not installed here.\nInstall it, or run kitsu-launcher apps."
    assert said(Kind.FAILED) == (both, told, True)
    launches.update(launch, error=CRASH)
    assert said(Kind.CRASHED) == (both, CRASH.problem, True)


def test_the_rest_of_a_notice(launch: Launch) -> None:
    made = notices.notice(launch, Kind.FAILED, "en")

    assert (made.key, made.button) == (launch.id, "Show")
    assert made.elsewhere == "The dashboard of Kitsu Launcher tells more."


@pytest.mark.parametrize("what", list(Kind))
@pytest.mark.parametrize("name", ["x" * 10_000, "\u202egpj.exe", "a\nb\rc\x00\x1b[31m", "\ud800", "<b>&amp;</b>"])
def test_names_of_others_are_harmless_and_bounded(launches: Launches, name: str, what: Kind) -> None:
    launch = launches.begin(click(), name)
    error = Ended(name, tried=[name], next_step=name)
    launches.update(launch, tasks=(name, name), error=error, processes=(replace(process(), application=name),))

    made = notices.notice(launch, what, "en")

    assert isinstance(made, Notice)
    assert len(made.title) <= 63
    assert len(made.text) <= 255
    assert made.title.isprintable()
    assert made.text.replace("\n", "").isprintable()
    assert made.text.count("\n") <= 1
