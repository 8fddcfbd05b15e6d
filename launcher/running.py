"""The daemons of one installation that run on this machine, and what is remembered of each to start it again. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from launcher.model import Json

FORMAT = 1
"""Of what is remembered: the version that ends a replacement may be another one than the one that began it."""
MOST_PLACES, MOST_CHARACTERS = 8, 500_000
"""How many daemons of one person are remembered, and how much of the environment of each."""


class Keeper(StrEnum):
    """Who starts a daemon again after a crash."""

    NOBODY = "nobody"
    SUPERVISOR = "supervisor"
    """`serve --restart`."""
    UNIT = "unit"
    """The person's systemd, or launchd."""


@dataclass(frozen=True, slots=True)
class Session:
    """How a daemon ran: enough to start another one in its place."""

    user: int | str
    """On Windows a SID."""
    environ: dict[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    """Of `serve`; none but those that `options` knows."""
    keeper: Keeper = Keeper.NOBODY
    cwd: str = ""
    groups: tuple[int, ...] = ()
    """The first one is its own."""
    umask: int = 0o022
    session: int = 0
    """Windows' number of it."""

    @property
    def place(self) -> tuple[object, ...]:
        """What tells one person's daemons apart: each place has one."""
        names = ("KITSU_LAUNCHER_HOME", "XDG_RUNTIME_DIR", "HOME")
        return (self.user, self.session, *(self.environ.get(name, "") for name in names))


@dataclass(frozen=True, slots=True)
class Running:
    """One process: a daemon, or a supervisor of one."""

    pid: int
    birth: str
    """What tells it from a later one of the same number."""
    parent: int
    supervises: bool
    session: Session


def options(arguments: Sequence[str]) -> tuple[str, ...]:
    """What may be said again of the arguments of a `serve`: whoever started it could write anything there."""
    found = [word for word in arguments if word == "--no-tray"][:1]
    for word, after in zip(arguments, [*arguments[1:], ""], strict=False):
        number = after if word == "--port" else word.removeprefix("--port=") if word.startswith("--port=") else ""
        if number.isascii() and number.isdigit() and int(number[:6]) < 65_536:
            return (*found, "--port", number[:6])
    return tuple(found)


def served(argv: Sequence[str], *, frozen: bool) -> tuple[str, ...] | None:
    """What follows `serve` in a command line of ours; None where it is another command."""
    rest = list(argv[1:])
    if not frozen:
        while rest and rest[0] in ("-P", "-I", "-E", "-s", "-u", "-B"):
            del rest[0]
        if rest[:2] != ["-m", "launcher"]:
            return None
        del rest[:2]
    return tuple(rest[1:]) if rest[:1] == ["serve"] else None


def sessions(running: Iterable[Running]) -> list[Session]:
    """What is to be remembered: of a supervisor and its daemon one, the daemon's place first of all."""
    several = list(running)
    supervisors = {one.pid: one for one in several if one.supervises}
    found: dict[tuple[object, ...], Session] = {}
    for one in sorted(several, key=lambda one: one.supervises):
        above = supervisors.get(one.parent)
        found.setdefault(one.session.place, (above or one).session)
    return _bounded(found.values())


def _bounded(several: Iterable[Session]) -> list[Session]:
    """Without what no session has, and no person: whoever fills the memory is started at her next click."""
    counts: dict[int | str, int] = {}
    kept = []
    for one in several:
        counts[one.user] = counts.get(one.user, 0) + 1
        size = sum(len(name) + len(value) for name, value in one.environ.items())
        if counts[one.user] <= MOST_PLACES and size <= MOST_CHARACTERS:
            kept.append(one)
    return kept


def merged(before: Iterable[Session], now: Iterable[Session]) -> list[Session]:
    """What is remembered, with what was found since: the earlier one counts."""
    found = {one.place: one for one in now}
    return list((found | {one.place: one for one in before}).values())


def ended(before: Iterable[Running], left: Collection[Running]) -> list[Session]:
    """The sessions of which nothing runs any more."""
    stay = {one.session.place for one in left}
    return [one for one in sessions(before) if one.place not in stay]


def kept(several: Iterable[Session]) -> Json:
    """As JSON keeps them."""
    return {"format": FORMAT, "sessions": [_kept(one) for one in several]}


def _kept(one: Session) -> dict[str, Json]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(one).items()}


def read(value: Json) -> list[Session]:
    """The same, back again. Raises: ValueError where another version keeps them otherwise."""
    try:
        if not isinstance(value, dict) or value["format"] != FORMAT or not isinstance(value["sessions"], list):
            raise ValueError("another format")
        return [_session(one) for one in value["sessions"]]
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"another format: {error!r}") from error


def _session(one: Json) -> Session:
    if not isinstance(one, dict):
        raise TypeError("no session")
    user, environ, groups = one["user"], one["environ"], one["groups"]
    if not isinstance(user, int | str) or not isinstance(environ, dict) or not isinstance(groups, list):
        raise TypeError("no session")
    return Session(
        user,
        {str(name): str(text) for name, text in environ.items()},
        options([str(word) for word in _list(one["options"])]),
        Keeper(str(one["keeper"])),
        str(one["cwd"]),
        tuple(_number(group) for group in groups),
        _number(one["umask"]),
        _number(one["session"]),
    )


def _list(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise TypeError("no list")
    return value


def _number(value: Json) -> int:
    if not isinstance(value, int):
        raise TypeError("no number")
    return value
