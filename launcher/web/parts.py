"""What the routes need of one daemon."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from launcher.applications import Applications
from launcher.config.load import Loaded
from launcher.errors import LauncherError
from launcher.kitsu.accounts import Accounts
from launcher.launches import Launch, Launches
from launcher.logs import event
from launcher.paths import Folders
from launcher.run import Run
from launcher.system.linux import desktop, process

log = logging.getLogger("launcher.web")


@dataclass(slots=True)
class Parts:
    """One daemon, as the routes see it."""

    run: Run
    launches: Launches
    accounts: Accounts
    applications: Applications
    loaded: Callable[[], Loaded]
    folders: Folders
    port: int
    """Where the port's routes answer on 127.0.0.1 and ::1. A daemon told to take port 0 sets it once it knows."""
    stop: Callable[[], None]
    """Ends the daemon soon; applications go on."""

    def address(self, launch: Launch | None) -> str:
        """The whole address of a launch's page, or of the front page."""
        return f"http://127.0.0.1:{self.port}{launch.url if launch else '/'}"

    def open_page(self, launch: Launch | None) -> None:
        """Open that address in the person's browser. Returns at once; without a browser the log says so."""
        try:
            opener = desktop.open_url(self.address(launch), self.run.hands.environment(), self.run.hands.browser())
        except LauncherError as error:
            log.warning(event("no page opened", launch=launch.id[:8] if launch else None, problem=error.problem))
            return
        # Watched only so that nothing is left behind of it: a browser that was not running yet stays.
        process.watch(opener, asyncio.get_running_loop(), lambda code: None)


PARTS = web.AppKey("parts", Parts)
