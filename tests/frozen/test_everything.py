"""Every command and page of the frozen program: what is imported only when it is needed is inside.

A module that was left out shows nowhere but here: the program starts, and one of its parts fails.
"""

import argparse
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher import cli
from launcher.icon import Sign
from tests.support.desktop import wait_until
from tests.support.needs import needs
from tests.support.panels import Session
from tests.support.requests import Answer, Request
from tests.support.sample import Make, SampleStudio

BROKEN = '[studio]\nname = "Fox"\nservres = []\n'
SIGNED = '[studio]\nname = "Fox"\nserial = 1\n'
COMMANDS: dict[str, tuple[list[str], set[int]]] = {
    "": ([], {0}),
    "--version": ([], {0}),
    "--help": ([], {0}),
    "actions": ([], {0}),
    "apps": (["--all"], {0}),
    "run": (["open", "--task", "TASK", "--yes"], {0}),
    "shell": (["open", "--task", "TASK", "--json"], {0}),
    "launches": ([], {0}),
    "log": (["LAUNCH"], {0}),
    "whoami": ([], {0}),
    "login": (["--email", "mika@fox.example", "--password-stdin"], {0}),
    "logout": ([], {0}),
    "actions publish": (["--json"], {1, 3, 4, 5}),  # the sample Kitsu has no custom actions
    "config check": ([], {0}),
    "config show": (["--all"], {0}),
    "config where": ([], {0}),
    "config init": (["HOME/new.toml"], {0}),
    "config keygen": (["HOME/private.pem"], {0}),
    "config sign": (["HOME/signed.toml", "--key", "HOME/private.pem"], {0}),
    "config announce": (
        ["HOME/feed.json", "--to", "1.2.3", "--page", "https://fox/", "--key", "HOME/private.pem"],
        {0},
    ),
    "config try": (["HOME/machine/studio.toml"], {0, 1}),
    "doctor": ([], {0, 1}),
    "open": (["kitsu-launcher://open"], {0}),
    "register": ([], {0, 1}),  # 1: where the desktop has no tool for it
    "unregister": ([], {0, 1}),
    "demo": (["--once"], {0, 1}),  # 1: where none of the demo's applications is installed
    "serve": ([], {2}),  # one runs already
    "replace begin": (["--wait", "10"], {0}),
    "replace end": ([], {0}),
    "quit": (["--wait", "10"], {0}),
}
"""In this order: what follows a command line, and the exit codes that are right."""
PAGES = [
    *("/", "/dashboard.json", "/tasks", "/tasks.json", "/launches", "/launches.json", "/applications"),
    *("/applications.json", "/configuration", "/account", "/account/login", "/help", "/state", "/static/kitsu.css"),
]


def leaves(parser: argparse.ArgumentParser, words: tuple[str, ...] = ()) -> Iterator[str]:
    """Every command of the parser that does something by itself."""
    below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not below or parser.get_default("func"):
        yield " ".join(words)
    for action in below:
        for name, each in action.choices.items():
            yield from leaves(each, (*words, name))


@pytest.fixture
def studio(frozen: Path, make_studio: Make, home: Path) -> SampleStudio:
    """Real: the frozen daemon, a sample Kitsu. She is logged in."""
    own = {"HOME": str(home), "XDG_DATA_HOME": str(home / "share"), "XDG_CONFIG_HOME": str(home / "xdg")}
    return make_studio(program=[str(frozen / "kitsu-launcher")], env={**own, "LANGUAGE": "en"})


def visit(studio: SampleStudio, path: str, cookie: str = "") -> Answer:
    """A page, as her own tab asks for it; JSON as its script does."""
    own = {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    if path.endswith(".json"):
        own = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
    headers: dict[str, str | list[str] | None] = {"Host": f"127.0.0.1:{studio.port}", **own}
    return studio.send(Request("GET", path, headers | ({"Cookie": cookie} if cookie else {})))


def entered(studio: SampleStudio) -> str:
    """Her session's cookie."""
    path = "/" + studio.daemon.ask("POST", "/door/enter")["url"].split("/", 3)[3]
    return visit(studio, path).headers["Set-Cookie"].partition(";")[0]


def faults(studio: SampleStudio) -> list[str]:
    """What went wrong inside the daemon, by its own log."""
    return [line for line in studio.log_lines() if "fault=" in line or "Error: " in line or " ERROR " in line]


def test_every_command_has_all_that_it_imports(studio: SampleStudio) -> None:
    """Real: the frozen program, each of its commands in a trial home, the daemon that they ask."""
    assert set(leaves(cli.build())) <= set(COMMANDS), "a new command wants its line in COMMANDS"
    (studio.home / "signed.toml").write_text(SIGNED)
    words = {"TASK": studio.task(), "HOME": str(studio.home)}

    for command, (more, codes) in COMMANDS.items():
        if "LAUNCH" in more:
            words["LAUNCH"] = studio.launches()[0]["id"]
        rest = [_filled(item, words) for item in more]
        done = studio.daemon.cli(*command.split(), *rest, check=False, input="fox-tales\n")

        said = done.stdout + done.stderr
        assert done.returncode in codes, f"{command}: {done.returncode}\n{said}"
        assert "Traceback" not in said, f"{command}: {said}"
        assert "No module" not in said, f"{command}: {said}"
    assert faults(studio) == []


def _filled(item: str, words: dict[str, str]) -> str:
    for word, value in words.items():
        item = item.replace(word, value)
    return item


def test_every_page_has_all_that_it_imports(studio: SampleStudio) -> None:
    """Real: the frozen daemon; all that her tab asks for."""
    launch = studio.clicked(studio.form(), "done")["id"]
    known = studio.clicked(studio.form("known"), "done")["id"]
    cookie = entered(studio)
    pages = [*PAGES, f"/launches/{launch}", f"/launches/{launch}/log", f"/launches/{known}", "/launches/" + "0" * 32]

    answers = {path: visit(studio, path, cookie).status for path in pages}
    asked = visit(studio, f"/run/open?task={studio.task()}", cookie)

    assert {path: status for path, status in answers.items() if status != 200} == {"/launches/" + "0" * 32: 404}
    assert asked.status == 200
    assert faults(studio) == []


def test_it_speaks_french(frozen: Path, make_studio: Make, home: Path) -> None:
    """Real: the frozen program and its catalogue of words."""
    env = {"HOME": str(home), "LANGUAGE": "fr", "LC_ALL": "", "LANG": "fr_FR.UTF-8", "LC_MESSAGES": "fr_FR.UTF-8"}
    studio = make_studio(program=[str(frozen / "kitsu-launcher")], env=env)

    said = studio.daemon.cli("--help").stdout

    assert "Codes de sortie" in said


def test_an_error_in_the_studio_file_is_told_with_its_line(studio: SampleStudio) -> None:
    """Real: the frozen program, and the grammar of TOML, which is imported only now."""
    (studio.home / "machine" / "studio.toml").write_text(BROKEN)

    done = studio.daemon.cli("config", "check", check=False)

    assert done.returncode == 2
    assert 'studio.toml:3: studio: unknown key "servres"; did you mean "servers"?' in done.stdout + done.stderr


@needs("Xvfb", "openbox", "dbus-daemon", "xfce4-panel", "trayer")
@pytest.mark.parametrize("panel", ["xfce4-panel", "trayer"])
def test_its_icon_is_seen(frozen: Path, make_studio: Make, session: Session, home: Path, panel: str) -> None:
    """Real: Xvfb, both sorts of trays, the frozen daemon with Pillow, Xlib and jeepney inside."""
    session.start(panel)
    env = {name: session.environment[name] for name in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS")}
    studio = make_studio(
        program=[str(frozen / "kitsu-launcher")], env={**env, "WAYLAND_DISPLAY": "", "HOME": str(home)}
    )

    session.wait_for_icon(Sign.WELL)

    os.kill(studio.daemon.pid, signal.SIGTERM)
    wait_until(lambda: session.icon() is None, 10, "the icon is gone with its daemon")
    assert faults(studio) == []
