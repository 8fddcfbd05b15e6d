"""A volume that goes away between the look and the work: nothing is made in its place."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from launcher import execute, facts
from launcher.applications import Applications
from launcher.config.schema import App, Config, CopyFrom, Find, LaunchAction, OpenAction, Root
from launcher.config.template import parse
from launcher.execute import Hands
from launcher.files import Moved, copy, make_folder
from launcher.launches import Launches
from launcher.model import OS, Plan
from launcher.paths import folders
from launcher.plan import plan, wanted
from launcher.system.linux import places
from tests.support.fuse import Mount
from tests.support.launching import click, settled
from tests.support.planned import CLICK, PERSON, SERVER, SHOT

APP = App(name="true", title="True", argv=("{file}",), find=Find(linux=("{path}/true",)))
OPEN = LaunchAction(
    name="open",
    title="Open",
    app=("true",),
    file=parse("{roots.prod}/{sequence.name}/{entity.name}_v{revision:03}.x"),
    when_missing=CopyFrom(copy=parse("{roots.prod}/first.x")),
)
FOLDER = OpenAction(name="folder", title="Folder", folder=parse("{roots.prod}/shows"))


@pytest.fixture
def prod(tmp_path: Path) -> Path:
    """A volume with a template, not yet mounted, and the bare folder where it will be."""
    for name in ("volume/shows", "prod"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "volume" / "first.x").write_text("first")
    return tmp_path / "prod"


async def planned(prod: Path, action: LaunchAction | OpenAction, launches: Launches) -> Plan:
    config = Config(roots={"prod": Root(linux=str(prod))}, apps={"true": APP})
    asked = wanted(action, [SHOT], PERSON, config, OS.LINUX, SERVER)
    known = await facts.read(
        asked, Applications(folders(), places), config, launches.folders.launches / "l", {"PATH": os.defpath}, OS.LINUX
    )
    return plan(action, [SHOT], PERSON, config, known, OS.LINUX, SERVER, "l", CLICK)


@pytest.mark.parametrize("action", [OPEN, FOLDER])
async def test_a_volume_that_was_unmounted_meanwhile_gets_nothing(
    home: Path,
    prod: Path,
    mount: Callable[[Path, Path], Mount],
    launches: Launches,
    hands: Hands,
    action: LaunchAction | OpenAction,
) -> None:
    """Real: FUSE, unmounted after the plan was made; the steps of that plan."""
    volume = mount(prod.with_name("volume"), prod)
    made = await planned(prod, action, launches)
    volume.unmount()
    launch = launches.begin(click(), "Open")

    with pytest.raises(execute.Taken) as told:
        await execute.carry_out(made, launch, launches, hands)

    assert str(told.value) == (
        f"{prod} is another folder now than a moment ago.\n"
        f"  tried  {prod}: was mounted, unmounted or replaced meanwhile; nothing was made there\n"
        "  next   Click again; if it happens again, ask IT to look at that place."
    )
    assert os.listdir(prod) == []
    assert launch.processes == ()


async def test_a_volume_that_stays_is_worked_on(
    home: Path, prod: Path, mount: Callable[[Path, Path], Mount], launches: Launches, hands: Hands
) -> None:
    """Real: FUSE; what the look saw is what the work finds."""
    volume = mount(prod.with_name("volume"), prod)
    made = await planned(prod, OPEN, launches)
    launch = launches.begin(click(), "Open")

    await execute.carry_out(made, launch, launches, hands)

    await settled(launches, launch, "done")
    assert (volume.volume / "SQ010" / "SH030_v001.x").read_text() == "first"


def test_a_root_that_was_replaced_gets_nothing(tmp_path: Path) -> None:
    """Real: folders; the same content in another folder of that name."""
    root = tmp_path / "prod"
    root.mkdir()
    (root / "t").write_text("x")
    seen = (root.stat().st_dev, root.stat().st_ino)
    root.rename(tmp_path / "before")
    root.mkdir()
    (root / "t").write_text("x")

    with pytest.raises(Moved):
        make_folder(root / "shots", root, seen)
    with pytest.raises(Moved):
        copy(root / "t", root / "a", root, seen)

    assert os.listdir(root) == ["t"]
