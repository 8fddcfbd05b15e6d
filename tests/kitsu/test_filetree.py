"""What a real Zou says of a task's application and file, and that asking makes nothing in it."""

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import pytest

from launcher.config.schema import App, LaunchAction
from launcher.config.template import parse
from launcher.kitsu.accounts import Accounts
from launcher.model import OS, Task
from launcher.plan.kitsus import KitsusOwn
from launcher.plan.settled import Settled
from tests.support.accounts import Api, log_in, server
from tests.support.planned import BLENDER, configured
from tests.support.zou import Zou

OWN = LaunchAction(name="open", title="Open", app=("kitsu",), file=parse("kitsu"))
MAYA = App(name="maya", title="Maya", opens=(".ma", ".mb"))
CONFIG = configured(OWN, apps=(BLENDER, MAYA))
ANIMATION = "{roots.prod}/productions/lab_short/shots/sq01/sh010/animation/lab_short_sq01_sh010_animation"


@contextmanager
def used(admin: Api, zou: Zou, kind: str, software: str) -> Iterator[None]:
    """The short production uses a software for a task type."""
    where = f"data/projects/{zou.ids['project_short']}/task-types/{zou.ids['task_types'][kind]}/softwares"
    id = zou.ids["software"][software]
    admin.done("POST", where, {"software_id": id})
    yield
    admin.ask("DELETE", f"{where}/{id}")


@contextmanager
def tree(admin: Api, zou: Zou, changed: Any) -> Iterator[None]:
    """The short production has another file tree."""
    path = f"data/projects/{zou.ids['project_short']}"
    before = admin.done("GET", path)["file_tree"]
    admin.done("PUT", path, {"file_tree": changed(copy.deepcopy(before)) if callable(changed) else changed})
    try:
        yield
    finally:
        admin.done("PUT", path, {"file_tree": before})


async def ask(
    accounts: Accounts, zou: Zou, names: Sequence[str], action: LaunchAction = OWN, key: str = "user"
) -> list[tuple[Task, Settled]]:
    """What Kitsu says to one of the seeded people, of these tasks."""
    person, here = await log_in(accounts, zou, key), server(zou.url)
    found = (await accounts.tasks(here, person, [zou.task(name) for name in names])).found
    settled = await accounts.own_files(here, person, [(task, action) for task in found], CONFIG, OS.LINUX)
    return [(task, settled[task.id]) for task in found]


def templates(answer: list[tuple[Task, Settled]]) -> list[str]:
    return [one.file.text if one.file else "" for _task, one in answer]


@pytest.mark.parametrize("key", ["user", "manager", "teammate", "client"])
async def test_application_and_file_are_those_of_the_production(
    accounts: Accounts, zou: Zou, admin_api: Api, key: str
) -> None:
    """Real: Zou, its softwares and its file tree, as each sort of account that sees the tasks."""
    with used(admin_api, zou, "Animation", "Blender"), used(admin_api, zou, "Modeling", "Maya"):
        answer = await ask(accounts, zou, ["Animation SH010", "Modeling Robot"], key=key)

    assert [one.app for _task, one in answer] == ["blender", "maya"]
    assert templates(answer) == [
        f"{ANIMATION}_v{{revision:03}}.blend",
        "{roots.prod}/productions/lab_short/assets/characters/robot/modeling/"
        "lab_short_characters_robot_modeling_v{revision:03}.ma",
    ]
    # The seed has recorded two revisions of the animation, whose path in Zou has neither revision nor ending.
    recorded = ANIMATION.replace("{roots.prod}", "/mnt/prod")
    assert answer[0][1].others == ((PurePosixPath(f"{recorded}.blend"), 2),)


async def test_what_people_named_hostile_is_one_name_in_the_tree(accounts: Accounts, zou: Zou) -> None:
    """Real: Zou, which writes every name of its own in plain letters."""
    nasty = [name for name in zou.ids["tasks"] if name.startswith("Nasty") and name != "Nasty CON"]
    blender = replace(OWN, app=("blender",))
    answer = await ask(accounts, zou, nasty, blender)
    with pytest.raises(KitsusOwn) as device:
        await ask(accounts, zou, ["Nasty CON"], blender)

    assert len(answer) > 10
    for _task, one in answer:
        assert one.file
        rest = one.file.text.removeprefix("{roots.prod}/productions/").removesuffix("_v{revision:03}.blend")
        assert not set(rest) - set("abcdefghijklmnopqrstuvwxyz0123456789_/")
    # A folder called so can be on Linux, and never on Windows.
    assert device.value.problem == "Kitsu's file tree names a path that cannot be."


async def test_a_revision_in_the_file_tree_is_found_in_folder_and_name(
    accounts: Accounts, zou: Zou, admin_api: Api
) -> None:
    """Real: Zou with `<Revision>` and `<Software>` in its templates; the application is named in the studio file."""

    def with_revision(before: Any) -> Any:
        before["working"]["folder_path"]["shot"] = "<Project>/<Software>/<Shot>/r<Revision>"
        before["working"]["file_name"]["shot"] = "<Shot>_<Name>_v<Version>"
        return before

    with tree(admin_api, zou, with_revision):
        answer = await ask(accounts, zou, ["Animation SH010"], replace(OWN, app=("maya",)))

    assert templates(answer) == [
        "{roots.prod}/productions/lab_short/maya/sh010/r{revision:03}/sh010_main_v{revision:03}.ma"
    ]
    assert answer[0][1].app == "maya"


async def test_only_the_application_may_be_left_to_kitsu(accounts: Accounts, zou: Zou, admin_api: Api) -> None:
    """Real: Zou; the file is the studio's own template, so no path is asked for."""
    file = parse("{roots.prod}/{entity.name}_v{revision}.blend")
    with used(admin_api, zou, "Animation", "Blender"):
        ((_task, one),) = await ask(accounts, zou, ["Animation SH010"], replace(OWN, file=file))

    assert one == Settled("blender")


async def test_no_software_no_tree_and_a_sort_without_a_place_are_told(
    accounts: Accounts, zou: Zou, admin_api: Api
) -> None:
    """Real: Zou, each of its refusals; texts that people read."""
    blender = replace(OWN, app=("blender",))
    with pytest.raises(KitsusOwn) as no_software:
        await ask(accounts, zou, ["Animation SH010"])
    with tree(admin_api, zou, None), pytest.raises(KitsusOwn) as no_tree:
        await ask(accounts, zou, ["Animation SH010"], blender)
    with pytest.raises(KitsusOwn) as edit:
        await ask(accounts, zou, ["Edit"], blender)

    assert no_software.value.problem == "Kitsu names no software for Animation in Lab Short."
    assert no_tree.value.problem == "Kitsu's file tree has no working file for SQ01/SH010/Animation."
    assert no_tree.value.next_step == "Set the production's file tree in Kitsu, or write `file` as a template."
    assert no_tree.value.key == "actions.open.file"
    assert edit.value.problem == "Kitsu's file tree has no working file for Edit v1/Edit."


async def test_a_hostile_file_tree_leads_nowhere(accounts: Accounts, zou: Zou, admin_api: Api) -> None:
    """Real: Zou, whose manager has written ways up into the file tree: it stores and answers them verbatim."""

    def up(before: Any) -> Any:
        before["working"]["folder_path"]["shot"] = "../../../etc/<Shot>"
        return before

    def elsewhere(before: Any) -> Any:
        before["working"]["mountpoint"] = "//evil.example/share"
        return before

    blender = replace(OWN, app=("blender",))
    with tree(admin_api, zou, up), pytest.raises(KitsusOwn) as way_up:
        await ask(accounts, zou, ["Animation SH010"], blender)
    with tree(admin_api, zou, elsewhere), pytest.raises(KitsusOwn) as share:
        await ask(accounts, zou, ["Animation SH010"], blender)

    assert way_up.value.problem == "Kitsu's file tree names a path that cannot be."
    assert share.value.problem == "Kitsu's file tree leads to a place that is no root here."


async def test_asking_makes_nothing_in_kitsu(accounts: Accounts, zou: Zou, admin_api: Api) -> None:
    """Real: Zou, counted before and after; only its own default, 3ds Max, may have come by the first question ever."""

    def everything() -> dict[str, Any]:
        task = zou.task("Animation SH010")
        paths = ["data/softwares", "data/tasks", "data/entities", f"data/tasks/{task}/working-files"]
        paths += ["data/output-types", "data/comments", "data/preview-files", "data/events/last"]
        rows = {path: admin_api.done("GET", path) for path in paths}
        return {path: sorted(row["id"] for row in rows[path] if row.get("name") != "3ds Max") for path in paths}

    with used(admin_api, zou, "Animation", "Blender"):
        await ask(accounts, zou, ["Animation SH010"])
        before = everything()
        answer = await ask(accounts, zou, ["Animation SH010", "Animation SH010"])
        assert everything() == before

    assert len(answer) == 1
