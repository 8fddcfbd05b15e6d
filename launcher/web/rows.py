"""What the dashboard says of launches and applications. Pure: templates lay it out, and translate."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from launcher.config.problems import dotted, undotted
from launcher.config.schema import AnyAction, App
from launcher.config.show import Row as Setting
from launcher.launches import Launch
from launcher.model import OS, Sender, State
from launcher.plan.found import Candidates
from launcher.web.filerows import may_list
from launcher.web.view import ended, view
from launcher.words import _

UNFINISHED = (State.PREPARING, State.ASKS, State.RUNNING)
OWN = (Sender.COMMAND, Sender.TRAY, Sender.DASHBOARD)


@dataclass(frozen=True, slots=True)
class LaunchRow:
    """One launch in a list."""

    id: str
    url: str
    mark: str
    word: str
    title: str
    subject: str
    when: str
    moment: str
    """`when` for machines."""
    person: str
    programs: tuple[tuple[str, str], ...]
    """Each application, and how it ended; empty while it runs."""
    problem: str
    next_step: str
    asks: bool
    has_log: bool
    folder: str
    """Where its first file lies; empty where it has none."""
    again: bool
    """Whether it can be run again."""
    revisions: bool
    """Whether its page of other revisions is there."""


def launch_rows(launches: Iterable[Launch], now: float, actions: Mapping[str, AnyAction]) -> list[LaunchRow]:
    """Launches for a list, in their order; `now` in seconds since 1970."""
    return [_launch_row(launch, now, actions) for launch in launches]


def _launch_row(launch: Launch, now: float, actions: Mapping[str, AnyAction]) -> LaunchRow:
    seen = view(launch, now - launch.created)
    error = launch.error
    return LaunchRow(
        id=launch.id,
        url=launch.url,
        mark=seen.mark,
        word=seen.word,
        title=launch.title,
        subject=seen.subject,
        when=_when(launch.created, now),
        moment=datetime.fromtimestamp(launch.created).astimezone().isoformat(timespec="seconds"),
        person=launch.person,
        programs=tuple((one.application, ended(one) if one.ended is not None else "") for one in launch.processes),
        problem=error.problem if error else "",
        next_step=error.next_step if error else "",
        asks=launch.state is State.ASKS,
        has_log=bool(launch.processes),
        folder=folder_of(launch),
        again=bool(launch.click.task_ids) and launch.click.action in actions and launch.state not in UNFINISHED[:2],
        revisions=may_list(launch, actions),
    )


def folder_of(launch: Launch) -> str:
    """The folder of the first file that the launch opened; empty where it opened none."""
    files = [process.file for process in launch.processes if process.file]
    return str(PurePath(files[0]).parent) if files else ""


def may_go_again(launch: Launch) -> bool:
    """Whether running it again needs no question: what any page may have sent, and was never carried out, asks."""
    if launch.click.sender in OWN:
        return True
    carried_out = bool(launch.processes) or launch.state in (State.RUNNING, State.DONE)
    return carried_out and not launch.doubted and launch.click.sender not in (Sender.LINK, Sender.PAGE)


def busy(launches: Iterable[Launch]) -> bool:
    """Whether something may change within the next seconds."""
    return any(launch.state in UNFINISHED for launch in launches)


def _when(moment: float, now: float) -> str:
    """The time of day; before today with its date."""
    then, today = datetime.fromtimestamp(moment), datetime.fromtimestamp(now)
    return then.strftime("%H:%M" if then.date() == today.date() else "%Y-%m-%d %H:%M")


# -- applications ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class AppRow:
    """One application: what is taken, what else there is, and why not the rest."""

    name: str
    title: str
    wanted: str
    """Versions that the configuration allows."""
    fits: tuple[tuple[str, str, str], ...]
    """Version, path and who named it, the one that is taken first."""
    rejected: tuple[tuple[str, str], ...]
    """Path and reason."""
    looked: tuple[str, ...]
    """Where it was looked for, if nothing at all was found there."""
    own: str
    """The person's own executable."""
    used: bool
    """Whether an action of the configuration names it."""

    @property
    def aside(self) -> bool:
        """Whether it is folded away: nothing of it is here, and nobody here has named it."""
        return not (self.fits or self.rejected or self.used or self.own)


SOURCES: Mapping[str, str] = {
    "found": "",
    "studio": _("named by the studio file"),
    "user": _("your own choice"),
}


def app_rows(apps: Mapping[str, App], found: Mapping[str, Candidates], used: Iterable[str], os: OS) -> list[AppRow]:
    """Every application: those that are here first, of the others those that actions name."""
    named = set(used)
    rows = [
        AppRow(
            name=name,
            title=app.title,
            wanted=app.version,
            fits=tuple((one.version, str(one.path), SOURCES[one.source]) for one in found[name].fits),
            rejected=tuple((str(one.path), one.reason) for one in found[name].rejected),
            looked=() if found[name].fits or found[name].rejected else app.find.on(os),
            own=app.user_executable,
            used=name in named,
        )
        for name, app in apps.items()
        if name in found
    ]
    return sorted(rows, key=lambda row: (not row.fits and not row.own, not row.used, row.title.casefold()))


# -- configuration ---------------------------------------------------------------------------------------------------
def by_table(settings: Sequence[Setting]) -> list[tuple[str, list[Setting]]]:
    """Settings by the table they stand in: `studio`, `actions.review`; those of one stand together."""
    tables: dict[str, list[Setting]] = {}
    for one in settings:
        path = undotted(one.key)
        name = dotted(path[:2] if path[0] in ("apps", "actions", "roots") else path[:1])
        tables.setdefault(name, []).append(one)
    return list(tables.items())
