"""A program that is asked something, on Linux and macOS: in a session of its own, whose group is killed as a whole."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from launcher.logs import capped, escaped
from launcher.system import Ran
from launcher.system.following import followed
from launcher.system.posix.process import refused
from launcher.system.refusals import not_an_argument

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too


def run(
    argv: Sequence[str], env: Mapping[str, str], cwd: Path, timeout_s: float, limit_bytes: int, stop: threading.Event
) -> Ran:
    """As `system.Runner`."""
    try:
        child = subprocess.Popen(
            list(argv),
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
    except OSError as error:
        raise refused(error, argv[0], cwd) from error
    except ValueError as error:
        raise not_an_argument(capped(escaped(argv[0]), 200)) from error

    def kill() -> None:
        if child.returncode is None:  # once it was waited for, its number may be another's
            # macOS says EPERM where one of the group has ended already and the others are gone.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)

    return followed(child, _ready, kill, timeout_s, limit_bytes, stop)


def _ready(pipes: Collection[int], wait_s: float) -> list[int]:
    poll = select.poll()
    for pipe in pipes:
        poll.register(pipe, select.POLLIN)
    return [pipe for pipe, _event in poll.poll(wait_s * 1000)]
