"""Looks at disks that may never answer, as a dead mount does: in threads that may be left behind, but only few."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

T = TypeVar("T")


class Disks:
    """Whoever waits for a disk. One for each daemon: it knows where a thread still hangs."""

    def __init__(self) -> None:
        self._hanging: dict[str, list[threading.Thread]] = {}

    async def ask(self, place: str, work: Callable[[], T], patience_s: float) -> T:
        """What `work` answers about `place`; it runs in a thread of its own and is given up after `patience_s`.

        While an earlier thread still hangs there, no other is sent after it.
        Raises: TimeoutError, then at once; and what `work` raises.
        """
        hanging = [thread for thread in self._hanging.pop(place, ()) if thread.is_alive()]
        if hanging:
            self._hanging[place] = hanging
            raise TimeoutError
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        # A daemon thread: unlike one of asyncio's, it may hang for ever without holding up the end of this program.
        thread = threading.Thread(target=_work, args=(future, work), name="disk", daemon=True)
        thread.start()
        try:
            return await asyncio.wait_for(future, patience_s)
        except TimeoutError:
            self._hanging.setdefault(place, []).append(thread)
            raise


async def alone(work: Callable[[], T]) -> T:
    """What `work` answers, however long that takes, in a thread that does not hold up the end of this program.

    Raises: what `work` raises.
    """
    future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    threading.Thread(target=_work, args=(future, work), name="disk", daemon=True).start()
    return await future


def _work(future: "asyncio.Future[T]", work: Callable[[], T]) -> None:
    """The body of a thread: do the work, and tell the loop, if it still waits."""
    try:
        told = partial(future.set_result, work())
    except BaseException as error:  # whatever it is belongs to whoever waits, not to this thread
        told = partial(future.set_exception, error)
    with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile: nobody waits any more
        future.get_loop().call_soon_threadsafe(lambda: None if future.done() else told())
