"""One launch: what became of one click, as pages, programs and the journal see it. Nothing here reads or writes."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from launcher.errors import LauncherError
from launcher.journal import Process, Record, Told
from launcher.model import Click, How, Json, Plan, State
from launcher.words import _


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody must agree to before a launch goes on."""

    once: str
    """128 random bits, good for one answer."""
    reasons: tuple[str, ...]
    expires: float
    """On `clock`."""
    clock: Callable[[], float]
    choices: tuple[How, ...] = ()
    """What may be answered beside "no"; empty: yes."""

    def seconds_left(self) -> float:
        """How long it still waits; 0 when it is too late."""
        return max(self.expires - self.clock(), 0.0)


@dataclass(eq=False, slots=True)
class Launch:
    """What became of one click."""

    id: str
    click: Click
    title: str
    created: float
    """Seconds since 1970."""
    state: State = State.PREPARING
    person: str = ""
    tasks: tuple[str, ...] = ()
    """Labels of the selected tasks."""
    plan: Plan | None = None
    lines: tuple[str, ...] = ()
    """The plan in words."""
    question: Question | None = None
    agreed: tuple[str, ...] = ()
    """Reasons to ask that she has agreed to: she is not asked for them again."""
    waiting_for: str = ""
    """The server that somebody must log in to first."""
    asking: str = ""
    """The program of the studio that is being asked now, before anything is started."""
    error: LauncherError | None = None
    processes: tuple[Process, ...] = ()
    early: bool = False
    """An application ended with an error so soon that she has not seen it; the page that closed is opened again."""
    asked: tuple[str, ...] = ()
    """Why it is doubted: any page may have sent it, so it asks whatever it plans."""
    key: str = ""
    """Which of the studio's keys came with it, as a fingerprint."""
    page_left: bool = False
    """Its page was told that it has begun, and closed itself."""
    page_shown: int = -1
    """The version that its page has shown last."""
    version: int = 0
    """Grows with every change."""
    changed: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    @property
    def doubted(self) -> bool:
        """Whether any page may have sent it."""
        return bool(self.asked)

    @property
    def handed_to(self) -> str:
        """The applications that opened it in an instance that ran already, each once; empty where none did."""
        return ", ".join(dict.fromkeys(one.application for one in self.processes if one.handed_over))

    @property
    def url(self) -> str:
        """Path of its page."""
        return f"/launches/{self.id}"

    def public(self) -> dict[str, Json]:
        """All that its owner may see: no key, no one-time value, no environment."""
        return {
            "id": self.id,
            "action": self.click.action,
            "title": self.title,
            "state": str(self.state),
            "version": self.version,
            "created": _iso(self.created),
            "person": self.person,
            "tasks": list(self.tasks),
            "steps": list(self.lines),
            "processes": [_process(process) for process in self.processes],
            "error": _error(self.error),
            "early": self.early,
            "waiting_for": self.waiting_for,
            "question": _question(self.question),
            "warnings": list(self.plan.warnings) if self.plan else [],
            "left_out": [{"task": left.task, "reason": left.reason} for left in self.plan.left_out]
            if self.plan
            else [],
            "url": self.url,
        }


def record_of(launch: Launch) -> Record:
    """What the journal keeps of a launch."""
    error = launch.error
    return Record(
        id=launch.id,
        created=launch.created,
        action=launch.click.action,
        sender=launch.click.sender,
        task_ids=launch.click.task_ids,
        server=launch.click.server,
        title=launch.title,
        state=launch.state,
        person=launch.person,
        tasks=launch.tasks,
        lines=launch.lines,
        warnings=launch.plan.warnings if launch.plan else (),
        left_out=launch.plan.left_out if launch.plan else (),
        processes=launch.processes,
        error=Told(error.problem, error.tried, error.next_step) if error else None,
        early=launch.early,
        email=launch.click.person_email or "",
        key=launch.key,
    )


def restored(record: Record) -> Launch:
    """A launch of an earlier daemon. What that one had not finished deciding will never be started."""
    click = Click(record.action, record.task_ids, record.sender, record.server, person_email=record.email or None)
    launch = Launch(
        id=record.id,
        click=click,
        title=record.title,
        created=record.created,
        state=record.state,
        person=record.person,
        tasks=record.tasks,
        plan=Plan(steps=(), left_out=record.left_out, warnings=record.warnings),
        lines=record.lines,
        processes=record.processes,
        early=record.early,
        key=record.key,
    )
    if told := record.error:
        launch.error = LauncherError(told.problem, tried=told.tried, next_step=told.next)
    if record.state in (State.PREPARING, State.ASKS):
        launch.state = State.FAILED
        launch.error = LauncherError(
            _("Kitsu Launcher ended before this click was done."), next_step=_("Click the action again in Kitsu.")
        )
    return launch


def warned(plan: Plan | None, warning: str) -> Plan:
    """The plan with one more warning, as a launch shows it."""
    plan = plan or Plan(steps=())
    return replace(plan, warnings=(*plan.warnings, warning))


def _iso(moment: float | None) -> str | None:
    return None if moment is None else datetime.fromtimestamp(moment).astimezone().isoformat(timespec="seconds")


def _process(process: Process) -> Json:
    return {
        "application": process.application,
        "argv": list(process.argv),
        "pid": process.pid,
        "file": process.file,
        "tasks": list(process.task_ids),
        "log": process.log,
        "started": _iso(process.started),
        "ended": _iso(process.ended),
        "exit_code": process.exit_code,
        "handed_over": process.handed_over,
    }


def _error(error: LauncherError | None) -> Json:
    if error is None:
        return None
    return {
        "code": error.code,
        "exit_code": error.exit_code,
        "problem": error.problem,
        "tried": list(error.tried),
        "next": error.next_step,
    }


def _question(question: Question | None) -> Json:
    if question is None:
        return None
    return {
        "reasons": list(question.reasons),
        "choices": [str(how) for how in question.choices],
        "seconds_left": round(question.seconds_left()),
    }
