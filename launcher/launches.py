"""Every launch: what waits, runs and ran. The one place where a launch's state changes.

Everything here belongs to the event loop's thread; only the journal writes elsewhere.
"""

import asyncio
import logging
import re
import secrets
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypedDict, Unpack

from launcher.errors import LauncherError, NotFoundHere, Refused
from launcher.journal import Journal, Process
from launcher.launch import Launch, Question, record_of, restored
from launcher.logs import escaped, event, tail
from launcher.model import Click, How, Plan, Sender, State
from launcher.paths import Folders, private_folder
from launcher.words import _

__all__ = ["Expired", "Launch", "Launches", "Process", "Question", "TooMany"]

JOIN_S = 2.0
"""The same wish within this time is one click, pressed twice."""
ANSWER_S = 120.0
"""How long a question waits."""
OPEN_QUESTIONS = 3
A_MINUTE = 60
"""The most launches within a minute."""
DOUBTED_A_MINUTE = 12
"""The most of those that any page may have sent: they use up nothing of what a person's own clicks may."""
MOST_WAITING = 10
"""The most launches that wait for a login: a login lets all of its person's go on at once."""
REMEMBERED = 500
"""The most launches in memory; the oldest finished ones leave first. The journal keeps more."""
KEPT_S = 30 * 24 * 3600.0
"""Journal, logs and context files are kept for 30 days."""
ID = re.compile(r"[0-9a-f]{32}(?![0-9a-f])", re.ASCII)
UNFINISHED = (State.PREPARING, State.ASKS, State.RUNNING)
NEXT = {
    State.PREPARING: frozenset({State.ASKS, State.REFUSED, State.RUNNING, State.DONE, State.FAILED}),
    State.ASKS: frozenset({State.PREPARING, State.REFUSED, State.FAILED}),
    State.RUNNING: frozenset({State.DONE, State.FAILED}),
    State.REFUSED: frozenset[State](),
    State.DONE: frozenset[State](),
    State.FAILED: frozenset[State](),
}
"""Which state may follow which."""
log = logging.getLogger("launcher.launches")


class TooMany(LauncherError):
    """More clicks or questions than a person makes."""

    code = "too-many"
    exit_code = 3
    status = 429


class Expired(Refused):
    """An answer that was given already, came too late, or belongs to another question."""

    code = "expired"


class Changes(TypedDict, total=False):
    """What `Launches.update` may change."""

    state: State
    person: str
    tasks: tuple[str, ...]
    click: Click
    plan: Plan | None
    lines: tuple[str, ...]
    question: Question | None
    agreed: tuple[str, ...]
    waiting_for: str
    asking: str
    error: LauncherError | None
    processes: tuple[Process, ...]
    early: bool


class Launches:
    """The launches of one daemon, and those of earlier ones that the journal knows."""

    def __init__(
        self,
        folders: Folders,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.folders = folders
        self._clock = clock
        self._now = now
        self._all: dict[str, Launch] = {}
        self._listeners: list[Callable[[Launch], None]] = []
        self._begun: dict[bool, deque[tuple[float, Launch]]] = {False: deque(), True: deque()}
        for folder in (folders.state, folders.logs, folders.launches):
            try:
                private_folder(folder)
            except LauncherError as error:
                log.warning(event("folder not usable, launches go on without it", path=folder, error=error.problem))
        self._journal = Journal(folders.state)
        since = now() - KEPT_S
        for record in self._journal.read(REMEMBERED, since):
            self._all[record.id] = restored(record)
        self._journal.forget(since)
        self._clean(since)

    def begin(self, click: Click, title: str, *, asked: tuple[str, ...] = (), key: str = "") -> Launch:
        """A new launch; or that of the same click, where it is joined: see `_same`.

        `asked`: why it is doubted, since any page may have sent it. Such clicks are counted apart: no page can lock a
        person out by them. `key`: the fingerprint of the studio's key that came with it.
        Raises: TooMany above 60 a minute; of doubted ones above 12, and while 3 have not been answered.
        """
        doubted = bool(asked)
        moment, begun = self._clock(), self._begun[doubted]
        while begun and begun[0][0] <= moment - 60:
            begun.popleft()
        if earlier := self._same(click, doubted, moment - JOIN_S):
            log.debug(event("joined", launch=earlier.id[:8], action=click.action))
            return earlier
        most = DOUBTED_A_MINUTE if doubted else A_MINUTE
        if len(begun) >= most:
            raise TooMany(
                _("More than {most} launches within a minute.", most=most),
                next_step=_("Wait a minute, then click again; if nobody clicked, ask whoever looks after it."),
            )
        if doubted:
            self._must_have_room(True, also=State.PREPARING)
        launch = Launch(secrets.token_hex(16), click, title, self._now(), asked=asked, key=key)
        begun.append((moment, launch))
        self._all[launch.id] = launch
        self._make_room()
        log.info(event("began", launch=launch.id[:8], action=click.action, sender=click.sender))
        self._journal.write(record_of(launch))
        return launch

    def listen(self, told: Callable[[Launch], None]) -> None:
        """Have `told` called after every change of a launch, in the loop's thread; it must not wait."""
        self._listeners.append(told)

    def get(self, launch_id: str) -> Launch | None:
        """The launch of this whole id."""
        self._expire()
        return self._all.get(launch_id)

    def recent(self, limit: int = 50) -> list[Launch]:
        """The newest launches first, those of earlier daemons too."""
        self._expire()
        return list(reversed(self._all.values()))[:limit]

    def resolve(self, prefix: str) -> Launch:
        """The launch whose id begins so; 4 characters at least.

        Raises: NotFoundHere when none does, or several do.
        """
        found = [launch for launch in self.recent(REMEMBERED) if launch.id.startswith(prefix.lower())]
        if len(prefix) >= 4 and len(found) == 1:
            return found[0]
        if len(prefix) < 4:
            problem = _('"{text}" is too short for the id of a launch.', text=escaped(prefix)[:40])
        elif found:
            problem = _('{n} launches begin with "{text}".', n=len(found), text=escaped(prefix)[:40])
        else:
            problem = _('No launch begins with "{text}".', text=escaped(prefix)[:40])
        raise NotFoundHere(problem, next_step=_("Run `kitsu-launcher launches` and take an id from its list."))

    def last_files(self, action: str, task_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The files that this action has opened for each of these tasks alone, newest first, three at most."""
        found: dict[str, dict[str, None]] = {task: {} for task in task_ids}
        for launch in reversed(self._all.values()):
            for process in launch.processes if launch.click.action == action else ():
                files = found.get(process.task_ids[0]) if len(process.task_ids) == 1 else None
                if files is not None and process.file and len(files) < 3:
                    files[process.file] = None
        return {task: tuple(files) for task, files in found.items() if files}

    def update(self, launch: Launch, **changes: Unpack[Changes]) -> None:
        """Change a launch: the one place that does. Writes the journal, wakes and tells who wants it, logs a new state.

        Raises: ValueError for a state that may not follow the present one: a fault of ours.
        """
        state = changes.get("state", launch.state)
        if state is not launch.state:
            if state not in NEXT[launch.state]:
                raise ValueError(f"{launch.state} may not become {state}")
            log.info(_told(launch, state, changes.get("error")))
        for name, value in changes.items():
            setattr(launch, name, value)
        launch.version += 1
        launch.changed.set()
        launch.changed = asyncio.Event()
        self._journal.write(record_of(launch))
        for told in self._listeners:
            told(launch)

    def ask(self, launch: Launch, reasons: Iterable[str], choices: tuple[How, ...] = ()) -> Question:
        """Let the launch wait for a yes, or for one of the `choices`, 2 minutes long.

        Raises: TooMany when 3 questions are open already; those of doubted launches are counted apart.
        """
        self._must_have_room(launch.doubted)
        question = Question(secrets.token_hex(16), tuple(reasons), self._clock() + ANSWER_S, self._clock, choices)
        self.update(launch, state=State.ASKS, question=question)
        return question

    def wait_for_login(self, launch: Launch, server: str) -> None:
        """Let the launch wait until somebody has logged in to `server`.

        Raises: TooMany when 10 do so already; of doubted ones, which are counted apart, when 3 do.
        """
        waiting = sum(bool(one.waiting_for) for one in self._all.values() if one.doubted is launch.doubted)
        if waiting >= (OPEN_QUESTIONS if launch.doubted else MOST_WAITING):
            raise TooMany(
                _("{n} launches already wait for a login.", n=waiting),
                next_step=_("Log in on the page of one of them, or wait ten minutes; then click again."),
            )
        self.update(launch, waiting_for=server)

    def answer(self, launch: Launch, once: str) -> None:
        """Use up the one-time value of the launch's question; the caller then says what the answer was.

        Raises: Expired when the value is wrong, used or too old. A wrong one uses nothing up.
        """
        self._expire()
        question = launch.question
        # Bytes: compare_digest refuses text beyond ASCII, which anybody may send.
        sent = once.encode(errors="replace")
        if question is None or not secrets.compare_digest(question.once.encode(), sent):
            raise Expired(
                _("This answer was given already, or came too late."), next_step=_("Click the action again in Kitsu.")
            )
        self.update(launch, question=None)

    async def wait(self, launch: Launch, version: int, timeout_s: float) -> None:
        """Return as soon as the launch is newer than `version`, or after `timeout_s` seconds."""
        if launch.version != version:
            return
        try:
            await asyncio.wait_for(launch.changed.wait(), timeout_s)
        except TimeoutError:
            self._expire()

    def log_path(self, launch: Launch, number: int = 1) -> Path:
        """Where the output of its first application goes, or of the `number`-th."""
        return self.folders.logs / (f"{launch.id}.log" if number == 1 else f"{launch.id}-{number}.log")

    def before_log(self, launch: Launch) -> Path:
        """Where the studio's programs have said something that were asked before its applications started."""
        return self.folders.logs / f"{launch.id}-before.log"

    def log_text(self, launch: Launch) -> str:
        """The output of its applications, and of what was asked before them; the end of it where it is long, without
        control characters.

        Raises: NotFoundHere when it started none, or its log is gone.
        """
        texts = [
            (f"== {process.application} {process.file or ''}".rstrip() + "\n" if len(launch.processes) > 1 else "")
            + text
            for process in launch.processes
            if (text := tail(Path(process.log))) is not None
        ]
        if (said := tail(self.before_log(launch))) is not None:
            texts.insert(0, said)
        if not texts:
            raise NotFoundHere(
                _("Launch {id} has no log.", id=launch.id[:8]),
                tried=[process.log for process in launch.processes],
                next_step=_("See what it did: `kitsu-launcher launches {id}`.", id=launch.id[:8]),
            )
        return "".join(texts)

    def close(self) -> None:
        """Write what the journal still has to write."""
        self._journal.close()

    def _same(self, click: Click, doubted: bool, since: float) -> Launch | None:
        """The launch of the same wish: one begun since then that was not refused and did not fail, or one that waits.

        Who waits for a login presses again. By AJAX no tab would show that launch: there it is a new one.
        """
        wish = click.same_wish()
        for began, earlier in reversed(self._begun[doubted]):
            if began < since:
                break
            if earlier.click.same_wish() == wish and earlier.state not in (State.REFUSED, State.FAILED):
                return earlier
        if click.sender is Sender.AJAX:
            return None
        waiting = (one for one in self._all.values() if one.waiting_for and one.doubted is doubted)
        return next((one for one in waiting if one.click.same_wish() == wish), None)

    def _expire(self) -> None:
        """Questions that nobody answered in time are refused."""
        for launch in tuple(self._all.values()):
            if launch.question and not launch.question.seconds_left():
                error = Expired(
                    _("Nobody answered within 2 minutes; nothing was started."),
                    next_step=_("Click the action again in Kitsu."),
                )
                self.update(launch, state=State.REFUSED, question=None, error=error)

    def _must_have_room(self, doubted: bool, also: State | None = None) -> None:
        """Few questions at a time, and few launches in the state `also`, of those of one sort.

        What waits for somebody's login does so for long, and takes no place from those who are here.
        """
        self._expire()
        same = [one for one in self._all.values() if one.doubted is doubted and not one.waiting_for]
        if sum(launch.question is not None or launch.state is also for launch in same) >= OPEN_QUESTIONS:
            raise TooMany(
                _("{n} launches already wait for an answer.", n=OPEN_QUESTIONS),
                next_step=_("Answer them or wait two minutes, then click again."),
            )

    def _make_room(self) -> None:
        finished = [id for id, launch in self._all.items() if launch.state not in UNFINISHED]
        for id in finished[: max(len(self._all) - REMEMBERED, 0)]:
            del self._all[id]

    def _clean(self, before: float) -> None:
        """Remove logs and context files older than `before`, except of what still runs."""
        running = {launch.id for launch in self._all.values() if launch.state is State.RUNNING}
        for path in [*_entries(self.folders.logs), *_entries(self.folders.launches)]:
            try:
                if not ID.match(path.name) or path.name[:32] in running or path.lstat().st_mtime >= before:
                    continue
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink()
            except OSError as error:
                log.warning(event("not removed", path=path, error=error.strerror))


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _told(launch: Launch, state: State, error: LauncherError | None) -> str:
    return event(
        str(state),
        launch=launch.id[:8],
        action=launch.click.action,
        code=error.code if error else None,
        problem=error.problem if error else None,
    )
