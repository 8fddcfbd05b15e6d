"""Many tasks in one selection, and many files in one task's folder: a click must not take longer than there is more.

Ratios within one run; only that all of it really happened is asserted.
"""

import asyncio
import json
import os
import shutil
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path, PurePosixPath

import pytest

from launcher import facts
from launcher.applications import Applications
from launcher.config.schema import App, Config, Find, LaunchAction, Root
from launcher.demo.studio import EMAIL, PASSWORD
from launcher.model import OS, Start
from launcher.paths import folders
from launcher.plan import plan, wanted
from launcher.system.linux import places
from tests.benchmarks import LONG
from tests.benchmarks.test_click import REVISIONS, STUDIO_FILE
from tests.support.daemon import Daemon
from tests.support.planned import CLICK, OPEN, PERSON, SERVER, SHOT
from tests.support.requests import KEY

ROUNDS = 20 if LONG else 5
FEW_TASKS, MANY_TASKS = 50, 500
FEW_FILES, MANY_FILES = 50, 5_000


def test_a_selection_of_500_tasks_against_one_of_50(
    home: Path, start_daemon: Callable[..., Daemon], run_script: Callable[..., str], report: Callable[[str], None]
) -> None:
    """Real: a daemon, a sample Kitsu that answers at once, twelve working files of each task; every dry-run whole."""
    told = json.loads(run_script("at_once", MANY_TASKS))
    origin = f"http://127.0.0.1:{told['port']}"
    (home / "machine").mkdir()
    shutil.copy("/bin/true", home / "program")
    text = STUDIO_FILE.format(origin=origin, api=f"{origin}/api", home=home)
    (home / "machine" / "studio.toml").write_text(f'{text}selection = "each"\nlimit = {MANY_TASKS}\n')
    for number in range(MANY_TASKS):
        folder = home / "prod" / "FT/shots/SQ010" / f"B{number:04}" / "animation"
        folder.mkdir(parents=True)
        for revision in range(1, REVISIONS + 1):
            (folder / f"B{number:04}_v{revision:03}.scene").touch()
    (home / "prod" / ".prod").touch()
    daemon = start_daemon(env={"KITSU_LAUNCHER_KEY": KEY})
    daemon.ask("POST", "/door/login", {"email": EMAIL, "password": PASSWORD})

    def prepare(count: int) -> float:
        start = time.perf_counter()
        made = daemon.ask("POST", "/door/run", {"action": "open", "tasks": told["tasks"][:count], "dry_run": True})
        took = time.perf_counter() - start
        starts = [step for step in made["steps"] if step["step"] == "Start"]
        assert len(starts) == count
        assert all(step["file"].endswith(f"_v{REVISIONS:03}.scene") for step in starts)
        return took

    times: dict[int, list[float]] = {FEW_TASKS: [], MANY_TASKS: []}
    for count in [*times] * (ROUNDS + 1):
        times[count].append(prepare(count))
    few, many = (statistics.median(taken[1:]) for taken in times.values())

    report(
        f"a selection of {MANY_TASKS} tasks, prepared: {many / few:.1f} times one of {FEW_TASKS} "
        f"({many * 1000:.0f} ms against {few * 1000:.0f} ms)"
    )


@pytest.fixture
def files(tmp_path: Path) -> Callable[[int], Path]:
    """A root whose one task has so many working files."""

    def make(count: int) -> Path:
        root = tmp_path / f"with-{count}"
        folder = root / "BBB/shots/SQ010/SH030/animation"
        folder.mkdir(parents=True)
        (root / ".prod").touch()
        for number in range(1, count + 1):
            (folder / f"SH030_v{number:04}.blend").touch()
        return root

    return make


@pytest.mark.parametrize("open", ["newest", "choose"])
async def test_5000_files_in_a_tasks_folder_against_50(
    open: str, files: Callable[[int], Path], home: Path, report: Callable[[str], None]
) -> None:
    """Real: the folders; what a click reads of them and decides, against one `os.scandir` that does nothing."""
    action = LaunchAction(name=OPEN.name, title=OPEN.title, app=OPEN.app, file=OPEN.file, open=open)  # type: ignore[arg-type]
    true = App(name="blender", title="Blender", argv=("{file}",), find=Find(linux=("{path}/true",)))
    applications = Applications(folders(), places)

    async def prepare(root: Path, count: int) -> None:
        config = Config(roots={"prod": Root(linux=str(root), marker=".prod")}, apps={"blender": true})
        asked = wanted(action, (SHOT,), PERSON, config, OS.LINUX, SERVER)
        environ = {"HOME": str(home)}
        known = await facts.read(asked, applications, config, PurePosixPath("/ctx"), environ, OS.LINUX)
        made = plan(action, (SHOT,), PERSON, config, known, OS.LINUX, SERVER, "l", CLICK)
        names = [row.name for row in made.files] or [str(step.file) for step in made.steps if isinstance(step, Start)]
        assert names[0].endswith(f"SH030_v{count:04}.blend")
        assert len(names) == (count if open == "choose" else 1)

    async def scan(root: Path, count: int) -> None:
        with os.scandir(root / "BBB/shots/SQ010/SH030/animation") as entries:
            assert sum(1 for _entry in entries) == count

    few, many = files(FEW_FILES), files(MANY_FILES)
    short, long = await _median(prepare, few, FEW_FILES), await _median(prepare, many, MANY_FILES)
    floor = await _median(scan, many, MANY_FILES)

    report(
        f'open = "{open}" with {MANY_FILES} files in the folder: {long / short:.1f} times {FEW_FILES} files '
        f"({long * 1000:.1f} ms against {short * 1000:.1f} ms), {long / floor:.1f} times one scandir of it"
    )


async def _median(work: Callable[[Path, int], Awaitable[None]], root: Path, count: int) -> float:
    times = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        await work(root, count)
        times.append(time.perf_counter() - start)
        await asyncio.sleep(0)
    return statistics.median(times[1:])
