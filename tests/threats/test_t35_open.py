"""T35: `open` shows an existing folder or an http(s) page, and runs nothing."""

from pathlib import Path
from urllib.parse import quote

import pytest

from launcher.errors import LauncherError
from launcher.execute import Hands, carry_out
from launcher.files import OutsideRoot
from launcher.launches import Launches
from launcher.model import OpenFolder, OpenUrl, Plan, State
from launcher.system.linux.desktop import NotOpenable, check_url
from launcher.system.macos import desktop as mac_desktop
from tests.support.launching import click
from tests.support.sample import Make

REFUSED = [
    "file:///etc/passwd", "file://share/x", "ms-msdt:/id PCWDiagnostic", "javascript:alert(1)", "data:text/html,x",
    "kitsu-launcher://run/x", "ftp://host/x", "smb://host/x", "//host/x", "/etc/passwd", "x.desktop", "-version", "",
    "http:///x", "http:x", "https://", "https://user@host/", "https://host@evil/", "https://host/a b",
    "https://host/a\nb", "https://host/\x00", "https://höst/", "https://host/\u202ecod.exe", "https://[::1/",
    " https://host/", "https://host/\ud800",
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED)
def test_only_an_address_for_a_browser_is_opened(url: str) -> None:
    with pytest.raises(NotOpenable) as told:
        check_url(url)

    assert (
        told.value.next_step == "Check the action's `url` in the studio file: it must begin with https:// or http://."
    )
    assert str(told.value).isprintable() or "\n  next" in str(told.value)


async def opened(launches: Launches, step: OpenFolder | OpenUrl) -> LauncherError:
    launch = launches.begin(click("folder"), "Open folder")
    await carry_out(Plan((step,)), launch, launches, Hands(lambda: ("/bin/false",)))
    assert launch.state is State.FAILED
    assert launch.error
    return launch.error


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ms-msdt:/x"])
async def test_another_scheme_never_reaches_the_desktop(launches: Launches, url: str) -> None:
    """Real: a launch that is carried out."""
    error = await opened(launches, OpenUrl(url))

    assert error.code == "open"
    assert error.problem == f"'{url}' is not an address that may be opened."


@pytest.mark.parametrize("name", ["run-me.desktop", "tool.app", "x.lnk"])
async def test_a_file_that_the_desktop_would_run_is_not_opened(
    launches: Launches, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real: a file with an Exec line; a display that is set."""
    monkeypatch.setenv("DISPLAY", ":99")
    (tmp_path / name).write_text("[Desktop Entry]\nType=Application\nExec=touch /tmp/owned\n")

    error = await opened(launches, OpenFolder(tmp_path / name, tmp_path))

    assert error.code == "open"
    assert error.problem == f"{tmp_path / name} is not a folder."


async def test_a_folder_that_leads_out_of_its_root_by_a_link_is_not_opened(launches: Launches, tmp_path: Path) -> None:
    """Real: a link that came after the plan."""
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "shots").symlink_to("/etc")

    error = await opened(launches, OpenFolder(tmp_path / "root" / "shots", tmp_path / "root"))

    assert isinstance(error, OutsideRoot)
    assert str(error) == (
        f"{tmp_path}/root/shots leads out of its root {tmp_path}/root.\n"
        "  tried  it leads to /etc\n"
        "  next   Remove the link that leads there, or ask who put it there; nothing was written."
    )


async def test_a_folder_that_is_gone_is_told(launches: Launches, tmp_path: Path) -> None:
    error = await opened(launches, OpenFolder(tmp_path / "gone", tmp_path))

    assert error.problem == f"{tmp_path}/gone is not a folder."


OPENERS = """
[actions.show]
title = "Show"
kind = "open"
folder = "{roots.prod}/{entity.name}"

[actions.look]
title = "Look"
kind = "open"
url = "https://wiki.studio.test/shots/{entity.name}"
"""


@pytest.mark.parametrize("name", ["run-me.desktop", "x.lnk", "tool.app"])
def test_a_click_never_has_a_file_opened_for_a_folder(make_studio: Make, name: str) -> None:
    """Real: daemon, sample Kitsu, disk; somebody who may write to the project put a program there."""
    studio = make_studio(more=OPENERS, env={"DISPLAY": ":99"})
    (studio.prod / name).write_text(f"[Desktop Entry]\nType=Application\nExec=touch {studio.home}/owned\n")
    (studio.prod / name).chmod(0o755)

    launch = studio.clicked(studio.form("show", studio.shot(name)))

    assert launch["state"] == "failed"
    assert not (studio.home / "owned").exists()
    assert studio.opened() == []


@pytest.mark.parametrize(
    "name", ["../../x", "?x=1#y", "@evil.test/", "\r\nHost: evil", "%2e%2e", "javascript:alert(1)"]
)
def test_a_name_stays_one_piece_of_an_address(make_studio: Make, name: str) -> None:
    """Real: daemon, sample Kitsu, her browser (a script that writes down what it is to open)."""
    studio = make_studio(more=OPENERS)

    launch = studio.clicked(studio.form("look", studio.shot(name)))

    assert launch["state"] == "done", launch
    (url,) = studio.opened()
    assert url == f"https://wiki.studio.test/shots/{quote(name.replace(chr(13) + chr(10), ''), safe='')}"


@pytest.mark.parametrize("name", ["Tool.app", "x.prefPane", "x.pkg", "x.workflow", "SH010"])
def test_a_folder_that_a_mac_would_run_is_only_pointed_at(tmp_path: Path, name: str) -> None:
    """Real: folders that are applications and the like; `-R` shows in the Finder, and opens nothing."""
    program = tmp_path / name / "Contents" / "MacOS" / "x"
    program.parent.mkdir(parents=True)

    assert mac_desktop.reveal(tmp_path / name) == ["/usr/bin/open", "-R", str(tmp_path / name / "Contents")]


@pytest.mark.parametrize("url", REFUSED)
def test_a_mac_opens_only_an_address_for_a_browser(url: str) -> None:
    with pytest.raises(NotOpenable):
        mac_desktop.open_url(url, {}, ("/bin/false",))
