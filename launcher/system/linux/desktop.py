"""The Linux desktop's ways to show a folder and an address: xdg-open, gio, or a browser by its name."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from launcher.errors import NotFoundHere
from launcher.logs import capped, escaped
from launcher.system.linux import process
from launcher.system.refusals import NotOpenable, check_url
from launcher.words import _, joined

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

OPENERS = (("xdg-open",), ("gio", "open"))
"""Both do what the desktop is set to, for folders and addresses; gio is there where xdg-utils are not."""
BROWSERS = ("x-www-browser", "firefox", "firefox-esr", "google-chrome", "chromium")
"""Asked by name where the desktop has no opener."""


def open_folder(path: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Show a folder in the file manager.

    Raises: NotOpenable for anything but a folder (a `.desktop` file would be run); NotFoundHere without a display
    or an opener.
    """
    if not path.is_absolute() or not path.is_dir():
        raise NotOpenable(
            _("{path} is not a folder.", path=capped(escaped(str(path)), 200)),
            next_step=_("Check the action's `folder` in the studio file: it must name a folder that is there."),
        )
    by_hand = _("Open {path} in a file manager yourself.", path=capped(escaped(str(path)), 200))
    _needs_display(env, _("No folder can be shown: this session has no display."), by_hand)
    command = _first(OPENERS, env)
    if command is None:
        raise NotFoundHere(
            _("Nothing here can show a folder."),
            tried=_looked_for(OPENERS),
            next_step=joined(" ", (by_hand, _("IT can install xdg-utils."))),
        )
    return _run([*command, str(path)], env)


def open_url(url: str, env: Mapping[str, str], browser: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
    """Show an http(s) address; by the command `browser` where the person has set one.

    Raises: NotOpenable for another scheme; NotFoundHere without a display or a browser, saying where to go by hand.
    """
    check_url(url)
    by_hand = _("Open {url} in a browser yourself.", url=capped(url, 400))
    if browser:
        return _run([*browser, url], env)
    _needs_display(env, _("No page can be opened: this session has no display."), by_hand)
    known = (*OPENERS, *((name,) for name in BROWSERS))
    command = _first(known, env)
    if command is None:
        raise NotFoundHere(_("No browser was found here."), tried=_looked_for(known), next_step=by_hand)
    return _run([*command, url], env)


def has_display(env: Mapping[str, str]) -> bool:
    """Whether somebody would see a window here."""
    return bool(env.get("DISPLAY") or env.get("WAYLAND_DISPLAY"))


def shows_folders() -> bool:
    """Whether this desktop has a file manager."""
    program = shutil.which("xdg-mime")
    if not program:
        return False
    asked = subprocess.run(
        [program, "query", "default", "inode/directory"], capture_output=True, timeout=10, check=False
    )
    return bool(asked.stdout.strip())


def _needs_display(env: Mapping[str, str], problem: str, by_hand: str) -> None:
    if not has_display(env):
        raise NotFoundHere(
            problem,
            tried=[_("{name}: not set", name=name) for name in ("DISPLAY", "WAYLAND_DISPLAY")],
            next_step=by_hand,
        )


def _first(commands: tuple[tuple[str, ...], ...], env: Mapping[str, str]) -> list[str] | None:
    for name, *rest in commands:
        if found := shutil.which(name, path=env.get("PATH", "/usr/local/bin:/usr/bin:/bin")):
            return [found, *rest]
    return None


def _looked_for(commands: tuple[tuple[str, ...], ...]) -> list[str]:
    return [_("{name}: not in PATH", name=command[0]) for command in commands]


def _run(argv: list[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return process.start(argv, env, Path("/"), subprocess.DEVNULL)
