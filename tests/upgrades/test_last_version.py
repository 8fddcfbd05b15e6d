"""What version 0.1.0 has left on a disk and in a keyring is read by this one. `state/make.py` wrote it down.

Its files are unpacked into a home whose path is as long, so that nothing in them changes but addresses and times.
"""

import json
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from launcher import earlier, opennote, stamps
from launcher.daemon import assemble
from launcher.demo.kitsu import SampleKitsu
from launcher.demo.show import served
from launcher.demo.studio import EMAIL, sample
from launcher.journal import SCHEMA
from launcher.kitsu.kept import Shelf
from launcher.launches import Launches
from launcher.model import Person, State
from launcher.paths import folders
from tests.support.daemon import Daemon
from tests.support.sample import KEY
from tests.support.secret_service import MemoryKeyring

LEFT = Path(__file__).with_name("state")
MIKA = Person("231d2c26-daa9-5655-aeff-17718112beb6", EMAIL, "Mika", "Fox", "user")


@dataclass
class Left:
    """What is left, in a home of its own."""

    home: Path
    told: dict[str, Any]
    origin: str
    """Of a sample Kitsu of today, which has the same tasks."""

    def launch(self, name: str) -> str:
        return str(self.told["launches"][name])


@pytest.fixture
def left(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Left]:
    """Real: files that 0.1.0 has written; it was killed while an application ran."""
    monkeypatch.setenv("KITSU_LAUNCHER_KEY", KEY)
    told = json.loads((LEFT / "0.1.0.json").read_text())
    # Python's own takes other arguments in each of Debian 12 and 13.
    subprocess.run(["tar", "-xzf", str(LEFT / "0.1.0.tar.gz"), "-C", str(home)], check=True)
    with served(SampleKitsu(sample(), [])) as host:
        assert (len(str(home)), len(host)) == (len(told["home"]), len(told["host"]))
        for path in (path for path in home.rglob("*") if path.is_file()):
            content = path.read_bytes().replace(told["home"].encode(), str(home).encode())
            path.write_bytes(content.replace(told["host"].encode(), host.encode()))
        _move_times(home / "state" / "launches.sqlite", time.time() - told["when"])
        yield Left(home, told, f"http://{host}")


def _move_times(path: Path, by_s: float) -> None:
    """As if it had been a moment ago: launches are forgotten after a month."""
    with closing(sqlite3.connect(path)) as journal, journal:
        for id, created, text in journal.execute("SELECT * FROM launches").fetchall():
            record = json.loads(text)
            record["created"] += by_s
            for process in record["processes"]:
                process["started"] += by_s
            row = (created + by_s, json.dumps(record), id)
            journal.execute("UPDATE launches SET created = ?, record = ? WHERE id = ?", row)


def test_its_launches_are_listed(left: Left, start_daemon: Any) -> None:
    """Real: this version's daemon and command on the old journal; what had run when it was killed has ended."""
    daemon: Daemon = start_daemon(home=left.home)

    listed = {one["id"]: one for one in daemon.launches()}

    states = {name: listed[id]["state"] for name, id in left.told["launches"].items()}
    assert states["running"] in ("done", "failed")
    del states["running"]
    assert states == {"done": "done", "title": "done", "page": "done", "refused": "failed", "failed": "failed"}
    assert listed[left.launch("done")]["title"] == "Open"
    assert listed[left.launch("failed")]["processes"][0]["exit_code"] == 3
    assert "Open" in daemon.cli("launches", left.launch("done")).stdout
    assert "journal" not in daemon.log()


def test_her_settings_are_kept(left: Left, start_daemon: Any) -> None:
    """Real: this version's daemon has run on her file, and speaks her language."""
    before = (left.home / "config" / "config.toml").read_bytes()
    daemon: Daemon = start_daemon(home=left.home)

    said = daemon.cli("--help").stdout

    assert said.startswith("usage\N{NO-BREAK SPACE}: kitsu-launcher"), "French, which her file asks for"
    daemon.stop()
    assert (left.home / "config" / "config.toml").read_bytes() == before


async def test_an_old_launch_tells_its_working_files_and_its_login_still_counts(
    left: Left, memory_keyring: MemoryKeyring
) -> None:
    """Real: the entries that 0.1.0 has put into gnome-keyring, the sample Kitsu, the parts of this version's daemon."""
    for name, value in left.told["keyring"].items():
        here = (text.replace(left.told["host"], left.origin.removeprefix("http://")) for text in (name, value))
        memory_keyring.set_password("kitsu-launcher", *here)
    parts = assemble(folders(), 0, lambda: None)
    try:
        launch = parts.launches.resolve(left.launch("done"))
        found = await earlier.listed(parts.run, launch)
    finally:
        await parts.accounts.close()
        parts.launches.close()

    assert [row.name for row in found.rows] == ["SH010_v001.txt"]
    assert found.folder == left.home / "prod/FT/shots/SQ010/SH010"


async def test_what_kitsu_had_said_is_found_while_it_is_away(left: Left) -> None:
    """Real: the cache that 0.1.0 has written; nothing is asked."""
    shelf = Shelf(left.home / "cache", clock=lambda: left.told["when"] + 60)
    ids = [path.stem for path in (left.home / "cache" / "kitsu").rglob("*.json")]

    tasks, at = await shelf.recall((f"http://{left.told['host']}/api", EMAIL), MIKA, ids)

    assert sorted(task.entity.name for task in tasks.values()) == ["SH010", "SH020", "SH030"]
    assert at <= left.told["when"]


def test_its_notes_and_stamps_are_read(left: Left) -> None:
    """Real: the note beside a file that was open, and the stamps of both folders."""
    shots = left.home / "prod/FT/shots/SQ010"
    then = datetime.fromtimestamp(left.told["when"], UTC)
    note = opennote.parse((shots / "SH030" / ".SH030_v001.txt.kitsu-open").read_bytes(), then)
    held = [stamps.read(shots / name) for name in ("SH010", "SH030")]

    assert note.application.startswith("Notes")
    assert [[mark.label for mark in one.marks] for one in held] == [["SQ010/SH010"], ["SQ010/SH030"]]
    assert not any(one.newer for one in held)


def test_a_journal_of_a_later_version_is_left_alone_and_launches_go_on(left: Left, start_daemon: Any) -> None:
    """Real: a downgrade. The daemon of this version warns, answers, and the later version finds all as it was."""
    path = left.home / "state" / "launches.sqlite"
    with closing(sqlite3.connect(path)) as journal:
        journal.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    before = path.read_bytes()

    daemon: Daemon = start_daemon(home=left.home)

    assert daemon.launches() == []
    assert "written by a newer version" in daemon.log()
    daemon.stop()
    assert path.read_bytes() == before


def test_the_present_version_writes_a_journal_that_it_reads(left: Left) -> None:
    """Real: what is read from 0.1.0 is written back by this one, and read again."""
    first = Launches(folders())
    before = {launch.id: launch.state for launch in first.recent()}
    for launch in first.recent():
        first.update(launch, state=launch.state)
    first.close()

    again = Launches(folders())

    assert {launch.id: launch.state for launch in again.recent()} == before
    assert State.DONE in before.values()
    again.close()
