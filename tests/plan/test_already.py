"""Whether somebody has a file open already, as a plan sees it: `launcher.plan.already`."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath

import pytest

from launcher.config.schema import CopyFrom, LaunchAction
from launcher.config.template import parse
from launcher.model import Choice, Copy, How, LeaveNote, MakeFolder, Plan, Task
from launcher.opennote import Found, Note, Standing
from launcher.plan import plan
from tests.support.planned import (
    BLENDER,
    CLICK,
    NASTY,
    OPEN,
    PERSON,
    SERVER,
    SHOT,
    at,
    configured,
    machine,
)

ROOT = PurePosixPath("/mnt/prod")
FOLDER = ROOT / "BBB/shots/SQ010/SH030/animation"
FIRST, NEWEST = FOLDER / "SH030_v001.blend", FOLDER / "SH030_v002.blend"
FOUND = {"t1": (("SH030_v001.blend",), ("SH030_v002.blend",))}
COPY = replace(OPEN, when_missing=CopyFrom(copy=parse("{roots.prod}/first.blend")))
ANA = Note("Ana Rossi", "ws12", "Blender 4.2.3", datetime(2026, 11, 24, 14, 5, tzinfo=UTC))
OPENED = Found(Standing.OPEN, ANA, since="14:05", heard="14:20")
OURS = LeaveNote(NEWEST, ROOT, "Zoë Ní Bhriain", "Blender 4.2.3")


def clicked(
    found: Found | None,
    *tasks: Task,
    action: LaunchAction = OPEN,
    how: How | None = None,
    names: dict[str, tuple[tuple[str, ...], ...]] | None = None,
    beside: PurePosixPath = NEWEST,
    notes: bool = True,
) -> Plan:
    """The plan of a click on `tasks`, with a note beside one file."""
    tasks = tasks or (SHOT,)
    app = replace(BLENDER, many=True, argv=("{files}",)) if action.selection == "all" else BLENDER
    config = configured(action, apps=(app,), notes=notes)
    facts = machine(
        action, *tasks, config=config, found=FOUND if names is None else names, exist=[f"{ROOT}/first.blend"]
    )
    facts = replace(facts, notes={beside: found} if found else {})
    click = replace(CLICK, choice=Choice(how) if how else None)
    return plan(action, tasks, PERSON, config, facts, facts.os, SERVER, "launch-1", click)


def left(made: Plan) -> list[LeaveNote]:
    return [step for step in made.steps if isinstance(step, LeaveNote)]


def test_a_file_that_nobody_has_open_gets_a_note_unasked() -> None:
    made = clicked(None)

    assert left(made) == [OURS]
    assert (made.must_ask, made.choices, made.warnings) == ((), (), ())


def test_a_file_that_a_colleague_has_open_is_asked_about() -> None:
    made = clicked(OPENED)

    assert made.must_ask == ("Ana Rossi has SH030_v002.blend open already: in Blender 4.2.3 on ws12, since 14:05.",)
    assert made.choices == (How.NEXT, How.ANYWAY)
    assert made.warnings == ()


def test_a_file_that_is_open_here_is_asked_about() -> None:
    made = clicked(replace(OPENED, standing=Standing.HERE))

    assert made.must_ask == ("SH030_v002.blend is open here already, in Blender 4.2.3, since 14:05.",)
    assert made.choices == (How.NEXT, How.ANYWAY)


def test_who_opens_it_anyway_is_not_asked_again_and_leaves_the_others_note_alone() -> None:
    made = clicked(OPENED, how=How.ANYWAY)

    assert (made.must_ask, made.choices) == ((), ())
    assert left(made) == [replace(OURS, follows=True)]


def test_a_file_without_revisions_has_no_next_one() -> None:
    action = replace(OPEN, file=parse("{roots.prod}/{entity.name}.blend"))

    made = clicked(OPENED, action=replace(action, when_missing="empty"), beside=ROOT / "SH030.blend", names={})

    assert made.choices == (How.ANYWAY,)


def test_of_several_files_none_is_opened_as_its_next_revision() -> None:
    shots = [at(SHOT, f"t1{i}", f"SH0{i}0") for i in (1, 2)]
    names = {task.id: ((f"{task.entity.name}_v004.blend",),) for task in shots}
    file = ROOT / "BBB/shots/SQ010/SH020/animation/SH020_v004.blend"

    for selection in ("each", "all"):
        action = replace(OPEN, selection=selection)
        made = clicked(OPENED, *shots, action=action, names=names, beside=file)

        assert made.must_ask[-1] == (
            "Ana Rossi has SH020_v004.blend open already: in Blender 4.2.3 on ws12, since 14:05."
        )
        assert made.choices == (How.ANYWAY,)
        assert [note.follows for note in left(made)] == [False, True]


def test_tasks_that_share_a_file_share_its_note() -> None:
    action = replace(OPEN, selection="each", file=parse("{roots.prod}/{entity.name}_v{revision}.blend"))
    shots = (SHOT, replace(SHOT, id="t3"))
    names = {task.id: (("SH030_v2.blend",),) for task in shots}

    assert len(left(clicked(None, *shots, action=action, names=names))) == 1


def test_a_note_that_was_not_touched_for_long_only_warns_and_is_replaced() -> None:
    made = clicked(Found(Standing.STALE, ANA, since="14:05", heard="14:20", mark="ab12"))

    assert (made.must_ask, made.choices) == ((), ())
    assert made.warnings == (
        "Ana Rossi had SH030_v002.blend open in Blender 4.2.3 on ws12, from where nothing has been heard since 14:20.",
    )
    assert left(made) == [replace(OURS, instead_of="ab12")]


def test_ones_own_note_of_an_application_that_has_ended_is_replaced_without_a_word() -> None:
    made = clicked(Found(Standing.OVER, ANA, since="14:05", heard="14:20", mark="ab12"))

    assert (made.must_ask, made.warnings) == ((), ())
    assert left(made) == [replace(OURS, instead_of="ab12")]


@pytest.mark.parametrize("mark", ["", "ab12"])
def test_what_is_no_note_only_warns_and_is_left_alone_unless_it_is_old(mark: str) -> None:
    made = clicked(Found(Standing.UNKNOWN, why="is a link", mark=mark))

    assert (made.must_ask, made.choices) == ((), ())
    assert made.warnings == (
        "Whether somebody has SH030_v002.blend open is not known: .SH030_v002.blend.kitsu-open beside it is a link.",
    )
    assert left(made) == [replace(OURS, instead_of=mark, follows=not mark)]


def test_the_note_of_a_first_file_comes_before_the_file_itself() -> None:
    """Of two who make the same file, the second is asked, and makes none."""
    made = clicked(None, action=COPY, names={})

    assert made.steps[:3] == (
        MakeFolder(FOLDER, ROOT),
        replace(OURS, file=FIRST),
        Copy(ROOT / "first.blend", FIRST, ROOT),
    )


def test_a_file_that_somebody_is_about_to_make_is_asked_about() -> None:
    made = clicked(OPENED, action=COPY, names={}, beside=FIRST)

    assert made.must_ask == ("Ana Rossi has SH030_v001.blend open already: in Blender 4.2.3 on ws12, since 14:05.",)


def test_a_root_without_notes_has_none() -> None:
    assert left(clicked(None, notes=False)) == []


def test_an_application_without_a_file_leaves_none() -> None:
    assert left(clicked(None, action=replace(OPEN, file=None), names={})) == []


@pytest.mark.parametrize("name", NASTY)
def test_names_of_a_note_are_harmless_where_they_are_shown(name: str) -> None:
    note = replace(ANA, person=name, host=name, application=name)

    for standing in (Standing.OPEN, Standing.STALE, Standing.HERE):
        made = clicked(replace(OPENED, standing=standing, note=note, mark="ab12"))
        (text,) = made.must_ask or made.warnings
        assert text.isprintable()
        assert len(text) < 400
