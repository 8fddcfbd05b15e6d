"""The values that travel along the way of one click. Frozen, and nothing here reads or writes anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import TypeAlias

Identity: TypeAlias = tuple[int, int]
"""Device and number of a folder, by which the OS tells it from any that is put in its place."""
Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None

MAX_BODY_BYTES = 65_536
"""Of one request's body: nine tasks take 600."""
FORM_TYPE = "application/x-www-form-urlencoded"
JSON_TYPE = "application/json"


class OS(StrEnum):
    """The operating systems that an artist may sit at."""

    LINUX = "linux"
    WINDOWS = "windows"
    MACOS = "macos"

    def path(self, text: str) -> PurePath:
        """`text` as a path of this OS, whatever OS this program runs on."""
        return PureWindowsPath(text) if self is OS.WINDOWS else PurePosixPath(text)


class Sender(StrEnum):
    """By which door a click came in; `trust` decides what each may do."""

    FORM = "form"
    AJAX = "ajax"
    PAGE = "page"
    """Our own page that answers `GET /run/…`: its button was pressed."""
    LINK = "link"
    COMMAND = "command"
    TRAY = "tray"
    DASHBOARD = "dashboard"


class How(StrEnum):
    """What a person may answer to a question beyond yes and no."""

    OPEN = "open"
    """Open the working file that she chose."""
    NEXT = "next"
    """Copy it to the next revision, and open that."""
    ANYWAY = "anyway"
    """Do what was planned all the same."""
    FOUND = "found"
    """Open what was found in another place."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One such answer."""

    how: How
    file: str = ""
    """The working file that it is about: its path below its search's folder, "/" between levels. Empty: the newest.
    Comes from outside: it counts only where it is among the files that are there now."""
    seen: tuple[str, ...] | None = None
    """The reasons of the question that it answers: what she has not read she has not agreed to. None where it was given
    before anything was asked: then it answers whatever is."""

    def answers(self, reason: str) -> bool:
        """Whether it is an answer to a question with this reason."""
        return self.seen is None or reason in self.seen


@dataclass(frozen=True, slots=True)
class Click:
    """One request to do something, however it came. Nothing in it is trusted; ids are already checked UUIDs."""

    action: str
    task_ids: tuple[str, ...]
    sender: Sender
    server: str | None = None
    """Kitsu as the sender names it: `host:port` (forms and AJAX say no scheme), an origin (links), or None."""
    person_id: str | None = None
    person_email: str | None = None
    project_id: str | None = None
    entity_type: str | None = None
    page: str | None = None
    """Path of the Kitsu page that was clicked on."""
    received: tuple[tuple[str, str], ...] = ()
    """The fields as they came, for the debug page: never a key, a cookie or another header."""
    choice: Choice | None = None
    """What was answered to its question; never set by what comes from a browser's other pages or a link."""

    def same_wish(self) -> tuple[object, ...]:
        """What makes two clicks the same click, pressed twice."""
        who = (self.sender, self.server, self.person_id, self.person_email)
        return (self.action, frozenset(self.task_ids), *who, self.choice)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may log in to Kitsu."""

    id: str
    email: str
    first_name: str
    last_name: str
    role: str
    """admin, manager, supervisor, user, vendor or client; Kitsu's own words. A bot's role is that of its account."""
    is_bot: bool = field(default=False, kw_only=True)
    """Whether it is the token of an unattended machine: no browser's click is its own."""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email

    @property
    def initials(self) -> str:
        """First letters of the names in small letters: "Zoë Ní Bhriain" is "znb"."""
        return "".join(word[0] for word in self.name.replace("-", " ").split()).lower()


@dataclass(frozen=True, slots=True)
class FrameRange:
    """First and last frame, both included, in frames."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Resolution:
    """Width and height in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True, slots=True)
class Named:
    """Something of which only the id and the name matter: a sequence, an episode, an asset type."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Project:
    """A production. fps and resolution are the defaults of its shots."""

    id: str
    name: str
    code: str
    production_type: str
    fps: float | None = None
    resolution: Resolution | None = None
    ratio: str = ""
    data: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaskType:
    """What sort of work a task is. `for_entity` (Asset, Shot, Sequence, Episode, Edit, Concept) tells what of."""

    id: str
    name: str
    short_name: str
    for_entity: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What was published last on a task, for people to review."""

    id: str
    revision: int
    """1 or more; 0 where Kitsu has none."""
    created: str
    """When it was posted, UTC, as Kitsu writes it: `2026-11-24T09:12:00`."""
    person: Named | None = None
    """Who posted it; None where Kitsu does not tell."""


@dataclass(frozen=True, slots=True)
class Entity:
    """What a task is done on. Names are stored verbatim by Kitsu: treat them as hostile."""

    id: str
    name: str
    data: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """All that a launch needs of one selected task."""

    id: str
    name: str
    project: Project
    entity: Entity
    task_type: TaskType
    status: Named
    """Its name is Kitsu's short name: todo, wip, retake…"""
    asset_type: Named | None = None
    sequence: Named | None = None
    episode: Named | None = None
    frames: FrameRange | None = None
    fps: float | None = None
    """The shot's own, else the project's."""
    resolution: Resolution | None = None
    """The shot's own, else the project's."""
    assignees: tuple[Named, ...] = ()
    priority: int = 0
    due_date: str | None = None
    status_color: str = ""
    """As Kitsu shows the status: `#3273dc`. Stored verbatim by Kitsu, as names are."""
    status_is_retake: bool = False
    department: Named | None = None
    """Of the task type; None where it has none."""
    latest_preview_id: str = ""
    """Of the preview that was posted last; empty where there is none."""
    latest_preview: Preview | None = None
    """Only after `Accounts.previews`, which is one more request: None does not mean that there is none."""

    @property
    def kind(self) -> str:
        """asset, shot, sequence, episode, edit or concept: what the configuration calls `entity_types`."""
        return self.task_type.for_entity.lower()

    @property
    def label(self) -> str:
        """How people name it: `SQ010/SH030/Animation`, `Characters/Robot/Modeling`."""
        parents = [self.episode, self.sequence] if self.kind != "asset" else [self.episode, self.asset_type]
        names = [p.name for p in parents if p and p.id != self.entity.id]
        return "/".join([*names, self.entity.name, self.task_type.name])


@dataclass(frozen=True, slots=True)
class MakeFolder:
    """Make this folder and those between it and `root`, which is there already."""

    path: PurePath
    root: PurePath


@dataclass(frozen=True, slots=True)
class Copy:
    """Copy a file to a new working file; never overwrites, never follows a link out of `root`."""

    source: PurePath
    target: PurePath
    root: PurePath
    earlier: PurePath | None = None
    """For a `source` that is an earlier revision, or a folder: under this it must lie still when it is copied. A folder
    is copied whole."""
    why: str = ""
    """Why there is to be a next revision, for people; empty where nothing is to be said."""


@dataclass(frozen=True, slots=True)
class LeaveNote:
    """Leave a note beside a file that she has it open; it goes when her application ends."""

    file: PurePath
    root: PurePath
    person: str
    application: str
    """Title and version, for people."""
    instead_of: str = ""
    """Fingerprint of a note that counts no longer, whose place it takes."""
    follows: bool = False
    """Somebody else's note lies there and stays: hers comes when that one goes."""


LONGEST_NAME = 400
"""Characters of a name that a stamp keeps."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Whose work a folder holds, as its stamp says."""

    entity_id: str
    task_type_id: str
    own: bool
    """Whether the folder is that entity's alone: the entity's name stands in its path."""
    label: str
    """How people named the entity then: `SQ010/SH030`."""
    names: tuple[tuple[str, str], ...] = ()
    """The names that its files' paths may have had in them then, verbatim from Kitsu: ("entity", "SH030")… Sorted,
    none is empty, and none is longer than `LONGEST_NAME`."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Note in a task's folder whose work it holds. Where that cannot be written, it only warns."""

    folder: PurePath
    root: PurePath
    mark: Mark


@dataclass(frozen=True, slots=True)
class WriteContext:
    """Write the context file (0600, below our own folder) that `KITSU_CONTEXT` names."""

    path: PurePath
    context: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class RunBefore:
    """Ask one of the studio's programs before an application starts: it may add to the environment, or cancel."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    """That of the application, without what the programs before this one will add."""
    context: PurePath
    """The context file, as KITSU_CONTEXT of both: by it a program and an application belong together. It starts in
    that folder."""
    root: PurePath
    """The program must still lie under this when it is run."""
    seconds: int
    """How long it may take."""
    application: str
    """Title and version of what it runs before, for people."""

    @property
    def name(self) -> str:
        """The name of the program's file."""
        return type(self.root)(self.argv[0]).name


@dataclass(frozen=True, slots=True)
class Start:
    """Start one program, detached. `argv` reaches the OS as a list, never through a shell."""

    application: str
    """Title and version, for people: "Blender 4.2.3"."""
    argv: tuple[str, ...]
    env: Mapping[str, str]
    """The whole environment of the new process, not a patch of the daemon's."""
    cwd: PurePath
    task_ids: tuple[str, ...]
    file: PurePath | None = None
    environment_changes: Mapping[str, str] = field(default_factory=dict)
    """What the action and the context add to the machine's own environment: for people to read."""
    wrapper: tuple[str, ...] = ()
    """The items at the beginning of `argv` that are not the application's own: rez, conda, a studio's script."""
    workspace: PurePath | None = None
    """The application's project folder, where it has one."""
    hands_over: bool = False
    """Whether it ends at once when another instance of it takes the file."""
    batch: bool = False
    """Whether the studio lets it be a batch file of Windows."""


@dataclass(frozen=True, slots=True)
class OpenFolder:
    """Show a folder in the desktop's file manager."""

    path: PurePath
    root: PurePath
    """It must still lie under this when it is opened."""


@dataclass(frozen=True, slots=True)
class OpenUrl:
    """Open an http(s) address in the person's browser."""

    url: str


@dataclass(frozen=True, slots=True)
class ShowPage:
    """Something to read on the launch's own page."""

    page: str
    content: Mapping[str, Json]


Step: TypeAlias = (
    MakeFolder | Copy | Stamp | LeaveNote | WriteContext | RunBefore | Start | OpenFolder | OpenUrl | ShowPage
)


@dataclass(frozen=True, slots=True)
class FileRow:
    """One working file in a list to choose from."""

    name: str
    """Its path below its search's folder, "/" between levels. Anybody who may write there has chosen it."""
    revision: int
    modified: float | None
    """Seconds since 1970; None where it is not known."""
    owner: str
    """Name of its OS user; empty where it is not known."""
    size_bytes: int | None
    """None for a folder, and where it is not known."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A selected task that the action does not take, and why."""

    task: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All that one click will do, in order. `--dry-run` prints it; `execute` does it."""

    steps: tuple[Step, ...]
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[str, ...] = ()
    must_ask: tuple[str, ...] = ()
    """Why somebody must agree first; empty when nobody must."""
    choices: tuple[How, ...] = ()
    """What may be answered beside "no"; only with reasons to ask. Empty: yes or no."""
    seen: Mapping[PurePath, Identity] = field(default_factory=dict)
    """What the roots of its steps were when they were looked at: nothing is made where they are others by then."""
    stays: bool = False
    """Whether its page stays open once it has begun, since a warning on it is to be read."""
    files: tuple[FileRow, ...] = ()
    """The working files that there are to choose from, the newest first."""


class State(StrEnum):
    """Where a launch stands. Exactly one at a time."""

    PREPARING = "preparing"
    ASKS = "asks"
    REFUSED = "refused"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
