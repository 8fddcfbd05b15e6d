"""What stamps mean for a click: `launcher.plan.kin`, `launcher.plan.renamed`, as planned by `launcher.plan.launch`."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from launcher.config.schema import CopyFrom, LaunchAction
from launcher.config.template import parse
from launcher.errors import LauncherError
from launcher.model import OS, Choice, Copy, How, MakeFolder, Mark, Named, Plan, Stamp, Start, Task, WriteContext
from launcher.plan import plan, wanted
from launcher.plan.kin import Elsewhere, Kin, Pattern, Whereabouts, by_names, patterns
from launcher.plan.naming import Level
from launcher.plan.needs import Facts, FileState
from launcher.plan.page import describe
from launcher.plan.renamed import remembered
from tests.support.planned import (
    ASSET,
    CLICK,
    OPEN,
    PERSON,
    SERVER,
    SHOT,
    configured,
    machine,
    named,
)

ROOT = PurePosixPath("/mnt/prod")
FOLDER = ROOT / "BBB/shots/SQ010/SH030/animation"
OLD = ROOT / "BBB/shots/SQ010/SH010/animation/SH010_v007.blend"
NAMES = (
    ("entity", "SH030"),
    ("project", "Big Buck Bunny"),
    ("project_code", "BBB"),
    ("sequence", "SQ010"),
    ("task_type", "Animation"),
    ("task_type_short", "anim"),
)
MARK = Mark("e1", "tt1", True, "SQ010/SH030", NAMES)
OTHER = replace(MARK, entity_id="e9", label="SQ010/sh 030")
EMPTY = replace(OPEN, when_missing="empty")
COPY = replace(OPEN, when_missing=CopyFrom(copy=parse("{roots.prod}/first.blend")))
FOUND = {"t1": (("SH030_v001.blend",),)}


def kin_of(action: LaunchAction = OPEN, task: Task = SHOT, os: OS = OS.LINUX) -> Kin:
    return wanted(action, [task], PERSON, configured(action, notes=False), os, SERVER).kins[task.id]


def seen(
    action: LaunchAction, *marks: Mark, elsewhere: Iterable[Elsewhere] = (), trouble: str = "", cut: bool = False,
    there: bool = False, real: str = "",
) -> Facts:  # fmt: skip
    """A machine on which the folder's stamp says this, and the work was found there."""
    facts = machine(
        action,
        SHOT,
        config=configured(action, notes=False),
        found=FOUND if there else None,
        exist=["/mnt/prod/first.blend"],
    )
    whereabouts = Whereabouts(kin_of(action), marks, trouble, tuple(elsewhere), cut)
    files = {one.file: FileState(True, PurePosixPath(real or one.file)) for one in elsewhere}
    return replace(facts, whereabouts={"t1": whereabouts}, files={**facts.files, **files})


def planned(action: LaunchAction, facts: Facts, how: How | None = None) -> Plan:
    click = replace(CLICK, choice=Choice(how) if how else None)
    return plan(action, [SHOT], PERSON, configured(action, notes=False), facts, OS.LINUX, SERVER, "l", click)


def refused(action: LaunchAction, facts: Facts, how: How | None = None) -> LauncherError:
    with pytest.raises(LauncherError) as told:
        planned(action, facts, how)
    return told.value


# -- what a folder's stamp will say -----------------------------------------------------------------------------------
def test_the_folder_of_a_first_working_file_is_stamped_once_the_application_has_been_started() -> None:
    """Real: the steps, and their words."""
    plan = planned(COPY, seen(COPY))

    assert [type(step) for step in plan.steps] == [MakeFolder, Copy, WriteContext, Start, Stamp]
    assert plan.steps[-1] == Stamp(FOLDER, ROOT, MARK)
    assert describe(plan)[-1] == f"note in {FOLDER} that it holds SQ010/SH030"


def test_a_folder_that_is_opened_is_stamped_once() -> None:
    """Real: a folder without a stamp, and one that has it."""
    first, later = planned(OPEN, seen(OPEN, there=True)), planned(OPEN, seen(OPEN, MARK, there=True))

    assert [type(step) for step in first.steps] == [WriteContext, Start, Stamp]
    assert [type(step) for step in later.steps] == [WriteContext, Start]


def test_a_stamp_with_an_earlier_name_is_brought_up_to_date() -> None:
    """Real: the same folder under another name in Kitsu, by a template with the entity's id."""
    before = replace(MARK, label="SQ010/SH010")

    assert planned(OPEN, seen(OPEN, before, there=True)).steps[-1] == Stamp(FOLDER, ROOT, MARK)


@pytest.mark.parametrize(
    ("file", "own"),
    [
        ("{roots.prod}/{entity.path}/x_v{revision}.a", True),
        ("{roots.prod}/{sequence.name}/{shot.name|slug}/x_v{revision}.a", True),
        ("{roots.prod}/{entity.id}/x_v{revision}.a", True),
        ("{roots.prod}/{task.id}/{task_type.name}/x.a", True),
        ("{roots.prod}/{sequence.name}/{entity.name}_v{revision}.a", False),
        ("{roots.prod}/{sequence.name}/layout_v{revision}.a", False),
        ("{roots.prod}/{entity.name}_v{revision}/x.a", False),
    ],
)
def test_a_folder_is_an_entitys_own_where_its_name_stands_in_its_path(file: str, own: bool) -> None:
    assert kin_of(replace(OPEN, file=parse(file))).mark.own is own


def test_a_sequences_folder_is_its_own_for_the_sequences_tasks() -> None:
    """Real: a task on a sequence."""
    task = replace(named(SHOT, "SQ010"), task_type=replace(SHOT.task_type, for_entity="Sequence"))

    assert kin_of(replace(OPEN, file=parse("{roots.prod}/{sequence.name}/x_v{revision}.a")), task).mark.own


def test_the_levels_of_a_path_know_what_they_are_made_of() -> None:
    """Real: the parts of `entity.path`, of a shot and of an asset."""
    shot, asset = kin_of().levels, kin_of(task=ASSET).levels

    assert shot == (
        Level("BBB", frozenset({"project.code"})),
        Level("shots", frozenset({"entity.path"})),
        Level("SQ010", frozenset({"entity.path", "sequence.name"})),
        Level("SH030", frozenset({"entity.path", "entity.name"})),
        Level("animation", frozenset({"task_type.name"})),
    )
    assert [level.fields for level in asset[2:4]] == [
        {"entity.path", "asset_type.name"},
        {"entity.path", "entity.name"},
    ]


# -- another entity ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("action", [OPEN, COPY])
@pytest.mark.parametrize("there", [True, False])
def test_a_folder_of_another_entity_is_refused_naming_both(action: LaunchAction, there: bool) -> None:
    """Real: the whole text; with a working file that looks like hers, and without."""
    told = refused(action, seen(action, OTHER, there=there))

    assert (told.code, told.exit_code) == ("another-entity", 3)
    assert str(told) == (
        "The folder of SQ010/SH030/Animation holds the work of SQ010/sh 030.\n"
        f"  tried  {FOLDER}/.kitsu-launcher.json: its stamp names SQ010/sh 030\n"
        f"         actions.open.file = {OPEN.file.text} gives {FOLDER} for both\n"  # type: ignore[union-attr]
        "  next   Rename one of the two in Kitsu, or ask your studio to tell them apart in the template. "
        "If SQ010/sh 030 is no more, remove that stamp."
    )


def test_another_entity_of_the_same_name_is_told_as_another() -> None:
    """As when a shot was deleted in Kitsu, and made again."""
    told = refused(OPEN, seen(OPEN, replace(OTHER, label="SQ010/SH030")))

    assert told.problem == "The folder of SQ010/SH030/Animation holds the work of another SQ010/SH030."


def test_a_hostile_label_stays_text() -> None:
    """Real: control characters, a bidi override, 400 letters."""
    told = refused(OPEN, seen(OPEN, replace(OTHER, label="\x1b]0;x\a\u202e\n" + "x" * 390)))

    assert told.problem == f"The folder of SQ010/SH030/Animation holds the work of ]0;x{'x' * 115}…."


@pytest.mark.parametrize(
    "marks",
    [
        (OTHER, MARK),
        (OTHER, replace(MARK, task_type_id="tt7")),
        (replace(OTHER, own=False),),
        (),
    ],
)
def test_a_folder_that_is_hers_as_well_or_nobodys_own_is_opened(marks: tuple[Mark, ...]) -> None:
    """Real: a stamp of both, of the entity's other task, of shots that only keep files there, and none."""
    assert any(isinstance(step, Start) for step in planned(OPEN, seen(OPEN, *marks, there=True)).steps)


def test_in_a_shared_folder_only_the_same_file_names_keep_out() -> None:
    """Real: files of many shots in their sequence's folder, by names that `slug` makes one."""
    action = replace(OPEN, file=parse("{roots.prod}/{sequence.name}/{entity.name|slug}_v{revision:03}.blend"))
    other = replace(OTHER, own=False)
    same, different = (replace(other, names=(("entity", name), ("sequence", "SQ010"))) for name in ("sh_030", "SH031"))
    same = replace(same, names=(("entity", "SH030 "), ("sequence", "SQ010")))

    assert refused(action, seen(action, same)).code == "another-entity"
    assert refused(action, seen(action, different)).code == "working-file"
    assert refused(action, seen(action, replace(same, own=True))).code == "working-file"


def test_files_that_shots_share_on_purpose_are_everybodys() -> None:
    """Real: one layout file for a whole sequence."""
    action = replace(OPEN, file=parse("{roots.prod}/{sequence.name}/layout_v{revision:03}.blend"))

    assert refused(action, seen(action, replace(OTHER, own=False))).code == "working-file"


# -- found elsewhere --------------------------------------------------------------------------------------------------
ELSEWHERE = Elsewhere(OLD, 7, "SQ010/SH010")
REASON = (
    f"SQ010/SH030/Animation has no working file in {FOLDER}, but {OLD} is its work from when it was called SQ010/SH010."
)


@pytest.mark.parametrize("action", [EMPTY, COPY])
def test_work_under_another_name_is_asked_about(action: LaunchAction) -> None:
    """Real: the question, and the plan that it shows."""
    plan = planned(action, seen(action, elsewhere=[ELSEWHERE]))

    assert plan.must_ask == (REASON,)
    assert plan.choices == (How.FOUND, How.ANYWAY)
    (start,) = (step for step in plan.steps if isinstance(step, Start))
    assert start.file == FOLDER / "SH030_v001.blend"


def test_found_opens_what_was_found_and_makes_nothing() -> None:
    """Real: the whole plan."""
    plan = planned(COPY, seen(COPY, elsewhere=[ELSEWHERE]), How.FOUND)

    assert (plan.must_ask, plan.choices) == ((), ())
    assert [type(step) for step in plan.steps] == [WriteContext, Start]
    start = plan.steps[-1]
    assert isinstance(start, Start)
    assert (start.file, start.argv[-1], start.cwd) == (OLD, str(OLD), OLD.parent)


def test_found_opens_the_file_in_a_scene_by_the_name_that_it_had() -> None:
    scene = replace(
        EMPTY,
        file=parse("{roots.prod}/{sequence.name}/{entity.name}_v{revision:03}"),
        inside=parse("{entity.name}.xstage"),
    )
    old = ROOT / "SQ010/SH010_v002"
    facts = seen(scene, elsewhere=[Elsewhere(old, 2, "SQ010/SH010", ("SH010.xstage",))])
    inside = {old / "SH010.xstage": FileState(True, old / "SH010.xstage")}

    plan = planned(scene, replace(facts, files={**facts.files, **inside}), How.FOUND)

    assert [step.file for step in plan.steps if isinstance(step, Start)] == [old / "SH010.xstage"]


def test_anyway_makes_a_new_one_and_stamps_it() -> None:
    """Real: the whole plan."""
    plan = planned(COPY, seen(COPY, elsewhere=[ELSEWHERE]), How.ANYWAY)

    assert (plan.must_ask, plan.choices) == ((), ())
    assert [type(step) for step in plan.steps] == [MakeFolder, Copy, WriteContext, Start, Stamp]


def test_what_is_gone_since_it_was_found_is_told() -> None:
    """Real: the whole text; no empty scene is made instead."""
    assert str(refused(COPY, seen(COPY), How.FOUND)) == (
        "What was found of SQ010/SH030/Animation is not there any more.\n  next   Click the action again in Kitsu."
    )


def test_an_action_that_makes_nothing_tells_where_the_work_is() -> None:
    """Real: what was tried."""
    told = refused(OPEN, seen(OPEN, elsewhere=[ELSEWHERE]))

    assert (told.code, told.tried[1]) == ("working-file", REASON)
    assert planned(OPEN, seen(OPEN, elsewhere=[ELSEWHERE]), How.FOUND).steps


def test_work_that_the_journal_knows_has_no_earlier_name() -> None:
    plan = planned(EMPTY, seen(EMPTY, elsewhere=[Elsewhere(OLD, 0)]))

    assert plan.must_ask == (f"SQ010/SH030/Animation has no working file in {FOLDER}, but {OLD} is its work.",)


def test_work_outside_the_root_is_not_offered() -> None:
    """Real: a link that leads out."""
    assert planned(EMPTY, seen(EMPTY, elsewhere=[ELSEWHERE], real="/home/eve/x.blend")).must_ask == ()


def test_a_stamp_that_does_not_count_and_a_look_that_was_cut_are_told() -> None:
    plan = planned(EMPTY, seen(EMPTY, trouble="a link", cut=True))

    assert plan.warnings == (
        f"The stamp {FOLDER}/.kitsu-launcher.json was not read: a link.",
        f"Not every folder beside {FOLDER} could be looked at for work under another name.",
    )


# -- where to look ----------------------------------------------------------------------------------------------------
def test_a_shot_is_looked_for_beside_itself_then_in_other_sequences() -> None:
    """Real: its own level first; below it the names are the same."""
    assert list(patterns(kin_of(), 3)) == [
        Pattern(ROOT / "BBB/shots/SQ010", (None, "animation")),
        Pattern(ROOT / "BBB/shots", (None, "SH030", "animation")),
    ]
    assert list(patterns(kin_of(), None)) == list(patterns(kin_of(), 3))
    assert list(patterns(kin_of(), 2)) == list(patterns(kin_of(), 3))[1:]
    assert next(patterns(kin_of(), 4)) == Pattern(ROOT / "BBB/shots/SQ010/SH030", (None,))


def test_a_name_that_stands_twice_in_a_path_may_be_another_twice() -> None:
    action = replace(OPEN, file=parse("{roots.prod}/{entity.name}/work/{entity.name}_{task_type.name}/x_v{revision}.a"))

    assert list(patterns(kin_of(action), 0)) == [Pattern(ROOT, (None, "work", None))]


def test_earlier_names_give_the_earlier_files() -> None:
    """Real: what the template makes of them, cleaned as names from Kitsu are."""
    mark = replace(MARK, names=(("entity", "../SH 1"), ("sequence", "A")))

    found = by_names(kin_of(), mark)

    assert found
    search = found.search
    assert found.first == ROOT / "BBB/shots/A/__SH 1/animation/__SH 1_v001.blend"
    assert search
    assert search.parts == (r"__SH\ 1_v(?P<revision>[0-9]{1,18})\.blend",)
    assert by_names(kin_of(), replace(MARK, names=(("entity", "..."),))) is None


@pytest.mark.parametrize("os", OS)
def test_the_journals_files_count_below_their_root_alone(os: OS) -> None:
    """Real: files of each OS; one outside, one by a way up, on another machine, and of another application."""
    base = {OS.LINUX: "/mnt/prod", OS.WINDOWS: "P:\\", OS.MACOS: "/Volumes/prod"}[os]
    good = os.path(base) / "a" / "SH010_v002.blend"
    files = (str(good), "/etc/x.blend", str(os.path(base) / ".." / "x.blend"), "\\\\evil\\s\\x.blend", f"{good}.kra")
    asked = wanted(OPEN, [SHOT], PERSON, configured(OPEN), os, SERVER)

    assert remembered(asked, {"t1": files, "t2": files}).kins["t1"].before == (good,)
    assert remembered(asked, {}).kins["t1"].before == ()


def test_an_asset_of_another_type_has_a_folder_of_another_type() -> None:
    """Real: an asset that was moved to another type."""
    moved = replace(ASSET, asset_type=Named("at2", "Props"))

    assert list(patterns(kin_of(task=moved), 2)) == [Pattern(ROOT / "BBB/assets", (None, "Robot", "modeling"))]
