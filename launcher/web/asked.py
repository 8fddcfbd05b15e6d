"""Slow questions of a page: asked once at a time, answered while the page waits a moment, else by a later look."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from launcher.errors import LauncherError
from launcher.words import _

T = TypeVar("T")
log = logging.getLogger("launcher.web")


@dataclass(slots=True)
class Asked(Generic[T]):
    """One question and its last answer. Pages never ask twice at once, however many are open."""

    ask: Callable[[], Awaitable[T]]
    keep_s: float
    """How long an answer counts."""
    clock: Callable[[], float] = time.monotonic
    value: T | None = None
    """The last good answer; also while it is asked again, and after an error."""
    error: LauncherError | None = None
    """Why the last time of asking gave none."""
    _told: float = float("-inf")
    _task: asyncio.Task[None] | None = None

    @property
    def asking(self) -> bool:
        """Whether an answer is still to come."""
        return self._task is not None

    async def look(self, patience_s: float = 0.3) -> None:
        """Ask, unless the last answer still counts; wait for it for a moment only."""
        if self._task is None and self.clock() - self._told >= self.keep_s:
            self._task = asyncio.get_running_loop().create_task(self._go())
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=patience_s)

    def forget(self) -> None:
        """What it depends on has changed: the next look asks again."""
        self._told = float("-inf")

    async def close(self) -> None:
        """Stop asking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _go(self) -> None:
        try:
            self.value, self.error = await self.ask(), None
        except LauncherError as error:
            self.error = error
        except Exception:  # nobody awaits this task: what nobody foresaw must reach the page, not only the log
            log.exception("a page's question failed")
            self.error = LauncherError(
                _("Something went wrong inside Kitsu Launcher."),
                next_step=_("Load the page again; if it happens again, look into the log daemon.log."),
            )
        finally:
            self._told, self._task = self.clock(), None
