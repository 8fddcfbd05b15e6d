"""Which `when` counts for a task, and what follows for the plan: `launcher.plan.rules` and the kinds that use it."""

from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from launcher.config.schema import App, Case, Conditions, LaunchAction, OpenAction
from launcher.config.template import parse
from launcher.errors import LauncherError
from launcher.model import OS, Named, OpenUrl, Start, Task
from launcher.plan import rules, wanted
from launcher.plan.found import Candidates, Installed
from launcher.plan.naming import FieldError
from launcher.plan.selection import SelectionRefused
from tests.support.planned import (
    ASSET,
    BLENDER,
    OPEN,
    PERSON,
    PROJECT,
    SERVER,
    SHOT,
    at,
    configured,
    machine,
    named,
    planned,
)

KRITA = App(name="krita", title="Krita", opens=(".kra",))
BOTH = {
    "blender": Candidates((Installed("blender", "Blender", PurePosixPath("/opt/blender"), "4.2.3", "found"),)),
    "krita": Candidates((Installed("krita", "Krita", PurePosixPath("/opt/krita"), "5.2", "found"),)),
}
HARMLESS = parse("{roots.prod}/{entity.path}/{entity.name}_v{revision:03}.blend")


def case(action: LaunchAction, changes: dict[str, object], **conditions: tuple[str, ...]) -> Case:
    return Case(conditions=Conditions(**conditions), action=replace(action, **changes), table=changes)  # type: ignore[arg-type]


def layout(task: Task) -> Task:
    return replace(task, task_type=replace(task.task_type, name="Layout"))


@pytest.mark.parametrize(
    ("conditions", "task", "holds"),
    [
        ({"projects": ("Big Buck Bunny",)}, SHOT, True),
        ({"projects": ("BBB",)}, SHOT, True),
        ({"projects": ("pr1",)}, SHOT, True),
        ({"projects": ("bbb", "")}, SHOT, False),
        ({"projects": ("",)}, replace(SHOT, project=replace(PROJECT, code="")), False),
        ({"entity_types": ("asset", "shot")}, SHOT, True),
        ({"entity_types": ("asset",)}, SHOT, False),
        ({"task_types": ("animation",)}, SHOT, True),
        ({"task_types": ("Layout",)}, SHOT, False),
        ({"asset_types": ("characters",)}, ASSET, True),
        ({"asset_types": ("Characters",)}, SHOT, False),
        ({"departments": ("2D",)}, replace(SHOT, department=Named("d1", "2d")), True),
        ({"departments": ("2D",)}, SHOT, False),
        ({"roles": ("user",)}, SHOT, True),
        ({"roles": ("manager",)}, SHOT, False),
        ({"roles": ("user",), "task_types": ("Layout",)}, SHOT, False),
        ({"roles": ("user",), "task_types": ("Layout", "Animation")}, SHOT, True),
    ],
)
def test_a_condition_is_true_of_any_of_its_names_and_all_must_be(
    conditions: dict[str, tuple[str, ...]], task: Task, holds: bool
) -> None:
    assert rules.holds(Conditions(**conditions), task, PERSON) is holds


def test_the_first_that_matches_refines_and_without_one_the_action_stands() -> None:
    """Real: files of three tasks of one selection, each by another rule."""
    action = replace(OPEN, selection="each", args=(parse("--plain"),))
    first = case(action, {"args": (parse("--layout"),)}, task_types=("Layout",))
    second = case(action, {"args": (parse("--all"),)}, task_types=("Layout", "Comp"))
    action = replace(action, when=(first, second))
    tasks = [
        at(SHOT, "t1", "SH1"),
        at(layout(SHOT), "t2", "SH2"),
        at(replace(SHOT, task_type=replace(SHOT.task_type, name="comp")), "t3", "SH3"),
    ]
    found = {task.id: ((f"{task.entity.name}_v001.blend",),) for task in tasks}

    plan = planned(action, *tasks, facts=machine(action, *tasks, found=found))

    starts = [step for step in plan.steps if isinstance(step, Start)]
    assert [(start.task_ids, start.argv[1]) for start in starts] == [
        (("t1",), "--plain"),
        (("t2",), "--layout"),
        (("t3",), "--all"),
    ]


def test_one_button_opens_another_application_for_each_task() -> None:
    """Real: the whole of argv, in the order of the selection."""
    action = replace(OPEN, selection="each", file=HARMLESS)
    paint = {"app": ("krita",), "file": parse("{roots.prod}/{entity.path}/{entity.name}_v{revision}.kra")}
    action = replace(action, when=(case(action, paint, entity_types=("asset",)),))
    tasks = [ASSET, SHOT]
    config = configured(action, apps=(BLENDER, KRITA))
    found = {"t1": (("SH030_v001.blend",),), "t2": (("Robot_v7.kra",),)}

    facts = machine(action, *tasks, config=config, found=found, apps=BOTH)
    plan = planned(action, *tasks, config=config, facts=facts)

    assert wanted(action, tasks, PERSON, config, OS.LINUX, SERVER).apps == ("krita", "blender")
    assert [step.argv for step in plan.steps if isinstance(step, Start)] == [
        ("/opt/krita", "/mnt/prod/assets/Characters/Robot/Robot_v7.kra"),
        ("/opt/blender", "-Y", "/mnt/prod/shots/SQ010/SH030/SH030_v001.blend"),
    ]
    assert plan.must_ask == ("opens 2 windows of Krita 5.2, Blender 4.2.3",)


def test_all_makes_one_process_for_each_refinement() -> None:
    many = replace(BLENDER, many=True)
    action = replace(OPEN, selection="all", file=HARMLESS)
    action = replace(action, when=(case(action, {"args": (parse("--layout"),)}, task_types=("Layout",)),))
    tasks = [at(SHOT, "t1", "A"), at(layout(SHOT), "t2", "B"), at(SHOT, "t3", "C")]
    config = configured(action, apps=(many,))
    found = {task.id: ((f"{task.entity.name}_v001.blend",),) for task in tasks}

    plan = planned(action, *tasks, config=config, facts=machine(action, *tasks, config=config, found=found))

    assert [step.task_ids for step in plan.steps if isinstance(step, Start)] == [("t1", "t3"), ("t2",)]


def test_all_refuses_tasks_of_different_applications() -> None:
    """Real: the whole text."""
    action = replace(OPEN, selection="all", file=HARMLESS)
    action = replace(action, when=(case(action, {"app": ("krita",)}, entity_types=("asset",)),))
    config = configured(action, apps=(BLENDER, KRITA))
    found = {"t1": (("SH030_v001.blend",),), "t2": (("Robot_v001.blend",),)}
    facts = machine(action, SHOT, ASSET, config=config, found=found, apps=BOTH)

    with pytest.raises(SelectionRefused) as told:
        planned(action, SHOT, ASSET, config=config, facts=facts)

    assert str(told.value) == (
        "The selected tasks need different applications, and Open in Blender opens all in one.\n"
        "  tried  SQ010/SH030/Animation: Blender\n"
        "         Characters/Robot/Modeling: Krita\n"
        "  next   Select those of one application, and click again."
    )


def test_what_is_taken_of_a_selection_may_be_refined_too() -> None:
    """Real: two layouts, of which the action itself would take one."""
    action = replace(OPEN, when=(case(OPEN, {"selection": "each"}, task_types=("Layout",)),))
    tasks = [at(layout(SHOT), "t1", "A"), at(layout(SHOT), "t2", "B")]
    found = {task.id: ((f"{task.entity.name}_v001.blend",),) for task in tasks}

    plan = planned(action, *tasks, facts=machine(action, *tasks, found=found))

    assert len([step for step in plan.steps if isinstance(step, Start)]) == 2
    with pytest.raises(SelectionRefused) as told:
        wanted(action, [*tasks, at(SHOT, "t3", "C")], PERSON, configured(action), OS.LINUX, SERVER)
    assert told.value.problem == "Open in Blender takes these tasks in different ways."


def test_the_actions_own_filters_come_first() -> None:
    action = replace(OPEN, entity_types=("asset",), when=(case(OPEN, {"args": ()}, task_types=("Animation",)),))

    with pytest.raises(LauncherError, match=r"its entity type is shot, not asset"):
        wanted(action, [SHOT], PERSON, configured(action), OS.LINUX, SERVER)


def test_an_error_names_the_key_of_the_when_that_it_comes_from() -> None:
    """Real: a value that the task lacks, in the second `when` and in the action itself."""
    file = parse("{roots.prod}/{episode.name}/{entity.name}_v{revision}.blend")
    none = case(OPEN, {"args": ()}, task_types=("Nothing",))
    refined = replace(OPEN, when=(none, case(OPEN, {"file": file}, task_types=("Animation",))))
    plain = replace(OPEN, file=file, when=(none, case(replace(OPEN, file=file), {"args": ()}, roles=("user",))))

    for action, key in ((refined, "actions.open.when[2].file"), (plain, "actions.open.file")):
        with pytest.raises(FieldError) as told:
            wanted(action, [SHOT], PERSON, configured(action), OS.LINUX, SERVER)
        assert told.value.key == key
        assert told.value.tried == (f"{key} = {file.text}",)
        assert told.value.problem == "{episode.name} of SQ010/SH030/Animation has no value."


def test_an_address_is_refined_too() -> None:
    action = OpenAction(name="wiki", title="Wiki", url=parse("https://wiki.example/{entity.name}"), selection="each")
    asset = replace(action, url=parse("https://wiki.example/assets/{entity.name}"))
    refined = Case(conditions=Conditions(entity_types=("asset",)), action=asset, table={"url": ""})
    action = replace(action, when=(refined,))

    plan = planned(action, SHOT, ASSET)

    assert plan.steps == (OpenUrl("https://wiki.example/SH030"), OpenUrl("https://wiki.example/assets/Robot"))


def test_every_application_that_may_be_started_is_known_beforehand() -> None:
    action = replace(OPEN, when=(case(OPEN, {"app": ("krita", "blender")}, roles=("user",)),))

    assert rules.apps(action) == ("blender", "krita")


def test_kitsu_is_asked_for_previews_only_where_a_rule_needs_them() -> None:
    needs = case(OPEN, {"open": "next-revision", "next_when": ("newer-preview",)}, roles=("user",))

    assert not rules.wants_previews(OPEN)
    assert rules.wants_previews(replace(OPEN, when=(needs,)))


def test_a_hostile_name_matches_no_condition_of_another() -> None:
    """Real: names as anybody in the production may type them."""
    condition = Conditions(task_types=("Layout",))

    for name in ("layout\u200b", "Layout\n", "*", "", "{task_type.name}", "Ｌayout"):
        task = replace(SHOT, task_type=replace(SHOT.task_type, name=name))
        assert not rules.holds(condition, named(task, "x"), PERSON)
