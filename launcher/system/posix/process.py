"""Starting a program on Linux and macOS: in a session of its own, so that it outlives the daemon."""

import asyncio
import contextlib
import errno
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from launcher.errors import LauncherError, NotFoundHere, system_says
from launcher.logs import capped, escaped
from launcher.system.refusals import CannotStart, not_an_argument
from launcher.words import _

LOOK_AGAIN_S = 2.0


def start(
    argv: Sequence[str], env: Mapping[str, str], cwd: Path, log: int, *, batch: bool = False
) -> subprocess.Popen[bytes]:
    """Start a program, detached, its output going to the file descriptor `log`.

    Popen, not asyncio's own: what `asyncio.create_subprocess_exec` starts is killed when the daemon ends cleanly on
    Python 3.12 and later. Keep the answer until `watch` has told the end: without it the exit code is lost.
    `batch` is for Windows: here a file of that name is a program as any other.
    Raises: NotFoundHere, CannotStart.
    """
    try:
        return subprocess.Popen(
            list(argv),
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            close_fds=True,
        )
    except OSError as error:
        raise refused(error, argv[0], cwd) from error
    except ValueError as error:
        raise not_an_argument(_name(argv[0])) from error


def refused(error: OSError, executable: str, cwd: Path) -> LauncherError:
    """The operating system's refusal to start something, in words."""
    name = _name(executable)
    tried = [_("{path}: {reason}", path=name, reason=system_says(error))]
    if error.errno == errno.E2BIG:
        return CannotStart(
            _("{program} cannot be started: its arguments and environment are too long for this system.", program=name),
            tried=tried,
            next_step=_("Select fewer tasks, or shorten what the action adds to the environment."),
        )
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return _gone(error, name, cwd)
    if error.errno == errno.ENOEXEC:
        return CannotStart(
            _("{program} is not a program that this machine can run.", program=name),
            tried=tried,
            next_step=_("A script needs a first line such as #!/bin/sh; a program must be built for this processor."),
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return CannotStart(
            _("{program} may not be started by you.", program=name),
            tried=tried,
            next_step=_(
                "Check its permissions: `ls -l {program}`. The file system may also be mounted with noexec.",
                program=name,
            ),
        )
    return CannotStart(
        _("{program} could not be started.", program=name), tried=tried, next_step=_("Click again in a moment.")
    )


def _gone(error: OSError, name: str, cwd: Path) -> NotFoundHere:
    if not cwd.is_dir():
        return NotFoundHere(
            _("{program} was to start in a folder that is not there.", program=name),
            tried=[_("{path}: {reason}", path=_name(str(cwd)), reason=system_says(error))],
            next_step=_("Click again; if the folder was moved or unmounted, bring it back first."),
        )
    return NotFoundHere(
        _("{program} is not there any more, or the interpreter its first line names is missing.", program=name),
        tried=[_("{path}: {reason}", path=name, reason=system_says(error))],
        next_step=_("Click again: what is installed is looked up anew. `kitsu-launcher apps` lists it."),
    )


def _name(path: str) -> str:
    return capped(escaped(path), 200)


def end(pid: int) -> None:
    """End a program that `start` has started, and what it has started in its turn: it leads a group of its own."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(-pid, signal.SIGTERM)  # the whole group


def watch_by_thread(
    process: subprocess.Popen[bytes], loop: asyncio.AbstractEventLoop, ended: Callable[[int], None]
) -> None:
    """Call `ended` in the loop, once, with the exit code, by a thread that waits: where nothing better is to be had."""

    def wait() -> None:
        code = process.wait()
        # The daemon may have ended meanwhile, and its loop with it.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(ended, code)

    threading.Thread(target=wait, name=f"watch-{process.pid}", daemon=True).start()


def look_again(alive: Callable[[], bool], loop: asyncio.AbstractEventLoop, ended: Callable[[], None]) -> None:
    """Ask every few seconds whether a process still lives: where the kernel has nothing better."""
    if alive():
        loop.call_later(LOOK_AGAIN_S, look_again, alive, loop, ended)
    else:
        ended()
