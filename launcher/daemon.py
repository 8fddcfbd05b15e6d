"""Builds one daemon from its parts, and brings it to a clean end.

asyncio runs in a second thread: the main thread waits for signals (and on macOS a tray will want it).
"""

import asyncio
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack, ExitStack, suppress
from functools import partial

from aiohttp import web

from launcher import door, endings, knock, logs, registered, tray
from launcher.applications import Applications
from launcher.config import fetch
from launcher.config.load import Watched
from launcher.errors import LauncherError
from launcher.execute import Hands, follow_earlier
from launcher.kitsu.accounts import Accounts
from launcher.launches import Launch, Launches
from launcher.listening import only_one
from launcher.noticeside import NoticeSide
from launcher.opennotes import OpenNotes
from launcher.paths import Folders, private_folder, this_os
from launcher.port import Port
from launcher.run import Run
from launcher.system import here
from launcher.system.here import desktop, notify, places, scheme, signals
from launcher.tray import TrayView
from launcher.trayside import TraySide
from launcher.web.app import build
from launcher.web.guard import Hush
from launcher.web.parts import Parts
from launcher.web.protocol import PlainProtocol

log = logging.getLogger("launcher.daemon")
LINK_PATIENCE_S = 30.0
"""For the door to open, of a daemon that a link has started."""


def serve(folders: Folders, port: int | None = None, *, tray: bool = True) -> None:
    """Run the daemon until a signal or `quit`. `port` wins over the studio file's; 0 takes a free one.

    A port that somebody else holds is waited for. Raises: AlreadyRuns, FolderError.
    """
    with ExitStack() as stack:
        stack.enter_context(only_one(private_folder(folders.runtime)))
        private_folder(folders.state)
        logs.to_file(private_folder(folders.logs) / "daemon.log")
        stop = Bell()
        # The kernel may give a signal to any thread. Python's locks then never wake the main one; a byte does.
        signal.set_wakeup_fd(stop.fileno(), warn_on_full_buffer=False)
        stack.callback(signal.set_wakeup_fd, -1)
        signals.when_told_to_end(stop.ring)
        view = TrayView() if tray else None
        daemon = Daemon(folders, port, stop, view)
        thread = threading.Thread(target=daemon.run, name="asyncio", daemon=True)
        thread.start()
        if view:
            show_tray(view, stop.rung, TakenLinks(daemon.opened))
        stop.wait()
        daemon.stop()
        thread.join(timeout=10)
        if thread.is_alive():
            # A thread hangs on a share that does not answer; Python would wait for it for ever.
            log.warning("ended without waiting for a share that does not answer")
            os._exit(0)
        if daemon.failure:
            raise daemon.failure


class Bell:
    """Wakes the one thread that waits: rung by other threads, and by signals through its file descriptor."""

    def __init__(self) -> None:
        self.rung = threading.Event()
        """For those who wait in other ways, as a tray does."""
        self._waiting, self._bytes = socket.socketpair()
        self._bytes.setblocking(False)

    def fileno(self) -> int:
        """What a byte is written to that wakes who waits, so that Python's signal handlers run."""
        return self._bytes.fileno()

    def ring(self) -> None:
        """Wake who waits, or who will wait."""
        self.rung.set()
        with suppress(BlockingIOError):
            self._bytes.send(b"\0")

    def wait(self) -> None:
        """Until it is rung."""
        while not self.rung.is_set():
            self._waiting.recv(1)


def show_tray(view: TrayView, stop: threading.Event, take: Callable[[str], None]) -> None:
    """The tray, until the end; where it breaks, the daemon goes on without. `take`: links that come meanwhile."""
    try:
        scheme.receive(take)
        tray.run(view, stop)
    except Exception:  # whatever a desktop may do: clicks, pages and notices need no icon
        log.exception("the tray has ended")


def assemble(folders: Folders, port: int | None, stop: Callable[[], None]) -> Parts:
    """The parts of one daemon, put together. Nothing is opened or started yet."""
    loaded = Watched(folders, os=this_os(), hostname=socket.gethostname(), environ=os.environ)
    problems = loaded().problems
    if problems:
        print("\n".join(map(str, problems)), file=sys.stderr)
    launches = Launches(folders)
    accounts = Accounts(lambda: loaded().config.studio, os.environ, folders.cache)
    applications = Applications(folders, places, this_os())
    pages = OpenPages()
    notes = OpenNotes(applications.disks)
    hands = Hands(lambda: loaded().config.desk.browser, notes, lambda: loaded().config.studio.keys)
    run = Run(loaded, accounts, applications, launches, folders, hands, this_os())
    chosen = loaded().config.studio.port if port is None else port
    parts = Parts(run, launches, accounts, applications, loaded, folders, chosen, stop, pages)
    pages.parts = parts
    return parts


class OpenPages:
    """Opens pages in the browser, for those who have no tab; without a browser only the log tells."""

    parts: Parts

    def __call__(self, launch: Launch | None, to: str = "/") -> None:
        """Returns at once; `None` opens a page of the dashboard, by an entrance that is good once.

        Nothing is opened where the port is somebody else's.
        """
        if self.parts.port_trouble:
            log.warning(logs.event("no page opened", problem=self.parts.port_trouble.problem))
            return
        url = f"http://127.0.0.1:{self.parts.port}{launch.url}" if launch else self.parts.sessions.enter_url(to)
        hands = self.parts.run.hands
        task = asyncio.get_running_loop().run_in_executor(None, self._open, url, hands.environment(), hands.browser())
        task.add_done_callback(lambda done: done.exception())

    def _open(self, url: str, env: dict[str, str], browser: tuple[str, ...]) -> None:
        try:
            desktop.open_url(url, env, browser)
        except LauncherError as error:
            log.warning(logs.event("no page opened", problem=error.problem))


class Daemon:
    """One daemon's asyncio half, in its own thread."""

    def __init__(self, folders: Folders, port: int | None, stop: Bell, view: TrayView | None = None) -> None:
        """`view`: what a tray shows; None without one."""
        self.folders = folders
        self.view = view
        self.port = port
        self.failure: BaseException | None = None
        self.opened = threading.Event()
        """Set as soon as the private door is open."""
        self._stop = stop
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended: asyncio.Event | None = None

    def run(self) -> None:
        """The thread's body. Whatever ends it also ends the main thread's waiting."""
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # raised again in the main thread
            self.failure = error
        finally:
            self._stop.ring()

    def stop(self) -> None:
        """From the main thread: end the loop's work."""
        if self._loop and self._ended and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ended.set)

    async def _serve(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        parts = assemble(self.folders, self.port, self._stop.ring)
        runner = web.AppRunner(build(parts), access_log=None, handle_signals=False, shutdown_timeout=2)
        await runner.setup()
        manager = runner.server
        assert manager is not None  # noqa: S101  # there after `setup`
        loop, hush = self._loop, Hush()

        def connection() -> PlainProtocol:
            return PlainProtocol(manager, loop, hush)

        port = Port(parts, connection)
        async with AsyncExitStack() as stack:
            stack.callback(parts.launches.close)
            stack.push_async_callback(parts.accounts.close)
            stack.push_async_callback(runner.cleanup)
            stack.push_async_callback(parts.run.close)
            stack.callback(port.close)
            await port.open()
            opened = await here.door.listen(door.path(), connection)
            stack.callback(opened.close)
            self.opened.set()
            log.info("door=%s pid=%d", door.path(), os.getpid())
            # Before launches of earlier daemons are followed: of those that crash meanwhile she is told.
            told = NoticeSide(parts, partial(notify.begin, tray=self.view))
            stack.push_async_callback(told.close)
            follow_earlier(parts.launches, parts.run.hands)
            loop.run_in_executor(None, registered.keep, parts.loaded().config.desk.links)
            parts.icon = self.view is not None
            if self.view:
                stack.push_async_callback(TraySide(parts, self.view).close)
            fetching = fetch.follow(self.folders, os.environ)
            for work in (parts.run.warm(), endings.follow(parts, told), fetching):
                stack.callback(loop.create_task(work).cancel)
            await self._ended.wait()


class TakenLinks:
    """Links that macOS gives to this process itself go the way of all links, one by one: through the private door."""

    def __init__(self, opened: threading.Event) -> None:
        """`opened`: a link may be what this process was started for, and come before the door is open."""
        self._opened = opened
        self._turn = threading.Lock()

    def __call__(self, url: str) -> None:
        """Returns at once."""
        threading.Thread(target=self._hand_over, args=(url,), name="link", daemon=True).start()

    def _hand_over(self, url: str) -> None:
        self._opened.wait(LINK_PATIENCE_S)
        try:
            with self._turn:
                knock.request("POST", "/door/link", {"url": url}, start=False)
        except LauncherError as error:
            log.warning(logs.event("link refused", problem=error.problem))
