"""What the routes need of one daemon."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from aiohttp import web

from launcher.applications import Applications
from launcher.config.load import Watched
from launcher.errors import LauncherError
from launcher.kitsu.accounts import Accounts
from launcher.launches import Launch, Launches
from launcher.listening import PortTaken
from launcher.paths import Folders
from launcher.run import Run
from launcher.web.sessions import Sessions


class OpenPage(Protocol):
    """How pages are opened in the person's browser."""

    def __call__(self, launch: Launch | None, to: str = "/") -> None:
        """Open a launch's page, or with None one of the dashboard. Returns at once."""


@dataclass(slots=True)
class Parts:
    """One daemon, as the routes see it."""

    run: Run
    launches: Launches
    accounts: Accounts
    applications: Applications
    loaded: Watched
    folders: Folders
    port: int
    """Where the port's routes answer on 127.0.0.1 and ::1. A daemon told to take port 0 sets it once it knows."""
    stop: Callable[[], None]
    """Ends the daemon soon; applications go on."""
    open_page: OpenPage
    port_trouble: PortTaken | None = None
    """Who holds the port in our place, as long as somebody does: nothing may be opened there then."""
    say: Callable[[LauncherError], None] = lambda error: None
    """Tells an error by a notice: whoever asked has neither a page nor a terminal for it."""
    icon: bool = False
    """Whether this daemon wants to show an icon."""
    sessions: Sessions = field(init=False)
    """The browsers that may see the dashboard."""

    def need_port(self, *, unseen: bool) -> None:
        """Raises: PortTaken where the pages are somebody else's; `unseen`: nobody will read that, a notice tells it."""
        if self.port_trouble:
            if unseen:
                self.say(self.port_trouble)
            raise self.port_trouble

    def __post_init__(self) -> None:
        self.sessions = Sessions(lambda: self.port)


PARTS = web.AppKey("parts", Parts)
