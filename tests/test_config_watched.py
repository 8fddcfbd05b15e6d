"""A changed file counts from the next click on, and an unchanged one costs next to nothing."""

import os
import time
from pathlib import Path

import pytest

from tests.support.configured import KEY, Machine

GOOD = '[studio]\nname = "{}"\nkeys = ["file:k"]\n'


@pytest.fixture
def machine_with_files(configured: Machine) -> Machine:
    configured.write(GOOD.format("first"))
    configured.studio_file.with_name("k").write_text(KEY)
    return configured


def test_nothing_is_read_again_while_nothing_changes(machine_with_files: Machine) -> None:
    """Real: files on disk."""
    watched = machine_with_files.watched()
    first = watched()
    assert all(watched() is first for _ in range(5))


def test_a_call_costs_a_few_stats(machine_with_files: Machine) -> None:
    """Real: the clock. 1,000 calls take far less time than 100 loads would."""
    watched = machine_with_files.watched()
    watched()
    start = time.perf_counter()
    for _ in range(1000):
        watched()
    calls = time.perf_counter() - start
    start = time.perf_counter()
    for _ in range(100):
        machine_with_files.load()
    assert calls < (time.perf_counter() - start)


@pytest.mark.parametrize("file", ["studio.toml", "k", "machine.toml"])
def test_a_changed_file_counts_from_the_next_call_on(machine_with_files: Machine, file: str) -> None:
    """Real: files on disk, each changed after the first call; the person's own below."""
    watched = machine_with_files.watched()
    before = watched()
    folder = machine_with_files.studio_file.parent
    other = {"studio.toml": GOOD.format("other"), "k": KEY + KEY, "machine.toml": 'studio = "named.toml"\n'}[file]
    (folder / "named.toml").write_text(GOOD.format("other"))
    (folder / file).write_text(other)

    after = watched()

    assert (before.config.studio.name, before.config.studio.keys) == ("first", (KEY,))
    assert after.config.studio.name == ("first" if file == "k" else "other")
    assert after.config.studio.keys == ((KEY + KEY,) if file == "k" else (KEY,))
    assert watched() is after


def test_a_persons_file_that_appears_and_goes_counts_at_once(machine_with_files: Machine) -> None:
    """Real: files on disk."""
    watched = machine_with_files.watched()
    watched()
    machine_with_files.write(user="[desk]\nbrowser = ['firefox']\n")
    assert watched().config.desk.browser == ("firefox",)
    machine_with_files.user_file.unlink()
    assert watched().config.desk.browser == ()


def test_a_file_replaced_by_one_of_the_same_size_and_time_is_noticed(
    machine_with_files: Machine, tmp_path: Path
) -> None:
    """Real: a rename with the old time put back, as rsync --times does; the inode tells."""
    watched = machine_with_files.watched()
    watched()
    studio = machine_with_files.studio_file
    status = studio.stat()
    new = tmp_path / "new"
    new.write_text(GOOD.format("fifth"))
    os.utime(new, ns=(status.st_atime_ns, status.st_mtime_ns))
    new.replace(studio)
    assert watched().config.studio.name == "fifth"


def test_a_file_that_breaks_and_is_repaired_again(machine_with_files: Machine) -> None:
    """Real: files on disk. In between the last good copy is used."""
    watched = machine_with_files.watched()
    watched()
    machine_with_files.write("broken")
    assert watched().config.studio.name == "first"
    assert [problem.warning for problem in watched().problems] == [False, True]
    machine_with_files.write(GOOD.format("repaired"))
    assert (watched().config.studio.name, watched().problems) == ("repaired", ())
