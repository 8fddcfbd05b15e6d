"""Which installed version opens which file, and when a person is asked: values in, values out."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath, PurePosixPath

import pytest

from launcher.config.schema import AnyAction, CopyFrom
from launcher.config.template import parse
from launcher.model import Plan, Start, Task
from launcher.plan.found import Candidates, Installed, Rejected
from launcher.plan.needs import FileState
from launcher.plan.saved import reasons
from launcher.plan.starting import Opening, Program
from tests.support.planned import BLENDER, OPEN, SHOT, at, configured, machine, planned

FOLDER = "/mnt/prod/BBB/shots/SQ010/{}/animation"
APP = replace(BLENDER, version=">=4.2,<6", file_version="blend")
OTHER = at(SHOT, "t9", "SH040")


def installed(version: str, source: str = "found") -> Installed:
    return Installed("blender", "Blender", PurePath(f"/opt/{source}-{version}/blender"), version, source)  # type: ignore[arg-type]


def made(
    saved: Mapping[str, str],
    *fits: Installed,
    rejected: tuple[Rejected, ...] = (),
    action: AnyAction = OPEN,
    app=APP,
    tasks: tuple[Task, ...] = (SHOT,),
) -> Plan:
    """The plan where each shot has one working file, saved by these versions; `fits` as `applications` ranks them."""
    config = configured(action, apps=[app])
    names = {task.id: ((f"{task.entity.name}_v002.blend",),) for task in tasks}
    facts = machine(
        action,
        *tasks,
        config=config,
        found=names,
        exist=[f"{FOLDER.format(task.entity.name)}/{task.entity.name}_v002.blend" for task in tasks],
        apps={"blender": Candidates(fits, rejected)},
    )
    by_name = {PurePosixPath(FOLDER.format(name)) / f"{name}_v002.blend": version for name, version in saved.items()}
    files = {path: replace(state, saved_by=by_name.get(path, "")) for path, state in facts.files.items()}
    return planned(action, *tasks, facts=replace(facts, files=files), config=config)


def started(plan: Plan) -> list[str]:
    return [step.application for step in plan.steps if isinstance(step, Start)]


NEWEST, NEWER, SAME, SAME_OLD = (installed(version) for version in ("5.0.1", "4.5.3", "4.2.9", "4.2.1"))


@pytest.mark.parametrize(
    ("saved", "taken"),
    [
        ("", "5.0.1"),
        ("4.2", "4.2.9"),
        ("4.5", "4.5.3"),
        ("5.0", "5.0.1"),
        ("4.3", "4.5.3"),
        ("2.79", "4.2.9"),
        ("2.80", "4.2.9"),
    ],
)
def test_a_file_opens_in_its_own_version_or_else_in_the_next_newer_one(saved: str, taken: str) -> None:
    plan = made({"SH030": saved}, NEWEST, NEWER, SAME, SAME_OLD)

    assert (started(plan), plan.must_ask) == ([f"Blender {taken}"], ())


def test_a_file_newer_than_all_that_fit_asks_and_a_yes_opens_it_in_the_newest() -> None:
    plan = made({"SH030": "4.5"}, SAME, SAME_OLD)

    assert started(plan) == ["Blender 4.2.9"]
    assert plan.must_ask == (
        "SH030_v002.blend was saved by Blender 4.5. The newest that fits here is 4.2.9: it may lose what it does not"
        " know, or not open the file at all.",
    )


def test_a_version_that_could_open_it_and_is_not_allowed_is_named() -> None:
    looked = (
        Rejected(PurePath("/opt/blender-6.0/blender"), "6.0.0, too new for >=4.2,<6", "6.0.0"),
        Rejected(PurePath("/opt/blender-4.1/blender"), "4.1.1, too old for >=4.2,<6", "4.1.1"),
        Rejected(PurePath("/opt/folder"), "is not a file"),
    )

    plan = made({"SH030": "5.1"}, NEWEST, rejected=looked)

    assert plan.must_ask == (
        "SH030_v002.blend was saved by Blender 5.1. The newest that fits here is 5.0.1: it may lose what it does not"
        " know, or not open the file at all."
        " Blender 6.0.0 is here too, at /opt/blender-6.0/blender, but apps.blender.version is >=4.2,<6.",
    )


def test_what_a_person_or_the_studio_names_comes_first_unless_it_is_older_than_the_file() -> None:
    hers, studios = installed("4.3.0", "user"), installed("4.4.0", "studio")

    assert started(made({"SH030": "4.2"}, hers, studios, NEWEST, SAME)) == ["Blender 4.3.0"]
    assert started(made({"SH030": "4.4"}, hers, studios, NEWEST, SAME)) == ["Blender 4.4.0"]
    assert started(made({"SH030": "4.5"}, hers, studios, NEWEST, SAME)) == ["Blender 5.0.1"]


def test_a_program_whose_version_is_not_known_is_no_reason_to_ask_and_comes_after_the_known() -> None:
    wrapper = installed("")

    assert started(made({"SH030": "4.5"}, NEWEST, wrapper)) == ["Blender 5.0.1"]
    plan = made({"SH030": "4.5"}, SAME, wrapper)
    assert (started(plan), plan.must_ask) == (["Blender"], ())


def test_an_application_whose_files_tell_no_version_is_not_asked_about_them() -> None:
    plan = made({"SH030": "4.2"}, NEWEST, SAME, app=replace(APP, file_version=""))

    assert (started(plan), plan.must_ask) == (["Blender 5.0.1"], ())


def test_each_process_has_the_version_of_its_own_file() -> None:
    action = replace(OPEN, selection="each")

    plan = made({"SH030": "4.2", "SH040": "4.5"}, NEWEST, NEWER, SAME, action=action, tasks=(SHOT, OTHER))

    assert started(plan) == ["Blender 4.2.9", "Blender 4.5.3"]
    assert plan.must_ask == ("opens 2 windows of Blender 4.2.9, Blender 4.5.3",)


def test_files_of_one_process_are_all_respected() -> None:
    action, app = replace(OPEN, selection="all"), replace(APP, many=True, argv=("{args}", "{files}"))

    def opened(**saved: str) -> Plan:
        return made(saved, NEWER, SAME, action=action, app=app, tasks=(SHOT, OTHER))

    assert started(opened(SH030="4.2", SH040="4.5")) == ["Blender 4.5.3"]
    assert started(opened(SH030="4.2", SH040="4.2")) == ["Blender 4.2.9"]
    assert opened(SH030="4.2", SH040="5.0").must_ask == (
        "SH040_v002.blend was saved by Blender 5.0. The newest that fits here is 4.5.3: it may lose what it does not"
        " know, or not open the file at all.",
    )


def test_a_template_counts_as_the_file_that_is_copied_from_it() -> None:
    action = replace(OPEN, when_missing=CopyFrom(copy=parse("{roots.prod}/templates/first.blend")))
    config = configured(action, apps=[APP])
    template = PurePosixPath("/mnt/prod/templates/first.blend")
    facts = machine(
        action,
        SHOT,
        config=config,
        exist=[str(template)],
        folders=[FOLDER.format("SH030")],
        apps={"blender": Candidates((NEWER, SAME))},
    )
    files = {**facts.files, template: replace(facts.files[template], saved_by="4.2")}

    plan = planned(action, SHOT, facts=replace(facts, files=files), config=config)

    assert started(plan) == ["Blender 4.2.9"]


def test_a_hostile_file_name_is_one_harmless_line_of_the_question() -> None:
    """A name that somebody gave a file on the share, and that `{*}` in a template may match."""
    file = PurePosixPath("/mnt/prod/x\u202e\nLooks fine: press yes_v002.blend")
    facts = machine(OPEN, SHOT, config=configured(OPEN, apps=[APP]), apps={"blender": Candidates((SAME,))})
    facts = replace(facts, files={file: FileState(True, file, saved_by="4.5")})

    told = list(reasons(Program(APP, SAME), [Opening(SHOT, file, given=True)], facts))

    assert told == [
        "xLooks fine: press yes_v002.blend was saved by Blender 4.5. The newest that fits here is 4.2.9: it may lose"
        " what it does not know, or not open the file at all."
    ]
