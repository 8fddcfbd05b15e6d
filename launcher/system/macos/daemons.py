"""The daemons of this installation on a Mac, as `ps`, libproc and sysctl tell of them. Fulfils `system.Daemons`."""

import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial

from launcher import itself
from launcher.running import Keeper, Running, Session, options, served
from launcher.system.macos import autostart, process
from launcher.system.posix import daemons
from launcher.system.posix.daemons import may_for_everybody, private

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

__all__ = ["ask", "begin_again", "end", "found", "lives", "may_for_everybody", "private"]

PS = ["/bin/ps", "-axo", "pid=,ppid=,uid=,ruid="]
PS_S = 10
CTL_KERN, PROCARGS2 = 1, 49
LONGEST_PATH, LONGEST_ARGUMENTS = 4096, 1 << 20


def found(everybody: bool) -> list[Running]:
    """Every daemon and supervisor that runs from this installation: of this user, or of `everybody`."""
    listing = subprocess.run(PS, capture_output=True, timeout=PS_S, check=True, stdin=subprocess.DEVNULL).stdout
    several = []
    for pid, parent, user in listed(listing.decode()):
        try:
            one = _look(pid, parent, user) if everybody or user == os.getuid() else None
        except (OSError, ValueError, KeyError):
            continue  # it has ended meanwhile, or may not be looked at
        if one:
            several.append(one)
    return several


def listed(text: str) -> list[tuple[int, int, int]]:
    """Process, parent and user of each line; not those that act for somebody else than whoever started them."""
    rows = [[int(word) for word in line.split()] for line in text.splitlines()]
    return [(pid, parent, user) for pid, parent, user, real in rows if user == real]


def _look(pid: int, parent: int, user: int) -> Running | None:
    if _program(pid) != os.path.realpath(itself.command()[0]):
        return None
    argv, environ = said(_arguments(pid))
    arguments = served(argv, frozen=itself.FROZEN)
    if arguments is None:
        return None
    person = pwd.getpwuid(user)
    supervises = "--restart" in arguments
    # launchd is the parent of its agents, and of whoever has lost the one that started it.
    keeper = Keeper.SUPERVISOR if supervises else Keeper.UNIT if parent == 1 else Keeper.NOBODY
    session = Session(
        user,
        itself.environment(environ),
        options(arguments),
        keeper,
        person.pw_dir,
        (person.pw_gid, *os.getgrouplist(person.pw_name, person.pw_gid)),
    )
    return Running(pid, process.birth(pid), parent, supervises, session)


def said(answer: bytes) -> tuple[list[str], dict[str, str]]:
    """Command line and environment in KERN_PROCARGS2's answer: a count, the program's path, zeros, then all texts."""
    count = int.from_bytes(answer[:4], sys.byteorder)
    rest = answer[4:].partition(b"\0")[2].lstrip(b"\0")
    texts = [os.fsdecode(text) for text in rest.split(b"\0")]
    environ = dict(text.split("=", 1) for text in texts[count:] if text.find("=") > 0)
    return texts[:count], environ


def _program(pid: int) -> str:
    """The file of its program. Raises: OSError."""
    import ctypes

    buffer = ctypes.create_string_buffer(LONGEST_PATH)
    if ctypes.CDLL(None, use_errno=True).proc_pidpath(pid, buffer, LONGEST_PATH) <= 0:
        raise ProcessLookupError(ctypes.get_errno(), f"no process {pid}")
    return os.path.realpath(os.fsdecode(buffer.value))


def _arguments(pid: int) -> bytes:
    """What the kernel keeps of its command line. Raises: OSError where it may not be looked at."""
    import ctypes

    name, size = (ctypes.c_int * 3)(CTL_KERN, PROCARGS2, pid), ctypes.c_size_t(LONGEST_ARGUMENTS)
    buffer = ctypes.create_string_buffer(LONGEST_ARGUMENTS)
    if ctypes.CDLL(None, use_errno=True).sysctl(name, 3, buffer, ctypes.byref(size), None, 0):
        raise OSError(ctypes.get_errno(), "sysctl")
    return buffer.raw[: size.value]


def lives(one: Running) -> bool:
    """Whether that very process still runs."""
    return process.lives(one.pid, one.birth)


def stop_agent(session: Session) -> list[list[str]]:
    """How launchd is told to end the agent: as by `quit`, it is not started again."""
    return [autostart.launchctl("kill", int(session.user), "SIGTERM")]


def start_agent(session: Session) -> list[list[str]]:
    """How launchd is told to start it: one that it does not know yet is made known first."""
    plist = os.path.join(session.environ.get("HOME", "/"), "Library", "LaunchAgents", f"{autostart.LABEL}.plist")
    know = ["/bin/launchctl", "bootstrap", f"gui/{session.user}", plist]
    return [know, autostart.launchctl("kickstart", int(session.user))]


MANAGER = daemons.Manager(stop_agent, start_agent, lambda session: [])


def ask(several: Sequence[Running], patience_s: float) -> Callable[[], None]:
    """Ask all at once to end; what is answered stops asking."""
    return daemons.ask(several, patience_s, MANAGER)


def end(several: Sequence[Running], *, hard: bool) -> None:
    """Have them end by a signal; `hard`: by one that nothing withstands."""
    daemons.end(several, signal.SIGKILL if hard else signal.SIGTERM, _hold)


def _hold(one: Running) -> Callable[[int], None] | None:
    """What signals it, by its person's right alone: macOS holds no process."""
    return partial(os.kill, one.pid) if lives(one) else None


def begin_again(several: Sequence[Session], patience_s: float) -> list[Session]:
    """Start a daemon in each session that is not over; those in which none answers in time."""
    listing = subprocess.run(PS, capture_output=True, timeout=PS_S, check=True, stdin=subprocess.DEVNULL).stdout
    alive = {user for _pid, _parent, user in listed(listing.decode())}
    return daemons.begin_again([one for one in several if one.user in alive], patience_s, MANAGER, lambda one: False)
