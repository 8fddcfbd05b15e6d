"""Which of the selected tasks an action takes: `launcher.plan.selection`."""

from dataclasses import replace

import pytest

from launcher.config.schema import LaunchAction, PageAction
from launcher.errors import Refused
from launcher.model import LeftOut, Task
from launcher.plan.selection import NotYours, OverLimit, SelectionRefused, either, selected
from tests.support.planned import ASSET, OPEN, PERSON, SHOT, at

SHOTS = tuple(at(SHOT, f"t1{i}", f"SH0{i}0") for i in range(1, 8))


def taken(action: LaunchAction | PageAction, *tasks: Task) -> tuple[list[str], tuple[LeftOut, ...]]:
    chosen = selected(action, tasks, PERSON)
    return [task.entity.name for task in chosen.tasks], chosen.left_out


def refused(action: LaunchAction | PageAction, *tasks: Task) -> Refused:
    with pytest.raises(Refused) as raised:
        selected(action, tasks, PERSON)
    return raised.value


def test_the_action_goes_on_with_those_that_fit_and_names_the_rest() -> None:
    """Real: an asset and another task type among shots."""
    action = replace(OPEN, entity_types=("shot",), task_types=("animation", "Layout"), selection="all")
    rendering = replace(SHOTS[1], task_type=replace(SHOT.task_type, name="Rendering"))

    assert taken(action, SHOTS[0], ASSET, rendering, SHOTS[2]) == (
        ["SH010", "SH030"],
        (
            LeftOut("Characters/Robot/Modeling", "its entity type is asset, not shot"),
            LeftOut("SQ010/SH020/Rendering", "its task type is Rendering, not animation or Layout"),
        ),
    )


def test_when_none_fits_all_are_named() -> None:
    """Real: the whole text."""
    action = replace(OPEN, entity_types=("asset", "edit"), task_types=("Modeling",))

    assert str(refused(action, SHOTS[0], SHOTS[1])) == (
        "None of the 2 selected tasks fits Open in Blender.\n"
        "  tried  SQ010/SH010/Animation: its entity type is shot, not asset or edit\n"
        "         SQ010/SH020/Animation: its entity type is shot, not asset or edit\n"
        "  next   Select tasks of entity type asset or edit and task type Modeling."
    )


def test_a_single_task_that_does_not_fit_is_named() -> None:
    """Real: the whole text, and what programs read."""
    error = refused(replace(OPEN, task_types=("Layout",)), SHOT)

    assert str(error) == (
        "The selected task does not fit Open in Blender.\n"
        "  tried  SQ010/SH030/Animation: its task type is Animation, not Layout\n"
        "  next   Select tasks of task type Layout."
    )
    assert (error.code, error.exit_code, error.status) == ("selection", 3, 422)


def test_no_task_at_all_is_refused() -> None:
    """Real: the whole text."""
    assert str(refused(OPEN)) == "No task is selected.\n  next   Select tasks in Kitsu, and click again."


def test_another_role_is_refused_and_told_which() -> None:
    """Real: the whole text."""
    error = refused(replace(OPEN, roles=("supervisor", "manager", "admin")), SHOT)

    assert isinstance(error, NotYours)
    assert str(error) == (
        "Open in Blender is not for you.\n"
        "  tried  Zoë Ní Bhriain: user in Kitsu; it is for supervisor, manager or admin\n"
        "  next   Ask your studio to add your role to the action's roles."
    )


def test_ones_own_role_is_taken() -> None:
    """Real: the person's role among others."""
    assert taken(replace(OPEN, roles=("admin", "user")), SHOT) == (["SH030"], ())


def test_one_refuses_more_than_one() -> None:
    """Real: the whole text."""
    error = refused(OPEN, *SHOTS[:2])

    assert isinstance(error, SelectionRefused)
    assert str(error) == (
        "Open in Blender takes one task, and 2 are selected.\n"
        "  tried  SQ010/SH010/Animation\n"
        "         SQ010/SH020/Animation\n"
        "  next   Select one of them, and click again."
    )


def test_one_takes_the_only_one_that_fits() -> None:
    """Real: filters come before the count."""
    action = replace(OPEN, entity_types=("asset",))

    assert taken(action, SHOT, ASSET)[0] == ["Robot"]


def test_first_takes_the_first_and_names_the_others() -> None:
    """Real: the order of the selection."""
    assert taken(replace(OPEN, selection="first"), *SHOTS[1:3]) == (
        ["SH020"],
        (LeftOut("SQ010/SH030/Animation", "only the first task is taken"),),
    )


@pytest.mark.parametrize("selection", ["each", "all"])
def test_the_limit_is_never_cut_silently(selection: str) -> None:
    """Real: the limit itself, and one more."""
    action = replace(OPEN, selection=selection, limit=2)  # type: ignore[arg-type]

    assert taken(action, *SHOTS[:2])[0] == ["SH010", "SH020"]
    error = refused(action, *SHOTS[:3])
    assert isinstance(error, OverLimit)
    assert (error.code, error.status) == ("limit", 422)
    assert str(error) == (
        "Open in Blender takes at most 2 tasks at once, and 3 are selected.\n"
        "  tried  SQ010/SH010/Animation\n"
        "         SQ010/SH020/Animation\n"
        "         SQ010/SH030/Animation\n"
        "  next   Select at most 2, or ask your studio to raise actions.open.limit."
    )


def test_a_page_takes_all_of_the_selection() -> None:
    """Real: more tasks than other kinds would take."""
    assert len(taken(PageAction(name="debug", title="Debug"), *SHOTS)[0]) == 7


def test_a_hostile_name_is_told_on_one_line() -> None:
    """Real: a name with a line break and a bidi override."""
    bad = at(SHOT, "t9", "a\nb\u202ec" + "x" * 200)

    line = refused(replace(OPEN, task_types=("Layout",)), bad).tried[0]

    assert line.startswith("SQ010/abc")
    assert len(line) < 200


def test_words_are_joined_as_people_do() -> None:
    """Real: one, two and three words."""
    assert [either(words) for words in ("a", "ab", "abc")] == ["a", "a or b", "a, b or c"]
