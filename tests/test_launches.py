"""What a launch goes through, what is told of it, and what a restart still knows."""

import asyncio
import os
import re
import time

import pytest

from launcher.errors import LauncherError, NotFoundHere
from launcher.journal import Process
from launcher.launches import KEPT_S, REMEMBERED, Launch, Launches
from launcher.model import LeftOut, Plan, Sender, State
from launcher.paths import Folders
from tests.support.launching import OTHER_TASK, TASK, Clock, click


def process(number: int = 1, **changes: object) -> Process:
    values = {
        "application": f"Blender 4.{number}",
        "argv": ("/opt/blender", "/p/SH030.blend"),
        "pid": 4_000_000 + number,
        "file": "/p/SH030.blend",
        "task_ids": (TASK,),
        "log": f"/nowhere/{number}.log",
        "started": 1_000_000.0,
    }
    return Process(**{**values, **changes})  # type: ignore[arg-type]


def test_a_launch_is_preparing_at_once_under_a_random_id(launches: Launches) -> None:
    one, two = launches.begin(click("a"), "A"), launches.begin(click("b"), "B")

    assert one.state is State.PREPARING
    assert re.fullmatch("[0-9a-f]{32}", one.id)
    assert one.id != two.id
    assert launches.get(one.id) is one
    assert launches.get(one.id[:8]) is None


def test_the_files_of_a_task_are_told_the_newest_first(folders: Folders) -> None:
    """Real: the journal, read again; another action, another task, and a process of several tasks do not count."""
    clock = Clock()
    those = Launches(folders, clock)
    for action, files, tasks in (
        ("open", "abcd", (TASK,)),
        ("other", "x", (TASK,)),
        ("open", "y", (OTHER_TASK,)),
        ("open", "z", (TASK, OTHER_TASK)),
    ):
        for file in files:
            clock.now += 10
            launch = those.begin(click(action), "Open")
            those.update(launch, processes=(process(file=f"/p/{file}", task_ids=tasks), process(file=None)))
    those.close()

    found = Launches(folders)

    assert found.last_files("open", [TASK, "unknown"]) == {TASK: ("/p/d", "/p/c", "/p/b")}
    found.close()


def test_the_newest_launches_come_first(launches: Launches) -> None:
    names = [launches.begin(click(f"a{i}"), "A").click.action for i in range(5)]

    assert [launch.click.action for launch in launches.recent(3)] == names[::-1][:3]


def test_a_launch_is_found_by_the_beginning_of_its_id(launches: Launches) -> None:
    launch = launches.begin(click(), "Open in Blender")

    assert launches.resolve(launch.id[:4]) is launch
    assert launches.resolve(launch.id[:8].upper()) is launch
    assert launches.resolve(launch.id) is launch


@pytest.mark.parametrize(
    ("prefix", "problem"),
    [
        ("0a", '"0a" is too short for the id of a launch.'),
        ("", '"" is too short for the id of a launch.'),
        ("zzzz", 'No launch begins with "zzzz".'),
        ("\x1b]0;x\n", 'No launch begins with "\\x1b]0;x\\n".'),
    ],
)
def test_an_id_that_names_no_launch_is_told(launches: Launches, prefix: str, problem: str) -> None:
    launches.begin(click(), "Open in Blender")

    with pytest.raises(NotFoundHere) as told:
        launches.resolve(prefix)

    assert str(told.value) == f"{problem}\n  next   Run `kitsu-launcher launches` and take an id from its list."
    assert told.value.exit_code == 4


LEGAL = {
    ("preparing", "asks"), ("preparing", "refused"), ("preparing", "running"), ("preparing", "done"),
    ("preparing", "failed"), ("asks", "preparing"), ("asks", "refused"), ("asks", "failed"), ("running", "done"),
    ("running", "failed"),
}  # fmt: skip


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", State)
def test_a_launch_only_goes_forward(launches: Launches, before: State, after: State) -> None:
    launch = launches.begin(click(), "Open in Blender")
    launch.state = before

    if before == after or (before, after) in LEGAL:
        launches.update(launch, state=after)
        assert launch.state is after
    else:
        with pytest.raises(ValueError, match=f"{before} may not become {after}"):
            launches.update(launch, state=after)
        assert launch.state is before


async def test_who_waits_is_woken_by_the_next_change(launches: Launches) -> None:
    """Real: the event loop."""
    launch = launches.begin(click(), "Open in Blender")
    waiting = asyncio.create_task(launches.wait(launch, launch.version, 10))
    await asyncio.sleep(0)

    launches.update(launch, state=State.RUNNING)

    await asyncio.wait_for(waiting, 1)


async def test_who_knows_an_older_version_does_not_wait(launches: Launches) -> None:
    launch = launches.begin(click(), "Open in Blender")
    launches.update(launch, person="Ada Byron")

    await asyncio.wait_for(launches.wait(launch, launch.version - 1, 10), 0.5)


async def test_waiting_ends_by_itself(launches: Launches) -> None:
    launch = launches.begin(click(), "Open in Blender")

    await asyncio.wait_for(launches.wait(launch, launch.version, 0.01), 0.5)


def test_a_launch_tells_all_but_secrets(folders: Folders) -> None:
    clock = Clock(1_000_000.0)
    launches = Launches(folders, clock, clock)
    launch = launches.begin(click(), "Open in Blender")
    launches.update(
        launch,
        person="Ada Byron",
        tasks=("SQ010/SH030/Animation",),
        plan=Plan((), (LeftOut("SQ010/SH040/Animation", "no working file"),), ("The file is from 4.1.",)),
        lines=("start Blender 4.1",),
        processes=(process(ended=1_000_060.0, exit_code=-11),),
        error=NotFoundHere("Gone.", tried=["/a", "/b"], next_step="Look."),
    )
    once = launches.ask(launch, ["It starts 6 applications."]).once
    clock.now += 20
    launches.close()

    public = launch.public()

    assert once not in str(public)
    assert public == {
        "id": launch.id,
        "action": "open-in-blender",
        "title": "Open in Blender",
        "state": "asks",
        "version": 2,
        "created": iso(1_000_000),
        "person": "Ada Byron",
        "tasks": ["SQ010/SH030/Animation"],
        "steps": ["start Blender 4.1"],
        "processes": [
            {
                "application": "Blender 4.1",
                "argv": ["/opt/blender", "/p/SH030.blend"],
                "pid": 4_000_001,
                "file": "/p/SH030.blend",
                "tasks": [TASK],
                "log": "/nowhere/1.log",
                "started": iso(1_000_000),
                "ended": iso(1_000_060),
                "exit_code": -11,
                "handed_over": False,
            }
        ],
        "error": {"code": "not-found", "exit_code": 4, "problem": "Gone.", "tried": ["/a", "/b"], "next": "Look."},
        "early": False,
        "waiting_for": "",
        "question": {"reasons": ["It starts 6 applications."], "choices": [], "seconds_left": 100},
        "warnings": ["The file is from 4.1."],
        "left_out": [{"task": "SQ010/SH040/Animation", "reason": "no working file"}],
        "url": f"/launches/{launch.id}",
    }


def iso(moment: float) -> str:
    local = time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(moment))
    return f"{local[:-2]}:{local[-2:]}"


def test_a_later_daemon_knows_what_an_earlier_one_did(folders: Folders) -> None:
    """Real: SQLite, two daemons' worth of launches one after the other."""
    earlier = Launches(folders)
    launch = earlier.begin(click(sender=Sender.AJAX), "Open in Blender")
    earlier.update(
        launch,
        state=State.FAILED,
        person="Ada Byron",
        tasks=("SQ010/SH030/Animation",),
        plan=Plan((), (LeftOut("x", "y"),), ("careful",)),
        lines=("start Blender 4.1",),
        processes=(process(ended=1_000_060.0, exit_code=3, birth="boot/1"), process(2)),
        error=LauncherError("It failed.", tried=["a"], next_step="Try."),
        early=True,
    )
    earlier.close()

    found = Launches(folders).resolve(launch.id[:8])

    before, after = launch.public(), found.public()
    assert {**after, "version": None} == {**before, "version": None}
    assert found.click == launch.click
    assert found.processes == launch.processes


@pytest.mark.parametrize("state", ["preparing", "asks"])
def test_what_an_earlier_daemon_had_not_started_is_failed(folders: Folders, state: str) -> None:
    """Real: SQLite."""
    earlier = Launches(folders)
    launch = earlier.begin(click(), "Open in Blender")
    if state == "asks":
        earlier.ask(launch, ["why"])
    earlier.close()

    found = Launches(folders).resolve(launch.id)

    assert found.state is State.FAILED
    assert str(found.error) == (
        "Kitsu Launcher ended before this click was done.\n  next   Click the action again in Kitsu."
    )


def test_memory_is_bounded_and_what_is_unfinished_stays(launches: Launches) -> None:
    clock = Clock()
    launches._clock = clock
    first = launches.begin(click("first"), "First")
    for number in range(REMEMBERED + 20):
        clock.now += 10
        launches.update(launches.begin(click(f"a{number}"), "A"), state=State.DONE)

    everything = launches.recent(10_000)

    assert len(everything) == REMEMBERED
    assert first in everything
    assert "a0" not in {launch.click.action for launch in everything}


def test_after_a_restart_no_more_than_memory_holds_is_read(folders: Folders) -> None:
    """Real: SQLite."""
    clock = Clock(time.time())
    earlier = Launches(folders, clock, clock)
    for number in range(REMEMBERED + 5):
        clock.now += 1.5
        earlier.begin(click(f"a{number}"), "A")
    earlier.close()

    found = Launches(folders).recent(10_000)

    assert [launch.click.action for launch in found[:2]] == [f"a{REMEMBERED + 4}", f"a{REMEMBERED + 3}"]
    assert len(found) == REMEMBERED


def test_after_thirty_days_launches_logs_and_context_files_are_gone(folders: Folders) -> None:
    """Real: SQLite, files whose times lie in the past."""
    now = time.time()
    long_ago = Launches(folders, now=lambda: now - KEPT_S - 60)
    old = long_ago.begin(click("old"), "Old")
    long_ago.close()
    recent = Launches(folders, now=lambda: now)
    new = recent.begin(click("new"), "New")
    recent.close()
    for launch in (old, new):
        (folders.logs / f"{launch.id}.log").write_text("x")
        (folders.launches / launch.id).mkdir()
        (folders.launches / launch.id / "context.json").write_text("{}")
    for path in (folders.logs / "daemon.log", folders.logs / "notes", folders.logs / f"{old.id}-2.log"):
        path.write_text("x")
    for path in [*folders.logs.iterdir(), folders.launches / old.id]:
        if new.id not in path.name:
            os.utime(path, (now - KEPT_S - 60, now - KEPT_S - 60))

    Launches(folders, now=lambda: now).close()

    assert {path.name for path in folders.logs.iterdir()} == {"daemon.log", "notes", f"{new.id}.log"}
    assert [path.name for path in folders.launches.iterdir()] == [new.id]
    assert [launch.id for launch in Launches(folders, now=lambda: now).recent()] == [new.id]


def test_what_still_runs_keeps_its_log_and_its_context(folders: Folders) -> None:
    """Real: files whose times lie in the past."""
    earlier = Launches(folders)
    launch = earlier.begin(click(), "Open in Blender")
    earlier.update(launch, state=State.RUNNING, processes=(process(),))
    earlier.close()
    (folders.logs / f"{launch.id}.log").write_text("x")
    (folders.launches / launch.id).mkdir()
    for path in (folders.logs / f"{launch.id}.log", folders.launches / launch.id):
        os.utime(path, (0, 0))

    Launches(folders).close()

    assert (folders.logs / f"{launch.id}.log").exists()
    assert (folders.launches / launch.id).exists()


def test_each_process_has_a_log_of_its_own(launches: Launches, folders: Folders) -> None:
    launch = launches.begin(click(), "Open in Blender")

    assert launches.log_path(launch) == folders.logs / f"{launch.id}.log"
    assert launches.log_path(launch, 2) == folders.logs / f"{launch.id}-2.log"


def test_the_log_of_one_process_is_shown_as_it_is(launches: Launches) -> None:
    launch = ran(launches, "hello\x1b[31m\n")

    assert launches.log_text(launch) == "hello\\x1b[31m\n"


def test_the_logs_of_several_processes_are_told_apart(launches: Launches) -> None:
    launch = ran(launches, "one\n", "two\n")

    assert launches.log_text(launch) == ("== Blender 4.1 /p/SH030.blend\none\n== Blender 4.2 /p/SH030.blend\ntwo\n")


def ran(launches: Launches, *outputs: str) -> Launch:
    launch = launches.begin(click(), "Open in Blender")
    for number, output in enumerate(outputs, 1):
        path = launches.log_path(launch, number)
        path.write_text(output)
        launches.update(launch, processes=(*launch.processes, process(number, log=str(path))))
    return launch


def test_a_launch_without_a_log_says_so(launches: Launches) -> None:
    launch = launches.begin(click(), "Open in Blender")
    launches.update(launch, processes=(process(),))

    with pytest.raises(NotFoundHere) as told:
        launches.log_text(launch)

    assert str(told.value) == (
        f"Launch {launch.id[:8]} has no log.\n"
        "  tried  /nowhere/1.log\n"
        f"  next   See what it did: `kitsu-launcher launches {launch.id[:8]}`."
    )
