"""Where programs are on Linux: patterns, PATH and home, on a disk of the test's own."""

from pathlib import Path

import pytest

from launcher.system.linux import places
from launcher.system.posix.places import LONGEST_ANSWER_BYTES


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\necho hello\n")
    path.chmod(0o755)
    return path


def test_only_absolute_folders_of_path_count_and_their_names_are_no_wildcards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    odd = program(tmp_path / "a[b]*?" / "tool")
    program(tmp_path / "ab" / "tool")
    program(tmp_path / "bin" / "tool")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"bin::.:{odd.parent}/:{odd.parent}")
    assert {place.path for place in places.matches(["{path}/tool"])} == {odd}


def test_home_is_followed_only_where_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    program(tmp_path / "tool-1.2" / "tool")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert [place.version for place in places.matches(["~/tool-{version}/tool"])] == ["1.2"]
    monkeypatch.setenv("HOME", "relative")
    assert places.matches(["~/tool-{version}/tool"]) == []
    monkeypatch.delenv("HOME")
    assert places.matches(["~/tool-{version}/tool"]) == []


def test_a_version_that_stands_twice_is_the_same_one(tmp_path: Path):
    program(tmp_path / "tool1.2" / "tool1.2")
    program(tmp_path / "tool1.3" / "tool1.2")
    assert [place.version for place in places.matches([f"{tmp_path}/tool{{version}}/tool{{version}}"])] == ["1.2"]


def test_the_link_stays_and_its_target_is_known(tmp_path: Path):
    real = program(tmp_path / "opt" / "tool")
    (tmp_path / "bin").mkdir()
    link = tmp_path / "bin" / "tool"
    link.symlink_to(real)
    found = places.program(link)
    assert (found.path, found.identity, found.refusal) == (link, real, "")
    link.unlink()
    link.symlink_to(tmp_path / "nothing")
    assert places.program(link).refusal == "does not exist"
    link.unlink()
    link.symlink_to(link)
    assert places.program(link).refusal == "cannot be read"


def test_what_a_program_prints_is_bounded_and_may_be_no_text():
    assert places.says(["/bin/sh", "-c", "printf '\\377ok' >&2"], 5) == "\ufffdok"
    assert len(places.says(["/bin/sh", "-c", "head -c 1000000 /dev/zero"], 5) or "") == LONGEST_ANSWER_BYTES


def test_what_cannot_be_started_says_nothing(tmp_path: Path):
    nothing = tmp_path / "nothing"
    assert places.says([str(nothing)], 5) is None
    nothing.write_text("no program")
    nothing.chmod(0o755)
    assert places.says([str(nothing)], 5) is None
