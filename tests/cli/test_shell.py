"""`kitsu-launcher shell`: a terminal, or one command, in exactly the environment of an application."""

import json
import os
import stat
import sys
from pathlib import Path

import pytest

from launcher.cli.shell import apart
from tests.support.studio import SAMPLE_ACTION, Studio
from tests.support.terminal import on_terminal

PATH = "Lab Short/SQ01/SH010/Animation"
PROMPT = "#" if os.getuid() == 0 else "$"
"""How bash's own prompt ends."""
BOT = "eyJhbGciOiJIUzI1NiJ9.a-token-of-the-daemons-own"


@pytest.fixture
def own(studio_without_daemon: Studio) -> Studio:
    """Real: Zou and a daemon; it has a terminal's name and secrets in its own environment."""
    one = studio_without_daemon
    one.start(TERM="vt100", KITSU_LAUNCHER_KEY=BOT)
    one.login()
    return one


def environ(data: bytes) -> dict[str, str]:
    """The variables of a process as the kernel was given them."""
    return dict(item.decode().split("=", 1) for item in data.split(b"\0") if item)


def started(studio: Studio) -> dict[str, str]:
    """The environment of an application that a click has really started."""
    studio.done("sample", "Animation SH010")
    (told,) = studio.answers()
    return environ(Path(f"/proc/{told['pid']}/environ").read_bytes())


def shell(studio: Studio, *args: str, **kwargs: bool):
    return studio.daemon.cli("shell", "sample", "--task", PATH, *args, check=False, **kwargs)


def test_a_terminal_has_exactly_the_environment_of_the_application(own: Studio):
    """Real: Zou, the daemon, a started program, a terminal with bash in it, both environments as the kernel has
    them."""
    told = started(own)
    out = own.home / "environ"
    env = {**own.daemon.env, "SHELL": "/bin/bash", "MINE": "alone", "TERM": "dumb"}

    seen = on_terminal(
        ["shell", "sample", "--task", PATH], env, [(PROMPT, f"cat /proc/$$/environ > {out}"), (PROMPT, "exit 7")]
    )

    inside = environ(out.read_bytes())
    assert seen.exit_code == 7
    assert "The environment of Sample; leave it with exit." in seen.text
    assert {**inside, "KITSU_CONTEXT": ""} == {**told, "KITSU_CONTEXT": ""}
    assert inside["TERM"] == "vt100"
    assert not [name for name in inside if name.startswith("KITSU_LAUNCHER")]
    assert "eyJ" not in json.dumps(inside)


def test_its_context_file_is_there_and_nothing_else_was_made(own: Studio):
    """Real: Zou, the daemon, the command line, the project's folder."""
    told = json.loads(shell(own, "--json").stdout)

    file = Path(told["environment"]["KITSU_CONTEXT"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text())["task"]["label"] == "SQ01/SH010/Animation"
    assert [path.name for path in own.prod.iterdir()] == [".prod"]
    assert own.daemon.ask("GET", "/door/launches") == []
    assert own.applications() == []


def test_what_is_printed_is_what_changes(own: Studio):
    """Real: Zou, the daemon, the command line."""
    own.write(SAMPLE_ACTION + '[actions.sample.env]\nTOOL = "{roots.prod}/x"\nDISPLAY = { unset = true }')
    printed = shell(own, "--print").stdout.splitlines()
    told = json.loads(shell(own, "--json").stdout)

    assert f"TOOL={own.prod}/x" in printed
    assert "KITSU_ENTITY_NAME=SH010" in printed
    assert printed[-1] == "unset DISPLAY"
    assert not [line for line in printed if line.startswith(("HOME=", "PATH="))]
    assert printed[:-1] == sorted(printed[:-1])
    assert told["unset"] == ["DISPLAY"]
    assert "DISPLAY" not in told["environment"]
    assert told["changes"].items() <= told["environment"].items()
    assert told["environment"]["HOME"] == str(own.user)
    assert told["argv"][0] == str(own.home / "bin" / "sample")
    assert BOT not in json.dumps(told)


def test_programs_of_the_studio_are_not_asked(own: Studio):
    """Real: Zou, the daemon, the command line, and a program that would leave a trace."""
    tool = own.prod / "lock"
    tool.write_text(f"#!/bin/sh\ntouch {own.home}/ran\n")
    tool.chmod(0o755)
    own.write(SAMPLE_ACTION + 'before = ["{roots.prod}/lock"]')
    env = {**own.daemon.env, "SHELL": "/bin/bash"}

    seen = on_terminal(["shell", "sample", "--task", PATH], env, [(PROMPT, "exit 0")])

    assert "Not asked: lock; what they would add is missing here." in seen.text
    assert not (own.home / "ran").exists()
    assert json.loads(shell(own, "--json").stdout)["before"] == ["lock"]


def test_one_command_runs_in_it_and_its_exit_code_is_the_answer(own: Studio):
    """Real: Zou, the daemon, the command line, sh, env, yes and head."""
    done = shell(own, "--", "sh", "-c", 'echo "$KITSU_ENTITY_NAME"; exit 9')
    assert (done.returncode, done.stdout, done.stderr) == (9, "SH010\n", "")

    piped = shell(own, "--", "sh", "-c", "yes | head -n 1")
    assert (piped.returncode, piped.stdout, piped.stderr) == (0, "y\n", "")

    alone = shell(own, "--", "env", "-i", "A=--task", "/usr/bin/env")
    assert (alone.returncode, alone.stdout) == (0, "A=--task\n")

    missing = shell(own, "--", "no-such-program")
    assert missing.returncode == 4
    assert missing.stderr.splitlines()[0] == "no-such-program was not found here."


def test_a_shell_that_reads_a_file_of_commands(own: Studio):
    """Real: Zou, the daemon, sh without a terminal."""
    env = {**own.daemon.env, "SHELL": "/bin/sh"}
    own.daemon.env = env
    done = own.daemon.cli("shell", "sample", "--task", PATH, input="pwd; exit 5\n", check=False)

    assert done.returncode == 5
    assert done.stdout == f"{own.prod}\n"  # the working file's folder would be made by a launch
    assert done.stderr == ""


def test_a_terminal_keeps_its_name_where_the_application_has_none(
    studio_without_daemon: Studio, monkeypatch: pytest.MonkeyPatch
):
    """Real: Zou, a daemon as the desktop starts it, without TERM; a terminal with bash."""
    monkeypatch.delenv("TERM", raising=False)
    one = studio_without_daemon
    one.start()
    one.login()
    env = {**one.daemon.env, "SHELL": "/bin/bash", "TERM": "dumb"}

    seen = on_terminal(["shell", "sample", "--task", PATH], env, [(PROMPT, "echo =$TERM="), (PROMPT, "exit 0")])

    assert "=dumb=" in seen.text
    assert "TERM is this terminal's own: the application has none." in seen.text
    assert f"{one.prod}/" in seen.text
    assert "is not there yet: a click makes it first." in seen.text


def test_what_has_no_one_application_is_refused(own: Studio):
    """Real: Zou, the daemon, the command line."""
    own.write(
        SAMPLE_ACTION
        + 'selection = "each"\n[actions.page]\ntitle = "Wiki"\nkind = "open"\nurl = "https://wiki.example"'
    )
    two = shell(own, "--task", "Lab TV/E01/SQ01/SH0010/Animation")
    assert (two.returncode, two.stderr.splitlines()[0]) == (
        3,
        "sample starts 2 applications; a terminal has the environment of one.",
    )
    none = own.daemon.cli("shell", "page", "--task", PATH, check=False)
    assert (none.returncode, none.stderr.splitlines()[0]) == (
        3,
        "page starts 0 applications; a terminal has the environment of one.",
    )
    assert shell(own, "--server", "https://elsewhere.example").returncode == 3
    assert own.daemon.cli("shell", "no-such", "--task", PATH, check=False).returncode == 4
    assert own.daemon.cli("shell", check=False).returncode == 2


def test_where_a_file_is_to_be_chosen_the_command_line_names_it(own: Studio):
    """Real: Zou, the daemon, the command line, two working files."""
    own.write(SAMPLE_ACTION.replace("file = ", 'open = "choose"\nfile = '))
    folder = own.prod / "LS" / "shots" / "SQ01" / "SH010" / "animation"
    folder.mkdir(parents=True)
    for number in (1, 2):
        (folder / f"SH010_v{number:03}.txt").write_text("work")

    asked = shell(own, "--json")
    assert (asked.returncode, asked.stderr.splitlines()[0]) == (3, "sample asks first which working file.")

    chosen = json.loads(shell(own, "--choose", "open", "--file", "SH010_v001.txt", "--json").stdout)
    assert chosen["environment"]["KITSU_FILE"] == str(folder / "SH010_v001.txt")
    newest = json.loads(shell(own, "--choose", "open", "--json").stdout)
    assert newest["environment"]["KITSU_FILE"] == str(folder / "SH010_v002.txt")


REZ_ENV = Path(sys.executable).with_name("rez-env")
REZ_PROMPT = ">\x1b[0m"
"""What rez makes of bash's."""


def test_behind_a_wrapper_the_shell_starts_within_it(own: Studio):
    """Real: Zou, the daemon, rez, a terminal with bash in rez's context; and one command in it."""
    package = own.home / "packages" / "tool" / "1.0" / "package.py"
    package.parent.mkdir(parents=True)
    package.write_text('name = "tool"\nversion = "1.0"\ndef commands():\n    env.STUDIO_TOOLS = "{root}/tools"\n')
    (own.home / "rezconfig.py").write_text(f"packages_path = [{str(own.home / 'packages')!r}]\n")
    own.write(
        SAMPLE_ACTION.replace('app = "sample"', 'app = "tool"')
        + f"""
[apps.tool]
executable = "tool"
version = "==1.0"
wrap = [{json.dumps(str(REZ_ENV))}, "tool", "--"]
env.REZ_CONFIG_FILE = {json.dumps(str(own.home / "rezconfig.py"))}
"""
    )
    env = {**own.daemon.env, "SHELL": "/bin/bash"}

    seen = on_terminal(
        ["shell", "sample", "--task", PATH],
        env,
        [(REZ_PROMPT, "echo =$STUDIO_TOOLS=$KITSU_ENTITY_NAME="), (REZ_PROMPT, "exit 3")],
    )
    assert f"={own.home}/packages/tool/1.0/tools=SH010=" in seen.text
    assert f"It starts within {REZ_ENV} tool --, as the application does." in seen.text
    assert seen.exit_code == 3

    done = shell(own, "--", "printenv", "STUDIO_TOOLS")
    assert (done.returncode, done.stdout) == (0, f"{own.home}/packages/tool/1.0/tools\n")


@pytest.mark.parametrize(
    ("argv", "own", "command"),
    [
        (["shell", "a", "--task", "t"], ["shell", "a", "--task", "t"], []),
        (["shell", "a", "--", "env", "-i", "--"], ["shell", "a"], ["env", "-i", "--"]),
        (["shell", "a", "--"], ["shell", "a"], []),
        (["run", "--", "a"], ["run", "--", "a"], []),
        ([], [], []),
    ],
)
def test_what_follows_two_dashes_is_the_command(argv: list[str], own: list[str], command: list[str]):
    assert apart(argv) == (own, command)
