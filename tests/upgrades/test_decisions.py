"""What is a daemon of ours, what is remembered of it, and what is started again. Pure: values in, values out."""

import dataclasses
import json
import os
from pathlib import Path

import pytest

from launcher import replacement, replacing, running
from launcher.running import Keeper, Running, Session
from launcher.system.posix.daemons import is_over

ENV = {"HOME": "/home/zoe", "XDG_RUNTIME_DIR": "/run/user/1000", "DISPLAY": ":0", "NAME": "Zo\udce9"}
ZOE = Session(1000, ENV, ("--no-tray",), Keeper.NOBODY, "/home/zoe", (1000, 100), 0o002)


def one(pid: int, session: Session = ZOE, parent: int = 1, supervises: bool = False) -> Running:
    return Running(pid, f"born-{pid}", parent, supervises, session)


@pytest.mark.parametrize(
    ("argv", "frozen", "arguments"),
    [
        (["/opt/kl/kitsu-launcher", "serve"], True, ()),
        (["anything", "serve", "--restart", "--port", "1"], True, ("--restart", "--port", "1")),
        (["/opt/kl/kitsu-launcher", "open", "serve"], True, None),
        (["/opt/kl/kitsu-launcher"], True, None),
        (["/usr/bin/python3", "-P", "-m", "launcher", "serve", "--no-tray"], False, ("--no-tray",)),
        (["/usr/bin/python3", "-m", "launcher", "quit"], False, None),
        (["/usr/bin/python3", "serve.py", "serve"], False, None),
        ([], True, None),
    ],
)
def test_only_serve_is_a_daemon(argv: list[str], frozen: bool, arguments: tuple[str, ...] | None) -> None:
    """Commands, links and whatever else runs from our folder are not ended."""
    assert running.served(argv, frozen=frozen) == arguments


@pytest.mark.parametrize(
    ("said", "again"),
    [
        ((), ()),
        (("--no-tray", "--restart"), ("--no-tray",)),
        (("--port", "0", "--no-tray", "--no-tray"), ("--no-tray", "--port", "0")),
        (("--port=24600",), ("--port", "24600")),
        (("--port", "--evil"), ()),
        (("--port", "99999"), ()),
        (("--port", "9" * 5000), ()),
        (("--port", "\u0661"), ()),
        (("--evil", "$(id)", ";"), ()),
    ],
)
def test_of_its_arguments_only_what_we_know_is_said_again(said: tuple[str, ...], again: tuple[str, ...]) -> None:
    """Whoever started it could write anything there."""
    assert running.options(said) == again


def test_of_a_supervisor_and_its_daemon_one_is_remembered() -> None:
    supervised = dataclasses.replace(ZOE, keeper=Keeper.SUPERVISOR, cwd="/")
    several = [one(11, parent=10), one(10, supervised, supervises=True)]

    assert running.sessions(several) == [supervised]
    assert running.sessions(several[1:]) == [supervised], "also between two daemons"


def test_each_home_of_a_person_is_remembered() -> None:
    trial = dataclasses.replace(ZOE, environ={**ENV, "KITSU_LAUNCHER_HOME": "/tmp/trial"})
    other = dataclasses.replace(ZOE, user=1001)

    assert running.sessions([one(1), one(2, trial), one(3, other), one(4)]) == [ZOE, trial, other]


def test_whoever_fills_the_memory_is_not_remembered() -> None:
    """A hundred homes, and an environment of a megabyte: others are remembered all the same."""
    homes = [dataclasses.replace(ZOE, environ={**ENV, "HOME": f"/{number}"}) for number in range(100)]
    huge = dataclasses.replace(ZOE, user=1001, environ={"X": "x" * 1_000_000})
    other = dataclasses.replace(ZOE, user=1002)
    several = [one(number, session) for number, session in enumerate([*homes, huge, other])]

    assert running.sessions(several) == [*homes[: running.MOST_PLACES], other]


def test_what_was_remembered_before_counts() -> None:
    """A second `begin`, or a second round: a daemon that started meanwhile does not take the earlier one's place."""
    before = dataclasses.replace(ZOE, keeper=Keeper.SUPERVISOR)
    other = dataclasses.replace(ZOE, user=1001)

    assert running.merged([before], [ZOE, other]) == [before, other]


def test_after_a_failure_those_start_again_of_which_nothing_runs() -> None:
    other = dataclasses.replace(ZOE, user=1001)
    several = [one(1), one(2, parent=1), one(3, other)]

    assert running.ended(several, several[1:2]) == [other]


def test_what_is_remembered_comes_back_as_it_was() -> None:
    """Bytes that are no UTF-8 too."""
    text = json.dumps(running.kept([ZOE]))

    assert text.isascii()
    assert running.read(json.loads(text)) == [ZOE]


@pytest.mark.parametrize(
    "text",
    [
        "null",
        "[]",
        '{"sessions": []}',
        '{"format": 2, "sessions": []}',
        '{"format": 1, "sessions": {}}',
        '{"format": 1, "sessions": [1]}',
        '{"format": 1, "sessions": [{"user": 0}]}',
    ],
)
def test_another_versions_memory_is_told_apart(text: str) -> None:
    """The version that ends a replacement may keep it otherwise than the one that began it."""
    with pytest.raises(ValueError, match="another format"):
        running.read(json.loads(text))


@pytest.mark.parametrize(
    ("environ", "there", "over"),
    [
        ({}, set(), False),
        ({"DISPLAY": ":0"}, {"/tmp/.X11-unix/X0"}, False),
        ({"DISPLAY": ":0.1"}, set(), True),
        ({"DISPLAY": ":1"}, {"/tmp/.X11-unix/X0"}, True),
        ({"DISPLAY": "far:10.0"}, set(), False),
        ({"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": "/run/user/1"}, {"/run/user/1/wayland-0"}, False),
        ({"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": "/run/user/1"}, set(), True),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "w", "XDG_RUNTIME_DIR": "/r"}, {"/r/w"}, False),
        ({"XDG_SESSION_ID": "7"}, {"/run/systemd/sessions", "/run/systemd/sessions/7"}, False),
        ({"XDG_SESSION_ID": "7"}, {"/run/systemd/sessions"}, True),
        ({"XDG_SESSION_ID": "7"}, set(), False),
        ({"XDG_SESSION_ID": "../7"}, {"/run/systemd/sessions"}, False),
    ],
)
def test_a_session_is_over_once_its_screen_or_login_has_gone(
    environ: dict[str, str], there: set[str], over: bool
) -> None:
    assert is_over(environ, there.__contains__) is over


def test_a_trials_command_is_about_the_trial_alone() -> None:
    """And without a bundle, where one interpreter is many programs, each command is about its own home."""
    home = {**ENV, "KITSU_LAUNCHER_HOME": "/tmp/trial"}
    trial = one(2, dataclasses.replace(ZOE, environ=home))
    several = [one(1), trial]

    assert replacement.mine(several, ENV, frozen=True) == several
    assert replacement.mine(several, home, frozen=True) == [trial]
    assert replacement.mine(several, ENV, frozen=False) == several[:1]


@pytest.fixture
def note(home: Path) -> Path:
    """What `replace begin` leaves of this very installation."""
    (home / "run").mkdir(mode=0o700)
    path = home / "run" / replacing.NAME
    path.write_bytes(replacing.text(replacing.itself.top()))
    return path


def test_a_replacement_counts_for_ten_minutes(note: Path) -> None:
    """Real: the file's time."""
    now = note.stat().st_mtime
    seen = []
    for age in (0, 590, 610, -3600):
        os.utime(note, (now - age, now - age))
        seen.append(replacing.under_way())

    assert seen == [True, True, False, False]


@pytest.mark.parametrize("content", [b"", b"{}", replacing.text("/opt/other"), replacing.text("/x")[:-3]])
def test_another_installations_replacement_is_not_ours(note: Path, content: bytes) -> None:
    """Real: a file of another content."""
    note.write_bytes(content)

    assert not replacing.under_way()


def test_what_is_no_file_is_no_replacement(note: Path) -> None:
    """Real: a pipe in its place, which would hold who opens it, and a link that leads nowhere."""
    note.unlink()
    os.mkfifo(note)
    assert not replacing.under_way()
    note.unlink()
    note.symlink_to("nowhere")
    assert not replacing.under_way()


@pytest.mark.parametrize("top", ["/opt/kitsu-launcher", 'C:\\Program Files\\"x"', "/home/zoë/kl"])
def test_the_note_is_json(top: str) -> None:
    """Installers may read it."""
    assert json.loads(replacing.text(top)) == {"top": top}
