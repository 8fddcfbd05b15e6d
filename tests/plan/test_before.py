"""Where the studio's programs stand in a plan, what each is given, and when there is no plan: values in, values out."""

from dataclasses import replace
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

import pytest

from launcher.config.schema import Before, CopyFrom, LaunchAction
from launcher.config.template import parse
from launcher.errors import LauncherError
from launcher.model import OS, Copy, LeaveNote, MakeFolder, Plan, RunBefore, Start, Task, WriteContext
from launcher.plan.page import describe
from tests.support.planned import BLENDER, OPEN, PERSON, SHOT, at, configured, machine, named, planned

LOCK, TRACK = "/mnt/prod/tools/lock.py", "/mnt/prod/tools/track"
FIRST = "/mnt/prod/BBB/shots/SQ010/SH030/animation/SH030_v001.blend"
TEMPLATE = "/mnt/prod/templates/first.blend"


def before(*run: str, seconds: int = 20) -> Before:
    return Before(run=tuple(map(parse, run)), seconds=seconds)


ACTION = replace(
    OPEN,
    when_missing=CopyFrom(copy=parse("{roots.prod}/templates/first.blend")),
    before=(
        before("{roots.prod}/tools/lock.py", "--shot={entity.name}", seconds=60),
        before("{roots.prod}/tools/track"),
    ),
)


def made(
    action: LaunchAction = ACTION,
    *tasks: Task,
    why_not_run: str = "",
    exist: tuple[str, ...] = (LOCK, TRACK, TEMPLATE),
    **machine_has: Any,
) -> Plan:
    tasks = tasks or (SHOT,)
    facts = machine(action, *tasks, exist=exist, **machine_has)
    files = {
        path: replace(state, why_not_run=why_not_run if path.name == "lock.py" else "")
        for path, state in facts.files.items()
    }
    return planned(action, *tasks, facts=replace(facts, files=files))


def test_programs_are_asked_after_the_context_and_before_anything_is_made() -> None:
    """Real: the whole order, what each program gets, and the words."""
    plan = made()

    (lock, track) = [step for step in plan.steps if isinstance(step, RunBefore)]
    start = plan.steps[-1]
    assert isinstance(start, Start)
    assert [type(step) for step in plan.steps] == [
        WriteContext,
        RunBefore,
        RunBefore,
        MakeFolder,
        LeaveNote,
        Copy,
        Start,
    ]
    assert lock == RunBefore(
        argv=(LOCK, "--shot=SH030"),
        env=start.env,
        context=PurePosixPath("/ctx/context.json"),
        root=PurePosixPath("/mnt/prod"),
        seconds=60,
        application="Blender 4.2.3",
    )
    assert (track.argv, track.seconds) == ((TRACK,), 20)
    assert lock.env["KITSU_CONTEXT"] == "/ctx/context.json"
    assert lock.env["KITSU_FILE"] == FIRST
    assert describe(plan)[1:3] == (
        f"ask lock.py before Blender 4.2.3 starts, for 60 s at most: {LOCK} --shot=SH030",
        f"ask track before Blender 4.2.3 starts, for 20 s at most: {TRACK}",
    )


def test_without_programs_the_order_is_as_ever() -> None:
    plan = made(replace(ACTION, before=()), exist=(TEMPLATE,))

    assert [type(step) for step in plan.steps] == [MakeFolder, LeaveNote, Copy, WriteContext, Start]


def test_of_several_applications_all_are_asked_about_before_the_first_starts() -> None:
    action = replace(ACTION, selection="each", before=(before("{roots.prod}/tools/lock.py", "{entity.name}/x"),))

    plan = made(action, SHOT, at(SHOT, "t9", "SH040"))

    asked = [step for step in plan.steps if isinstance(step, RunBefore)]
    assert [step.argv[1:] for step in asked] == [("SH030/x",), ("SH040/x",)]
    assert [step.context.name for step in asked] == ["context.json", "context-2.json"]
    kinds = [type(step) for step in plan.steps]
    assert kinds[:4] == [WriteContext, WriteContext, RunBefore, RunBefore]
    assert kinds.index(Start) > 4


def test_programs_are_looked_at_before_they_are_planned() -> None:
    with pytest.raises(LauncherError) as caught:
        made(exist=(TRACK, TEMPLATE))
    assert str(caught.value) == (
        "lock.py, which Open in Blender asks first, cannot be run.\n"
        f"  tried  actions.open.before: {LOCK} is not there\n"
        "  next   Ask your studio: it must be a file that may be executed, and that not everybody may change."
    )
    with pytest.raises(LauncherError) as caught:
        made(why_not_run="everybody on this machine may change it")
    assert caught.value.tried == (f"actions.open.before: {LOCK} everybody on this machine may change it",)


def test_a_link_out_of_the_root_is_refused() -> None:
    with pytest.raises(LauncherError) as caught:
        made(real={LOCK: "/home/somebody/lock.py"})
    assert caught.value.code == "outside root"
    assert caught.value.tried[0] == f"actions.open.before: {LOCK}"


def test_names_from_kitsu_become_no_options_and_no_other_program() -> None:
    """T15, T19: hostile names where the studio puts them."""
    option = replace(ACTION, before=(before("{roots.prod}/tools/lock.py", "{entity.name}"),))
    with pytest.raises(LauncherError) as caught:
        made(option, named(SHOT, "--python-expr=import os"))
    assert caught.value.code == "argument"

    elsewhere = replace(ACTION, before=(before("{roots.prod}/tools/{project.name}/lock.py"),))
    program = "/mnt/prod/tools/__etc_x/lock.py"
    plan = made(elsewhere, replace(SHOT, project=replace(SHOT.project, name="../etc/x")), exist=(program, TEMPLATE))
    assert [step.argv for step in plan.steps if isinstance(step, RunBefore)] == [(program,)]


def test_a_missing_value_names_the_key() -> None:
    action = replace(ACTION, before=(before("{roots.prod}/tools/lock.py", "{episode.name}"),))
    with pytest.raises(LauncherError) as caught:
        made(action)
    assert "actions.open.before = {episode.name}" in caught.value.tried


def test_windows_paths_on_windows() -> None:
    files = [f"P:{path.removeprefix('/mnt/prod')}" for path in (LOCK, TRACK, TEMPLATE)]
    facts = machine(ACTION, SHOT, os=OS.WINDOWS, exist=files)

    plan = planned(ACTION, SHOT, facts=facts, config=configured(ACTION, apps=[BLENDER]))

    lock = next(step for step in plan.steps if isinstance(step, RunBefore))
    assert lock.argv == ("P:\\tools\\lock.py", "--shot=SH030")
    assert (lock.name, lock.root) == ("lock.py", PureWindowsPath("P:/"))
    assert PERSON.email == lock.env["KITSU_PERSON_EMAIL"]
