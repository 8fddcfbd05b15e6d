"""Which revision is opened, and which one is made: `launcher.plan.revisions`, by the plans that come of it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath, PurePosixPath, PureWindowsPath

import pytest

from launcher.config.schema import CopyFrom, LaunchAction
from launcher.config.template import parse
from launcher.errors import LauncherError
from launcher.model import OS, Choice, Copy, FileRow, How, MakeFolder, Plan, Preview, Start, Task
from launcher.opennote import Found as NoteFound
from launcher.opennote import Standing
from launcher.plan import wanted
from launcher.plan.matching import revisions
from launcher.plan.naming import search
from launcher.plan.needs import Detail
from launcher.plan.page import describe
from tests.support.planned import CLICK, OPEN, PERSON, SERVER, SHOT, at, configured, machine, planned

FOLDER = "/mnt/prod/BBB/SQ010"
ROOT = PurePosixPath("/mnt/prod")
FILE = parse("{roots.prod}/{project.code}/{sequence.name}/layout_v{revision:03}_{*}.blend")
NEW = parse("{roots.prod}/{project.code}/{sequence.name}/layout_v{revision:03}_{person.initials}.blend")
LAYOUT = replace(OPEN, file=FILE, new_file=NEW, open="next-revision")
"""The `when` of design.md."""
NEXT = replace(OPEN, open="next-revision")
CHOOSE = replace(OPEN, open="choose")
PLAIN = "/mnt/prod/BBB/shots/SQ010/SH030/animation"
FOUND = {"t1": (("SH030_v001.blend",), ("SH030_v002.blend",))}
Found = Mapping[str, tuple[tuple[str, ...], ...]]


def opened(plan: Plan) -> PurePath | None:
    (start,) = (step for step in plan.steps if isinstance(step, Start))
    return start.file


def copies(plan: Plan) -> list[tuple[str, str]]:
    return [(step.source.name, step.target.name) for step in plan.steps if isinstance(step, Copy)]


def error(action: LaunchAction, found: Found, choice: Choice | None = None, task: Task = SHOT) -> LauncherError:
    with pytest.raises(LauncherError) as told:
        planned(action, task, facts=machine(action, task, found=found), choice=choice)
    return told.value


# -- the next revision -----------------------------------------------------------------------------------------------
def test_the_newest_is_copied_to_the_next_number_which_is_opened() -> None:
    """Real: the whole plan but the application's part."""
    found = {"t1": (("layout_v003_ab.blend",), ("layout_v012_kd.blend",), ("layout_v7_.blend",))}

    plan = planned(LAYOUT, SHOT, facts=machine(LAYOUT, SHOT, found=found))

    old, new = PurePosixPath(FOLDER, "layout_v012_kd.blend"), PurePosixPath(FOLDER, "layout_v013_znb.blend")
    assert plan.steps[1] == Copy(old, new, ROOT, earlier=ROOT)
    assert opened(plan) == new
    assert isinstance(start := plan.steps[-1], Start)
    assert start.argv[-1] == str(new)
    assert (plan.must_ask, plan.choices, plan.files) == ((), (), ())


@pytest.mark.parametrize(
    ("os", "folder"),
    [
        (OS.LINUX, PurePosixPath("/mnt/prod/BBB/SQ010")),
        (OS.WINDOWS, PureWindowsPath("P:/BBB/SQ010")),
        (OS.MACOS, PurePosixPath("/Volumes/prod/BBB/SQ010")),
    ],
)
def test_the_next_revision_on_each_os(os: OS, folder: PurePath) -> None:
    """Real: names in large letters, which two of them take for the same."""
    found = {"t1": (("layout_v003_ab.blend",), ("LAYOUT_V012_KD.BLEND",))}

    plan = planned(LAYOUT, SHOT, facts=machine(LAYOUT, SHOT, found=found, os=os))

    next_one = "layout_v004_znb.blend" if os is OS.LINUX else "layout_v013_znb.blend"
    assert opened(plan) == folder / next_one


def test_the_number_follows_the_highest_of_all_names_also_when_an_older_one_is_copied() -> None:
    found = {"t1": (("SH030_v001.blend",), ("SH030_v041.blend",), ("SH030_v7.blend",))}
    facts = machine(OPEN, SHOT, found=found)

    plan = planned(OPEN, SHOT, facts=facts, choice=Choice(How.NEXT, "SH030_v001.blend"))

    assert copies(plan) == [("SH030_v001.blend", "SH030_v042.blend")]


@pytest.mark.parametrize(
    ("standing", "next_one"),
    [(Standing.OPEN, "SH030_v004.blend"), (Standing.HERE, "SH030_v004.blend"), (Standing.STALE, "SH030_v003.blend")],
)
def test_a_number_that_somebody_is_about_to_make_is_taken(standing: Standing, next_one: str) -> None:
    """Real: her note for a file that is not there yet."""
    facts = machine(NEXT, SHOT, found=FOUND)
    facts = replace(facts, notes={PurePosixPath(PLAIN, "SH030_v003.blend"): NoteFound(standing)})

    assert copies(planned(NEXT, SHOT, facts=facts)) == [("SH030_v002.blend", next_one)]


def test_revisions_that_are_folders_get_a_new_one() -> None:
    action = replace(NEXT, file=parse("{roots.prod}/{entity.name}/v{revision:03}/scene.blend"))
    facts = machine(action, SHOT, found={"t1": (("v001", "scene.blend"), ("v002", "scene.blend"))})

    plan = planned(action, SHOT, facts=facts)

    folder = PurePosixPath("/mnt/prod/SH030")
    assert (plan.steps[0], plan.steps[2]) == (
        MakeFolder(folder / "v003", ROOT),
        Copy(folder / "v002" / "scene.blend", folder / "v003" / "scene.blend", ROOT, earlier=ROOT),
    )


def test_the_first_working_file_is_made_by_new_file_and_not_copied_further() -> None:
    action = replace(LAYOUT, when_missing=CopyFrom(copy=parse("{roots.prod}/t.blend")))
    facts = machine(action, SHOT, exist=["/mnt/prod/t.blend"])

    plan = planned(action, SHOT, facts=facts)

    first = PurePosixPath(FOLDER, "layout_v001_znb.blend")
    assert (plan.steps[0], plan.steps[2]) == (
        MakeFolder(PurePosixPath(FOLDER), ROOT),
        Copy(PurePosixPath("/mnt/prod/t.blend"), first, ROOT),
    )
    assert opened(plan) == first


def test_two_tasks_of_one_file_get_one_next_revision() -> None:
    action = replace(LAYOUT, selection="each")
    tasks = [at(SHOT, "t1", "A"), at(SHOT, "t2", "B")]
    found = {task.id: (("layout_v003_ab.blend",),) for task in tasks}

    plan = planned(action, *tasks, facts=machine(action, *tasks, found=found))

    assert copies(plan) == [("layout_v003_ab.blend", "layout_v004_znb.blend")]


def test_a_new_file_that_would_not_be_found_again_is_refused() -> None:
    """Real: the whole text. Else each click would make the same revision once more, under another name."""
    action = replace(LAYOUT, new_file=parse("{roots.prod}/{project.code}/{sequence.name}/Layout_v{revision}_x.blend"))
    told = error(action, {"t1": (("layout_v003_ab.blend",),)})

    assert str(told) == (
        "A new working file of SQ010/SH030/Animation would not be found again.\n"
        f"  tried  actions.open.new_file: {FOLDER}/Layout_v1_x.blend\n"
        f"         actions.open.file finds files as {FILE.text}\n"
        "  next   Ask your studio to let new_file make names that file finds, with the same revision."
    )
    assert getattr(told, "key", "") == "actions.open.new_file"


def test_the_highest_number_that_there_can_be_has_no_next() -> None:
    told = error(NEXT, {"t1": ((f"SH030_v{'9' * 18}.blend",),)})

    assert told.problem == "A new working file of SQ010/SH030/Animation would not be found again."


def test_a_folder_that_leads_out_of_its_root_gets_no_next_revision() -> None:
    facts = machine(LAYOUT, SHOT, found={"t1": (("layout_v003_ab.blend",),)}, real={FOLDER: "/home/zoe/x"})

    with pytest.raises(LauncherError, match="lies outside root 'prod'"):
        planned(LAYOUT, SHOT, facts=facts)


# -- when ------------------------------------------------------------------------------------------------------------
SAVED = 1_763_971_200.0
"""2025-11-24T08:00:00Z."""


@pytest.mark.parametrize(
    ("conditions", "task", "detail", "next_one"),
    [
        ((), SHOT, None, True),
        (("retake",), SHOT, None, False),
        (("retake",), replace(SHOT, status_is_retake=True), None, True),
        (("other-owner",), SHOT, Detail(SAVED, 1, "kim", mine=False), True),
        (("other-owner",), SHOT, Detail(SAVED, 1, "zoe", mine=True), False),
        (("other-owner",), SHOT, Detail(SAVED, 1, "", mine=None), False),
        (("other-owner",), SHOT, None, False),
        (("newer-preview",), "2025-11-24T08:00:01", Detail(SAVED, 1), True),
        (("newer-preview",), "2025-11-24T08:00:00", Detail(SAVED, 1), False),
        (("newer-preview",), "2025-11-24T07:59:59", Detail(SAVED, 1), False),
        (("newer-preview",), "2025-11-24T09:00:01+01:00", Detail(SAVED, 1), True),
        (("newer-preview",), "yesterday", Detail(SAVED, 1), False),
        (("newer-preview",), "2025-11-25T00:00:00", None, False),
        (("newer-preview",), SHOT, Detail(SAVED, 1), False),
        (("newer-preview", "retake"), replace(SHOT, status_is_retake=True), Detail(SAVED, 1), True),
    ],
)
def test_the_next_revision_only_when(
    conditions: tuple[str, ...], task: Task | str, detail: Detail | None, next_one: bool
) -> None:
    """Real: times as Kitsu writes them. What cannot be told is no reason to make a revision."""
    if isinstance(task, str):
        task = replace(SHOT, latest_preview=Preview("pv", 3, task))
    action = replace(NEXT, next_when=conditions)  # type: ignore[arg-type]
    details = {"t1": {("SH030_v002.blend",): detail}} if detail else {}

    plan = planned(action, task, facts=machine(action, task, found=FOUND, details=details))

    assert opened(plan) == PurePosixPath(PLAIN, "SH030_v003.blend" if next_one else "SH030_v002.blend")


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("retake", ", since its task is a retake"),
        ("other-owner", ", since it is another person's"),
        ("newer-preview", ", since there is a newer preview"),
        (None, ""),
    ],
)
def test_the_copy_tells_why_there_is_a_next_revision(condition: str | None, why: str) -> None:
    task = replace(SHOT, status_is_retake=True, latest_preview=Preview("pv", 3, "2025-11-25T00:00:00"))
    action = replace(NEXT, next_when=(condition,) if condition else ())  # type: ignore[arg-type]
    details = {"t1": {("SH030_v002.blend",): Detail(SAVED, 1, "kim", mine=False)}}

    plan = planned(action, task, facts=machine(action, task, found=FOUND, details=details))

    assert f"copy {PLAIN}/SH030_v002.blend to {PLAIN}/SH030_v003.blend{why}" in describe(plan)


@pytest.mark.parametrize(
    ("choice", "name"),
    [
        (Choice(How.OPEN), "SH030_v002.blend"),
        (Choice(How.OPEN, "SH030_v001.blend"), "SH030_v001.blend"),
        (Choice(How.NEXT, "SH030_v001.blend"), "SH030_v003.blend"),
        (Choice(How.ANYWAY), "SH030_v003.blend"),
        (Choice(How.ANYWAY, "SH030_v001.blend"), "SH030_v001.blend"),
        (Choice(How.FOUND, "elsewhere"), "SH030_v003.blend"),
    ],
)
def test_what_she_answers_counts_before_what_the_action_says(choice: Choice, name: str) -> None:
    plan = planned(NEXT, SHOT, facts=machine(NEXT, SHOT, found=FOUND), choice=choice)

    assert opened(plan) == PurePosixPath(PLAIN, name)


# -- choosing --------------------------------------------------------------------------------------------------------
def test_choose_asks_with_everything_that_there_is_the_newest_first() -> None:
    """Real: the whole plan, and its words."""
    details = {"t1": {("SH030_v002.blend",): Detail(SAVED, 1234, "kim", mine=False)}}
    facts = machine(CHOOSE, SHOT, found=FOUND, details=details)

    plan = planned(CHOOSE, SHOT, facts=facts)

    assert plan.steps == ()
    assert plan.choices == (How.OPEN, How.NEXT)
    assert plan.files == (
        FileRow("SH030_v002.blend", 2, SAVED, "kim", 1234),
        FileRow("SH030_v001.blend", 1, None, "", None),
    )
    assert describe(plan) == (
        "working file SH030_v002.blend",
        "working file SH030_v001.blend",
        "asks first: There are 2 working files of SQ010/SH030/Animation. The newest is SH030_v002.blend.",
    )
    assert wanted(CHOOSE, [SHOT], PERSON, configured(CHOOSE), OS.LINUX, SERVER).details == {"t1": "all"}


def test_a_plan_names_only_the_first_of_very_many() -> None:
    found = {"t1": tuple((f"SH030_v{n}.blend",) for n in range(1, 5001))}

    lines = describe(planned(CHOOSE, SHOT, facts=machine(CHOOSE, SHOT, found=found)))

    assert lines[0] == "working file SH030_v5000.blend"
    assert lines[20] == "and 4980 older ones"
    assert len(lines) == 22


def test_without_a_name_for_new_files_only_opening_is_offered() -> None:
    action = replace(LAYOUT, open="choose", new_file=None)
    found = {"t1": (("layout_v003_ab.blend",),)}

    plan = planned(action, SHOT, facts=machine(action, SHOT, found=found))

    assert plan.choices == (How.OPEN,)
    assert plan.must_ask == ("There is one working file of SQ010/SH030/Animation: layout_v003_ab.blend.",)
    told = error(action, found, Choice(How.NEXT, "layout_v003_ab.blend"))
    assert str(told) == (
        "Open in Blender cannot make a next revision of SQ010/SH030/Animation.\n"
        f"  tried  actions.open.file = {FILE.text}\n"
        "  next   Open the file itself, or ask your studio for a {revision} in it, and for new_file."
    )


def test_where_there_is_nothing_to_choose_the_first_one_is_made_or_its_absence_told() -> None:
    empty = replace(CHOOSE, when_missing="empty")

    plan = planned(empty, SHOT, facts=machine(empty, SHOT))

    assert opened(plan) == PurePosixPath(PLAIN, "SH030_v001.blend")
    assert error(CHOOSE, {}).problem == "There is no working file of SQ010/SH030/Animation yet."


HOSTILE = [
    "../SH030_v001.blend",
    "../../../etc/passwd",
    "/etc/passwd",
    f"{PLAIN}/SH030_v001.blend",
    "SH030_v001.blend\0",
    "SH030_v001.blend/",
    "./SH030_v001.blend",
    "sh030_v001.blend",
    "SH030_v999.blend",
    "x/SH030_v001.blend",
    "SH030_v001.blend/../../x",
    "*",
    "{roots.prod}",
]


@pytest.mark.parametrize("how", [How.OPEN, How.NEXT, How.ANYWAY])
@pytest.mark.parametrize("name", HOSTILE)
def test_only_a_name_that_is_listed_now_can_be_chosen(how: How, name: str) -> None:
    """Real: names that would be other files, and one that was there a moment ago."""
    told = error(CHOOSE, FOUND, Choice(how, name))

    assert told.code == "gone"
    assert told.tried == (f"{PLAIN}: holds no such working file",)


def test_a_file_gone_since_the_listing_is_told() -> None:
    """Real: the whole text."""
    assert str(error(CHOOSE, FOUND, Choice(How.OPEN, "SH030_v003.blend"))) == (
        "The working file SH030_v003.blend of SQ010/SH030/Animation is not there any more.\n"
        f"  tried  {PLAIN}: holds no such working file\n"
        "  next   Choose another one: the list shows those that are there now."
    )


# -- {*} -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("template", "names", "found"),
    [
        ("a_v{revision}_{*}.x", ["a_v1_.x", "a_v2_b_c.x", "a_v3b.x", "a_v4_d.x~"], [(2, "a_v2_b_c.x"), (1, "a_v1_.x")]),
        (
            "{*}_v{revision}.x",
            ["a_v1.x", ".a_v9.x", "_v2.x", "a_v1_v3.x"],
            [(3, "a_v1_v3.x"), (2, "_v2.x"), (1, "a_v1.x")],
        ),
        ("{*}{revision}", ["a12", "12", "a1b2"], [(12, "12"), (12, "a12"), (2, "a1b2")]),
        ("v{revision}{*}", ["v12", "v3x4", "v5.x"], [(12, "v12"), (5, "v5.x"), (3, "v3x4")]),
        ("SH1{revision}_{*}", ["SH12_x", "SH1_x"], [(2, "SH12_x")]),
        ("a.(b)+_v{revision}{*}", ["a.(b)+_v1!", "aX(b)+_v2"], [(1, "a.(b)+_v1!")]),
        ("{*}_{*}_v{revision}", ["a_b_v1", "a_v2", "__v3"], [(3, "__v3"), (1, "a_b_v1")]),
        (
            "v{revision}_{*}",
            ["v1_zeile\nzwei", "v2_\u202e", "v3_a\ud800"],
            [(3, "v3_a\ud800"), (2, "v2_\u202e"), (1, "v1_zeile\nzwei")],
        ),
    ],
)
def test_anything_stands_within_one_name(template: str, names: list[str], found: list[tuple[int, str]]) -> None:
    """Real: names as a folder may hold them."""
    looked = search(parse("{roots.prod}/" + template), {"roots.prod": "/mnt/prod"}, OS.LINUX)

    assert [(n, levels[0]) for n, levels in revisions([(name,) for name in names], looked)] == found


def test_anything_may_be_a_folder_but_never_two() -> None:
    looked = search(parse("{roots.prod}/{*}/s_v{revision}.x"), {"roots.prod": "/mnt/prod"}, OS.LINUX)

    assert (looked.folder, len(looked.parts)) == (PurePosixPath("/mnt/prod"), 2)
    assert revisions([("anna", "s_v1.x"), ("a/b", "s_v2.x"), (".x", "s_v3.x")], looked) == [(1, ("anna", "s_v1.x"))]


def test_a_name_that_a_person_has_is_never_anything() -> None:
    """Real: an entity called "{*}" or "*", whose file is another's only if its name says so."""
    for name in ("*", "{*}"):
        task = replace(SHOT, entity=replace(SHOT.entity, name=name))
        asked = wanted(OPEN, [task], PERSON, configured(OPEN), OS.LINUX, SERVER)
        (looked,) = asked.searches.values()
        assert revisions([("anything_v009.blend",)], looked) == []


def test_no_file_can_be_made_of_anything() -> None:
    """Real: the whole text, where there is no file and none can be made."""
    action = replace(OPEN, file=FILE)

    assert str(error(action, {})) == (
        "There is no working file of SQ010/SH030/Animation yet.\n"
        f"  tried  {FOLDER}: no file as layout_v{{revision:03}}_{{*}}.blend\n"
        '  next   Save a first one there, or ask your studio to set actions.open.when_missing = { copy = "…" }.'
    )
    assert CLICK.choice is None
