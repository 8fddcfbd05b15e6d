"""The daemons of this installation on a Linux machine, as /proc tells of them. Fulfils `system.Daemons`."""

import contextlib
import os
import signal
import stat
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from launcher import itself
from launcher.running import Keeper, Running, Session, options, served
from launcher.system.linux import autostart, process
from launcher.system.posix import daemons
from launcher.system.posix.daemons import may_for_everybody, private

assert sys.platform == "linux"  # noqa: S101  # for mypy, which looks at this file for other systems too

__all__ = ["ask", "begin_again", "end", "found", "lives", "may_for_everybody", "private"]

DELETED = " (deleted)"
SYSTEMCTL, SYSTEMD_RUN = "/usr/bin/systemctl", "/usr/bin/systemd-run"


def found(everybody: bool) -> list[Running]:
    """Every daemon and supervisor that runs from this installation: of this user, or of `everybody`."""
    several = []
    for name in os.listdir("/proc"):
        try:
            one = _look(int(name), everybody) if name.isdigit() else None
        except (OSError, ValueError, LookupError):
            continue  # it has ended meanwhile, or may not be looked at
        if one:
            several.append(one)
    return several


def _look(pid: int, everybody: bool) -> Running | None:
    folder = f"/proc/{pid}"
    status = _status(Path(folder, "status").read_text(errors="surrogateescape"))
    users = {int(word) for word in status["Uid"].split()}
    if len(users) != 1 or not (everybody or os.getuid() in users):
        return None
    argv = _words(folder, "cmdline")
    arguments = served(argv, frozen=itself.FROZEN)
    if arguments is None or not is_ours(pid):
        return None
    environ = itself.environment(dict(word.split("=", 1) for word in _words(folder, "environ") if word.find("=") > 0))
    return Running(
        pid=pid,
        birth=process.birth(pid),
        parent=int(status["PPid"]),
        supervises="--restart" in arguments,
        session=Session(
            user=users.pop(),
            environ=environ,
            options=options(arguments),
            keeper=_keeper(Path(folder, "cgroup").read_text(), arguments),
            cwd=os.readlink(f"{folder}/cwd"),
            groups=(int(status["Gid"].split()[1]), *map(int, status["Groups"].split())),
            umask=int(status.get("Umask", "022"), 8),
        ),
    )


def is_ours(pid: int) -> bool:
    """Whether a process runs a program of this installation.

    A path says nothing by itself: whoever has a mount namespace of her own may have put anything at ours. Of a
    program that was replaced meanwhile only the path is left, which counts in our own namespace.
    """
    path, exe = f"/proc/{pid}/exe", os.readlink(f"/proc/{pid}/exe")
    own = os.path.realpath(sys.executable)
    if itself.FROZEN:
        own = os.path.join(itself.top(), os.path.basename(itself.command()[0]))
    if exe.removesuffix(DELETED) != own:
        return False
    there, status = os.stat(path), _stat(own)
    if status and stat.S_ISREG(status.st_mode) and (status.st_dev, status.st_ino) == (there.st_dev, there.st_ino):
        return True
    return exe.endswith(DELETED) and _world(pid) == _world(os.getpid())


def _world(pid: int) -> tuple[str, str]:
    return os.readlink(f"/proc/{pid}/ns/mnt"), os.readlink(f"/proc/{pid}/root")


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None


def _status(text: str) -> dict[str, str]:
    return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)


def _words(folder: str, name: str) -> list[str]:
    return os.fsdecode(Path(folder, name).read_bytes()).removesuffix("\0").split("\0")


def _keeper(groups: str, arguments: Sequence[str]) -> Keeper:
    if "--restart" in arguments:
        return Keeper.SUPERVISOR
    ours = any(line.endswith(f"/{autostart.UNIT}") for line in groups.splitlines())
    return Keeper.UNIT if ours else Keeper.NOBODY


def lives(one: Running) -> bool:
    """Whether that very process still runs."""
    return process.lives(one.pid, one.birth)


def _stop(session: Session) -> list[list[str]]:
    return [[SYSTEMCTL, "--user", "--no-block", "stop", autostart.UNIT]]


def _start(session: Session) -> list[list[str]]:
    return [[SYSTEMCTL, "--user", "daemon-reload"], [SYSTEMCTL, "--user", "--no-block", "start", autostart.UNIT]]


def _around(session: Session) -> list[list[str]]:
    """A group of her own session: else a daemon would end with the service that has installed the package."""
    return [[SYSTEMD_RUN, "--user", "--scope", "--quiet", "--collect", "--"]]


MANAGER = daemons.Manager(_stop, _start, _around)


def ask(several: Sequence[Running], patience_s: float) -> Callable[[], None]:
    """Ask all at once to end; what is answered stops asking."""
    return daemons.ask(several, patience_s, MANAGER)


def end(several: Sequence[Running], *, hard: bool) -> None:
    """Have them end by a signal; `hard`: by one that nothing withstands."""
    daemons.end(several, signal.SIGKILL if hard else signal.SIGTERM, _kill if hard else _hold)


def _hold(one: Running) -> Callable[[int], None] | None:
    """What signals just this process, never a later one of its number; None where it has ended."""
    try:
        held = process.descriptor(one.pid)
    except ProcessLookupError:
        return None
    except OSError:
        # Linux before 5.3, or a Python that was built for it.
        return partial(os.kill, one.pid) if lives(one) and _same(one) else None
    if lives(one) and _same(one):
        return partial(signal.pidfd_send_signal, held)
    os.close(held)
    return None


def _kill(one: Running) -> Callable[[int], None] | None:
    """Kill it at once where it is held, by this process's own right: who wishes ill may stop what acts in her name."""
    send = _hold(one)
    if send is None or getattr(send, "func", None) is os.kill:
        return send
    with contextlib.suppress(ProcessLookupError, PermissionError):
        send(signal.SIGKILL)
    return None


def _same(one: Running) -> bool:
    """It may have become another program meanwhile, even one that is more than hers."""
    try:
        users = _status(Path(f"/proc/{one.pid}/status").read_text(errors="surrogateescape"))["Uid"].split()
        return set(users) == {str(one.session.user)} and is_ours(one.pid)
    except OSError:
        return False


def begin_again(several: Sequence[Session], patience_s: float) -> list[Session]:
    """Start a daemon in each session that is not over; those in which none answers in time."""
    alive = _alive()
    there = [one for one in several if one.user in alive]
    return daemons.begin_again(there, patience_s, MANAGER, lambda session: daemons.is_over(session.environ))


def _alive() -> set[int | str]:
    """The users who have any process."""
    users: set[int | str] = set()
    for name in os.listdir("/proc"):
        if name.isdigit() and (status := _stat(f"/proc/{name}")):
            users.add(status.st_uid)
    return users
