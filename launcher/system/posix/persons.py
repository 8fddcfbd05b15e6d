"""Doing something as another person of this machine: in a process of its own, which gives up root for good first.

What root must not do for a person (follow her links, believe her variables, wait for her home) is done there.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Collection, Sequence

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

LOOK_S = 0.02


def become(user: int, groups: Sequence[int]) -> None:
    """Be that person from now on, and nobody else ever again. Raises: OSError where that is not so afterwards."""
    if os.geteuid() == 0 and user != 0:
        os.setgroups(groups)
        os.setgid(groups[0])
        os.setuid(user)
        with contextlib.suppress(PermissionError):
            os.setuid(0)
    if (os.getuid(), os.geteuid()) != (user, user):
        raise PermissionError(f"not user {user}")


def fork(user: int, groups: Sequence[int], work: Callable[[], int]) -> int:
    """Begin `work` as that person; the process's number. Its exit code is what `work` answers, 1 where it fails.

    `work` imports nothing, and writes to nobody.
    """
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        become(user, groups)
        code = work()
    finally:
        # Nothing of the parent's is ended, flushed or cleaned up here.
        os._exit(code)


def codes(pids: Collection[int], patience_s: float) -> dict[int, int]:
    """The exit codes of those that end in time; the others are killed, and not waited for: a home may hang."""
    deadline = time.monotonic() + patience_s
    found: dict[int, int] = {}
    while True:
        for pid in set(pids) - set(found):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                found[pid] = os.waitstatus_to_exitcode(status)
        if len(found) == len(pids) or time.monotonic() >= deadline:
            break
        time.sleep(LOOK_S)
    for pid in set(pids) - set(found):
        os.kill(pid, signal.SIGKILL)
    return found
