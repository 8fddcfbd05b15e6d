"""The demo from beginning to end: sample Kitsu, daemon, login, clicks, and everything put away."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from aiohttp import web

from launcher import door, paths
from launcher.applications import Applications
from launcher.catalogue import load_catalogue
from launcher.config.load import load
from launcher.demo.kitsu import SampleKitsu
from launcher.demo.once import Outcome, as_json, click_each
from launcher.demo.stage import Offer, has_display, lay, offers
from launcher.demo.studio import EMAIL, PASSWORD, sample
from launcher.errors import LauncherError
from launcher.knock import request
from launcher.system.here import desktop, places
from launcher.words import _

NULL_KEYRING = "keyring.backends.null.Keyring"


def show(*, once: bool, json_wanted: bool) -> int:
    """Run the demo; the exit code is 0 when all of it happened."""
    display = has_display(os.environ)
    for number in (signal.SIGTERM, *((signal.SIGHUP,) if sys.platform != "win32" else ())):
        # A closed terminal must not leave a daemon and a folder behind: the ends of all `with` are passed.
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kitsu-demo-", ignore_cleanup_errors=True)))
        _isolate(home)
        studio = sample()
        kitsu = SampleKitsu(studio, [])
        host = stack.enter_context(served(kitsu))
        chosen = offers(_installed(), display)
        lay(home, f"http://{host}", chosen)
        if once:
            # What it starts it also ends; nobody is to be told of that by a page.
            (home / "config").mkdir()
            (home / "config" / "config.toml").write_text('desk.browser = ["true"]\n')
        port = stack.enter_context(_daemon(home / "daemon.txt"))
        request("POST", "/door/login", {"server": f"http://{host}", "email": EMAIL, "password": PASSWORD}, start=False)
        kitsu.actions.extend((o.title, f"http://127.0.0.1:{port}/run/{o.name}", o.ajax) for o in chosen)
        if once or not display:
            return _report(click_each(studio, host, port, chosen), json_wanted, once, display)
        return _let_click(f"http://{host}/", chosen)


def _isolate(home: Path) -> None:
    """Everything of the demo, its tokens too, stays below its own folder and in memory."""
    for name in [name for name in os.environ if name.startswith("KITSU_LAUNCHER_")]:
        del os.environ[name]
    os.environ[door.ENV_HOME] = str(home)
    os.environ["PYTHON_KEYRING_BACKEND"] = NULL_KEYRING


def _installed() -> frozenset[str]:
    """Which applications of the catalogue this machine has."""
    folders = paths.folders()
    apps = load(folders, os=paths.this_os(), hostname="", environ={}).config.apps
    wanted = {name: app for name, app in apps.items() if name in load_catalogue()}
    found = asyncio.run(Applications(folders, places, paths.this_os()).find_all(wanted))
    return frozenset(name for name, candidates in found.items() if candidates.fits)


@contextmanager
def served(kitsu: SampleKitsu) -> Iterator[str]:
    """The sample Kitsu in a thread of its own; its host and port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="sample-kitsu", daemon=True)
    thread.start()

    async def start() -> tuple[web.AppRunner, int]:
        runner = web.AppRunner(kitsu.app(), access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return runner, runner.addresses[0][1]

    runner, port = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


@contextmanager
def _daemon(output: Path) -> Iterator[int]:
    """The demo's own daemon; its port. What it says goes to `output`: the demo tells what there is to tell."""
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "launcher", "serve", "--port", "0"],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        yield _port(process, output)
    finally:
        process.terminate()
        process.wait(15)


def _port(process: "subprocess.Popen[bytes]", output: Path) -> int:
    for _ in range(300):
        try:
            answer = request("GET", "/door/ping", start=False)
        except LauncherError:
            if process.poll() is not None:
                break
            threading.Event().wait(0.05)
            continue
        port = answer.get("port") if isinstance(answer, dict) else None
        if isinstance(port, int):
            return port
    raise LauncherError(
        _("The demo's daemon did not start."),
        tried=output.read_text(errors="replace").splitlines()[-8:],
        next_step=_("If it is not clear why, send these lines to whoever looks after Kitsu Launcher."),
    )


def _report(outcomes: list[Outcome], json_wanted: bool, once: bool, display: bool) -> int:
    happened = all(outcome.happened for outcome in outcomes)
    if json_wanted:
        print(as_json(outcomes))
        return 0 if happened else 1
    if not once and not display:
        print("There is no display, so the demo clicks by itself.\n")
    for outcome in outcomes:
        print("\n".join(outcome.lines()))
    print("\nAll of it happened." if happened else "\nNot all of it happened.")
    return 0 if happened else 1


def _let_click(url: str, chosen: tuple[Offer, ...]) -> int:
    try:
        print(f"A sample of Kitsu is at {url}; its actions: {', '.join(offer.title for offer in chosen)}.", flush=True)
        print("Click there. Ctrl-C ends the demo and removes everything it made.", flush=True)
        try:
            desktop.open_url(url, dict(os.environ), ())
        except LauncherError:
            print(f"No browser could be opened here: open {url} yourself.")
        # Again and again: a Ctrl-C that the kernel gives to another thread would not wake a wait without end.
        while not threading.Event().wait(1):
            pass
    except KeyboardInterrupt:
        print()
    return 0
