"""Where links lead, told without touching it: `launcher.facts.leads`, on real links."""

import os
from pathlib import Path

import pytest

from launcher.facts.leads import leads_to, used


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("prod/shots", "volume/fox"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path / "prod"


@pytest.mark.parametrize("link", ["../volume/fox", "{}/volume/fox", "../prod/../volume/fox", "{}/volume", "{}/by"])
def test_a_link_to_another_place_is_told(root: Path, tmp_path: Path, link: str) -> None:
    """Real: links, relative, whole, and by another link."""
    (tmp_path / "by").symlink_to("volume/fox")
    (root / "FT").symlink_to(link.format(tmp_path))

    assert leads_to(root / "FT" / "shots" / "x", root, [tmp_path / "volume"]) == tmp_path / "volume"


def test_what_stays_in_the_root_leads_nowhere(root: Path, tmp_path: Path) -> None:
    """Real: links within the root, one that leads to nothing, one to itself, and folders that are not there."""
    (root / "FT").symlink_to("shots")
    (root / "none").symlink_to("gone")
    (root / "loop").symlink_to("loop")
    places = [tmp_path / "volume", tmp_path / "volume2"]

    assert [leads_to(root / name / "x", root, places) for name in ("FT", "none", "loop", "new", ".")] == [None] * 5
    assert used([root / "FT" / "x", root / "shots"], root, places) == []


def test_a_name_that_only_begins_like_the_place_is_another(root: Path, tmp_path: Path) -> None:
    (tmp_path / "volume2").mkdir()
    (root / "FT").symlink_to("../volume2")

    assert leads_to(root / "FT" / "x", root, [tmp_path / "volume"]) is None


def test_nothing_of_the_place_is_looked_at(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: links; every path that the operating system is asked about is noted."""
    (root / "FT").symlink_to(tmp_path / "volume" / "fox")
    asked: list[str] = []
    lstat = os.lstat
    monkeypatch.setattr(os, "lstat", lambda path, *a, **k: asked.append(os.fspath(path)) or lstat(path, *a, **k))
    monkeypatch.setattr(os, "stat", lambda path, *a, **k: asked.append(os.fspath(path)) or lstat(path))

    assert leads_to(root / "FT" / "x", root, [tmp_path / "volume"])

    assert str(root / "FT") in asked
    assert not [path for path in asked if path.startswith(str(tmp_path / "volume"))]
