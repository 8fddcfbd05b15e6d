"""Wakes a thread that waits for its desktop, on any OS, when there is something to show or the end has come."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def woken(changed: threading.Event, stop: threading.Event, wake: Callable[[], None]) -> Iterator[None]:
    """Call `wake`, in a thread of its own, whenever `changed` is set (it is cleared before), and at last at `stop`.

    Two threads that sleep: an event cannot be waited for together with a desktop's connection, and asking every
    half second would wake an idle machine.
    """

    def follow() -> None:
        while not stop.is_set():
            changed.wait()
            changed.clear()
            wake()

    def end() -> None:
        stop.wait()
        changed.set()

    threads = [threading.Thread(target=body, name="tray", daemon=True) for body in (follow, end)]
    for thread in threads:
        thread.start()
    yield
    if stop.is_set():
        for thread in threads:
            thread.join(5)
