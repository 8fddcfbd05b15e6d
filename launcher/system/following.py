"""A program that is asked something: followed to its end, within a time, and read no further than a limit.

The same on every OS; how to tell whether something can be read, and how to kill a program with all that it has
started, is given by `system/<os>/runner.py`.
"""

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Callable, Collection, Mapping

from launcher.system import Killed, Ran

WAIT_S = 0.02
"""Between two looks."""
KILLED_S = 5.0
"""For a killed program to be gone; one that hangs in a dead disk may never be."""
CHUNK_BYTES = 65_536

Ready = Callable[[Collection[int], float], list[int]]
"""Which of these pipes can be read at once, or are at their end; waits for one of them, this long."""


def followed(
    child: subprocess.Popen[bytes],
    ready: Ready,
    kill: Callable[[], None],
    timeout_s: float,
    limit_bytes: int,
    stop: threading.Event,
) -> Ran:
    """What a program with pipes for both outputs said until it ended by itself, or was killed.

    What it has left running when it ends goes on, but is not listened to: a pipe that it keeps open holds up nobody.
    """
    assert child.stdout  # noqa: S101  # for mypy: both are pipes
    assert child.stderr  # noqa: S101
    said = {child.stdout.fileno(): bytearray(), child.stderr.fileno(): bytearray()}
    try:
        killed = _listened(child, said, ready, time.monotonic() + timeout_s, limit_bytes, stop)
        if killed:
            kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(KILLED_S)
    finally:
        child.stdout.close()
        child.stderr.close()
    output, errors = (bytes(text[:limit_bytes]) for text in said.values())
    return Ran(None if killed else child.returncode, output, errors, killed)


def _listened(
    child: subprocess.Popen[bytes],
    said: Mapping[int, bytearray],
    ready: Ready,
    deadline: float,
    limit_bytes: int,
    stop: threading.Event,
) -> Killed | None:
    """Read until the program has ended, or must be killed, and why."""
    pipes = set(said)
    while True:
        # Asked first: what was said before the end can then be read to its end.
        ended = child.poll() is not None
        while found := ready(pipes, 0 if ended else WAIT_S) if pipes else ():
            for pipe in found:
                chunk = os.read(pipe, CHUNK_BYTES)
                said[pipe].extend(chunk)
                if not chunk:
                    pipes.discard(pipe)
            if sum(map(len, said.values())) > limit_bytes:
                return Killed.OUTPUT
            if not ended:
                break
        if ended:
            return None
        if stop.is_set():
            return Killed.STOPPED
        if time.monotonic() >= deadline:
            return Killed.TIME
        if not pipes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(WAIT_S)
