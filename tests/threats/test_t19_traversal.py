"""T19: a name that would lead out of its folder, and a folder that leads out of its root."""

import os
import shutil
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from launcher import facts
from launcher.applications import Applications
from launcher.config.schema import AnyAction, App, Config, CopyFrom, Find, LaunchAction, OpenAction, Root
from launcher.config.template import parse
from launcher.errors import Refused
from launcher.model import OS, Named, Plan, Start, Task
from launcher.paths import folders
from launcher.plan import plan, wanted
from launcher.plan.names import names
from launcher.plan.naming import path
from launcher.system.linux import places
from tests.support.planned import CLICK, PATHS, PERSON, SERVER, SHOT, named
from tests.support.sample import SampleStudio

PAYLOADS = ["../../x", "/etc/x", "C:\\x", ".ssh", "..\\..\\x", "\\\\evil\\s\\x", "a/../../x", "..／..／x", "x:stream"]
APP = App(name="true", title="True", argv=("{file}",), find=Find(linux=("{path}/true",)))
OPEN = LaunchAction(
    name="open",
    title="Open",
    app=("true",),
    file=parse("{roots.prod}/{sequence.name}/{entity.name}_v{revision:03}.x"),
    when_missing=CopyFrom(copy=parse("{roots.prod}/first.x")),
)
FOLDER = OpenAction(name="folder", title="Folder", folder=parse("{roots.prod}/{sequence.name}"))


@pytest.fixture
def prod(tmp_path: Path) -> Path:
    """A root with a template in it, and a folder beside it that is none of our business."""
    for name in ("prod", "outside"):
        (tmp_path / name).mkdir()
    (tmp_path / "prod" / "first.x").touch()
    return tmp_path / "prod"


async def click(home: Path, prod: Path, action: AnyAction, task: Task = SHOT) -> Plan:
    """Look at this disk and plan."""
    config = Config(roots={"prod": Root(linux=str(prod))}, apps={"true": APP})
    asked = wanted(action, [task], PERSON, config, OS.LINUX, SERVER)
    known = await facts.read(
        asked, Applications(folders(), places), config, PurePosixPath("/ctx"), {"HOME": "/root"}, OS.LINUX
    )
    return plan(action, [task], PERSON, config, known, OS.LINUX, SERVER, "l", CLICK)


@pytest.mark.parametrize("os", OS)
@pytest.mark.parametrize("name", PAYLOADS)
def test_a_name_is_one_component(name: str, os: OS) -> None:
    """Real: the path for each OS."""
    template = parse("{roots.prod}/{entity.name}/{sequence.name}/{entity.path}")
    task = replace(named(SHOT, name), sequence=Named("sq", name))

    whole = path(template, names(task, PERSON, "s", {"prod": PATHS[os]}), os)

    below = whole.relative_to(os.path(PATHS[os])).parts
    assert len(below) == 5
    assert not any(part.startswith((".", "-")) or "/" in part or "\\" in part or ":" in part for part in below)


@pytest.mark.parametrize("name", PAYLOADS)
async def test_a_name_never_leads_out_of_the_root(name: str, home: Path, prod: Path) -> None:
    """Real: the disk, and where each path of the plan resolves to."""
    made = await click(home, prod, OPEN, replace(named(SHOT, name), sequence=Named("sq", name)))

    targets = [step.target for step in made.steps if hasattr(step, "target")]
    assert targets
    assert all(Path(os.path.realpath(target)).is_relative_to(prod.resolve()) for target in targets)


@pytest.mark.parametrize("link", ["../outside", "/etc", "..", "../prod2"])
@pytest.mark.parametrize("action", [OPEN, FOLDER])
async def test_a_tasks_folder_that_leads_out_of_the_root_is_refused(
    link: str, action: AnyAction, home: Path, prod: Path
) -> None:
    """Real: links on the disk; one leads to a folder whose name only begins like the root's."""
    prod.with_name("prod2").mkdir()
    (prod / "SQ010").symlink_to(link)

    with pytest.raises(Refused) as raised:
        await click(home, prod, action)

    assert raised.value.code == "outside root"
    assert raised.value.problem == "The path for SQ010/SH030/Animation lies outside root 'prod'."


async def test_a_working_file_that_leads_out_of_the_root_is_refused(home: Path, prod: Path) -> None:
    """Real: the newest revision is a link to a file outside."""
    (prod / "SQ010").mkdir()
    (prod / "SQ010" / "SH030_v001.x").touch()
    (prod / "SQ010" / "SH030_v002.x").symlink_to("/etc/hostname")

    with pytest.raises(Refused) as raised:
        await click(home, prod, OPEN)

    assert raised.value.code == "outside root"
    assert f"which leads to {os.path.realpath('/etc/hostname')}" in raised.value.tried


async def test_a_template_that_leads_out_of_the_root_is_not_copied(home: Path, prod: Path) -> None:
    """Real: what it leads to exists and could be read."""
    (prod / "first.x").unlink()
    (prod / "first.x").symlink_to("/etc/hostname")

    with pytest.raises(Refused) as raised:
        await click(home, prod, OPEN)

    assert raised.value.code == "outside root"


async def test_a_link_within_the_root_is_followed(home: Path, prod: Path) -> None:
    """Real: a studio's own order of folders."""
    (prod / "real").mkdir()
    (prod / "real" / "SH030_v004.x").touch()
    (prod / "SQ010").symlink_to("real")

    made = await click(home, prod, OPEN)

    (start,) = (step for step in made.steps if isinstance(step, Start))
    assert start.argv[1:] == (str(prod / "SQ010" / "SH030_v004.x"),)


def test_no_name_leads_out_of_the_root_at_a_whole_daemon(sample_studio: SampleStudio) -> None:
    """Real: daemon, sample Kitsu, disk, processes; the shot and its sequence are both called so."""

    def outside() -> set[Path]:
        ours = ("prod", "state", "marks", "cache")
        return {
            path for path in sample_studio.home.rglob("*") if path.relative_to(sample_studio.home).parts[0] not in ours
        }

    before = outside()
    for name in [*PAYLOADS, "..", "../../../../marks/x.json"]:
        launch = sample_studio.clicked(sample_studio.form("open", sample_studio.shot(name, sequence=name)))

        files = [process["file"] for process in launch["processes"]]
        assert launch["state"] == ("done" if files else "failed"), launch
        for file in files:
            assert os.path.realpath(file).startswith(f"{os.path.realpath(sample_studio.prod)}/FT/shots/")
            assert len(Path(file).relative_to(sample_studio.prod).parts) == 5
        # Two names may become one, and two shots never share a folder: each is alone here.
        shutil.rmtree(sample_studio.prod / "FT", ignore_errors=True)

    assert outside() == before
    assert len(sample_studio.notes()) == len(PAYLOADS) + 1


@pytest.mark.parametrize("at", ["FT", "FT/shots", "FT/shots/SQ010", "FT/shots/SQ010/SH010/SH010_v003.txt"])
def test_a_link_in_the_project_leads_no_click_out_at_a_whole_daemon(sample_studio: SampleStudio, at: str) -> None:
    """Real: daemon, sample Kitsu, disk; somebody who may write to the project has put the link there."""
    outside = sample_studio.home / "outside"
    outside.mkdir()
    (outside / "SH010_v001.txt").write_text("precious")
    link = sample_studio.prod / at
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(outside / "SH010_v001.txt" if at.endswith(".txt") else outside)

    launch = sample_studio.clicked(sample_studio.form())

    assert (launch["state"], launch["error"]["code"]) == ("refused", "outside root")
    assert sample_studio.notes() == []
    assert [path.name for path in outside.iterdir()] == ["SH010_v001.txt"]
    assert (outside / "SH010_v001.txt").read_text() == "precious"
