"""The daemons of this installation on Windows, by the list of processes. Fulfils `system.Daemons`.

A daemon is asked at its private door, and ended by TerminateProcess where it does not answer. Other persons' daemons
are asked and started by a process of theirs: Windows lets SYSTEM begin one in each session that is logged in.
"""

import os
import secrets
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from launcher import door, itself
from launcher.door import win32
from launcher.running import Keeper, Running, Session, options, served
from launcher.system.windows import process, processes, sessions

assert sys.platform == "win32"  # noqa: S101  # for mypy, which looks at this file for Linux too

LOOK_S, ENDED_S = 0.1, 2.0
DETACHED = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP


def may_for_everybody() -> bool:
    """Whether this process may end and start other persons' daemons."""
    return sessions.is_system() or bool(win32.library("shell32").IsUserAnAdmin())


def private(folder: Path) -> str:
    """Make a folder that only SYSTEM and administrators may write; why it is none, else empty. Raises: OSError.

    Anybody may make folders in that place: another one's is put aside, as it is and whatever it is.
    """
    if sessions.make_private(folder):
        return ""
    status = os.lstat(folder)
    is_real = stat.S_ISDIR(status.st_mode) and not status.st_file_attributes & stat.FILE_ATTRIBUTE_REPARSE_POINT
    if is_real and win32.owner_of(str(folder)) in win32.SYSTEMS:
        return ""
    os.rename(folder, f"{folder}.{secrets.token_hex(8)}")
    return "" if sessions.make_private(folder) else "cannot be made"


def found(everybody: bool) -> list[Running]:
    """Every daemon and supervisor that runs from this installation: of this user, or of `everybody`."""
    own = win32.own_sid()
    several = []
    for pid, parent in _concerned(everybody):
        if not processes.is_ours(pid, itself.command()[0]):
            continue
        user, arguments = win32.sid_of(pid), served(processes.arguments(pid), frozen=itself.FROZEN)
        if user is None or arguments is None or not (everybody or user == own):
            continue
        try:
            birth = process.birth(pid)
        except OSError:
            continue
        session = Session(
            user,
            {} if everybody else itself.environment(),
            options(arguments),
            Keeper.SUPERVISOR if "--restart" in arguments else Keeper.NOBODY,
            session=processes.session_of(pid),
        )
        several.append(Running(pid, birth, parent, "--restart" in arguments, session))
    return several


def _concerned(everybody: bool) -> list[tuple[int, int]]:
    """Processes and their parents that a command is about: of a trial, or without a bundle, those of its own door."""
    every = list(processes.every())
    if everybody or (itself.FROZEN and not os.environ.get(door.ENV_HOME)):
        return every
    try:
        holder = int(Path(door.runtime_folder(), "lock").read_text())
    except (OSError, ValueError):
        return []
    parent = dict(every).get(holder, 0)
    return [pair for pair in every if pair[0] in (holder, parent)]


def lives(one: Running) -> bool:
    """Whether that very process still runs."""
    return process.lives(one.pid, one.birth)


def ask(several: Sequence[Running], patience_s: float) -> Callable[[], None]:
    """Ask all at once to end; what is answered stops asking."""
    own, asking = win32.own_sid(), []
    parents = {one.parent for one in several}
    for one in several:
        if one.supervises and one.pid in parents:
            continue  # it ends after its daemon
        if one.supervises:
            processes.terminate(one.pid, one.birth)
        elif one.session.user == own:
            _ask(patience_s)
        else:
            asking.append(sessions.run(one.session.session, itself.command("quit", "--wait", f"{patience_s:g}")))

    def enough() -> None:
        for handle in filter(None, asking):
            sessions.end(handle, ENDED_S)

    return enough


def _ask(patience_s: float) -> None:
    try:
        door.ask("POST", "/door/quit", None, patience_s=patience_s)
    except (OSError, ValueError):
        return  # the end tells whether it was heard


def end(several: Sequence[Running], *, hard: bool) -> None:
    """End them; supervisors first, who would start a daemon again. A program without windows can only be killed."""
    for one in sorted(several, key=lambda one: not one.supervises):
        if hard or one.supervises:
            processes.terminate(one.pid, one.birth)


def begin_again(several: Sequence[Session], patience_s: float) -> list[Session]:
    """Start a daemon in each session that is still logged in; those in which none could be started."""
    own, failed = win32.own_sid(), []
    for one in several:
        restart = ["--restart"] if one.keeper is Keeper.SUPERVISOR else []
        argv = itself.command("serve", *restart, *one.options)
        if one.user == own:
            begun = _begun(argv, one, patience_s)
        elif sessions.user_of(one.session) != one.user:
            continue  # she has logged out, or somebody else sits there now
        else:
            handle = sessions.run(one.session, argv)
            begun = bool(handle) and sessions.stays(handle, LOOK_S)
        if not begun:
            failed.append(one)
    return failed


def _begun(argv: list[str], one: Session, patience_s: float) -> bool:
    quiet = subprocess.DEVNULL
    begun = subprocess.Popen(
        argv,
        env=one.environ,
        cwd=os.path.expanduser("~"),
        stdin=quiet,
        stdout=quiet,
        stderr=quiet,
        creationflags=DETACHED,
        close_fds=True,
    )
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        try:
            if door.ask("GET", "/door/ping", None, patience_s=1)[0] == 200:
                return True
        except (OSError, ValueError):
            pass
        if begun.poll() not in (None, 2):  # 2: one runs already, and will answer
            return False
        time.sleep(LOOK_S)
    return False
