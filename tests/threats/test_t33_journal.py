"""T33: a journal that is garbage, read-only, full or killed costs a warning; every launch goes on."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from launcher.launches import Launches
from launcher.model import State
from launcher.paths import Folders
from tests.support.launching import click

ROOT = Path(__file__).parents[2]


def one_launch(folders: Folders, action: str = "open-in-blender") -> str:
    """A launch from its beginning to its end; answers its id."""
    launches = Launches(folders)
    launch = launches.begin(click(action), "Open in Blender")
    launches.update(launch, state=State.DONE)
    launches.close()
    return launch.id


def known(folders: Folders) -> list[str]:
    launches = Launches(folders)
    ids = [launch.id for launch in launches.recent()]
    launches.close()
    return ids


def journal(folders: Folders) -> Path:
    folders.state.mkdir(parents=True, exist_ok=True)
    return folders.state / "launches.sqlite"


def aside(folders: Folders) -> list[Path]:
    return list(folders.state.glob("launches.sqlite.broken-*"))


GARBAGE = {
    "no database": b"this is no database" * 100,
    "a good head and nothing behind it": b"SQLite format 3\x00" + b"\xff" * 4096,
    "zeros": bytes(8192),
}


@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage_is_set_aside_whole_and_a_new_journal_begins(
    folders: Folders, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Real: SQLite."""
    journal(folders).write_bytes(GARBAGE[kind])

    launch = one_launch(folders)

    assert [path.read_bytes() for path in aside(folders)] == [GARBAGE[kind]]
    assert known(folders) == [launch]
    assert [record.getMessage().split(" path=")[0] for record in caplog.records if record.levelname == "WARNING"] == [
        "journal set aside"
    ]


def test_a_database_of_somebody_else_is_set_aside(folders: Folders) -> None:
    """Real: SQLite."""
    with sqlite3.connect(journal(folders)) as other:
        other.execute("CREATE TABLE launches (else_than_ours TEXT)")
        other.execute("PRAGMA user_version = 1")
    other.close()

    launch = one_launch(folders)

    assert len(aside(folders)) == 1
    assert known(folders) == [launch]


def test_a_file_damaged_in_the_middle_is_set_aside(folders: Folders) -> None:
    """Real: SQLite."""
    for number in range(20):
        one_launch(folders, f"a{number}")
    content = bytearray(journal(folders).read_bytes())
    content[4096:] = b"\x55" * (len(content) - 4096)
    journal(folders).write_bytes(content)

    launch = one_launch(folders)

    assert len(aside(folders)) == 1
    assert known(folders) == [launch]


def test_a_journal_of_a_newer_version_is_left_alone(folders: Folders, caplog: pytest.LogCaptureFixture) -> None:
    """Real: SQLite."""
    with sqlite3.connect(journal(folders)) as newer:
        newer.execute("CREATE TABLE other (x)")
        newer.execute("PRAGMA user_version = 2")
    newer.close()
    before = journal(folders).read_bytes()

    one_launch(folders)

    assert journal(folders).read_bytes() == before
    assert "written by a newer version: schema 2" in caplog.text


@pytest.mark.parametrize("text", ["", "nonsense", "[]", "{}", '{"id": "x"}', "[" * 100_000, '{"id": 1, "created": []}'])
def test_a_row_that_is_no_launch_is_skipped(folders: Folders, text: str, caplog: pytest.LogCaptureFixture) -> None:
    """Real: SQLite."""
    launch = one_launch(folders)
    with sqlite3.connect(journal(folders)) as damage:
        damage.execute("INSERT INTO launches VALUES ('x', ?, ?)", (time.time(), text))
    damage.close()

    assert known(folders) == [launch]
    assert "journal row skipped" in caplog.text
    assert not aside(folders)


@pytest.mark.parametrize("action", ["'); DROP TABLE launches; --", "\x00", "\ud800", "x" * 100_000, "%s", "é\u202e"])
def test_values_are_only_values(folders: Folders, action: str) -> None:
    """Real: SQLite."""
    first = one_launch(folders, "first")
    odd = one_launch(folders, action)

    launches = Launches(folders)

    assert [(launch.id, launch.click.action) for launch in launches.recent()] == [(odd, action), (first, "first")]
    launches.close()


def test_where_the_folder_cannot_be_made_launches_go_on(folders: Folders, caplog: pytest.LogCaptureFixture) -> None:
    """Real: a file where our folder should be."""
    folders.state.write_text("")

    launches = Launches(folders)
    launch = launches.begin(click(), "Open in Blender")
    for person in "abcdef":
        launches.update(launch, person=person)
    launches.update(launch, state=State.DONE)
    launches.close()

    assert launch.state is State.DONE
    assert caplog.text.count("journal not usable") == 1


def test_a_folder_in_the_journals_place_is_told_once(folders: Folders, caplog: pytest.LogCaptureFixture) -> None:
    """Real: a folder where the file should be."""
    journal(folders).mkdir()

    one_launch(folders)

    assert caplog.text.count("journal not usable, launches go on without it") == 1


def test_a_link_in_the_journals_place_is_set_aside_and_its_target_untouched(folders: Folders, tmp_path: Path) -> None:
    """Real: a link to somebody's database."""
    with sqlite3.connect(tmp_path / "precious") as precious:
        precious.execute("CREATE TABLE x (y)")
    precious.close()
    before = (tmp_path / "precious").read_bytes()
    journal(folders).symlink_to(tmp_path / "precious")

    launch = one_launch(folders)

    assert (tmp_path / "precious").read_bytes() == before
    assert known(folders) == [launch]


PROGRAM = """
import logging, resource, sys
from pathlib import Path
sys.path[:0] = [{root!r}]
from launcher.launches import Launches
from launcher.model import State
from launcher.paths import Folders
from tests.support.launching import click
logging.basicConfig(format="%(message)s")
folders = Folders(*(Path({base!r}) / name for name in ("machine", "config", "state", "cache", "run")))
{before}
launches = Launches(folders)
for number in range(3):
    launch = launches.begin(click(f"a{{number}}"), "A")
    launches.update(launch, state=State.DONE)
launches.close()
print([launch.state.value for launch in launches.recent()])
"""


MOUNTED = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'


def run(base: Path, before: str = "", read_only: Path | None = None) -> "subprocess.CompletedProcess[str]":
    argv = [sys.executable, "-c", PROGRAM.format(root=str(ROOT), base=str(base), before=before)]
    if read_only and os.getuid() == 0:
        argv = ["unshare", "--mount", "sh", "-c", MOUNTED, str(read_only), *argv]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)


def test_a_full_disk_stops_no_launch(tmp_path: Path) -> None:
    """Real: a process that may not make any file longer than 0 bytes, as on a full disk."""
    done = run(tmp_path, "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))")

    assert done.stdout == "['done', 'done', 'done']\n"
    assert done.stderr.count("journal not usable") == 1
    assert "Traceback" not in done.stderr


def test_a_read_only_folder_stops_no_launch(folders: Folders, tmp_path: Path) -> None:
    """Real: a folder that may not be written; for root, who may write everywhere, a read-only mount."""
    launch = one_launch(folders)
    state = folders.state
    for path in (journal(folders), state / "logs", state / "launches", state):
        path.chmod(0o500)

    try:
        second = "second = Launches(folders); print(len(second.recent())); second.close()"
        done = run(tmp_path, second, read_only=state)
    finally:
        for path in (journal(folders), state / "logs", state / "launches", state):
            path.chmod(0o700)

    assert done.stdout == "1\n['done', 'done', 'done', 'done']\n", done.stderr
    assert done.stderr.count("journal not usable") == 2  # the second daemon of this test warns too
    assert "Traceback" not in done.stderr
    assert known(folders) == [launch]


def test_a_daemon_killed_at_any_moment_leaves_what_the_next_one_reads(tmp_path: Path, folders: Folders) -> None:
    """Real: a process that writes launches without pause, killed with SIGKILL."""
    endless = PROGRAM.format(root=str(ROOT), base=str(tmp_path), before="").replace(
        "for number in range(3):", "import itertools, time; print('go', flush=True)\nfor number in itertools.count():"
    )
    without_pause = "time.sleep(0.001) or launches._begun[False].clear() or launches.begin("
    endless = endless.replace("launches.begin(", without_pause)
    for pause in (0.05, 0.1, 0.2):
        process = subprocess.Popen([sys.executable, "-c", endless], stdout=subprocess.PIPE)
        assert process.stdout
        assert process.stdout.readline() == b"go\n"
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        process.stdout.close()

        assert known(folders)
        assert not aside(folders)


def test_two_daemons_on_one_journal_do_not_harm_it(tmp_path: Path, folders: Folders) -> None:
    """Real: two processes that write at the same time."""
    program = PROGRAM.format(root=str(ROOT), base=str(tmp_path), before="").replace("range(3)", "range(50)")
    both = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.DEVNULL) for _ in range(2)]

    assert [process.wait(60) for process in both] == [0, 0]

    launches = Launches(folders)
    assert len(launches.recent(1000)) == 100
    launches.close()
    assert not aside(folders)


def test_a_disk_that_gets_free_again_is_used_again(folders: Folders, caplog: pytest.LogCaptureFixture) -> None:
    """Real: a folder in the journal's place that goes away."""
    journal(folders).mkdir()
    launches = Launches(folders)
    lost = launches.begin(click("lost"), "Lost")
    deadline = time.monotonic() + 10
    while "journal not usable" not in caplog.text and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.1)

    journal(folders).rmdir()
    kept = launches.begin(click("kept"), "Kept")
    launches.close()

    # The lost one may have waited until then: what is only being prepared is written unhurried.
    assert kept.id in known(folders)
    assert lost.state is State.PREPARING
