"""How the daemon is told to end on Linux and macOS: by signals. Called in the main thread."""

import signal
import sys
from collections.abc import Callable

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too


def when_told_to_end(end: Callable[[], None]) -> None:
    """Call `end` when the session, the service manager or Ctrl-C asks for it."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: end())
