"""What a launch's page says. Values in, values out; the launches are real ones."""

import pytest

from launcher.errors import LauncherError, Refused
from launcher.journal import Process
from launcher.launches import Launch, Launches
from launcher.model import Plan, ShowPage, State
from launcher.web.view import View, ended, grouped, listed, view
from tests.support.face import plan
from tests.support.launching import click

TASK = ("SQ010/SH030/Animation",)
NO = LauncherError("Blender is not installed here.", next_step="Install it.")


@pytest.fixture
def launch(launches: Launches) -> Launch:
    """A launch that is being prepared."""
    made = launches.begin(click(), "Open in Blender")
    launches.update(made, tasks=TASK)
    return made


def words(seen: View) -> tuple[str, str, str, str]:
    return (seen.mark, seen.word, seen.headline, seen.title)


def test_a_launch_that_is_prepared(launch: Launch):
    seen = view(launch, 0)

    assert words(seen) == (
        "preparing",
        "Preparing",
        "Preparing: Open in Blender",
        "Preparing: Open in Blender – SQ010/SH030/Animation",
    )
    assert seen.text == "Reading the selection from Kitsu and looking for its files."
    assert (seen.unfinished, seen.begun, seen.closes, seen.refreshes) == (True, False, True, True)


def test_a_launch_whose_plan_is_carried_out(launch: Launch, launches: Launches):
    launches.update(launch, plan=plan())

    assert words(view(launch, 0)) == (
        "preparing",
        "Preparing",
        "Opening Blender 4.2.3",
        "Opening Blender 4.2.3 – SQ010/SH030/Animation",
    )


def test_a_launch_that_waits_for_a_login(launch: Launch, launches: Launches):
    launches.update(launch, waiting_for="https://kitsu.example")

    seen = view(launch, 599)

    assert words(seen) == ("login", "Waiting", "Log in to Kitsu", "Log in to Kitsu – SQ010/SH030/Animation")
    assert (seen.unfinished, seen.closes) == (True, True)


def test_a_launch_that_asks(launch: Launch, launches: Launches):
    launches.ask(launch, ["why"])

    seen = view(launch, 0)

    assert words(seen) == ("asks", "Question", "Open in Blender?", "Open in Blender? – SQ010/SH030/Animation")
    assert seen.text == "Nothing has been started yet."
    assert (seen.unfinished, seen.closes, seen.refreshes) == (True, True, False)


@pytest.mark.parametrize(
    ("state", "mark", "word"), [(State.REFUSED, "refused", "Refused"), (State.FAILED, "failed", "Failed")]
)
def test_a_launch_that_did_not_happen(launch: Launch, launches: Launches, state: State, mark: str, word: str):
    launches.update(launch, state=state, error=NO)

    seen = view(launch, 0)

    assert words(seen) == (mark, word, NO.problem, f"{word}: Open in Blender – SQ010/SH030/Animation")
    assert (seen.unfinished, seen.begun, seen.closes, seen.refreshes) == (False, False, False, False)


def test_a_launch_that_runs(launch: Launch, launches: Launches):
    launches.update(launch, plan=plan(), state=State.RUNNING)

    seen = view(launch, 3)

    assert words(seen) == (
        "running",
        "Running",
        "Opening Blender 4.2.3",
        "Opening Blender 4.2.3 – SQ010/SH030/Animation",
    )
    assert seen.text == "You can close this tab."
    assert (seen.unfinished, seen.begun, seen.closes) == (True, True, True)


def test_one_of_several_applications_that_ended_with_an_error_is_told_while_the_others_run(
    launch: Launch, launches: Launches
):
    launches.update(launch, plan=plan(), state=State.RUNNING, error=NO, early=True)

    seen = view(launch, 3)

    assert words(seen) == ("failed", "Failed", NO.problem, "Failed: Open in Blender – SQ010/SH030/Animation")
    assert (seen.unfinished, seen.closes) == (True, False)


def test_a_launch_that_is_done(launch: Launch, launches: Launches):
    launches.update(launch, plan=plan(), state=State.RUNNING)
    launches.update(launch, state=State.DONE)

    seen = view(launch, 3)

    assert words(seen) == (
        "done",
        "Done",
        "Blender 4.2.3 has ended",
        "Blender 4.2.3 has ended – SQ010/SH030/Animation",
    )
    assert (seen.unfinished, seen.begun, seen.closes) == (False, True, True)


def test_a_launch_that_started_nothing_that_stays(launch: Launch, launches: Launches):
    launches.update(launch, plan=Plan(()), state=State.DONE)

    assert words(view(launch, 0))[:3] == ("done", "Done", "Done: Open in Blender")


def test_a_page_that_is_loaded_long_after_its_click_does_not_close_itself(launch: Launch, launches: Launches):
    """Somebody looks it up."""
    launches.update(launch, plan=plan(), state=State.RUNNING)

    assert not view(launch, 121).closes


def test_a_launch_that_is_a_page_stays(launch: Launch, launches: Launches):
    page = ShowPage("debug", {})
    launches.update(launch, plan=Plan((page,)))
    assert view(launch, 0).document is None  # not before it is done

    launches.update(launch, state=State.DONE)

    seen = view(launch, 0)
    assert seen.document == page
    assert words(seen)[:3] == ("done", "Done", "Open in Blender")
    assert not seen.closes


def test_several_applications_are_named_once_each(launch: Launch, launches: Launches):
    (start,) = plan().steps
    launches.update(launch, plan=Plan((start, start)), state=State.RUNNING)

    assert view(launch, 0).headline == "Opening Blender 4.2.3"


def test_many_tasks_are_counted_and_long_names_cut():
    assert listed(["a", "b", "c"]) == "a, b, c"
    assert listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
    assert listed(["x" * 121]) == "x" * 119 + "…"
    assert listed([]) == ""


def test_a_title_is_never_longer_than_a_tab_can_use(launch: Launch, launches: Launches):
    launches.update(launch, tasks=("x" * 5_000,), state=State.REFUSED, error=Refused("y" * 5_000, next_step="z"))

    assert len(view(launch, 0).title) <= 160


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (0, "ended"),
        (None, "ended; its exit code is not known"),
        (3, "ended with exit code 3"),
        (-11, "crashed with signal 11 (SIGSEGV)"),
    ],
)
def test_how_a_process_ended(code: int | None, text: str):
    assert ended(process(exit_code=code)) == text


def process(seconds: float = 2.0, exit_code: int | None = 0, hands_over: bool = False) -> Process:
    """One that ended after so many seconds."""
    told = ("Photoshop 2025", ("/opt/ps",), 7, None, (), "/x.log", 1000.0)
    return Process(*told, ended=1000.0 + seconds, exit_code=exit_code, hands_over=hands_over)


def test_a_program_that_gave_its_file_away_opened_it_there(launch: Launch, launches: Launches):
    launches.update(launch, state=State.RUNNING, plan=plan())
    launches.update(launch, state=State.DONE, processes=(process(hands_over=True),))

    seen = view(launch, 3)

    assert words(seen) == (
        "done",
        "Done",
        "Opened in the running Photoshop 2025",
        "Opened in the running Photoshop 2025 – SQ010/SH030/Animation",
    )
    assert (seen.unfinished, seen.closes) == (False, True)
    assert ended(launch.processes[0]) == "opened in the one that runs already"


@pytest.mark.parametrize("told", [process(), process(15.0, hands_over=True), process(exit_code=None, hands_over=True)])
def test_all_others_have_ended(launch: Launch, launches: Launches, told: Process):
    """One that does not hand over, one that somebody has closed, one whose exit code nobody knows."""
    launches.update(launch, state=State.RUNNING, plan=plan())
    launches.update(launch, state=State.DONE, processes=(told,))

    assert view(launch, 3).headline == "Blender 4.2.3 has ended"


def test_leaves_stand_by_their_group_in_their_order():
    leaves = [{"group": "task", "name": "1"}, {"group": "task", "name": "2"}, {"group": "shot", "name": "3"}]

    assert grouped(leaves) == [("task", leaves[:2]), ("shot", leaves[2:])]


def test_processes_of_a_launch_are_not_needed_for_its_words(launch: Launch, launches: Launches):
    """A launch of an earlier daemon has no steps, only what the journal kept."""
    process = Process("Blender 4.2.3", ("blender",), 1, None, (), "/log", 0.0)
    launches.update(launch, plan=Plan(()), processes=(process,), state=State.RUNNING)

    assert view(launch, 500).headline == "Opening Open in Blender"
