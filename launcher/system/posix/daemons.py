"""Ending daemons and starting them again, on Linux and macOS: each time as the person whose daemon it is.

Root only looks at what the kernel tells. It neither connects, nor signals, nor follows a path in a person's name.
"""

import contextlib
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from launcher import door, itself
from launcher.running import Keeper, Running, Session
from launcher.system.posix import persons

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

OVER = 10
"""Exit code of a process that was to start a daemon in a session which has ended."""
COMMAND_S, TOLD_S, LOOK_S = 10.0, 2.0, 0.1
SYSTEMS_PATH = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"}


@dataclass(frozen=True, slots=True)
class Manager:
    """How the service manager of a person's session is told to end and to start her daemon."""

    stop: Callable[[Session], list[list[str]]]
    start: Callable[[Session], list[list[str]]]
    around: Callable[[Session], list[list[str]]]
    """Beginnings of a command line that bring a program into her session; the first that works is used."""


def may_for_everybody() -> bool:
    """Whether this process may end and start other persons' daemons."""
    return os.geteuid() == 0


def private(folder: Path) -> str:
    """Make a folder that only root may write; why it is none, else empty. Raises: OSError."""
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o755)
        folder.chmod(0o755)  # whatever the installer's umask is: everybody's programs look into it
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != 0 or status.st_mode & 0o022:
        return "not a folder that only root may write"
    return ""


def ask(several: Sequence[Running], patience_s: float, manager: Manager) -> Callable[[], None]:
    """Ask all at once to end; what is answered stops asking. A supervisor ends after its daemon, or when told so."""
    parents = {one.parent for one in several}
    asked = []
    for one in several:
        session = one.session
        work = partial(_ask, one, one.pid in parents, patience_s, manager)
        asked.append(persons.fork(_user(session), session.groups, work))
    return lambda: _finish(asked)


def _finish(asked: Sequence[int]) -> None:
    persons.codes(asked, 0)


def _ask(one: Running, has_daemon: bool, patience_s: float, manager: Manager) -> int:
    """As that person."""
    if one.session.keeper is Keeper.UNIT:
        _run(manager.stop(one.session), one.session)
    if one.supervises:
        return 0 if has_daemon else _signalled(one.pid, signal.SIGTERM)
    _live_in(one.session)
    door.ask("POST", "/door/quit", None, patience_s=patience_s)
    return 0


def _signalled(pid: int, number: int) -> int:
    os.kill(pid, number)
    return 0


def end(several: Sequence[Running], number: int, hold: Callable[[Running], Callable[[int], None] | None]) -> None:
    """Signal them: supervisors first, who would start a daemon again. `hold`: what signals just this very process."""
    for first in (True, False):
        held = [(one, hold(one)) for one in several if one.supervises is first]
        sent = [
            persons.fork(_user(one.session), one.session.groups, partial(_sent, send, number))
            for one, send in held
            if send
        ]
        persons.codes(sent, TOLD_S)


def _sent(send: Callable[[int], None], number: int) -> int:
    send(number)
    return 0


def begin_again(
    several: Sequence[Session], patience_s: float, manager: Manager, over: Callable[[Session], bool]
) -> list[Session]:
    """Start a daemon in each session that is not over; those in which none answers in time."""
    begun = {
        persons.fork(_user(one), one.groups, partial(_begin_again, one, patience_s, manager, over)): one
        for one in several
    }
    codes = persons.codes(begun, patience_s + TOLD_S)
    return [one for pid, one in begun.items() if codes.get(pid) not in (0, OVER)]


def _begin_again(session: Session, patience_s: float, manager: Manager, over: Callable[[Session], bool]) -> int:
    """As that person: nothing but her own session is touched."""
    if over(session):
        return OVER
    _live_in(session)
    process = None
    if session.keeper is not Keeper.UNIT or not _run(manager.start(session), session):
        process = _started(session, manager)
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, ValueError):
            if door.ask("GET", "/door/ping", None, patience_s=1)[0] == 200:
                return 0
        if process and process.poll() not in (None, 2):  # 2: one runs already, and will answer
            return 1
        time.sleep(LOOK_S)
    return 1


def _started(session: Session, manager: Manager) -> "subprocess.Popen[bytes]":
    restart = [] if session.keeper is Keeper.NOBODY else ["--restart"]
    argv = itself.command("serve", *restart, *session.options)
    before = next((words for words in manager.around(session) if _run([[*words, "true"]], session)), [])
    home = session.environ.get("HOME", "/")
    return subprocess.Popen(
        [*before, *argv],
        env=session.environ,
        cwd=next((folder for folder in (session.cwd, home) if folder and os.path.isdir(folder)), "/"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        close_fds=True,
        umask=session.umask,
    )


def _run(commands: Sequence[Sequence[str]], session: Session) -> bool:
    """Run the system's own commands, one after the other; whether the last one ended well."""
    env = {**SYSTEMS_PATH, "XDG_RUNTIME_DIR": session.environ.get("XDG_RUNTIME_DIR", f"/run/user/{session.user}")}
    quiet, code = subprocess.DEVNULL, 1
    for argv in commands:
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            done = subprocess.run(
                argv, env=env, cwd="/", stdin=quiet, stdout=quiet, stderr=quiet, timeout=COMMAND_S, check=False
            )
            code = done.returncode
    return code == 0


def _live_in(session: Session) -> None:
    """Her door is where her variables say: in a process that is hers already."""
    os.environ.clear()
    os.environ.update(session.environ)


def _user(session: Session) -> int:
    return int(session.user)


def is_over(environ: dict[str, str], is_there: Callable[[str], bool] = os.path.exists) -> bool:
    """Whether the session that these variables speak of has ended: its display has gone, or its login."""
    number = environ.get("DISPLAY", "").removeprefix(":").partition(".")[0]
    shown = [f"/tmp/.X11-unix/X{number}"] if number.isdigit() else []  # noqa: S108  # where X servers have it
    wayland = environ.get("WAYLAND_DISPLAY")
    if wayland:
        shown.append(os.path.join(environ.get("XDG_RUNTIME_DIR", "/"), wayland))
    if shown and not any(is_there(path) for path in shown):
        return True
    login, logins = environ.get("XDG_SESSION_ID", ""), "/run/systemd/sessions"
    return login.isalnum() and is_there(logins) and not is_there(f"{logins}/{login}")
