"""The Windows desktop's ways to show a folder and an address: Explorer, and the browser that the person has chosen."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from launcher.errors import NotFoundHere
from launcher.logs import capped, escaped
from launcher.system.refusals import NotOpenable, check_url
from launcher.system.windows.process import start
from launcher.words import _


def open_folder(path: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes] | None:
    """Show a folder in Explorer, as its one argument: the shell's own `open` would start a file of that name.

    None: nothing more will be told. Explorer always ends with 1, whatever became of it.
    Raises: NotOpenable for anything but a folder; NotFoundHere without Explorer.
    """
    if not path.is_absolute() or not path.is_dir():
        raise NotOpenable(
            _("{folder} is not a folder.", folder=capped(escaped(str(path)), 200)),
            next_step=_("Check the action's `folder` in the studio file: it must name a folder that is there."),
        )
    start([explorer(env), str(path)], env, path, subprocess.DEVNULL)
    return None


def explorer(env: Mapping[str, str]) -> str:
    """Where Explorer is: named whole, since the current folder may hold another."""
    known = {name.upper(): value for name, value in env.items()}
    return f"{known.get('SYSTEMROOT') or 'C:' + chr(92) + 'Windows'}\\explorer.exe"


def has_display(env: Mapping[str, str]) -> bool:
    """Whether somebody would see a window here: always, no variable tells it."""
    return True


def shows_folders() -> bool:
    """Whether this desktop has a file manager: Explorer."""
    return True


def open_url(url: str, env: Mapping[str, str], browser: tuple[str, ...] = ()) -> subprocess.Popen[bytes] | None:
    """Show an http(s) address; by the command `browser` where the person has set one. None: nothing more will be told.

    Raises: NotOpenable for another scheme; NotFoundHere without a browser, saying where to go by hand.
    """
    check_url(url)
    if browser:
        return start([*browser, url], env, Path.home(), subprocess.DEVNULL)
    if sys.platform == "win32":
        try:
            # Only after `check_url`: an address with a browser's scheme, and nothing that could be a file.
            os.startfile(url)  # noqa: S606  # just checked
        except OSError as error:
            raise NotFoundHere(
                _("No browser was found here."),
                tried=[_("the default program for web pages: {problem}", problem=error.strerror)],
                next_step=_("Open {address} in a browser yourself.", address=capped(url, 400)),
            ) from error
    return None
