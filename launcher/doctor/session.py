"""What belongs to this session and this daemon: the port, the private door, our folders, the icon, the keyring."""

import os
import shutil
from pathlib import Path

from launcher import filesystem
from launcher.doctor.finding import Finding, bad, good, of_error, warning
from launcher.errors import LauncherError
from launcher.listening import PortTaken, addresses
from launcher.paths import Folders
from launcher.words import _

LEAST_FREE_BYTES = 50_000_000
"""What the journal, logs and context files of a day need many times over."""


def daemon(pid: int | None, version: str) -> Finding:
    """Whether a daemon runs; `pid` is its process."""
    if pid is None:
        return bad(
            "daemon",
            _("No daemon runs: a click in Kitsu reaches nobody. This was looked at without one."),
            _("Start it: `kitsu-launcher` shows the dashboard and an icon, `kitsu-launcher serve` runs in a terminal."),
        )
    return good("daemon", _("Kitsu Launcher {version} runs.", version=version), (_("process {pid}", pid=pid),))


def old_daemon(running: str, installed: str) -> Finding:
    """A daemon of another version than the installed one."""
    return warning(
        "daemon",
        _("Kitsu Launcher {running} runs, and {installed} is installed.", running=running, installed=installed),
        _("Run `kitsu-launcher quit`, then `kitsu-launcher`."),
    )


def port(ours: int, trouble: PortTaken | None, studios: int, *, running: bool) -> Finding:
    """Whether clicks reach us; `studios` is the port of the studio file."""
    if trouble:
        return of_error("port", trouble)
    if not running:
        return good("port", _("Port {port} is free.", port=ours))
    if ours != studios:
        return warning(
            "port",
            _(
                "Kitsu Launcher listens on port {ours} here, and the studio's actions go to {studios}.",
                ours=ours,
                studios=studios,
            ),
            _("Run `kitsu-launcher quit`, then `kitsu-launcher`: the studio's port counts from the next start on."),
        )
    return good("port", _("Port {port} is ours.", port=ours))


def taken(port: int) -> PortTaken | None:
    """Who holds the port where no daemon runs: by listening for a moment, which alone tells that it is free."""
    try:
        sockets = addresses(port)
    except PortTaken as error:
        return error
    for one in sockets:
        one.close()
    return None


def door(trouble: LauncherError | None, *, running: bool) -> Finding:
    """Whether this user's commands and links reach the daemon."""
    if trouble:
        return of_error("door", trouble)
    if not running:
        return good("door", _("The private door is closed, as no daemon runs."))
    return good("door", _("The private door answers."))


def folders(ours: Folders) -> list[Finding]:
    """Whether we may write where we must. Nothing is made: a folder that is missing yet will be."""
    found = []
    for path in (ours.config, ours.state, ours.cache, ours.runtime):
        there = next((one for one in (path, *path.parents) if one.exists()), path)
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            found.append(
                bad(
                    "folders",
                    _("{path} cannot be written to.", path=str(path)),
                    _("Check its owner, its permissions, and whether its disk is mounted."),
                    (str(there),),
                )
            )
        elif path == there and filesystem.is_link(path):
            found.append(
                bad("folders", _("{path} is a link.", path=str(path)), _("Remove it; the folder will be made anew."))
            )
    return found or [_room(ours.state)]


def _room(path: Path) -> Finding:
    there = next(one for one in (path, *path.parents) if one.exists())
    return judge_room(shutil.disk_usage(there).free, there)


def judge_room(free_bytes: int, path: Path) -> Finding:
    """Whether the disk of our own files has room."""
    if free_bytes >= LEAST_FREE_BYTES:
        return good("folders", _("Our own folders can be written to."))
    return warning(
        "folders",
        _("The disk of {path} is full: {n} MB are left.", path=str(path), n=free_bytes // 1_000_000),
        _("Make room on it. Clicks work, and their history and logs are lost."),
    )


def tray(host: str, *, running: bool, icon: bool) -> Finding:
    """Whether an icon can be seen; `icon` is whether the daemon wants to show one."""
    if running and not icon:
        return good("tray", _("The daemon was started without an icon."))
    if host:
        return good("tray", _("Icons are shown in this session."), (host,))
    return warning(
        "tray",
        _("Nothing in this session shows icons."),
        _(
            "All works without one: `kitsu-launcher` shows the dashboard. On GNOME the AppIndicator extension shows"
            " icons; elsewhere add a tray to the panel."
        ),
    )


def keyring(name: str, trouble: str) -> Finding:
    """What keeps logins; `trouble` is why nothing does."""
    if not trouble:
        return good("keyring", _("Logins are kept in this session's keyring."), (name,))
    return warning(
        "keyring",
        _("Logins are kept in memory only, until Kitsu Launcher ends: {reason}.", reason=trouble),
        _("Unlock the keyring, or install one (on Linux gnome-keyring or KWallet), then log in again."),
    )
