"""Does the steps of a plan, in their order; starts the applications, watches them, and tells what became of them."""

import asyncio
import json
import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePath

from launcher import before
from launcher.copying import copy_earlier
from launcher.disks import alone
from launcher.errors import LauncherError, Refused, system_says
from launcher.files import FileError, Taken, copy, inside, make_folder, stamp, unmoved
from launcher.filesystem import NEW
from launcher.journal import Process
from launcher.launch import Launch, warned
from launcher.launches import REMEMBERED, Launches
from launcher.logs import capped, escaped, event, tail
from launcher.model import (
    Copy,
    Identity,
    LeaveNote,
    MakeFolder,
    OpenFolder,
    OpenUrl,
    Plan,
    RunBefore,
    ShowPage,
    Stamp,
    Start,
    State,
    Step,
    WriteContext,
)
from launcher.opennote import Noted
from launcher.opennotes import OpenNotes
from launcher.paths import FolderError, private_folder, write_atomically
from launcher.plan.answers import merged
from launcher.system.here import desktop, process
from launcher.words import _

__all__ = ["Ended", "Hands", "Taken", "carry_out", "follow_earlier", "write_context"]

EARLY_S = 5.0
"""An application that ends with an error this soon was never seen: without notices its page is opened again."""
OPENER_S = 2.0
"""xdg-open usually answers at once. When it has not by then, it has become the browser itself."""
LAST_LINES = 8
"""How many lines of an application's output an error shows."""
LOG_FILE = NEW | os.O_APPEND
log = logging.getLogger("launcher.execute")


class Ended(LauncherError):
    """An application ended with an error, or crashed."""

    code = "ended"


@dataclass(frozen=True, slots=True)
class Hands:
    """How this machine is to be touched."""

    browser: Callable[[], tuple[str, ...]]
    """The person's own command for addresses; empty for the desktop's way."""
    notes: OpenNotes = field(default_factory=OpenNotes)
    """Those beside the files that are open."""
    keys: Callable[[], Collection[str]] = tuple
    """The studio's own, which may come from a variable of any name (`env:NAME`)."""

    def environment(self, keys: Collection[str] | None = None) -> dict[str, str]:
        """The base environment of applications, read anew for each click. No key of the studio is in it.

        `keys` are those, where the caller has just read the configuration.
        """
        keys = set(self.keys() if keys is None else keys)
        known = process.clean_environment(os.environ)
        return {name: value for name, value in known.items() if value.strip() not in keys}


async def carry_out(plan: Plan, launch: Launch, launches: Launches, hands: Hands) -> None:
    """Do all steps. Returns when everything has been started; the end of applications is told later on the launch.

    The launch is then running, done (where nothing stays running) or failed.
    Raises: Taken when somebody else made the working file meanwhile, before anything was started: prepare once more.
    """
    work = _Work(launch, launches, hands, plan.seen)
    try:
        for step in plan.steps:
            await work.do(step)
    except Taken as error:
        if launch.processes:
            work.failed(error)
            return
        raise
    except LauncherError as error:
        work.failed(error)
    else:
        work.begun()
    finally:
        await work.withdraw()


def follow_earlier(launches: Launches, hands: Hands) -> None:
    """Applications that an earlier daemon started: watch those that still run, close the launches of the others."""
    for launch in launches.recent(REMEMBERED):
        if launch.state is State.RUNNING:
            _Work(launch, launches, hands).follow()


class _Work:
    """One launch being carried out, and then followed until its last application has ended."""

    def __init__(
        self, launch: Launch, launches: Launches, hands: Hands, seen: Mapping[PurePath, Identity] | None = None
    ) -> None:
        self._launch = launch
        self._launches = launches
        self._hands = hands
        self._seen = seen or {}
        self._made: list[Path] = []
        self._added: dict[str, dict[str, str | None]] = {}
        """By context file: what the studio's programs added to the environment of its application."""
        self._notes: list[Noted] = []
        """Those of the application that is to be started next."""

    async def do(self, step: Step) -> None:
        """One step. What may wait for a disk waits in a thread: a share that hangs must not stop other clicks."""
        match step:
            case MakeFolder():
                seen = self._seen.get(step.root)
                self._made += await alone(partial(make_folder, Path(step.path), Path(step.root), seen))
            case Copy():
                source, target, root, seen = (
                    Path(step.source),
                    Path(step.target),
                    Path(step.root),
                    self._seen.get(step.root),
                )
                if step.earlier is None:
                    await alone(partial(copy, source, target, root, seen))
                else:
                    await alone(partial(copy_earlier, source, Path(step.earlier), target, root, seen))
                self._made.append(Path(step.target))
            case LeaveNote():
                await self._leave_note(step)
            case Stamp():
                await self._stamp(step)
            case WriteContext():
                await asyncio.to_thread(write_context, step, self._launches.folders.state)
            case RunBefore():
                await self._ask(step)
            case Start():
                await self._start(step)
            case OpenFolder():
                await alone(partial(unmoved, Path(step.root), self._seen.get(step.root)))
                folder = await alone(partial(inside, Path(step.path), Path(step.root)))
                opener = await asyncio.to_thread(desktop.open_folder, folder, self._hands.environment())
                await self._opened(opener, str(folder))
            case OpenUrl():
                env, browser = self._hands.environment(), self._hands.browser()
                await self._opened(await asyncio.to_thread(desktop.open_url, step.url, env, browser), step.url)
            case ShowPage():
                """Its content stands in the plan; the launch's page shows it."""

    async def _stamp(self, step: Stamp) -> None:
        """A folder without a stamp is worked in all the same: only a rename in Kitsu will not be noticed.

        The application runs already, so nothing that goes wrong here is more than a warning.
        """
        try:
            await alone(partial(stamp, Path(step.folder), Path(step.root), step.mark, self._seen.get(step.root)))
        except FileError as error:
            note = _(
                "If {label} is renamed in Kitsu, this folder will not be found again: {reason}.",
                label=capped(escaped(step.mark.label), 120),
                reason=(*error.tried, error.problem)[0],
            )
            self._launches.update(self._launch, plan=warned(self._launch.plan, note))

    def begun(self) -> None:
        """Every step is done: the launch's page may close itself."""
        if not self._launch.processes:
            self._launches.update(self._launch, state=State.DONE)
        else:
            self._launches.update(self._launch, state=State.RUNNING)
            self._judge()

    def failed(self, error: LauncherError) -> None:
        """A step failed: what was made before stays, and is named; what was started goes on."""
        error.tried = (*error.tried, *(_("{path}: was made before, and stays", path=path) for path in self._made))
        state = State.REFUSED if isinstance(error, Refused) and not self._launch.processes else State.FAILED
        self._launches.update(self._launch, state=state, error=error, asking="")

    async def _ask(self, step: RunBefore) -> None:
        """Ask one of the studio's programs, tell meanwhile which, and keep what it adds for the application's start."""
        launch = self._launch
        added = self._added.setdefault(str(step.context), {})
        self._launches.update(launch, asking=step.name)
        asked = await before.ask(step, added)
        log.info(event("asked", launch=launch.id[:8], program=step.name, exit=asked.ran.code, killed=asked.ran.killed))
        await asyncio.to_thread(asked.keep, self._launches.before_log(launch), self._launches.folders.state)
        said = asked.answer(f"`kitsu-launcher log {launch.id[:8]}`")
        added.update(said.env)
        lines = launch.lines
        if said.env:
            lines += (_("{program} changed {names}", program=step.name, names=", ".join(said.env)),)
        self._launches.update(launch, asking="", lines=lines)

    async def withdraw(self) -> None:
        """Notes of what was not started after all go, before anybody is asked because of them."""
        notes, self._notes = self._notes, []
        if notes:
            await self._hands.notes.let_go(notes)

    async def _leave_note(self, step: LeaveNote) -> None:
        noted, why = await self._hands.notes.leave(step, self._seen.get(step.root))
        self._notes.append(noted)
        if why:
            note = _("Nobody is told that you have {file} open: {reason}.", file=step.file.name, reason=why)
            self._launches.update(self._launch, plan=warned(self._launch.plan, note))

    async def _start(self, step: Start) -> None:
        number = len(self._launch.processes) + 1
        added = self._added.get(step.env.get("KITSU_CONTEXT", ""), {})
        env = merged(step.env, added, before.os_of(step.cwd))
        path = self._launches.log_path(self._launch, number)
        output = self._output(path)
        try:
            started = time.time()
            child = await alone(partial(_begin, replace(step, env=env), output))
        finally:
            os.close(output)
        entry = Process(
            application=step.application,
            argv=step.argv,
            pid=child.pid,
            file=str(step.file) if step.file else None,
            task_ids=step.task_ids,
            log=str(path),
            started=started,
            birth=process.birth(child.pid),
            hands_over=step.hands_over,
            notes=tuple(self._notes),
        )
        self._notes.clear()
        self._launches.update(self._launch, processes=(*self._launch.processes, entry))
        process.watch(child, asyncio.get_running_loop(), lambda code: self._ended(number - 1, code))
        log.info(event("started", launch=self._launch.id[:8], application=step.application, pid=child.pid))

    def _output(self, path: Path) -> int:
        """The application's own log, 0600. A disk that takes no log is no reason not to start."""
        try:
            private_folder(path.parent, self._launches.folders.state)
            return os.open(path, LOG_FILE, 0o600)
        except FileExistsError as error:
            raise FileError(
                _("The log {path} is there already.", path=path),
                tried=[_("{path}: a link", path=path) if path.is_symlink() else _("{path}: a file", path=path)],
                next_step=_("Click again; if it happens again, ask IT who put it there."),
            ) from error
        except (OSError, FolderError) as error:
            if isinstance(error, FolderError):
                reason = error.tried[0]
            else:
                reason = _("{path}: {reason}", path=path, reason=system_says(error))
            note = _("The output of the application is not kept: {reason}.", reason=reason)
            self._launches.update(self._launch, plan=warned(self._launch.plan, note))
            return os.open(os.devnull, os.O_WRONLY)

    async def _opened(self, opener: subprocess.Popen[bytes] | None, what: str) -> None:
        """Wait a moment for the desktop's answer, where it gives one: with one that fails she would look at nothing."""
        if opener is None:
            return
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def ended(code: int) -> None:
            if not answer.done():
                answer.set_result(code)

        process.watch(opener, asyncio.get_running_loop(), ended)
        try:
            code = await asyncio.wait_for(answer, OPENER_S)
        except TimeoutError:
            return
        if code:
            raise Ended(
                _(
                    "The desktop could not open {what}: {outcome}.",
                    what=capped(escaped(what), 400),
                    outcome=outcome(code),
                ),
                next_step=_("Open it by hand, and try `xdg-open` with it in a terminal: there it says more."),
            )

    def follow(self) -> None:
        """Watch what an earlier daemon started."""
        loop = asyncio.get_running_loop()
        for index, entry in enumerate(self._launch.processes):
            if entry.ended is not None:
                continue

            def ended(index: int = index) -> None:
                self._ended(index, None, _("Its exit code is not known: the launcher was restarted while it ran."))

            if not process.watch_again(entry.pid, entry.birth, loop, ended):
                self._ended(index, None, _("The launcher was not running when it ended: its exit code is not known."))
        self._hands.notes.keep(_needed(self._launch))

    def _ended(self, index: int, code: int | None, note: str = "") -> None:
        launch = self._launch
        entry = replace(launch.processes[index], ended=time.time(), exit_code=code)
        processes = (*launch.processes[:index], entry, *launch.processes[index + 1 :])
        needed = _needed(launch)
        early = bool(code) and entry.ended is not None and entry.ended - entry.started < EARLY_S
        self._launches.update(launch, processes=processes, early=launch.early or early)
        over = needed - _needed(launch)
        if over and processes[index].handed_over:
            self._pass_on(entry, over)
        elif over:
            self._hands.notes.let_go(over)
        if note:
            self._launches.update(launch, plan=warned(launch.plan, note))
        log.info(event("ended", launch=launch.id[:8], application=entry.application, pid=entry.pid, exit=code))
        if code and launch.error is None:
            self._launches.update(launch, error=_error(launch, entry, code))
        self._judge()

    def _pass_on(self, ended: Process, notes: set[Noted]) -> None:
        """What an application leaves to the instance that runs already is open still: its notes are that one's now."""
        for launch in self._launches.recent(REMEMBERED):
            for index, entry in enumerate(launch.processes):
                if entry.ended is None and entry.application == ended.application:
                    entry = replace(entry, notes=(*entry.notes, *notes))
                    processes = (*launch.processes[:index], entry, *launch.processes[index + 1 :])
                    self._launches.update(launch, processes=processes)
                    return
        self._hands.notes.leave_lying(notes)

    def _judge(self) -> None:
        """When the last application has ended, the launch is done, or failed by the first error."""
        launch = self._launch
        if launch.state is State.RUNNING and all(entry.ended is not None for entry in launch.processes):
            self._launches.update(launch, state=State.FAILED if launch.error else State.DONE)


def _begin(step: Start, output: int) -> subprocess.Popen[bytes]:
    return process.start(step.argv, step.env, Path(step.cwd), output, batch=step.batch)


def _needed(launch: Launch) -> set[Noted]:
    """The notes of a launch's files that are open still. Two of its applications may share one file, and its note; of
    a scene that is a folder, the note lies beside the folder.
    """
    running = [entry for entry in launch.processes if entry.ended is None]
    files = {str(place) for entry in running if entry.file for place in (Path(entry.file), *Path(entry.file).parents)}
    shared = {noted for entry in launch.processes for noted in entry.notes if noted.file in files}
    return shared.union(*(entry.notes for entry in running))


def write_context(step: WriteContext, state: Path) -> None:
    """Write a context file, for this user alone, below our own folder `state`.

    Raises: FileError, FolderError.
    """
    path = Path(step.path)
    private_folder(path.parent, state)
    content = json.dumps(step.context, indent=1, ensure_ascii=False).encode("utf-8", "backslashreplace")
    try:
        write_atomically(path, content, lasting=False)
    except OSError as error:
        raise FileError(
            _("The file that tells the application its task could not be written."),
            tried=[_("{path}: {reason}", path=path, reason=system_says(error))],
            next_step=_("Free some space in your home, then click again."),
        ) from error


def outcome(code: int) -> str:
    """An exit code in words; negative ones are signals, those from 0xC0000000 on Windows' own."""
    if code >= 0xC000_0000:
        return _("it crashed with 0x{code:08X}", code=code)
    if code >= 0:
        return _("it ended with exit code {code}", code=code)
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = "unknown"
    return _("it crashed with signal {code} ({name})", code=-code, name=name)


def _error(launch: Launch, entry: Process, code: int) -> Ended:
    """Which application, how it ended, and the last that it said."""
    seconds = max((entry.ended or entry.started) - entry.started, 0)
    said = (tail(Path(entry.log)) or "").splitlines()[-LAST_LINES:]
    return Ended(
        _(
            "{app}: {outcome}, {span} after its start.",
            app=entry.application,
            outcome=outcome(code),
            span=_span(seconds),
        ),
        tried=[capped(escaped(" ".join(entry.argv)), 400), *(capped(line, 200) for line in said)],
        next_step=_("All that it printed: `kitsu-launcher log {id}`.", id=launch.id[:8]),
    )


def _span(seconds: float) -> str:
    if seconds < 90:
        return _("{seconds:.0f} s", seconds=seconds)
    return _("{minutes:.0f} min", minutes=seconds / 60) if seconds < 5400 else _("{hours:.0f} h", hours=seconds / 3600)
