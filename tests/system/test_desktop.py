"""Folders and addresses reach the desktop's opener as one argument; whatever else there is does not."""

import os
from pathlib import Path

import pytest

from launcher.errors import NotFoundHere
from launcher.system.linux.desktop import NotOpenable, check_url, open_folder, open_url

URL = "http://127.0.0.1:24517/launches/00112233445566778899aabbccddeeff"


@pytest.fixture
def openers(tmp_path: Path) -> Path:
    """A folder for PATH with what a test puts in it: each program writes its argv beside itself."""
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


def install(folder: Path, name: str) -> None:
    tool = folder / name
    tool.write_text(f'#!/bin/sh\nfor a in {name} "$@"; do printf "%s\\n" "$a"; done > "{folder}/argv"\n')
    tool.chmod(0o755)


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {"PATH": str(folder), "DISPLAY": ":99", **more}


def argv(folder: Path) -> list[str]:
    return (folder / "argv").read_text().splitlines()


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (["xdg-open", "gio", "firefox"], ["xdg-open"]),
        (["gio", "firefox"], ["gio", "open"]),
        (["chromium", "firefox"], ["firefox"]),
        (["chromium"], ["chromium"]),
    ],
)
def test_an_address_goes_to_the_first_opener_that_is_there(
    openers: Path, there: list[str], expected: list[str]
) -> None:
    """Real: programs in PATH."""
    for name in there:
        install(openers, name)

    assert open_url(URL, environment(openers)).wait(10) == 0

    assert argv(openers) == [*expected, URL]


def test_a_persons_own_browser_command_wins(openers: Path) -> None:
    """Real: programs in PATH. It needs no display: it may know another one."""
    install(openers, "xdg-open")
    install(openers, "remote-browser")

    open_url(URL, {"PATH": str(openers)}, (str(openers / "remote-browser"), "--new tab")).wait(10)

    assert argv(openers) == ["remote-browser", "--new tab", URL]


def test_on_wayland_without_x_an_address_opens(openers: Path) -> None:
    """Real: programs in PATH."""
    install(openers, "xdg-open")

    open_url(URL, {"PATH": str(openers), "WAYLAND_DISPLAY": "wayland-0"}).wait(10)

    assert argv(openers) == ["xdg-open", URL]


def test_without_a_display_the_address_is_told(openers: Path) -> None:
    install(openers, "xdg-open")

    with pytest.raises(NotFoundHere) as told:
        open_url(URL, {"PATH": str(openers)})

    assert str(told.value) == (
        "No page can be opened: this session has no display.\n"
        "  tried  DISPLAY: not set\n"
        "         WAYLAND_DISPLAY: not set\n"
        f"  next   Open {URL} in a browser yourself."
    )


def test_without_a_browser_the_address_is_told(openers: Path) -> None:
    with pytest.raises(NotFoundHere) as told:
        open_url(URL, environment(openers))

    assert str(told.value) == (
        "No browser was found here.\n"
        "  tried  xdg-open: not in PATH\n"
        "         gio: not in PATH\n"
        "         x-www-browser: not in PATH\n"
        "         firefox: not in PATH\n"
        "         firefox-esr: not in PATH\n"
        "         google-chrome: not in PATH\n"
        "         chromium: not in PATH\n"
        f"  next   Open {URL} in a browser yourself."
    )


@pytest.mark.parametrize(("there", "expected"), [(["xdg-open", "gio"], ["xdg-open"]), (["gio"], ["gio", "open"])])
def test_a_folder_goes_to_the_file_manager(
    openers: Path, tmp_path: Path, there: list[str], expected: list[str]
) -> None:
    """Real: programs in PATH, a folder whose name could be an option."""
    for name in there:
        install(openers, name)
    folder = tmp_path / "-- a b;$(id)"
    folder.mkdir()

    assert open_folder(folder, environment(openers)).wait(10) == 0

    assert argv(openers) == [*expected, str(folder)]


def test_without_a_display_the_folder_is_told(openers: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundHere) as told:
        open_folder(tmp_path, {"PATH": str(openers)})

    assert str(told.value) == (
        "No folder can be shown: this session has no display.\n"
        "  tried  DISPLAY: not set\n"
        "         WAYLAND_DISPLAY: not set\n"
        f"  next   Open {tmp_path} in a file manager yourself."
    )


def test_without_an_opener_the_folder_is_told(openers: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundHere) as told:
        open_folder(tmp_path, environment(openers))

    assert str(told.value) == (
        "Nothing here can show a folder.\n"
        "  tried  xdg-open: not in PATH\n"
        "         gio: not in PATH\n"
        f"  next   Open {tmp_path} in a file manager yourself. IT can install xdg-utils."
    )


def test_a_file_is_no_folder(openers: Path, tmp_path: Path) -> None:
    install(openers, "xdg-open")
    (tmp_path / "x.desktop").write_text("[Desktop Entry]\nType=Application\nExec=touch /tmp/owned\n")

    with pytest.raises(NotOpenable) as told:
        open_folder(tmp_path / "x.desktop", environment(openers))

    assert str(told.value) == (
        f"{tmp_path}/x.desktop is not a folder.\n"
        "  next   Check the action's `folder` in the studio file: it must name a folder that is there."
    )
    assert not (openers / "argv").exists()


def test_a_relative_path_is_no_folder(openers: Path) -> None:
    with pytest.raises(NotOpenable):
        open_folder(Path("."), environment(openers))


@pytest.mark.parametrize("url", [URL, "https://kitsu.example/x?y=%C3%A9#z", "http://[::1]:24517/", "HTTPS://K.example"])
def test_an_address_for_a_browser_may_be_opened(url: str) -> None:
    check_url(url)


def test_an_opener_sees_only_the_environment_it_is_given(openers: Path) -> None:
    """Real: a program that prints its environment."""
    (openers / "xdg-open").write_text(f'#!/bin/sh\n/usr/bin/env > "{openers}/env"\n')
    (openers / "xdg-open").chmod(0o755)
    os.environ["KITSU_LAUNCHER_KEY"] = "secret"

    try:
        open_url(URL, environment(openers, LANG="C")).wait(10)
    finally:
        del os.environ["KITSU_LAUNCHER_KEY"]

    seen = dict(line.split("=", 1) for line in (openers / "env").read_text().splitlines())
    assert {name: seen[name] for name in seen if name not in ("PWD", "SHLVL", "_", "OLDPWD")} == environment(
        openers, LANG="C"
    )
