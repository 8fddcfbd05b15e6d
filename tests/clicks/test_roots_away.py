"""Clicks on roots that hang, are not mounted, or go away meanwhile; and on shows that lie on another volume."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from launcher.launches import JOIN_S
from tests.support.desktop import wait_until
from tests.support.fuse import Mount
from tests.support.sample import Make, SampleStudio

Mounts = Callable[[Path, Path], Mount]
NOTHING_MADE = "Mount it, or ask your IT. Nothing is made in its place."


def tree(folder: Path) -> list[str]:
    """Every path below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def mounted(make_studio: Make, mount: Mounts, **more: Any) -> tuple[SampleStudio, Mount]:
    """A studio whose root is a mount; the bare folder beneath it is empty."""
    made: list[Mount] = []

    def before(home: Path) -> None:
        (home / "prod").rename(home / "volume")
        (home / "prod").mkdir()
        made.append(mount(home / "volume", home / "prod"))

    return make_studio(before=before, **more), made[0]


def timed(studio: SampleStudio, action: str, *states: str) -> tuple[dict[str, Any], float]:
    """What became of a click, and after how many seconds."""
    began = time.monotonic()
    launch = studio.clicked(studio.form(action), *states)
    return launch, time.monotonic() - began


def test_a_mount_that_hangs_is_told_in_time_holds_up_nothing_and_works_again(make_studio: Make, mount: Mounts) -> None:
    """Real: FUSE, the daemon, sample Kitsu; the mount's server is stopped, and goes on."""
    studio, root = mounted(make_studio, mount)
    before = tree(root.volume)
    root.hang()

    first, first_s = timed(studio, "open")
    second, second_s = timed(studio, "open")
    other, _other_s = timed(studio, "title")

    assert (
        first["error"]
        == second["error"]
        == {
            "code": "root",
            "exit_code": 4,
            "problem": f"The root 'prod' is not there: {studio.prod}.",
            "tried": [f"{studio.prod}: did not answer within 1.7 s (the file .prod in it proves it)"],
            "next": NOTHING_MADE,
        }
    )
    assert first_s < 4
    assert second_s < 1.5
    assert other["state"] == "done"
    root.wake()
    assert tree(root.volume) == before
    wait_until(lambda: timed(studio, "open")[0]["state"] == "done", 10, "a root that answers again")
    assert (root.volume / "FT/shots/SQ010/SH010/SH010_v001.txt").read_text() == "first"


def test_a_daemon_ends_while_a_mount_hangs(make_studio: Make, mount: Mounts) -> None:
    """Real: FUSE, the daemon."""
    studio, root = mounted(make_studio, mount)
    root.hang()
    assert timed(studio, "open")[0]["error"]["code"] == "root"
    began = time.monotonic()

    assert studio.daemon.stop() == 0

    assert time.monotonic() - began < 5


@pytest.mark.parametrize("marker", [".prod", ""])
def test_nothing_is_made_in_an_empty_mount_point(make_studio: Make, mount: Mounts, marker: str) -> None:
    """Real: FUSE, the daemon; the whole tree is compared."""
    studio, root = mounted(make_studio, mount)
    if not marker:
        file = studio.home / "machine" / "studio.toml"
        file.write_text(file.read_text().replace(', marker = ".prod"', ""))
    root.unmount()

    launch, _seconds = timed(studio, "open")

    why = "has no .prod in it (the file .prod in it proves it)" if marker else "is empty (it must not be empty)"
    assert launch["error"]["tried"] == [f"{studio.prod}: {why}"]
    assert tree(studio.prod) == []
    assert studio.notes() == []


def test_a_mount_that_goes_away_while_it_is_asked_gets_nothing(make_studio: Make, mount: Mounts) -> None:
    """Real: FUSE, the daemon, its question; the mount is taken away before the answer."""
    studio, root = mounted(make_studio, mount)
    launch = studio.clicked(studio.form("open", studio.task("SH010"), studio.task("SH020")), "asks")
    root.unmount()

    studio.daemon.ask("POST", f"/door/launches/{launch['id']}/answer", {"yes": True})

    told = studio.settled(launch["id"], "failed")
    assert told["error"]["problem"] == f"The root 'prod' is not there: {studio.prod}."
    assert tree(studio.prod) == []
    assert studio.notes() == []


def show_elsewhere(home: Path) -> Path:
    """The show FT is a link to another volume."""
    volume = home / "volume2" / "fox"
    volume.mkdir(parents=True)
    (volume.parent / "readme").touch()
    (home / "prod" / "FT").symlink_to(volume)
    return volume


def test_a_show_on_another_volume_is_worked_on_where_the_studio_file_allows_it(make_studio: Make) -> None:
    """Real: the daemon, links; folders and the first file are made there, and opened by the root's path."""
    volumes: list[Path] = []
    studio = make_studio(
        root=', also = ["{home}/volume2", "Q:/", "//nas/x"]',
        before=lambda home: volumes.append(show_elsewhere(home)) or also_here(home),
    )

    first = studio.clicked(studio.form("open"))
    time.sleep(JOIN_S)
    again = studio.clicked(studio.form("open"))

    file = studio.prod / "FT/shots/SQ010/SH010/SH010_v001.txt"
    assert [first["state"], again["state"]] == ["done", "done"], (first, again)
    assert [note["argv"] for note in studio.notes()] == [[str(file)]] * 2
    assert (volumes[0] / "shots/SQ010/SH010/SH010_v001.txt").read_text() == "first"


def also_here(home: Path) -> None:
    file = home / "machine" / "studio.toml"
    file.write_text(file.read_text().replace("{home}", str(home)))


def test_a_show_on_another_volume_is_refused_where_the_studio_file_does_not_say_so(make_studio: Make) -> None:
    """Real: the daemon, links; what to write is told."""
    studio = make_studio(before=show_elsewhere)

    launch = studio.clicked(studio.form("open"))

    assert (launch["state"], launch["error"]["code"]) == ("refused", "outside root")
    assert launch["error"]["next"] == (
        "Remove the link that leads out of the root, or let the studio file allow where it leads: "
        'roots.prod.also = ["…"].'
    )
    assert tree(studio.home / "volume2") == ["fox", "readme"]


def test_another_volume_that_hangs_holds_up_its_own_show_alone(make_studio: Make, mount: Mounts) -> None:
    """Real: FUSE, the daemon; the folder action looks at the root itself, whose own disk answers."""
    made: list[Mount] = []

    def before(home: Path) -> None:
        show_elsewhere(home)
        (home / "volume2").rename(home / "volume3")
        (home / "volume2").mkdir()
        made.append(mount(home / "volume3", home / "volume2"))
        also_here(home)

    studio = make_studio(root=', also = ["{home}/volume2"]', more=HERE, before=before)
    made[0].hang()

    first, first_s = timed(studio, "open")
    second, second_s = timed(studio, "open")
    here, _here_s = timed(studio, "here")

    place = studio.home / "volume2"
    assert (
        first["error"]
        == second["error"]
        == {
            "code": "root",
            "exit_code": 4,
            "problem": f"A place that root 'prod' leads to is not there: {place}.",
            "tried": [f"{place}: did not answer within 1.7 s (it must not be empty)"],
            "next": NOTHING_MADE,
        }
    )
    assert first_s < 4
    assert second_s < 1.5
    assert here["state"] == "done", here
    made[0].wake()
    wait_until(lambda: timed(studio, "open")[0]["state"] == "done", 10, "a volume that answers again")


HERE = """
[actions.here]
title = "Here"
kind = "launch"
app = "notes"
file = "{roots.prod}/here/{entity.name}_v{revision}.txt"
when_missing = "empty"
"""


def test_another_volume_that_is_not_mounted_gets_nothing(make_studio: Make) -> None:
    """Real: the daemon; its bare mount point is an empty folder."""

    def before(home: Path) -> None:
        volume = show_elsewhere(home)
        volume.rmdir()
        (volume.parent / "readme").unlink()
        also_here(home)

    studio = make_studio(root=', also = ["{home}/volume2"]', before=before)

    launch = studio.clicked(studio.form("open"))

    place = studio.home / "volume2"
    assert launch["error"]["problem"] == f"A place that root 'prod' leads to is not there: {place}."
    assert launch["error"]["tried"] == [f"{place}: is empty (it must not be empty)"]
    assert tree(place) == []
