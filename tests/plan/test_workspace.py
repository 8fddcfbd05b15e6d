"""An application's project folder: found by its marker or said outright, for three OSes."""

from dataclasses import replace
from pathlib import PurePath

import pytest

from launcher.config.schema import App, Config, EnvChange, LaunchAction, Workspace
from launcher.config.template import parse
from launcher.model import OS, Plan, Start, Task
from launcher.plan import wanted
from launcher.plan.found import Candidates, Installed
from launcher.plan.needs import Facts, FileState, OutsideRoot
from launcher.plan.page import describe
from launcher.plan.workspace import NoWorkspace
from tests.support.catalogue import app
from tests.support.planned import PATHS, PERSON, SERVER, SHOT, configured, machine, planned

MAYA, HOUDINI = app("maya"), app("houdini")
FILE = "{roots.prod}/{project.code}/{entity.path}/scenes/{entity.name}_v{revision:03}.ma"
OPEN = LaunchAction(name="open", title="Open", app=("maya",), file=parse(FILE))
FOLDER = "BBB/shots/SQ010/SH030"
NAME = ("SH030_v002.ma",)
PROGRAMS = {OS.LINUX: "/opt/maya", OS.WINDOWS: "C:/maya.exe", OS.MACOS: "/Applications/maya"}


def started(
    os: OS, *markers: str, action: LaunchAction = OPEN, entry: App = MAYA, folders: tuple[str, ...] = (), **real: str
) -> Plan:
    """The plan with these markers there, and where folders really are; paths are below the root."""
    action = replace(action, app=(entry.name,))
    config = configured(action, apps=[entry])
    here = {entry.name: Candidates((Installed(entry.name, entry.title, os.path(PROGRAMS[os]), "2025", "found"),))}
    below = os.path(PATHS[os])
    there = [str(below / one) for one in folders]
    facts = machine(action, SHOT, config=config, os=os, found={SHOT.id: (NAME,)}, folders=[
        os.path(one).as_posix() for one in there], apps=here)  # fmt: skip
    files = dict(facts.files)
    for marker in markers:
        folder = (below / marker).parent
        files[below / marker] = FileState(True, below / marker)
        files[folder] = FileState(True, os.path(real.get("real", str(folder))), is_folder=True)
    return planned(action, SHOT, facts=replace(facts, files=files), config=config)


def start(plan: Plan) -> Start:
    (step,) = (step for step in plan.steps if isinstance(step, Start))
    return step


@pytest.mark.parametrize("os", OS)
def test_the_nearest_folder_with_the_marker_is_mayas_project(os: OS):
    found = start(started(os, "BBB/workspace.mel", f"{FOLDER}/workspace.mel", "workspace.mel"))

    below = os.path(PATHS[os])
    file = below / FOLDER / "scenes" / NAME[0]
    assert found.workspace == below / FOLDER
    assert found.argv[1:] == ("-proj", str(below / FOLDER), "-file", str(file))


@pytest.mark.parametrize("os", OS)
def test_the_root_itself_may_be_one_and_what_is_above_it_never(os: OS):
    assert start(started(os, "workspace.mel")).workspace == os.path(PATHS[os])
    above = os.path(PATHS[os]).parent / "workspace.mel"
    assert start(started(os, str(above))).workspace is None or os is OS.WINDOWS  # a drive has nothing above it


def test_without_one_maya_gets_no_project():
    plan = started(OS.LINUX)

    assert start(plan).argv == ("/opt/maya", "-file", f"/mnt/prod/{FOLDER}/scenes/SH030_v002.ma")
    assert not any("workspace" in line for line in describe(plan))


def test_the_plan_tells_it():
    plan = started(OS.LINUX, "BBB/workspace.mel")

    assert describe(plan)[2:] == (
        f"start Maya 2025: /opt/maya -proj /mnt/prod/BBB -file /mnt/prod/{FOLDER}/scenes/SH030_v002.ma",
        "with its workspace /mnt/prod/BBB",
    )


def test_a_marker_that_a_link_puts_elsewhere_is_refused():
    with pytest.raises(OutsideRoot) as told:
        started(OS.LINUX, "BBB/workspace.mel", real="/home/mallory/BBB")
    assert str(told.value) == (
        "The path for SQ010/SH030/Animation lies outside root 'prod'.\n"
        "  tried  apps.maya.workspace.marker: /mnt/prod/BBB\n"
        "         which leads to /home/mallory/BBB\n"
        "         and the root is /mnt/prod\n"
        "  next   Remove the link that leads out of the root, or let the studio file allow where it leads:"
        ' roots.prod.also = ["…"].'
    )


SAID = replace(OPEN, workspace=parse("{roots.prod}/{project.code}/houdini"))


@pytest.mark.parametrize("os", OS)
def test_houdini_gets_its_job_as_an_environment_variable(os: OS):
    plan = started(os, action=SAID, entry=HOUDINI, folders=("BBB/houdini",))

    job = os.path(PATHS[os]) / "BBB" / "houdini"
    assert start(plan).env["JOB"] == str(job)
    assert start(plan).environment_changes["JOB"] == str(job)
    assert "-proj" not in start(plan).argv
    assert f"with its workspace {job}" in describe(plan)


def test_what_the_studio_sets_itself_wins():
    entry = replace(HOUDINI, env={"JOB": EnvChange(set=parse("{roots.prod}/jobs"))})

    assert start(started(OS.LINUX, action=SAID, entry=entry, folders=("BBB/houdini",))).env["JOB"] == "/mnt/prod/jobs"


def test_what_the_action_says_counts_whatever_markers_there_are():
    plan = started(OS.LINUX, f"{FOLDER}/workspace.mel", action=SAID, folders=("BBB/houdini",))

    assert start(plan).workspace == PurePath("/mnt/prod/BBB/houdini")


def test_a_workspace_that_is_not_there_is_told():
    with pytest.raises(NoWorkspace) as told:
        started(OS.LINUX, action=SAID)
    assert str(told.value) == (
        "The workspace of SQ010/SH030/Animation is not there.\n"
        "  tried  actions.open.workspace: /mnt/prod/BBB/houdini: no folder\n"
        "  next   Make that folder, or ask your studio to correct actions.open.workspace."
    )


def test_one_that_the_launch_itself_makes_will_be_there():
    action = replace(OPEN, workspace=parse("{roots.prod}/{project.code}"), when_missing="empty")
    plan = planned(action, SHOT, config=configured(action, apps=[MAYA]), facts=empty(action, SHOT))

    assert start(plan).workspace == PurePath("/mnt/prod/BBB")


def empty(action: LaunchAction, task: Task) -> Facts:
    """A machine with Maya and an empty root."""
    apps = {"maya": Candidates((Installed("maya", "Maya", PurePath("/opt/maya"), "2025", "found"),))}
    return machine(action, task, config=configured(action, apps=[MAYA]), apps=apps)


def test_a_hostile_name_stays_one_folder():
    task = replace(SHOT, project=replace(SHOT.project, code="../../etc"))
    action = replace(SAID, file=None)
    with pytest.raises(NoWorkspace) as told:
        planned(action, task, config=configured(action, apps=[MAYA]), facts=empty(action, task))
    assert told.value.tried == ("actions.open.workspace: /mnt/prod/__.._etc/houdini: no folder",)


def test_only_markers_of_the_actions_applications_are_looked_for():
    other = App(name="other", title="Other", workspace=Workspace(marker="x.proj"))
    config = configured(OPEN, apps=[MAYA, other])

    assert looked(OPEN, config) == ("workspace.mel",)
    assert looked(replace(OPEN, app=("maya", "other")), config) == ("workspace.mel", "x.proj")
    assert looked(SAID, config) == ()


def looked(action: LaunchAction, config: Config) -> tuple[str, ...]:
    return wanted(action, [SHOT], PERSON, config, OS.LINUX, SERVER).markers
