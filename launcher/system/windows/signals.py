"""How the daemon is told to end on Windows: Ctrl-C, the console's window closed, log-off, shutdown.

Not Python's signals: their handlers run in the main thread, which waits there and is not woken.
"""

import time
from collections.abc import Callable
from typing import Any

from launcher.door.win32 import ctypes, library

CLOSE, LOGOFF, SHUTDOWN = 2, 5, 6
FINISH_S = 5.0
"""Windows itself waits no longer for a console's program."""
_kept: list[Any] = []
"""Windows calls it as long as the process lives: it must not be collected."""


def when_told_to_end(end: Callable[[], None]) -> None:
    """Call `end`, in a thread of Windows' own, when one of these asks for it."""

    def told(event: int) -> bool:
        end()
        if event in (CLOSE, LOGOFF, SHUTDOWN):
            # Windows ends this process as soon as this returns; it ends by itself meanwhile.
            time.sleep(FINISH_S)
        return True

    handler = ctypes.WINFUNCTYPE(ctypes.c_int, ctypes.c_uint32)(told)
    _kept.append(handler)
    # Without a console there is nobody who could ask.
    library("kernel32").SetConsoleCtrlHandler(handler, True)
