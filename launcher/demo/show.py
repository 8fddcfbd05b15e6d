"""The demo from beginning to end: sample Kitsu, daemon, login, clicks, and everything put away."""

import _thread
import asyncio
import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from aiohttp import web

from launcher import door, itself, knock, paths
from launcher.applications import Applications
from launcher.catalogue import load_catalogue
from launcher.config.load import load
from launcher.demo.kitsu import SampleKitsu
from launcher.demo.once import Outcome, as_json, click_each
from launcher.demo.stage import Offer, lay, name_port, offers
from launcher.demo.studio import EMAIL, PASSWORD, sample
from launcher.errors import LauncherError
from launcher.model import Json
from launcher.system.here import desktop, places, signals
from launcher.words import _

KEYRING = "launcher.demo.memory.Keyring"


def show(say: Callable[[str], str], *, once: bool, json_wanted: bool) -> int:
    """Run the demo; the exit code is 0 when all of it happened. `say` puts a sentence into the person's language."""
    display = desktop.has_display(os.environ)
    alone = once or not display
    # A closed terminal must not leave a daemon and a folder behind.
    signals.when_told_to_end(_interrupt)
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kitsu-demo-", ignore_cleanup_errors=True)))
        _isolate(home)
        studio = sample()
        kitsu = SampleKitsu(studio, [])
        host = stack.enter_context(served(kitsu))
        chosen = offers(_installed(), display, alone)
        lay(home, f"http://{host}", chosen)
        if alone:
            # What it starts it also ends; nobody is to be told of that by a page, nor by the icon's notices.
            (home / "config").mkdir()
            (home / "config" / "config.toml").write_text(f"desk.browser = {json.dumps(itself.command('--version'))}\n")
        port = stack.enter_context(_daemon(home / "daemon.txt", tray=not alone))
        name_port(home, port)
        login: dict[str, Json] = {"server": f"http://{host}", "email": EMAIL, "password": PASSWORD}
        knock.request("POST", "/door/login", login, start=False)
        kitsu.actions.extend((o.title, f"http://127.0.0.1:{port}/run/{o.name}", o.ajax) for o in chosen)
        if not alone:
            return _let_click(say, f"http://{host}/", chosen)
        outcomes = click_each(studio, host, port, chosen)
        if json_wanted:
            print(as_json(outcomes))
        else:
            _report(say, outcomes, display)
        return 0 if all(outcome.happened for outcome in outcomes) else 1


def _interrupt() -> None:
    """Told to end: the main thread leaves all its `with`, as after Ctrl-C."""
    if threading.current_thread() is threading.main_thread():
        raise KeyboardInterrupt
    _thread.interrupt_main()  # Windows tells it in a thread of its own


def _isolate(home: Path) -> None:
    """Everything of the demo, its tokens too, stays below its own folder and in memory."""
    for name in [name for name in os.environ if name.startswith("KITSU_LAUNCHER_")]:
        del os.environ[name]
    os.environ[door.ENV_HOME] = str(home)
    os.environ["PYTHON_KEYRING_BACKEND"] = KEYRING


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
def _daemon(output: Path, *, tray: bool) -> Iterator[int]:
    """The demo's own daemon; its port. What it says goes to `output`: the demo tells what there is to tell."""
    with output.open("wb") as file:
        process = subprocess.Popen(
            itself.command("serve", "--port", "0", *([] if tray else ["--no-tray"])),
            env=itself.environment(),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
            creationflags=knock.DETACHED,
        )
    try:
        yield _port(process, output)
    finally:
        with suppress(LauncherError):
            knock.request("POST", "/door/quit", start=False)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


def _port(process: "subprocess.Popen[bytes]", output: Path) -> int:
    for _turn in range(300):
        try:
            answer = knock.request("GET", "/door/ping", start=False)
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


def _report(say: Callable[[str], str], outcomes: list[Outcome], display: bool) -> None:
    if not display:
        print(say(_("There is no display, so the demo clicks by itself.")), end="\n\n")
    for outcome in outcomes:
        print("\n".join(outcome.lines(say)))
    happened = all(outcome.happened for outcome in outcomes)
    print("\n" + say(_("All of it happened.") if happened else _("Not all of it happened.")))


def _let_click(say: Callable[[str], str], url: str, chosen: tuple[Offer, ...]) -> int:
    titles = ", ".join(offer.title for offer in chosen)
    with suppress(KeyboardInterrupt):
        print(say(_("A sample of Kitsu is at {url}; its actions: {titles}.", url=url, titles=titles)), flush=True)
        print(say(_("Click there. Ctrl-C ends the demo and removes everything it made.")), flush=True)
        try:
            desktop.open_url(url, dict(os.environ), ())
        except LauncherError:
            print(say(_("No browser could be opened here: open {url} yourself.", url=url)), flush=True)
        # Again and again: a Ctrl-C that the kernel gives to another thread would not wake a wait without end.
        while not threading.Event().wait(1):
            pass
    return 0
