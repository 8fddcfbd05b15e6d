"""One version of this program takes another's place: its daemons end, and start again afterwards. For installers.

Begin and end are two runs, of two versions. What the first one remembers is written before anything ends.
"""

import json
import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from launcher import door, itself, replacing
from launcher.errors import LauncherError, Refused, system_says
from launcher.paths import private_folder, write_atomically
from launcher.running import Running, Session, ended, kept, merged, read, sessions
from launcher.system.here import daemons, owner
from launcher.words import Words, _

SESSIONS = "sessions.json"
LASTS_S = 24 * 3600.0
"""A package manager may wait for an answer of its own meanwhile, but not for ever."""
TOLD_S, KILLED_S, STARTED_S = 3.0, 5.0, 20.0
"""How long a daemon may take that was told to end, that was killed, and that is started."""
ROUNDS = 3
"""Whoever was started meanwhile is ended too, so often."""
LOOK_S = 0.05


class StillRuns(LauncherError):
    """A daemon could not be ended."""

    code = "still-runs"


class NotStarted(LauncherError):
    """A daemon did not start again, or it is not known whose."""

    code = "not-started"


class NotInstalled(LauncherError):
    """A checkout, or a virtual environment: what is one program there is not known."""

    code = "not-installed"
    exit_code = 2


class NotAllowed(Refused):
    """Other people's daemons are root's to end."""

    code = "everybody"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose daemons, and how long one may take to end by itself."""

    everybody: bool = False
    wait_s: float = 10.0
    hard: bool = True
    """Whether one that does not answer is killed."""


def begin(wanted: Wanted) -> None:
    """End the daemons of this installation, and remember them.

    Raises: StillRuns, with all as it was before: those that had ended run again; NotAllowed, LauncherError.
    """
    _must_be_allowed(wanted.everybody)
    folder = _folder(wanted.everybody)
    before = _remembered(folder, replacing.FORGOTTEN_S)
    running: list[Running] = []

    def found() -> list[Running]:
        running.extend(several := _found(wanted.everybody))
        _remember(folder, merged(before, sessions(running)))
        return several

    left = _ended(found, wanted)
    if left:
        _forget(folder, replacing.NAME)
        daemons.begin_again(ended(running, left), STARTED_S)
        _forget(folder, SESSIONS)
        raise _still_runs(left)


def end(*, everybody: bool) -> None:
    """Start a daemon again in each session that is remembered, and forget them. Raises: NotStarted, NotAllowed."""
    _must_be_allowed(everybody)
    folder = _folder(everybody)
    try:
        remembered = _remembered(folder, LASTS_S)
    finally:
        # From now on a daemon may start, of this version.
        _forget(folder, replacing.NAME)
    runs = {one.session.place for one in _found(everybody)}
    failed = daemons.begin_again([one for one in remembered if one.place not in runs], STARTED_S)
    _forget(folder, SESSIONS)
    if failed:
        raise NotStarted(
            _("Kitsu Launcher could not be started again for everybody who used it."),
            tried=[_("{user}: does not answer", user=owner.named(one.user)) for one in failed],
            next_step=_("It starts at that person's next click or login."),
        )


def quit_all(wanted: Wanted) -> None:
    """End the daemons of this installation, for good. Raises: StillRuns, NotAllowed."""
    _must_be_allowed(wanted.everybody)
    left = _ended(lambda: _found(wanted.everybody), wanted)
    if left:
        raise _still_runs(left)


def _ended(found: Callable[[], list[Running]], wanted: Wanted) -> list[Running]:
    """End what is found until nothing is; those that are left."""
    for _round in range(ROUNDS):
        several = found()
        if not several:
            return []
        done = daemons.ask(several, wanted.wait_s)
        left = _left(several, wanted.wait_s)
        done()
        for hard, patience_s in ((False, TOLD_S), (True, KILLED_S)):
            if left and wanted.hard:
                daemons.end(left, hard=hard)
                left = _left(left, patience_s)
        if left:
            return left
    return found()


def _left(several: Iterable[Running], patience_s: float) -> list[Running]:
    """Those that still run after that time."""
    deadline = time.monotonic() + patience_s
    while (left := [one for one in several if daemons.lives(one)]) and time.monotonic() < deadline:
        time.sleep(LOOK_S)
    return left


def _found(everybody: bool) -> list[Running]:
    several = daemons.found(everybody)
    return several if everybody else mine(several, dict(os.environ), frozen=itself.FROZEN)


def mine(several: Sequence[Running], environ: dict[str, str], *, frozen: bool) -> list[Running]:
    """Of a person's processes those that a command of hers is about.

    A trial is about itself alone. Without a bundle the interpreter is many programs': then the door tells.
    """
    if frozen and not environ.get(door.ENV_HOME):
        return list(several)
    return [one for one in several if one.session.place[2:] == Session(0, environ).place[2:]]


def _must_be_allowed(everybody: bool) -> None:
    if everybody and not daemons.may_for_everybody():
        raise NotAllowed(
            _("Everybody's Kitsu Launcher is the system's to end and to start."),
            next_step=_("Run this as root or as an administrator, or without `--everybody` for your own."),
        )
    if everybody and not itself.FROZEN:
        raise NotInstalled(
            _("This Kitsu Launcher is not an installed one: nobody else uses it."),
            next_step=_("Leave out `--everybody`."),
        )


def _folder(everybody: bool) -> Path:
    """Where it is remembered: a folder that nobody else may write into. Raises: LauncherError."""
    if not everybody:
        return private_folder(Path(door.runtime_folder()))
    folder = Path(replacing.shared_folder())
    try:
        refusal: str = daemons.private(folder)
    except OSError as error:
        refusal = system_says(error)
    if refusal:
        raise LauncherError(
            _("{path} is not a folder of the system's own.", path=folder),
            tried=[_("{path}: {reason}", path=folder, reason=refusal)],
            next_step=_("Remove it, or find out who put it there; it will be made anew."),
        )
    return folder


def _remember(folder: Path, several: Sequence[Session]) -> None:
    try:
        write_atomically(folder / SESSIONS, json.dumps(kept(several)).encode("ascii"))
        # Everybody's programs look at this one; it tells nothing of anybody.
        write_atomically(folder / replacing.NAME, replacing.text(itself.top()), 0o644)
    except OSError as error:
        raise LauncherError(
            _("It could not be written down whose Kitsu Launcher is to start again."),
            tried=[_("{path}: {reason}", path=folder, reason=system_says(error))],
            next_step=_("Check its permissions and the free space."),
        ) from error


def _remembered(folder: Path, lasts_s: float) -> list[Session]:
    """What an earlier `begin` has written, where nobody has ended it within that time. Raises: NotStarted."""
    path = folder / SESSIONS
    try:
        with path.open("rb") as file:
            recent = time.time() - os.fstat(file.fileno()).st_mtime < lasts_s
            return read(json.load(file)) if recent else []
    except FileNotFoundError:
        return []
    except (OSError, ValueError, RecursionError) as error:
        _forget(folder, SESSIONS)
        reason = system_says(error) if isinstance(error, OSError) else str(error)
        raise NotStarted(
            _("It is not known any more whose Kitsu Launcher is to start again."),
            tried=[_("{path}: {reason}", path=path, reason=reason)],
            next_step=_("It starts at everybody's next click or login."),
        ) from error


def _forget(folder: Path, name: str) -> None:
    try:
        (folder / name).unlink(missing_ok=True)
    except OSError:
        # A replacement that nobody ended is forgotten by itself.
        return


def _still_runs(left: Sequence[Running]) -> StillRuns:
    return StillRuns(
        _("Kitsu Launcher did not end everywhere."),
        tried=[_told(one) for one in left],
        next_step=_("End that process by hand, or have its person log out, then try again."),
    )


def _told(one: Running) -> Words:
    return _("process {pid} of {user}: still runs", pid=one.pid, user=owner.named(one.session.user))
