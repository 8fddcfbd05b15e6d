"""Starts the daemon again after a crash: where the operating system does not do it itself.

Never after `quit` (exit code 0), and not where one runs already (2).
"""

import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
STEADY_S = 60.0
"""One that lived so long had begun well: the next pause is the first one again."""
LEFT_ALONE = frozenset({0, 2})
"""It was told to end; another one runs already."""


def next_pause(pause_s: float, lived_s: float) -> float:
    """How long to wait before the next start, after a crash that followed a pause of `pause_s`; 0 for the first one."""
    if pause_s == 0 or lived_s >= STEADY_S:
        return FIRST_PAUSE_S
    return min(2 * pause_s, LONGEST_PAUSE_S)


def run(argv: Sequence[str], env: Mapping[str, str], when_told_to_end: Callable[[Callable[[], None]], None]) -> int:
    """Run the daemon, again after each crash, until it ends well or this process is told to end; its exit code."""
    told = threading.Event()
    child: subprocess.Popen[bytes] | None = None

    def end() -> None:
        told.set()
        if child:
            child.terminate()

    when_told_to_end(end)
    pause_s = 0.0
    while True:
        began = time.monotonic()
        child = subprocess.Popen(list(argv), env=dict(env), stdin=subprocess.DEVNULL)
        if told.is_set():  # between the pause and the start
            child.terminate()
        code = child.wait()
        if told.is_set() or code in LEFT_ALONE:
            return max(code, 0)
        pause_s = next_pause(pause_s, time.monotonic() - began)
        if told.wait(pause_s):
            return 0
