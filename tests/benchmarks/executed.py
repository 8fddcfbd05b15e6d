"""The moment of `execve`, told by the kernel: it opens the program's file, and whoever watches that file is told."""

import ctypes
import os
import select
import time
from pathlib import Path

IN_OPEN = 0x20
"""inotify(7)."""
PATIENCE_S = 20


class Executed:
    """Watches one program that nothing else opens."""

    def __init__(self, program: Path) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self._watch = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._watch < 0 or libc.inotify_add_watch(self._watch, os.fsencode(program), IN_OPEN) < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(program))

    def wait(self) -> float:
        """When it was executed, by `time.perf_counter`. Each execution is told once."""
        ready, _, _ = select.select([self._watch], [], [], PATIENCE_S)
        moment = time.perf_counter()
        assert ready, f"nothing was started within {PATIENCE_S} s"
        os.read(self._watch, 4096)
        return moment

    def close(self) -> None:
        os.close(self._watch)
