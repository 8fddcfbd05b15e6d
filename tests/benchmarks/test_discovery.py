"""How long it takes to find every application of the catalogue on a full machine, against `os.scandir` of the same.

The tree has 5,000 folders: those that programs lie in, full of others, and what is below them. One measure walks all
of it, as a search would that does not know where to look. The other, much harder, looks bare at exactly what
discovery looks at: one `os.scandir` of each folder that it lists, one `lstat` of each path that it asks for.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from launcher.applications import Applications
from launcher.catalogue import load_catalogue
from launcher.config.schema import App, Find
from launcher.paths import folders
from launcher.system.linux import places
from launcher.system.sight import Disk, Look
from tests.benchmarks import LONG
from tests.support.catalogue import app
from tests.support.machines import LINUX_FOUND, LINUX_ONLY_LIKE

ROUNDS = 200 if LONG else 20
FOLDERS = 5_000
FULL = ("opt", "opt/Autodesk", "usr/local", "usr/autodesk", "home/zoe")
"""Folders that hold many others beside what is looked for."""
ASKED = ("blender", "krita_version", "mpv", "vlc")
"""Programs that are started for their version, once."""


class Recorded(Disk):
    """This machine's disk, and what was looked at."""

    def __init__(self) -> None:
        super().__init__(os.environ)
        self.listed: list[str] = []
        self.asked: list[str] = []

    def names(self, folder: str) -> Iterable[str]:
        self.listed.append(folder)
        return super().names(folder)

    def is_there(self, path: str) -> bool:
        self.asked.append(path)
        return super().is_there(path)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A disk with all that Linux may have of the catalogue, and thousands of folders that are none of it."""
    for path in (*(path for found in LINUX_FOUND.values() for path in found), *LINUX_ONLY_LIKE):
        file = Path(f"{tmp_path}{path}")
        if path.endswith("/"):
            file.mkdir(parents=True)
        elif not file.exists():
            program(file, file.name)
    program(tmp_path / "usr/bin/krita_version", "")
    made = sum(len(folders) for _folder, folders, _files in os.walk(tmp_path))
    for i in range((FOLDERS - made) // 2):
        (tmp_path / FULL[i % len(FULL)] / f"{('project', 'lib', 'Tool', 'cache')[i % 4]}-{i}.{i % 7}" / "bin").mkdir(
            parents=True
        )
    monkeypatch.setenv("HOME", f"{tmp_path}/home/zoe")
    monkeypatch.setenv("PATH", f"{tmp_path}/usr/bin:{tmp_path}/usr/local/bin:{tmp_path}/usr/games")
    return tmp_path


def program(file: Path, name: str) -> None:
    """An executable that tells a version as the real one of its name does."""
    prints = {"blender": "Blender 3.4.1", "mpv": "mpv 0.35.1", "vlc": "VLC version 3.0.24"}.get(name, "5.1.5")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\necho '{prints}'\n")
    file.chmod(0o755)


def catalogue(machine: Path) -> dict[str, App]:
    """Every application, looked for below the machine's folder instead of the real root."""
    apps = {}
    for name in load_catalogue():
        patterns = (f"{machine}{one}" if one.startswith("/") else one for one in app(name).find.linux)
        apps[name] = replace(app(name), find=Find(linux=tuple(patterns)))
    return apps


def walk(folder: str) -> int:
    """How many folders there are, each listed once."""
    count = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                count += 1 + walk(entry.path)
    return count


def bare(seen: Recorded) -> None:
    """The same folders and paths, without any thought."""
    for folder in seen.listed:
        try:
            with os.scandir(folder) as entries:
                list(entries)
        except OSError:
            continue
    for path in seen.asked:
        os.path.lexists(path)


def milliseconds(works: dict[str, Callable[[], object]]) -> dict[str, float]:
    """The median of each, all of them in turns."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            times[name].append((time.perf_counter() - start) * 1000)
    return {name: statistics.median(taken) for name, taken in times.items()}


def test_every_application_on_a_machine_of_5000_folders(
    machine: Path, home: Path, monkeypatch: pytest.MonkeyPatch, report: Callable[[str], None]
) -> None:
    """Real: a disk, threads, programs that tell their versions. What was found is asserted, and that it stays so."""
    apps, own = catalogue(machine), folders()
    loop = asyncio.new_event_loop()
    start = time.perf_counter()
    found = loop.run_until_complete(Applications(own, places).find_all(apps))
    first_ms = (time.perf_counter() - start) * 1000
    here = {name: {str(one.path).removeprefix(str(machine)) for one in of.fits} for name, of in found.items()}
    assert {name: paths for name, paths in here.items() if paths} == {name: set(of) for name, of in LINUX_FOUND.items()}
    assert walk(str(machine)) == pytest.approx(FOLDERS, abs=10)

    seen = Recorded()
    with monkeypatch.context() as patched:
        patched.setattr(places, "look", lambda: Look(seen))
        loop.run_until_complete(Applications(own, places).find_all(apps))
    again = Applications(own, places)
    assert loop.run_until_complete(again.find_all(apps)) == found
    taken = milliseconds(
        {
            "walk": lambda: walk(str(machine)),
            "bare": lambda: bare(seen),
            "started": lambda: loop.run_until_complete(Applications(own, places).find_all(apps)),
            "again": lambda: loop.run_until_complete(again.find_all(apps)),
        }
    )
    loop.close()

    def times(name: str) -> str:
        return f"{taken[name] / taken['walk']:.2f} and {taken[name] / taken['bare']:.2f} times"

    report(
        f"all {len(apps)} applications among {FOLDERS} folders, {sum(map(len, here.values()))} found: "
        f"{taken['started']:.1f} ms for a new daemon, {times('started')} one os.scandir walk of the tree "
        f"({taken['walk']:.1f} ms) and bare looks at the same {len(seen.listed)} folders and {len(seen.asked)} paths; "
        f"a second look {taken['again']:.1f} ms, {times('again')}; the first ever, when {len(ASKED)} programs are "
        f"started for their versions, {first_ms:.0f} ms"
    )
