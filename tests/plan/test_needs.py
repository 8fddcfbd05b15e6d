"""What a plan is made from: roots that must be there, paths that must lie under them: `launcher.plan.needs`."""

from pathlib import PurePosixPath

import pytest

from launcher.model import OS
from launcher.plan.needs import Asked, FileState, OutsideRoot, RootAway, RootState, present, under
from tests.support.planned import OPEN, PERSON, SHOT, configured, machine


def test_a_root_that_is_there_is_given() -> None:
    """Real: its state as it was seen."""
    root = PurePosixPath("/mnt/prod")

    assert present("prod", configured(OPEN), machine(OPEN, SHOT)) == RootState(root, True, "", root)


def test_a_root_without_a_marker_says_what_would_prove_it() -> None:
    """Real: the whole text."""
    config = configured(OPEN, marker="")

    with pytest.raises(RootAway) as raised:
        present("prod", config, machine(OPEN, SHOT, config=config, away="is empty"))

    assert str(raised.value) == (
        "The root 'prod' is not there: /mnt/prod.\n"
        "  tried  /mnt/prod: is empty (it must not be empty)\n"
        "  next   Mount it, or ask your IT. Nothing is made in its place."
    )


@pytest.mark.parametrize("real", ["/mnt", "/mnt/prod2/x", "/mnt/prodx", "/etc/passwd", "/"])
def test_a_path_outside_the_root_is_refused(real: str) -> None:
    """Real: names that only begin like the root's, too."""
    path = "/mnt/prod/BBB/shots/SQ010/SH030/animation/SH030_v001.blend"
    facts = machine(OPEN, SHOT, real={path: real})

    with pytest.raises(OutsideRoot, match="lies outside root 'prod'"):
        under(PurePosixPath(path), "prod", facts, label="SH030", key="actions.open.file")


def test_a_path_under_the_root_is_given_with_what_stands_there() -> None:
    """Real: a link within the root."""
    path = "/mnt/prod/BBB/shots/SQ010/SH030/animation/SH030_v001.blend"
    facts = machine(OPEN, SHOT, exist=[path], real={path: "/mnt/prod/elsewhere"})

    state = under(PurePosixPath(path), "prod", facts, label="SH030", key="actions.open.file")

    assert state == FileState(True, PurePosixPath("/mnt/prod/elsewhere"))


def test_only_the_roots_of_the_target_os_are_places() -> None:
    """Real: a root that Windows does not have."""
    config = configured(OPEN, windows="")
    asked = {os: Asked(PERSON, config, os, "s", OPEN).places for os in OS}

    assert asked == {
        OS.LINUX: {"prod": "/mnt/prod"},
        OS.WINDOWS: {},
        OS.MACOS: {"prod": "/Volumes/prod"},
    }
