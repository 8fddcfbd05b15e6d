"""Asks a studio's program before an application starts. It may add to the environment, or cancel in its own words."""

import asyncio
import contextlib
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath, PureWindowsPath

from launcher.disks import alone
from launcher.errors import LauncherError, Refused
from launcher.files import inside
from launcher.filesystem import APPEND
from launcher.logs import capped, escaped
from launcher.model import OS, RunBefore
from launcher.paths import FolderError, private_folder
from launcher.plan.answers import Answer, Unusable, answer, merged
from launcher.system import Killed, Ran
from launcher.system.following import KILLED_S
from launcher.system.here import places, runner
from launcher.system.refusals import CannotStart
from launcher.words import Words, _

MOST_BYTES = 1_048_576
"""Of both outputs together: a program that prints more is ended."""
LAST_LINES = 8
"""How many lines of a program's second output an error shows."""
PATIENCE_S = 10.0
"""Beyond its own seconds: for a program on a disk that does not answer, which cannot even be started."""


class Cancelled(Refused):
    """A studio's program said no."""

    code = "cancelled"


class NoAnswer(LauncherError):
    """A studio's program failed, so that nobody knows what it would have said."""

    code = "before"


@dataclass(frozen=True, slots=True)
class Asked:
    """A program that has ended by itself, or was ended."""

    step: RunBefore
    ran: Ran

    def keep(self, path: Path, state: Path) -> None:
        """Add what it printed on its second output to the log at `path`, 0600; and the first, where it was no answer.

        `state` is the folder of our own that the log lies below. What cannot be kept is no reason to start nothing.
        """
        if not (printed := self.ran.errors + (self.ran.output if self.ran.killed or self.ran.code else b"")):
            return
        with contextlib.suppress(OSError, FolderError):
            private_folder(path.parent, state)
            with open(os.open(path, APPEND, 0o600), "ab") as file:
                file.write(f"== {escaped(self.step.name)}\n".encode() + printed.rstrip() + b"\n")

    def answer(self, log: str) -> Answer:
        """What it wants. `log` is the command that shows all that it printed.

        Raises: Cancelled in its own words; NoAnswer where it failed or printed something else.
        """
        step, ran, said = self.step, self.ran, Answer()
        try:
            said = answer(ran.output) if not ran.killed else said
        except Unusable as error:
            if not ran.code:
                problem = _(
                    "{program} gave no answer that can be used, so {app} was not started.",
                    program=step.name,
                    app=step.application,
                )
                raise self._failed(problem, log, error.why) from error
        if said.cancel:
            # Its sentence stands alone, whatever its exit code is.
            raise Cancelled(
                said.cancel,
                tried=[_("{program}: asked before {app} starts", program=_command(step), app=step.application)],
                next_step=_("A program of your studio says so. Do as it asks, then click again."),
            )
        if ran.killed or ran.code:
            raise self._failed(_problem(step, ran), log)
        return said

    def _failed(self, problem: Words, log: str, *why: str) -> NoAnswer:
        said = escaped_lines(self.ran.errors)[-LAST_LINES:]
        return NoAnswer(
            problem,
            tried=[_command(self.step), *why, *(capped(line, 200) for line in said)],
            next_step=_(
                "It is a program of your studio: show this to whoever looks after it. What it printed: {command}.",
                command=log,
            )
            if self.ran.errors
            else _("It is a program of your studio: show this to whoever looks after it."),
        )


async def ask(step: RunBefore, added: Mapping[str, str | None]) -> Asked:
    """Run the program, with what those before it have added to its environment, and wait for its end.

    In a thread of its own: a disk that hangs holds up no other click. Who cancels this ends the program.
    Raises: NotFoundHere, CannotStart, OutsideRoot where it cannot be started.
    """
    stop = threading.Event()
    ending = asyncio.ensure_future(alone(partial(_run, step, merged(step.env, added, os_of(step.root)), stop)))
    try:
        await asyncio.wait({ending}, timeout=step.seconds + PATIENCE_S)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait({ending}, timeout=KILLED_S)
        ending.cancel()
        raise
    if not ending.done():
        stop.set()
        ending.cancel()
        return Asked(step, Ran(None, b"", b"", Killed.TIME))
    return Asked(step, ending.result())


def os_of(path: PurePath) -> OS:
    """The OS that a path is of, as far as it matters to the names of variables."""
    return OS.WINDOWS if isinstance(path, PureWindowsPath) else OS.LINUX


def escaped_lines(printed: bytes) -> list[str]:
    """What a program printed as lines that can be shown anywhere."""
    return [escaped(line.rstrip()) for line in printed.decode(errors="replace").splitlines()]


def _run(step: RunBefore, env: Mapping[str, str], stop: threading.Event) -> Ran:
    """Look at the program once more, since a question may have waited for minutes, and run it."""
    program = Path(step.argv[0])
    inside(program, Path(step.root))
    if refusal := places.program(program).refusal:
        raise CannotStart(
            _("{program} may not be run before {app}.", program=step.name, app=step.application),
            tried=[_("{path}: {reason}", path=capped(escaped(str(program)), 200), reason=refusal)],
            next_step=_("Ask your studio: it must be a file that may be executed, and that not everybody may change."),
        )
    return runner.run(step.argv, env, Path(step.context.parent), step.seconds, MOST_BYTES, stop)


def _problem(step: RunBefore, ran: Ran) -> Words:
    program, app, code, n = step.name, step.application, ran.code or 0, step.seconds
    match ran.killed:
        case Killed.TIME:
            return _("{program} did not answer within {n} s, so {app} was not started.", program=program, n=n, app=app)
        case Killed.OUTPUT:
            return _("{program} printed more than 1 MB, so {app} was not started.", program=program, app=app)
        case Killed.STOPPED:
            return _("{program} was ended, so {app} was not started.", program=program, app=app)
        case None if code > 0:
            return _(
                "{program} ended with exit code {code}, so {app} was not started.", program=program, code=code, app=app
            )
        case None:
            return _(
                "{program} crashed with signal {code}, so {app} was not started.", program=program, code=-code, app=app
            )


def _command(step: RunBefore) -> str:
    return capped(escaped(" ".join(step.argv)), 400)
