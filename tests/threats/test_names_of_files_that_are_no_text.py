"""Files that a colleague has given names of any bytes: the click works, and says what it opens."""

import os
from pathlib import Path

import pytest

from launcher.opennote import name_beside
from tests.clicks.test_revisions import studio
from tests.support.requests import own_page
from tests.support.sample import SampleStudio

__all__ = ["studio"]
NAMES = [b"SH010_v009_\xff.txt", b"SH010_v009_\xed\xa0\x80.txt", b"SH010_v009_\n\x1b]0;x\a.txt", b"SH010_v009_--x.txt"]


@pytest.mark.parametrize("name", NAMES)
def test_the_newest_file_may_be_called_anything(studio: SampleStudio, name: bytes) -> None:
    """Real: daemon, sample Kitsu, disk; the question's page, the list, the journal, and a terminal."""
    (studio.prod / "SH010_v001_ab.txt").touch()
    Path(os.fsdecode(os.path.join(os.fsencode(studio.prod), name))).write_text("work")

    asks = studio.clicked(studio.form("choose"), "asks")
    pages = [studio.send(studio.page(asks["url"])), studio.send(own_page(studio.port, "GET", f"{asks['url']}.json"))]
    following = studio.clicked(studio.form("next"))
    pages.append(studio.send(studio.page(f"{following['url']}/files")))
    terminal = studio.daemon.cli("launches", check=False)

    assert [page.status for page in pages] == [200, 200, 200]
    assert terminal.returncode == 0
    assert following["error"] is None or following["error"]["code"] == "argument", following["error"]
    assert "inside Kitsu Launcher" not in str(following)


@pytest.mark.parametrize("name", ["a\ud800.txt", "\U0001f3ac" * 100, "x" * 255, "\ud800" * 255])
def test_each_has_a_note_that_every_file_system_takes(name: str) -> None:
    """Half characters are in names on Windows, and stand for other bytes on Linux."""
    note = name_beside(name)

    assert note == name_beside(name)
    assert len(note.encode("utf-8", "surrogatepass")) <= 255
