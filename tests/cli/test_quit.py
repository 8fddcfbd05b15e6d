"""`quit` and `replace` as commands: their exit codes, what they say, and how their help tells them apart."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher import cli
from tests.support.sample import Make, SampleStudio


@pytest.fixture
def studio(make_studio: Make) -> Iterator[SampleStudio]:
    """A studio with a running daemon."""
    one = make_studio()
    yield one
    one.daemon.cli("quit", "--force", "--wait", "2", check=False)


def test_quit_ends_it_and_starts_none(studio: SampleStudio) -> None:
    """Real: the command, twice; the second one finds none."""
    for _again in range(2):
        done = studio.daemon.cli("quit", check=False)

        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert studio.daemon.process.wait(5) == 0
    assert not (studio.home / "run" / "door").exists()


def test_quit_leaves_one_that_hangs_unless_it_is_forced(studio: SampleStudio) -> None:
    """Real: a daemon that SIGSTOP holds."""
    daemon = studio.daemon
    os.kill(daemon.pid, signal.SIGSTOP)

    left = daemon.cli("quit", "--wait", "0.5", check=False)

    assert left.returncode == 1
    assert left.stderr.splitlines() == [
        "Kitsu Launcher did not end within 0.5 seconds.",
        "  next   `kitsu-launcher quit --force` kills it; `kitsu-launcher quit --wait 60` waits longer.",
    ]
    assert daemon.process.poll() is None
    assert daemon.cli("quit", "--wait", "0.5", "--force").stderr == ""
    assert daemon.process.wait(5) == -signal.SIGKILL


def test_everybodys_are_not_hers_to_end(studio: SampleStudio) -> None:
    """Real: the commands, as nobody special; as root the next check answers, since nothing is installed here."""
    expected = 3 if os.geteuid() else 2
    for arguments in (["replace", "begin"], ["replace", "end"], ["quit"]):
        done = studio.daemon.cli(*arguments, "--everybody", check=False)
        assert done.returncode == expected, done.stderr
    assert studio.daemon.ask("GET", "/door/ping")["pid"] == studio.daemon.pid


@pytest.mark.parametrize("arguments", [["replace"], ["replace", "middle"], ["quit", "--wait", "soon"], ["quit", "now"]])
def test_usage(home: Path, arguments: list[str]) -> None:
    """Real: the parser of all commands."""
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2


def test_the_help_of_people_names_what_is_for_installers_apart(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    """Real: the parser of all commands."""
    told = cli.build().format_help()

    assert "For installers: kitsu-launcher replace begin, kitsu-launcher replace end; both take --help\n" in told
    assert "  replace " not in told
    for arguments in (["replace", "--help"], ["replace", "begin", "--help"], ["replace", "end", "--help"]):
        with pytest.raises(SystemExit):
            cli.main(arguments)
        assert "Exit codes: 0 done" in capsys.readouterr().out
