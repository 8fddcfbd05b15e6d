"""What a plan is made from: who wants what, what must be looked at on this machine, and what was seen there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Literal

from launcher.config.schema import Action, Config
from launcher.errors import NotFoundHere, Refused
from launcher.model import OS, Choice, Identity, Person, Task
from launcher.opennote import Found
from launcher.plan.found import Candidates
from launcher.plan.kin import Kin, Whereabouts
from launcher.plan.matching import Search
from launcher.plan.names import Values, names
from launcher.plan.settled import Settled
from launcher.words import _


@dataclass(frozen=True, slots=True)
class Asked:
    """One wish: by whom, under which rules, for which machine."""

    person: Person
    config: Config
    """With the layers of the tasks' production laid over."""
    os: OS
    server: str
    action: Action
    launch_id: str = ""
    choice: Choice | None = None
    """What the person answered to an earlier question about this wish."""
    case: int = 0
    """Number, from 1, of the `when` that refines `action` for a task; 0 for none."""
    refines: frozenset[str] = frozenset()
    """Keys that stand in that `when`."""
    settled: Mapping[str, Settled] = field(default_factory=dict)
    """By task id: what Kitsu itself names, where the action leaves that to it."""
    _values: dict[str, Values] = field(default_factory=dict, init=False, repr=False, compare=False)
    """By task id: templates of one click ask for the same names again and again."""

    @property
    def places(self) -> dict[str, str]:
        """The roots that have a path on this OS."""
        return {name: root.on(self.os) for name, root in self.config.roots.items() if root.on(self.os)}

    def values(self, task: Task) -> Values:
        """What the names of templates stand for."""
        if task.id not in self._values:
            self._values[task.id] = names(task, self.person, self.server, self.places)
        return self._values[task.id]

    def key(self, of: str) -> str:
        """The configuration's key for one setting of the action; in a `when` its number is told, from 1."""
        place = f"when[{self.case}]." if of.partition(".")[0] in self.refines else ""
        return f"actions.{self.action.name}.{place}{of}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What `facts` must look at, and nothing else is looked at."""

    apps: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()
    searches: Mapping[str, Search] = field(default_factory=dict)
    """By task id."""
    files: Mapping[PurePath, str] = field(default_factory=dict)
    """Paths, each with the name of the root that it is expected under."""
    programs: frozenset[PurePath] = frozenset()
    """Which of the files are to be run as programs."""
    formats: Mapping[str, str] = field(default_factory=dict)
    """How files tell which version saved them (a name of `fileversion`), by their ending in small letters."""
    wrappers: Mapping[str, str] = field(default_factory=dict)
    """By application: an absolute path, or a bare name to be looked for in PATH."""
    markers: tuple[str, ...] = ()
    """Names that are looked for in the folders above working files."""
    picked: str = ""
    """The working file that the person has chosen, as `Choice.file` names it: it is looked at where it is found."""
    details: Mapping[str, Literal["newest", "all"]] = field(default_factory=dict)
    """By task id: of which of its working files time, size and owner are wanted."""
    opens: frozenset[PurePath] = frozenset()
    """Those of `files` that may be opened. The files that searches find may be, too."""
    kins: Mapping[str, Kin] = field(default_factory=dict)
    """By task id: whose stamps are looked for."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A place of `also` that is there and that links inside its root lead to."""

    path: PurePath
    """As the studio file says it."""
    real: PurePath
    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class RootState:
    """Whether a root is there. Nothing is made or read under one that is not."""

    path: PurePath
    present: bool
    why: str = ""
    """Why it is not there, in plain words."""
    real: PurePath | None = None
    """Its path with every link followed; None when it is not there."""
    identity: Identity | None = None
    also: tuple[Ground, ...] = ()
    """Those places of `also` that links of this click lead to."""
    beyond: PurePath | None = None
    """The place of `also` that is not there while the root itself is: `why` speaks of it."""


@dataclass(frozen=True, slots=True)
class FileState:
    """What stands at a path."""

    exists: bool
    real: PurePath
    """With every link of what exists followed, also those above a path that does not exist yet."""
    is_folder: bool = False
    saved_by: str = ""
    """The version of the application that saved it, as in "4.2"; empty where it does not tell."""
    why_not_run: str = ""
    """Of a program: why it may not be started, in plain words; empty if it may."""


@dataclass(frozen=True, slots=True)
class Detail:
    """What else is known of one working file."""

    modified: float
    """Seconds since 1970."""
    size_bytes: int | None
    """None for a folder."""
    owner: str = ""
    """Name of the OS user whose it is; empty where that is not told."""
    mine: bool | None = None
    """Whether that is the OS user of this program; None where it is not told."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What this machine has right now, as far as one plan needs it."""

    os: OS
    applications: Mapping[str, Candidates]
    """By the application's name in the configuration."""
    roots: Mapping[str, RootState]
    found: Mapping[str, tuple[tuple[str, ...], ...]]
    """By task id: names below the search's folder, one for each of its parts."""
    files: Mapping[PurePath, FileState]
    """Every path of `Wanted.files`, of each search the newest working file and the picked one, and the markers above
    them that are there."""
    environment: Mapping[str, str]
    """The machine's own, clean of everything of this program."""
    context_folder: PurePath
    """This launch's own folder."""
    startup_folder: PurePath
    """Where our scripts lie that run inside applications."""
    settings: PurePath
    """The person's own configuration file; it need not be there."""
    details: Mapping[str, Mapping[tuple[str, ...], Detail]] = field(default_factory=dict)
    """By task id, as in `found`: what `Wanted.details` asks for. What went meanwhile has none."""
    notes: Mapping[PurePath, Found] = field(default_factory=dict)
    """By the file that they lie beside: who has it open, as far as that can be read."""
    whereabouts: Mapping[str, Whereabouts] = field(default_factory=dict)
    """By task id: what stamps say, of those tasks whose root is there."""


class RootAway(NotFoundHere):
    """A root is not there: not mounted, or mounted elsewhere."""

    code = "root"


class OutsideRoot(Refused):
    """A path leads out of its root."""

    code = "outside root"
    status = 422


def present(name: str, config: Config, facts: Facts) -> RootState:
    """The root, which is there.

    Raises: RootAway, naming the root, its path and what was looked for.
    """
    state = facts.roots[name]
    if state.beyond:
        raise RootAway(
            _("A place that root {name!r} leads to is not there: {path}.", name=name, path=state.beyond),
            tried=[_("{path}: {reason} (it must not be empty)", path=state.beyond, reason=state.why)],
            next_step=_("Mount it, or ask your IT. Nothing is made in its place."),
        )
    if not state.present:
        marker = config.roots[name].marker
        proof = _("the file {name} in it proves it", name=marker) if marker else _("it must not be empty")
        raise RootAway(
            _("The root {name!r} is not there: {path}.", name=name, path=state.path),
            tried=[_("{path}: {reason} ({proof})", path=state.path, reason=state.why, proof=proof)],
            next_step=_("Mount it, or ask your IT. Nothing is made in its place."),
        )
    return state


def under(path: PurePath, root: str, facts: Facts, *, label: str, key: str) -> FileState:
    """What stands at `path`, which lies under its root also after every link is followed. `label` names the task.

    Raises: OutsideRoot
    """
    state, of = facts.files[path], facts.roots[root]
    if _ground(state.real, of) is None:
        raise OutsideRoot(
            _("The path for {task} lies outside root {root!r}.", task=label, root=root),
            tried=[
                f"{key}: {path}",
                _("which leads to {path}", path=state.real),
                _("and the root is {path}", path=of.real or of.path),
            ],
            next_step=_(
                "Remove the link that leads out of the root, or let the studio file allow where it leads: "
                '{key} = ["…"].',
                key=f"roots.{root}.also",
            ),
        )
    return state


def ground(path: PurePath, root: str, facts: Facts) -> PurePath:
    """What a step under this root must not leave: the root, or the place of `also` that links lead `path` to.

    `path` is one that was looked at and that `under` took.
    """
    of, state = facts.roots[root], facts.files.get(path)
    found = _ground(state.real, of) if state else None
    return found.path if found else of.path


def seen(facts: Facts) -> dict[PurePath, Identity]:
    """What each place was when it was looked at: a bare mount point is another folder than the volume before."""
    states = [state for state in facts.roots.values() if state.present]
    grounds: list[RootState | Ground] = [*states, *(place for state in states for place in state.also)]
    return {one.path: one.identity for one in grounds if one.identity}


def _ground(real: PurePath, of: RootState) -> RootState | Ground | None:
    if of.real is None:
        return None
    if real.is_relative_to(of.real):
        return of
    return next((place for place in of.also if real.is_relative_to(place.real)), None)
