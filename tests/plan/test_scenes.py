"""Scenes that are folders: `launcher.plan.scenes`, by the plans that come of it."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from launcher.config.schema import CopyFrom, LaunchAction
from launcher.config.template import parse
from launcher.errors import LauncherError
from launcher.model import Copy, Plan, Start
from launcher.plan.needs import OutsideRoot
from launcher.plan.scenes import NoScene
from tests.support.planned import OPEN, SHOT, machine, named, planned

ROOT = PurePosixPath("/mnt/prod")
FOLDER = ROOT / "SQ010"
SCENE = replace(
    OPEN,
    file=parse("{roots.prod}/{sequence.name}/{entity.name}_v{revision:03}"),
    inside=parse("stage/{entity.name}.xstage"),
)
FOUND = {"t1": (("SH030_v001",), ("SH030_v002",))}
V2 = FOLDER / "SH030_v002"


def scene(*there: PurePosixPath, action: LaunchAction = SCENE, real: dict[str, str] | None = None) -> Plan:
    facts = machine(
        action,
        SHOT,
        found=FOUND,
        exist=[str(path) for path in there if path.suffix],
        folders=[str(path) for path in there if not path.suffix],
        real=real,
    )
    return planned(action, SHOT, facts=facts)


def started(plan: Plan) -> Start:
    (start,) = (step for step in plan.steps if isinstance(step, Start))
    return start


def test_the_file_in_the_newest_folder_is_opened() -> None:
    start = started(scene(V2, V2 / "stage/SH030.xstage"))

    assert start.argv[-1] == "/mnt/prod/SQ010/SH030_v002/stage/SH030.xstage"
    assert (start.file, start.cwd) == (V2 / "stage/SH030.xstage", V2 / "stage")
    assert start.env["KITSU_FILE"] == "/mnt/prod/SQ010/SH030_v002/stage/SH030.xstage"


def test_the_folder_is_copied_whole_to_the_next_revision() -> None:
    plan = scene(V2, V2 / "stage/SH030.xstage", action=replace(SCENE, open="next-revision"))

    assert Copy(V2, FOLDER / "SH030_v003", ROOT, earlier=ROOT) in plan.steps
    assert started(plan).argv[-1] == "/mnt/prod/SQ010/SH030_v003/stage/SH030.xstage"


def test_the_first_scene_is_a_copy_of_a_template_folder() -> None:
    action = replace(SCENE, when_missing=CopyFrom(copy=parse("{roots.prod}/templates/scene")))
    template = ROOT / "templates/scene"
    facts = machine(action, SHOT, folders=[str(template), str(FOLDER)], exist=[str(template / "stage/SH030.xstage")])

    plan = planned(action, SHOT, facts=facts)

    assert Copy(template, FOLDER / "SH030_v001", ROOT, earlier=ROOT) in plan.steps
    assert started(plan).argv[-1] == "/mnt/prod/SQ010/SH030_v001/stage/SH030.xstage"


@pytest.mark.parametrize(("there", "why"), [((V2,), "is not there"), ((V2, V2 / "stage/SH030.xstage"), "is a folder")])
def test_a_folder_without_the_file_is_told(there: Iterable[PurePosixPath], why: str) -> None:
    facts = machine(SCENE, SHOT, found=FOUND, folders=[str(path) for path in there])

    with pytest.raises(NoScene) as told:
        planned(SCENE, SHOT, facts=facts)

    assert told.value.problem == "The scene of SQ010/SH030/Animation is not whole."
    assert told.value.tried == (f"actions.open.inside: /mnt/prod/SQ010/SH030_v002/stage/SH030.xstage {why}",)


def test_a_file_in_it_that_leads_out_of_the_root_is_refused() -> None:
    inner = V2 / "stage/SH030.xstage"

    with pytest.raises(OutsideRoot):
        scene(V2, inner, real={str(inner): "/home/ada/.ssh/id_rsa"})


def test_a_name_stays_within_the_folder() -> None:
    """What is typed into Kitsu is one component, whatever stands in it."""
    task = named(SHOT, "../../x")
    action = replace(SCENE, file=parse("{roots.prod}/{sequence.name}/scene_v{revision:03}"))
    facts = machine(action, task, found={"t1": (("scene_v001",),)}, folders=[str(FOLDER / "scene_v001")])

    with pytest.raises(LauncherError) as told:
        planned(action, task, facts=facts)

    assert told.value.tried == ("actions.open.inside: /mnt/prod/SQ010/scene_v001/stage/__.._x.xstage is not there",)
