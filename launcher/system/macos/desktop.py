"""The Mac's ways to show a folder and an address: `open`, or the person's own browser command."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from launcher.logs import capped, escaped
from launcher.system.posix.process import start
from launcher.system.refusals import NotOpenable, check_url
from launcher.words import _

OPEN = "/usr/bin/open"


def open_folder(path: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Show a folder in the Finder. Raises: NotOpenable for anything but a folder."""
    if not path.is_absolute() or not path.is_dir():
        raise NotOpenable(
            _("{folder} is not a folder.", folder=capped(escaped(str(path)), 200)),
            next_step=_("Check the action's `folder` in the studio file: it must name a folder that is there."),
        )
    return _run(reveal(path), env)


def reveal(folder: Path) -> list[str]:
    """What has the Finder show a folder: by pointing at something in it.

    An application, and much else that the Mac runs or installs, is a folder too; what is only pointed at is never
    started, whatever somebody who may write to the project has put there meanwhile. Of an empty one the Finder shows
    where it is.
    """
    try:
        inside = min((name for name in os.listdir(folder) if not name.startswith(".")), default="")
    except OSError:
        inside = ""
    return [OPEN, "-R", str(folder / inside)]


def open_url(url: str, env: Mapping[str, str], browser: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
    """Show an http(s) address; by the command `browser` where the person has set one.

    Raises: NotOpenable for another scheme.
    """
    check_url(url)
    return _run([*(browser or (OPEN,)), url], env)


def has_display(env: Mapping[str, str]) -> bool:
    """Whether somebody would see a window here: always, no variable tells it."""
    return True


def shows_folders() -> bool:
    """Whether this desktop has a file manager: the Finder."""
    return True


def _run(argv: list[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    # From the root: `open` would prefer a file of the address's name to the address.
    return start(argv, env, Path("/"), subprocess.DEVNULL)
