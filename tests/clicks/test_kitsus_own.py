"""A studio that leaves application and file to Kitsu: its production's softwares, and its own file tree."""

import stat
from pathlib import Path

import pytest

from launcher.errors import LauncherError
from launcher.launches import Launch
from launcher.model import Copy, Plan, Sender, ShowPage, Start, State
from tests.kitsu.test_filetree import used
from tests.support.accounts import Api
from tests.support.face import Face
from tests.support.launching import settled
from tests.support.secret_service import MemoryKeyring
from tests.support.zou import Zou

STUDIO_FILE = """
[studio]
keys = ["env:KITSU_LAUNCHER_KEY"]
[[studio.servers]]
origins = ["{api}"]
api = "{api}"
insecure = true
[roots]
prod = {{ linux = "{home}/prod", macos = "/mnt/prod", marker = ".prod" }}
[apps.maya]
executable = "{home}/maya"
[actions.open]
title = "Open"
kind = "launch"
app = "kitsu"
file = "kitsu"
when_missing = {{ copy = "{{roots.prod}}/first.ma" }}
selection = "each"
[actions.next]
title = "Open as next"
kind = "launch"
app = "blender"
[[actions.next.when]]
entity_types = ["asset"]
app = "kitsu"
file = "kitsu"
open = "next-revision"
[actions.debug]
title = "Debug"
kind = "page"
"""
MAYA = """#!/bin/sh
case "$1" in -v) echo "Maya 2025.1, Cut Number 1" ;; *) printf '%s\\n' "$@" > "{home}/opened" ;; esac
"""
MODELING = "prod/productions/lab_short/assets/characters/robot/modeling"
NAME = "lab_short_characters_robot_modeling"


@pytest.fixture
async def studio(face: Face, home: Path, zou: Zou, memory_keyring: MemoryKeyring) -> Face:
    """An artist of the real Zou at a face whose studio leaves everything to Kitsu."""
    (home / "prod").mkdir()
    (home / "prod" / ".prod").touch()
    (home / "prod" / "first.ma").write_text("//Maya ASCII\n")
    (home / "maya").write_text(MAYA.format(home=home))
    (home / "maya").chmod((home / "maya").stat().st_mode | stat.S_IXUSR)
    (home / "machine" / "studio.toml").write_text(STUDIO_FILE.format(api=zou.url, home=home))
    assert face.parts.loaded().problems == ()
    (server,) = face.parts.loaded().config.studio.servers
    account = zou.account("user")
    await face.parts.accounts.login(server, account.email, account.password)
    return face


async def rehearsed(face: Face, zou: Zou, *names: str, action: str = "open") -> Plan:
    """A dry-run."""
    return await face.parts.run.rehearse(action, [zou.task(name) for name in names])


def opened(plan: Plan) -> list[str]:
    """The files that are given to applications."""
    return [str(step.file) for step in plan.steps if isinstance(step, Start)]


async def test_a_click_opens_the_highest_revision_in_the_software_of_the_production(
    studio: Face, home: Path, zou: Zou, admin_api: Api
) -> None:
    """Real: Zou, the daemon's face, files, and a program in Maya's place that writes down what it was given."""
    folder = home / MODELING
    folder.mkdir(parents=True)
    for name in (f"{NAME}.ma", f"{NAME}_v002.ma", f"{NAME}_v010.ma", f"{NAME}_v011.mb", "other_v099.ma"):
        (folder / name).touch()
    (server,) = studio.parts.loaded().config.studio.servers
    (person,) = await studio.parts.accounts.people(server)
    with used(admin_api, zou, "Modeling", "Maya"):
        launch: Launch = studio.parts.run.own("open", [zou.task("Modeling Robot")], Sender.TRAY, person=person)
        await settled(studio.launches, launch, State.DONE, State.FAILED, State.REFUSED, State.ASKS)

    assert (launch.state, launch.error) == (State.DONE, None), launch.lines
    assert str(folder / f"{NAME}_v010.ma") in (home / "opened").read_text().splitlines()


async def test_without_a_file_the_first_one_is_copied_to_where_kitsu_says(
    studio: Face, home: Path, zou: Zou, admin_api: Api
) -> None:
    """Real: Zou and files; a dry-run, which makes nothing."""
    with used(admin_api, zou, "Modeling", "Maya"):
        plan = await rehearsed(studio, zou, "Modeling Robot")

    first = home / MODELING / f"{NAME}_v001.ma"
    assert [step.target for step in plan.steps if isinstance(step, Copy)] == [first]
    assert opened(plan) == [str(first)]
    assert not (home / MODELING).exists()


async def test_a_file_without_a_revision_is_opened_where_it_is_alone(
    studio: Face, home: Path, zou: Zou, admin_api: Api
) -> None:
    """Real: Zou and files; a dry-run."""
    (home / MODELING).mkdir(parents=True)
    (home / MODELING / f"{NAME}.ma").touch()
    with used(admin_api, zou, "Modeling", "Maya"):
        plan = await rehearsed(studio, zou, "Modeling Robot")

    assert opened(plan) == [str(home / MODELING / f"{NAME}.ma")]


async def test_the_next_revision_is_one_more_than_kitsu_has_a_record_of(
    studio: Face, home: Path, zou: Zou, admin_api: Api
) -> None:
    """Real: Zou, which has a record of revision 2 of one asset and none of the other; dry-runs."""
    lamp = "lab_short_props_lamp_modeling"
    for folder, name in ((home / MODELING, NAME), (home / MODELING.replace("characters/robot", "props/lamp"), lamp)):
        folder.mkdir(parents=True)
        (folder / f"{name}.ma").touch()
    with used(admin_api, zou, "Modeling", "Maya"):
        plans = [await rehearsed(studio, zou, name, action="next") for name in ("Modeling Robot", "Modeling Lamp")]

    copies = [(step.source.name, step.target.name) for plan in plans for step in plan.steps if isinstance(step, Copy)]
    assert copies == [(f"{NAME}.ma", f"{NAME}_v003.ma"), (f"{lamp}.ma", f"{lamp}_v001.ma")]


async def test_the_debug_page_tells_what_kitsu_would_name(studio: Face, home: Path, zou: Zou, admin_api: Api) -> None:
    """Real: Zou; the page's own content."""
    with used(admin_api, zou, "Modeling", "Maya"):
        plan = await rehearsed(studio, zou, "Modeling Robot", action="debug")

    (page,) = [step for step in plan.steps if isinstance(step, ShowPage)]
    assert str(home / MODELING / f"{NAME}_v001.ma") in str(page.content["actions"])


async def test_several_tasks_each_with_its_own_and_one_that_kitsu_names_nothing_for(
    studio: Face, home: Path, zou: Zou, admin_api: Api
) -> None:
    """Real: Zou and files; a dry-run of two tasks, then of one whose task type has no software."""
    names = ["Modeling Robot", "Modeling Lamp"]
    with used(admin_api, zou, "Modeling", "Maya"):
        plan = await rehearsed(studio, zou, *names)
    with pytest.raises(LauncherError) as caught:
        await rehearsed(studio, zou, "Modeling Robot")

    assert [Path(file).name for file in opened(plan)] == [f"{NAME}_v001.ma", "lab_short_props_lamp_modeling_v001.ma"]
    assert caught.value.problem == "Kitsu names no software for Modeling in Lab Short."
    where = home / "machine" / "studio.toml"
    assert caught.value.tried[0] == f"{where}:15: actions.open.app"
