"""The last clicks once more, prepared under the present studio file and under another: what would change for whom.

Nothing is started, made or asked of a person: a click is prepared, and that only reads.
"""

import asyncio
import dataclasses
import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from launcher import whose
from launcher.config.load import Loaded
from launcher.errors import LauncherError, NotFoundHere
from launcher.kitsu.accounts import KitsuAway, KitsuError, NotLoggedIn
from launcher.launches import REMEMBERED, Launch
from launcher.model import Click, Json, Person, Plan, Sender
from launcher.plan.cleaning import plain
from launcher.plan.page import describe
from launcher.prepare import Ears, UnknownAction
from launcher.run import Run
from launcher.words import _, cleaned, joined

TOGETHER_S = 45.0
"""How long all of it may take: the command line waits for a minute."""


class Compared(StrEnum):
    """What another studio file would do to a click."""

    SAME = "same"
    BETTER = "better"
    """It is refused now, and would have a plan."""
    WORSE = "worse"
    """It has a plan now, and would be refused, or ask for what it does not ask now."""
    OTHER = "other"
    """It would do something else, or be refused for another reason."""
    LEFT = "left"
    """It could not be tried."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One click, and what would become of it."""

    launch: Launch
    state: Compared
    lines: tuple[str, ...] = ()
    """What differs, with - and +; or why it could not be tried."""

    def as_json(self) -> dict[str, Json]:
        """For programs and the terminal."""
        return {
            "launch": self.launch.id,
            "action": self.launch.click.action,
            "title": self.launch.title,
            "tasks": list(self.launch.tasks or self.launch.click.task_ids),
            "person": self.launch.person,
            "state": str(self.state),
            "diff": list(self.lines),
        }


class CannotTry(Exception):
    """A click that cannot be prepared once more. Never leaves this file."""

    def __init__(self, error: LauncherError) -> None:
        super().__init__(error)
        self.error = error


async def last(run: Run, other: Loaded, count: int) -> list[Outcome]:
    """The last `count` clicks that differ from each other, newest first."""
    present, tried = run.loaded(), []
    loop = asyncio.get_running_loop()
    until = loop.time() + TOGETHER_S
    away: dict[str | None, KitsuAway] = {}
    for launch in distinct(run.launches.recent(REMEMBERED))[:count]:
        server = launch.click.server
        if server in away:
            tried.append(_left(launch, away[server]))
        elif loop.time() >= until:
            slow = _("there was no time for it: the others took {n} seconds", n=round(TOGETHER_S))
            tried.append(Outcome(launch, Compared.LEFT, (slow,)))
        else:
            try:
                tried.append(await _compared(run, present, other, launch))
            except CannotTry as cannot:
                if isinstance(cannot.error, KitsuAway):
                    away[server] = cannot.error
                tried.append(_left(launch, cannot.error))
    return tried


def distinct(launches: Iterable[Launch]) -> list[Launch]:
    """Each click once. What named no task was refused before it was known what it wanted."""
    found: dict[object, Launch] = {}
    for launch in launches:
        click = launch.click
        if click.task_ids:
            who = (click.person_email or launch.person).casefold()
            found.setdefault((click.action, frozenset(click.task_ids), click.server, who), launch)
    return list(found.values())


async def _compared(run: Run, present: Loaded, other: Loaded, launch: Launch) -> Outcome:
    click = await _again(run, present, launch)
    if click.action not in present.config.actions and click.action not in other.config.actions:
        gone = _("neither studio file has an action {name}", name=click.action)
        return Outcome(launch, Compared.LEFT, (gone,))
    now = await _prepared(run, present, click)
    if isinstance(now, LauncherError) and _says_nothing(now):
        raise CannotTry(now)
    # The other file may be anybody's, and one that is tried starts nothing.
    only = run.applications.asking_only(present.config.apps)
    then = await _prepared(dataclasses.replace(run, applications=only), other, click)
    before, after = _lines(now, present), _lines(then, other)
    state = compared(now, then, before == after)
    return Outcome(launch, state, () if state is Compared.SAME else tuple(_difference(before, after)))


def _difference(before: list[str], after: list[str]) -> Iterator[str]:
    """All lines of both, those of one alone marked by - and +. They stay sentences that can be said in any language."""
    for kind, i, i_end, j, j_end in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from (joined("", ("  ", line)) for line in before[i:i_end])
        else:
            yield from (joined("", ("- ", line)) for line in before[i:i_end])
            yield from (joined("", ("+ ", line)) for line in after[j:j_end])


def compared(now: Plan | LauncherError, then: Plan | LauncherError, same: bool) -> Compared:
    """What it means for who clicks. A question that is new keeps her from working, as a refusal does."""
    if same:
        return Compared.SAME
    if isinstance(now, LauncherError):
        return Compared.OTHER if isinstance(then, LauncherError) else Compared.BETTER
    if isinstance(then, LauncherError) or set(then.must_ask) - set(now.must_ask):
        return Compared.WORSE
    return Compared.OTHER


def _says_nothing(error: LauncherError) -> bool:
    """Whether a click fails for a reason that no studio file has to do with."""
    gone = type(error) is NotFoundHere and error.code == NotFoundHere.code
    return gone or isinstance(error, KitsuAway | KitsuError | NotLoggedIn | whose.PersonRefused)


async def _again(run: Run, present: Loaded, launch: Launch) -> Click:
    """The click as its person would make it now. Raises: CannotTry where she is not logged in here, or not known."""
    click = launch.click
    try:
        server = whose.server(click, present.config.studio.servers)
        person: Person | None = whose.again(click, launch.person, await run.accounts.people(server))
        if person is None:
            raise NotLoggedIn(
                _("Nobody is logged in to {server} here.", server=server.origins[0]),
                next_step=_("Run `kitsu-launcher login`, then try again."),
            )
    except LauncherError as error:
        raise CannotTry(error) from error
    return dataclasses.replace(click, sender=Sender.DASHBOARD, person_id=person.id, person_email=person.email)


async def _prepared(run: Run, loaded: Loaded, click: Click) -> Plan | LauncherError:
    try:
        return await dataclasses.replace(run, loaded=lambda: loaded).prepare(click, "dry-run", Ears())
    except LauncherError as error:
        return error


def _lines(outcome: Plan | LauncherError, loaded: Loaded) -> list[str]:
    """A plan or a refusal in words. What is told of the files themselves, and where they are, is no difference."""
    if isinstance(outcome, UnknownAction):
        return [_("refused: {problem}", problem=outcome.problem)]
    files = {str(problem) for problem in loaded.problems}
    if isinstance(outcome, LauncherError):
        places = tuple(f"{layer.file}:" for layer in loaded.stack.layers())
        tried = [line for line in outcome.tried if line not in files and not line.startswith(places)]
        told = [_("refused: {problem}", problem=outcome.problem), *(joined("", ("  ", line)) for line in tried)]
        return [cleaned(line, plain) for line in told]
    warnings = tuple(warning for warning in outcome.warnings if warning not in files)
    return [*describe(dataclasses.replace(outcome, warnings=warnings))]


def _left(launch: Launch, error: LauncherError) -> Outcome:
    return Outcome(launch, Compared.LEFT, (error.problem, *error.tried))
