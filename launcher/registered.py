"""What the desktop knows of us, looked after at each start of the daemon: links, and start at login.

An update may have moved the program. A trial leaves the desktop alone.
"""

import logging
import os
from collections.abc import Callable

from launcher import door, itself, logs
from launcher.errors import LauncherError
from launcher.system.here import autostart, scheme

log = logging.getLogger("launcher.registered")


def keep(links: bool, *, installed: bool = itself.FROZEN) -> None:
    """Let links reach us, where the person wants `links`; an `installed` program also starts at login. Blocks a little.

    Whoever has decided about start at login, the person or a package, is left alone. What a TD runs from a virtual
    environment starts at login once she says so.
    """
    if os.environ.get(door.ENV_HOME):
        return
    if links:
        _do("links registered", lambda: scheme.register(itself.link_handler()))
    if installed:
        _do("start at login switched on", _start_at_login)


def _start_at_login() -> bool:
    if autostart.state() is not None:
        return False
    autostart.enable(itself.command())
    return True


def _do(what: str, work: Callable[[], bool]) -> None:
    """The daemon needs neither: where the desktop refuses, the log and `doctor` tell it."""
    try:
        if work():
            log.info(what)
    except LauncherError as error:
        log.warning(logs.event(f"not {what}", problem=error.problem, tried="; ".join(error.tried)))
