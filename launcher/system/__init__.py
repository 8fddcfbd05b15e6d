"""What each operating system does in its own way: one Protocol for each, fulfilled by plain modules.

`system/<os>/` have equal file names; who needs one is given it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    import asyncio
    import os
    import threading

    from launcher.icon import Sign
    from launcher.running import Running, Session
    from launcher.system.sight import Look

User: TypeAlias = int | str
"""Who an OS user is to the OS: a number, on Windows a SID such as `S-1-5-21-…-1001`."""


@dataclass(frozen=True, slots=True)
class Place:
    """A file that a pattern of the catalogue matched."""

    path: Path
    version: str
    """What `{version}` stood for in its path; empty where the pattern has none."""


@dataclass(frozen=True, slots=True)
class Program:
    """What is known of an executable without starting it."""

    path: Path
    """As it was found: some programs behave after the name of the link."""
    identity: Path
    """Where its links lead; the same for one program found by two ways."""
    stamp: tuple[int, int]
    """Modification time in ns and size in bytes: another program in its place differs in one of them."""
    refusal: str = ""
    """Why it may not be started, in plain words; empty if it may."""


class Places(Protocol):
    """What is on this machine's disks. Each `system/<os>/places.py` is one."""

    def look(self) -> "Look":
        """Begin to look around: for one application, or for many that share what is seen."""

    def matches(self, patterns: Sequence[str], look: "Look | None" = None) -> list[Place]:
        """Every file that an application's patterns lead to, in their order; the same one may come twice."""

    def version_in(self, patterns: Sequence[str], path: Path) -> str:
        """What `{version}` stands for in a path that ends as one of the patterns does; else empty."""

    def version_of(self, path: Path) -> str:
        """What a program's file says of its version without being started; empty where it says none."""

    def program(self, path: Path, *, batch: bool = False) -> Program:
        """Look at an executable, without starting it. `batch`: it may be a batch file, which only Windows has."""

    def says(self, argv: Sequence[str], timeout_s: float) -> str | None:
        """What a program prints; None if it does not end in time, or cannot be started."""


class Killed(StrEnum):
    """Why a program was ended before it ended by itself."""

    TIME = "time"
    OUTPUT = "output"
    """It printed more than was wanted."""
    STOPPED = "stopped"
    """Nobody wants its answer any more."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a program that was asked something."""

    code: int | None
    """Its exit code; negative: the signal that ended it. None where it was killed."""
    output: bytes
    errors: bytes
    """What it printed on its second output."""
    killed: Killed | None = None


class Runner(Protocol):
    """Programs that are asked something. Each `system/<os>/runner.py` is one."""

    def run(
        self,
        argv: Sequence[str],
        env: Mapping[str, str],
        cwd: Path,
        timeout_s: float,
        limit_bytes: int,
        stop: "threading.Event",
    ) -> Ran:
        """Start a program, and wait until it ends by itself; both outputs together hold `limit_bytes` at most.

        After `timeout_s` seconds, beyond the limit, or once `stop` is set it is killed with all that it has started.
        It reads nothing. Blocks: for a thread of its own.
        Raises: NotFoundHere, CannotStart.
        """


class Peer(Protocol):
    """Who is at the other end of a connection. Each `system/<os>/peer.py` is one."""

    def own_uid(self) -> User:
        """This process's OS user."""

    def uid_of(self, peer: tuple[str, int], own: tuple[str, int]) -> User | None:
        """The OS user at the other end of a TCP connection on this machine; None where that is unknown."""

    def is_private(self, transport: "asyncio.BaseTransport") -> bool:
        """Whether a connection came by the private door."""

    def uid_at_door(self, transport: "asyncio.BaseTransport") -> User | None:
        """The OS user at the other end of a private door's connection; None where that is unknown."""


class Listening(Protocol):
    """A private door that is open."""

    def close(self) -> None:
        """Take nobody any more."""


class Door(Protocol):
    """The private door's own side. Each `system/<os>/door.py` is one."""

    async def listen(self, path: str, connection: "Callable[[], asyncio.Protocol]") -> Listening:
        """Serve the door whose file is at `path`, for this user alone. Only while the lock is held.

        Raises: LauncherError, OSError.
        """


class Owner(Protocol):
    """Whose files are. Each `system/<os>/owner.py` is one."""

    def own(self) -> User:
        """This process's OS user."""

    def of(self, path: Path, status: "os.stat_result") -> User | None:
        """The OS user whose a file is; None where that is not told. `status` is what `os.stat` says of it."""

    def named(self, user: User) -> str:
        """The user's name, for people."""


class Lock(Protocol):
    """What makes a daemon the only one. Each `system/<os>/lock.py` is one."""

    def hold(self, file: int) -> None:
        """Lock an open file until it is closed. Raises: OSError where another process holds it."""


class Links(StrEnum):
    """Whom the desktop gives `kitsu-launcher://` links to."""

    HERE = "here"
    ELSEWHERE = "elsewhere"
    """To another program: another installation of ours, or somebody else's."""
    NOWHERE = "nowhere"


class Language(Protocol):
    """What the person's desktop is in. Each `system/<os>/language.py` is one."""

    def names(self) -> Sequence[str]:
        """Languages as the OS names them ("fr-CA", "fr_FR.UTF-8"), the best first; none where it tells none."""


class Scheme(Protocol):
    """How `kitsu-launcher://` links reach this user. Each `system/<os>/scheme.py` is one.

    What a package has registered for everybody is left alone as long as the program that it names is there.
    """

    def register(self, handler: Sequence[str]) -> bool:
        """Make the desktop run `handler LINK`, an absolute path first; whether anything had to change.

        Raises: LauncherError, naming the file or the key that refused.
        """

    def unregister(self) -> bool:
        """Remove what is this user's of it; whether there was anything. Raises: LauncherError."""

    def registered(self) -> str | None:
        """The command that opens our links now; None without any."""

    def state(self, handler: Sequence[str]) -> Links:
        """Whether links reach `handler`, or what a package has registered."""

    def receive(self, take: Callable[[str], None]) -> None:
        """Have `take` called with each link that the desktop gives to this running program itself, as macOS does.

        In the main thread, before it shows the tray. Elsewhere nothing is to be done: `handler` brings the links.
        """


class Autostart(Protocol):
    """Whether the daemon starts at login. Each `system/<os>/autostart.py` is one."""

    def state(self) -> bool | None:
        """Whether it does; None where neither a package nor the person has decided yet, or the program has moved."""

    def enable(self, program: Sequence[str]) -> None:
        """Start `program serve` at each login from now on, and again after a crash; `program` has an absolute path.

        Raises: LauncherError, naming the file or the key that refused.
        """

    def disable(self) -> None:
        """Start nothing at login any more, also after an update. Raises: LauncherError."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who listens at an address of this machine, as far as the system tells this user."""

    user: str = ""
    """Name of another user; empty for this one, or where it is unknown."""
    program: str = ""
    pid: int = 0


@dataclass(frozen=True, slots=True)
class Shared:
    """What a package has put on this machine for everybody: one file or registry key, and the program it names."""

    place: str = ""
    """Empty where there is none."""
    program: str = ""
    runs: bool = False
    """Whether that program is there."""


class Everybody(Protocol):
    """What a package has registered for everybody. Each `system/<os>/everybody.py` is one."""

    def links(self) -> Shared:
        """What opens `kitsu-launcher://` links."""

    def autostart(self) -> Shared | None:
        """What starts the daemon at login; None where that is never there for everybody."""


class Daemons(Protocol):
    """The daemons that run from this installation. Each `system/<os>/daemons.py` is one."""

    def may_for_everybody(self) -> bool:
        """Whether this process may end and start other persons' daemons."""

    def private(self, folder: Path) -> str:
        """Make a folder that only root, SYSTEM or an administrator may write; why it is none, else empty.

        Raises: OSError.
        """

    def found(self, everybody: bool) -> "list[Running]":
        """Every daemon and supervisor: of this user, or of `everybody`."""

    def ask(self, several: "Sequence[Running]", patience_s: float) -> Callable[[], None]:
        """Ask all at once to end; what is answered stops asking."""

    def end(self, several: "Sequence[Running]", *, hard: bool) -> None:
        """Have them end by a signal; `hard`: by one that nothing withstands."""

    def lives(self, one: "Running") -> bool:
        """Whether that very process still runs."""

    def begin_again(self, several: "Sequence[Session]", patience_s: float) -> "list[Session]":
        """Start a daemon in each session that is not over; those in which none answers in time."""


@dataclass(frozen=True, slots=True)
class Browser:
    """One browser that is installed here, and what IT has decided for it."""

    name: str
    family: Literal["chromium", "firefox"]
    policies: Mapping[str, object]
    """By the names that the browser's makers give them."""
    sources: tuple[str, ...] = ()
    """The files or keys that they stand in."""
    unreadable: tuple[str, ...] = ()
    """Files that could not be read, and why."""


class Policies(Protocol):
    """What IT has decided for browsers. Each `system/<os>/policies.py` is one."""

    def browsers(self) -> list[Browser]:
        """Every browser that is installed here, with its policies."""


class Ports(Protocol):
    """Who holds a port. Each `system/<os>/ports.py` is one."""

    def holder(self, host: str, port: int) -> Holder | None:
        """Who listens there; None where that cannot be told."""


class Signals(Protocol):
    """How a daemon is told to end. Each `system/<os>/signals.py` is one."""

    def when_told_to_end(self, end: Callable[[], None]) -> None:
        """Call `end` when the session, the service manager or Ctrl-C asks for it. In the main thread only."""


class Shell(Protocol):
    """The shell of a terminal. Each `system/<os>/shell.py` is one."""

    def interactive(self, environ: Mapping[str, str]) -> list[str]:
        """How the shell of the person with this environment starts, an absolute path first; it leaves the environment
        that it is given alone. Raises: LauncherError."""

    def found(self, command: str, env: Mapping[str, str]) -> str:
        """The absolute path of a command in this environment. Raises: LauncherError."""

    def become(self, argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> int:
        """Let another program have this terminal in place of this one; its exit code, where it comes back.

        Raises: LauncherError.
        """


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the tray's menu, ready to be shown."""

    text: str
    """In the person's language, harmless and bounded; empty for a line between groups."""
    id: str = ""
    """What is pressed by it; empty where nothing can be."""
    checked: bool | None = None
    """Whether its mark is set; None where it has none."""
    items: tuple["Item", ...] = ()
    """Its submenu."""


class TrayView(Protocol):
    """What the desktop's side of the tray sees of the daemon. Any thread may ask it."""

    changed: "threading.Event"
    """Set whenever something is to be shown anew; who shows it clears it first."""

    def sign(self) -> "Sign":
        """What the icon says."""

    def title(self) -> str:
        """The same in words, for the pointer that rests on it."""

    def menu(self) -> tuple[Item, ...]:
        """The menu as it is now."""

    def press(self, item_id: str) -> None:
        """Somebody pressed an item. Returns at once."""

    def tell(self, notice: "Notice") -> None:
        """Have the icon show a notice, where an icon does."""

    def untell(self, key: str) -> None:
        """Have it taken away, where it is the one that is shown."""

    def told(self) -> "Notice | str | None":
        """The next notice to be shown, or the key of one to be taken away; None when that was all."""


class Tray(Protocol):
    """The icon in the desktop's panel. Each `system/<os>/tray.py` is one."""

    def run(self, view: TrayView, stop: "threading.Event") -> None:
        """Show the icon until `stop` is set, whenever there is a panel for it. In the main thread only."""

    def host(self) -> str:
        """What shows icons in this session now, for people to read; empty where nothing does."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice, ready to be shown: in the person's language, harmless and bounded."""

    key: str
    """What it is about: the next one of this key takes its place."""
    title: str
    text: str
    elsewhere: str
    """Where to look, added to what is urgent where clicks on a notice are not reported."""
    button: str
    """What a click on it does; empty where it does nothing."""
    urgent: bool
    """Whether it is to stay until she has seen it."""


class Notices(Protocol):
    """The notices of one daemon. All of it in the loop's thread, which never waits for the desktop."""

    async def show(self, notice: Notice) -> str:
        """Show it in place of the earlier one of its key; why that cannot be, empty when it is shown."""

    async def withdraw(self, key: str) -> None:
        """Take one away, where it is still shown and can be taken away."""

    async def close(self) -> None:
        """Show nothing more."""


class Notify(Protocol):
    """The desktop's notices. Each `system/<os>/notify.py` is one."""

    def begin(self, pressed: Callable[[str], None], tray: TrayView | None = None) -> Notices:
        """The notices of one daemon, which has this tray or none; `pressed` hears the key of one that is clicked on."""
