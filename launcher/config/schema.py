"""The values of the configuration, as the rest of the program sees them. Pure: `load` reads the files.

Each field's docstring is its line in the configuration reference.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Literal, TypeAlias

from launcher.config.template import Template
from launcher.model import OS

PORT = 24517
"""Below every OS's range of ephemeral ports."""
KITSU = "kitsu"
"""Where an application or a file is to be named, and Kitsu itself names it."""
ROLES = ("admin", "manager", "supervisor", "user", "vendor", "client")
ENTITY_TYPES = ("asset", "shot", "sequence", "episode", "edit", "concept")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One Kitsu. In the file a plain address stands for all of it."""

    origins: tuple[str, ...]
    """Every origin under which people open it in the browser."""
    api: str
    """Where its API answers; `ORIGIN/api` where it is not said."""
    insecure: bool = False
    """Whether an `http://` server may count at all."""
    login_page: str = ""
    """A page of this Kitsu by which the browser logs Kitsu Launcher in; without one a password is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Where `doctor` hears of newer versions of this program. Nothing is ever downloaded or installed from there."""

    url: str
    """Address of the document, as in "https://it.lunar.example/kitsu-launcher.json"; its signature is at `URL.sig`. It
    is asked at most once a day, and only by `doctor`."""
    key: str
    """The Ed25519 public key that must have signed the document, in Base64: what `config keygen` prints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Studio:
    """What holds for the whole studio."""

    name: str = ""
    """Shown on pages."""
    servers: tuple[Server, ...] = ()
    """Kitsu's addresses; the first one is that of command lines that name none."""
    keys: tuple[str, ...] = ()
    """What action URLs carry as ?key=, already read from `env:NAME` or `file:PATH`; two while rotating."""
    null_origin: Literal["key", "refuse"] = "key"
    """Whether a form that hides its origin may come in by the key."""
    requires: str = ""
    """Versions of this program that may read the file, as in ">=1.0"."""
    serial: int = 0
    """Of a studio file at an address that must be signed: a number that every new file raises, so that nobody can bring
    an old one back."""
    port: int = PORT
    """The port on 127.0.0.1 and ::1."""
    ca_file: str = ""
    """A PEM file of a private authority, trusted beside those of the operating system."""
    feed: Feed | None = None
    """Where `doctor` hears of newer versions; without one nobody is asked."""
    users_may: tuple[str, ...] = ()
    """What a person's own file may set beside her own keys, as in "apps.blender.args"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """One place that has another path on each OS."""

    linux: str = ""
    """Its path on Linux."""
    windows: str = ""
    """Its path on Windows."""
    macos: str = ""
    """Its path on macOS."""
    marker: str = ""
    """A file in it that proves that it is mounted; without one the folder must not be empty."""
    run_scripts: bool = False
    """Whether scripts inside files below it may run when they are opened."""
    notes: bool = True
    """Whether a launch leaves a small hidden note (`.NAME.kitsu-open`) beside a file below it that somebody has it
    open, and the next click on that file asks."""
    also: tuple[str, ...] = ()
    """Further places that links inside it may lead to, as a show that lies on another volume: whole paths of any OS;
    those of this OS count. What a link leads to must not be empty."""

    def elsewhere(self, os: OS) -> tuple[PurePath, ...]:
        """The places of `also` that are whole paths on one OS: `/…` has no drive on Windows, `//…` is a share there."""
        texts = (text for text in self.also if os is OS.WINDOWS or not text.startswith("//"))
        return tuple(path for text in texts if (path := os.path(text)).is_absolute())

    def on(self, os: OS) -> str:
        """Its path on one OS; empty where it has none."""
        return {OS.LINUX: self.linux, OS.WINDOWS: self.windows, OS.MACOS: self.macos}[os]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvChange:
    """What happens to one environment variable; a plain string sets it."""

    set: Template | None = None
    """Replace it."""
    prepend: Template | None = None
    """Put before what is there, with the OS's separator."""
    append: Template | None = None
    """Put after what is there, with the OS's separator."""
    unset: bool = False
    """Remove it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """Where an application may be, as patterns with `{version}`, `*`, `?` and `[…]`, per OS."""

    linux: tuple[str, ...] = ()
    """Patterns on Linux; each begins with `/`, with `~/` for the home, or with `{path}/` for each folder of PATH."""
    windows: tuple[str, ...] = ()
    r"""Patterns on Windows; each begins with a drive, with `~\`, `{path}\` or `{program_files}\` (on every drive of
    this machine), or with `{registry:KEY|VALUE}`: the path that a value of the registry names, for 64-bit and 32-bit
    programs. KEY begins with `HKLM\` or `HKCU\` and may hold `{version}`; without `|VALUE` it is the key's own value.
    `\..` after it is the folder above. Shares (`\\server`) are never looked at."""
    macos: tuple[str, ...] = ()
    """Patterns on macOS, as on Linux. `/Applications/` also means the person's own; a `.app` stands for the program in
    it, and its Info.plist tells the version where its path does not."""
    year_zero: int = 0
    """What makes a year of the number in the program's own file: 1999 where its version 25 is called 2024."""

    def on(self, os: OS) -> tuple[str, ...]:
        return {OS.LINUX: self.linux, OS.WINDOWS: self.windows, OS.MACOS: self.macos}[os]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """How to ask an executable for its version where its path does not tell."""

    args: tuple[str, ...]
    """What it is started with."""
    prints: str
    """How the line begins that it prints, with `{version}` in it."""
    program: str = ""
    """Name of the program in the same folder that is asked instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """An application's own project folder, and how it is told of it: Maya's workspace, Houdini's JOB."""

    marker: str = ""
    """A file or folder in it that proves it: the nearest folder above the working file that has it counts."""
    env: str = ""
    """The environment variable that names it; `{workspace}` in `argv` is the other way."""


ArgvItem: TypeAlias = str | tuple[str, ...]
"""One argument, or several that stand and fall together, as in `["--python", "{script}"]`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One application: the catalogue's entry, refined by the studio's and the person's files."""

    name: str
    """Its name in the configuration."""
    title: str
    """Its name for people."""
    opens: tuple[str, ...] = ()
    """Endings of the files it opens, with the dot."""
    many: bool = False
    """Whether one process takes several files."""
    argv: tuple[ArgvItem, ...] = ("{args}", "{file}")
    """What follows the executable. An item that is `{file}`, `{files}`, `{script}`, `{args}`, `{workspace}` or
    `{no_scripts}` stands for that, and is left out where there is none; of a list in the list, all is left out then."""
    hands_over: bool = False
    """Whether a second start gives its file to the instance that runs already, and ends: told as "opened there"."""
    workspace: Workspace = field(default_factory=Workspace)
    """Its own project folder: how it is found, and how the application gets it."""
    no_scripts: tuple[str, ...] = ()
    """Arguments that keep scripts inside a file from running; used below roots without `run_scripts`."""
    script: str = ""
    """Our start-up script for it, a file below `catalogue/startup`."""
    file_version: Literal["", "blend"] = ""
    """How its files tell which version saved them: "blend" is Blender's header. Empty: they do not."""
    find: Find = field(default_factory=Find)
    """Where it may be installed."""
    check: Check | None = None
    """How its version is asked."""
    executable: str = ""
    """An absolute path: this one counts, beside what was found. With `wrap`, a bare name is what the wrapper finds:
    then nothing else is looked for, and `version` must be exact, as in "==4.2.0"."""
    wrap: tuple[Template, ...] = ()
    """What stands before the executable, as in ["rez-env", "blender-4.2", "--"]: first an absolute path, or a bare
    name that is looked for in PATH. What comes from Kitsu behind it is held to plain ASCII characters."""
    batch: bool = False
    """Whether it may be a .bat or .cmd file on Windows. Then every argument is held to letters and digits of ASCII,
    and _ . / : \\ - and the blank. Only the studio's file sets it."""
    version: str = ""
    """Versions that may be used, as in ">=4.2,<5": the newest that fits is taken. Where a working file tells which
    version saved it, that one is taken instead, or else the next newer one that is here and fits, so that no file is
    made newer without need; where all that fit are older than the file, the click asks first. An executable that the
    person or the studio names comes before those that were found, unless it is older than the file."""
    args: tuple[Template, ...] = ()
    """Further arguments, before the file."""
    env: Mapping[str, EnvChange] = field(default_factory=dict)
    """Changes of its environment."""
    user_executable: str = ""
    """The person's own executable: one more candidate that must fit the version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What every kind of action has."""

    name: str
    """Its name, as in `/run/NAME`."""
    title: str
    """Its name in Kitsu."""
    entity_types: tuple[str, ...] = ()
    """Entity types it takes: asset, shot, sequence, episode, edit, concept. Empty: all."""
    task_types: tuple[str, ...] = ()
    """Names of the task types it takes. Empty: all."""
    roles: tuple[str, ...] = ()
    """Roles in Kitsu that may use it. Empty: all."""
    ajax: bool = False
    """Whether Kitsu sends it as AJAX, without a tab, instead of as a form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyFrom:
    """The first working file is a copy of a template."""

    copy: Template
    """Path of the file to copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """A studio's program that is asked before the application starts. In the file a plain path stands for all of it."""

    run: tuple[Template, ...]
    """The program and its arguments, as a list. The program's path begins with `{roots.NAME}/`, and of Kitsu only
    `project.…` may stand in it: a file that may be executed and that not everybody may change. Windows runs no .py by
    itself: there, and wherever a script has no first line that names its interpreter, the list begins with that, as in
    `["{roots.prod}/python/bin/python3", "{roots.prod}/tools/lock.py"]`."""
    seconds: int = 20
    """How long it may take, from 1 to 300; then it is ended, with all that it has started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What must be true of a task for one `[[actions.NAME.when]]` to count: all that are said, of each any one."""

    projects: tuple[str, ...] = ()
    """Productions, each by its name, code or id."""
    entity_types: tuple[str, ...] = ()
    """asset, shot, sequence, episode, edit, concept."""
    task_types: tuple[str, ...] = ()
    """Names of task types."""
    asset_types: tuple[str, ...] = ()
    """Names of asset types; tasks of anything but assets have none."""
    departments: tuple[str, ...] = ()
    """Names of departments: that of the task type, not those of the person."""
    roles: tuple[str, ...] = ()
    """Roles in Kitsu of the person who clicks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One `[[actions.NAME.when]]`: for the tasks of which its conditions are true, the action as it refines it."""

    conditions: Conditions
    action: "LaunchAction | OpenAction"
    """The whole action, refined."""
    table: Mapping[str, object]
    """The entry as the file has it."""


Selection: TypeAlias = Literal["one", "first", "each", "all"]
WhenMissing: TypeAlias = CopyFrom | Literal["empty", "fail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchAction(Action):
    """Kind `launch`: an application on a file."""

    app: tuple[str, ...]
    """The application; of a list, the first that is installed. "kitsu": the one that the production uses for the task
    type by Kitsu's own settings (of several, the first that is known here); it is known by its name there, or as the
    only application here that opens its files."""
    file: Template | None = None
    """The working file: with `{revision}`, the highest revision there is. Without it the application starts empty.
    "kitsu": where the production's file tree in Kitsu has it. Of the roots, that counts whose path on any OS the tree's
    mount point begins with, the longest one. Where the tree has no revision, files are `NAME.ENDING` and
    `NAME_v001.ENDING`, and new ones are of the second sort; the ending is the software's. Of them and of the newest
    one that Kitsu has a record of, the highest revision is opened. Nothing is ever recorded in Kitsu."""
    when_missing: WhenMissing = "fail"
    """When there is no working file yet: `{ copy = "…" }`, "empty" or "fail"."""
    new_file: Template | None = None
    """Path of a working file that is made, the first one or the next revision, where it is not that of `file`: a
    `file` with `{*}` in it needs one. It must be a name that `file` finds."""
    inside: Template | None = None
    """Where a scene is a folder, as Harmony's: the file in it that is opened, as in "{entity.name}.xstage". `file` is
    then the folder, and is copied whole to the next revision."""
    open: Literal["newest", "next-revision", "choose"] = "newest"
    """newest: the highest revision is opened; next-revision: it is copied to the next number first, and that is
    opened; choose: the working files are listed, to open one or to open it as the next revision."""
    next_when: tuple[Literal["newer-preview", "other-owner", "retake"], ...] = ()
    """With `open = "next-revision"`: only when there is a preview newer than the file, when the file is another
    person's, or when the task's status is a retake; else the newest is opened. Empty: always."""
    workspace: Template | None = None
    """The application's project folder, where its marker is not to be looked for."""
    selection: Selection = "one"
    """one: refuses more than one task; first: takes the first; each: one process per task;
    all: all files to one process, where `when` refines tasks differently to one for each refinement."""
    limit: int = 5
    """The most tasks that `each` and `all` take."""
    args: tuple[Template, ...] = ()
    """Further arguments, after the application's own and before the file."""
    env: Mapping[str, EnvChange] = field(default_factory=dict)
    """Changes of the environment, after the application's own."""
    before: tuple[Before, ...] = ()
    """Programs of the studio that are asked in their order, after every question and before anything is made or
    started: as `"{roots.prod}/tools/lock.py"`, or `{ run = ["{roots.prod}/tools/lock.py", "--wait"], seconds = 60 }`.
    Each gets the application's environment, with the context file in KITSU_CONTEXT, and prints nothing or one JSON
    object: `{"env": {"NAME": "value"}, "cancel": "why not"}`, either of them or both. `env` adds variables (null
    removes one) for the programs after it and the application; `cancel` is the sentence that the artist reads instead.
    Where one fails, takes too long, or prints anything else, nothing is started."""
    when: tuple[Case, ...] = ()
    """`[[actions.NAME.when]]`: the first whose conditions are true of a task refines the action for it. Beside its
    conditions it takes every key of the action but `title`, `kind` and `ajax`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAction(Action):
    """Kind `open`: a folder in the file manager, or an address in the browser. Exactly one of the two."""

    folder: Template | None = None
    """The folder; it must lie under a root."""
    url: Template | None = None
    """The http(s) address; its host must be written out."""
    selection: Selection = "one"
    """As for `launch`; `all` is not possible here."""
    limit: int = 5
    """The most tasks that `each` takes."""
    when: tuple[Case, ...] = ()
    """As for `launch`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAction(Action):
    """Kind `page`: something to read in the browser, about the whole selection."""

    page: Literal["debug"] = "debug"
    """debug: all that is known of the selection, and what each action would do."""


AnyAction: TypeAlias = LaunchAction | OpenAction | PageAction


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What belongs to the person: only her own file sets it."""

    browser: tuple[str, ...] = ()
    """Command that opens an address, instead of the desktop's way; the address is its last argument."""
    links: bool = True
    """Whether the daemon keeps `kitsu-launcher://` links registered with the desktop."""
    notices: bool = True
    """Whether the desktop's notices tell what opens and what goes wrong."""
    language: str = ""
    """Language of pages, menus, notices and commands: "en" or "fr". Empty: pages follow the browser, the rest the
    desktop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole configuration, for this OS and this machine."""

    studio: Studio = field(default_factory=Studio)
    """Names, addresses and keys of the studio."""
    roots: Mapping[str, Root] = field(default_factory=dict)
    """Places that templates name as `{roots.NAME}`."""
    apps: Mapping[str, App] = field(default_factory=dict)
    """Every application of the catalogue and of the files."""
    actions: Mapping[str, AnyAction] = field(default_factory=dict)
    """What a click may do, by the name in its URL."""
    desk: Desk = field(default_factory=Desk)
    """The person's own wishes."""
