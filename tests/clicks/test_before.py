"""The studio's programs before an application starts, at a whole daemon: real scripts, real applications."""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.desktop import wait_until
from tests.support.processes import alive
from tests.support.requests import KEY
from tests.support.sample import Make, SampleStudio, program

HEAD = f"#!{sys.executable} -IS\nimport json, os, subprocess, sys, time\n"
MARK = """
name = "/HOME/asked/%d-%s" % (time.time_ns(), os.path.basename(sys.argv[0]))
with open(name, "w") as file:
    context = json.load(open(os.environ["KITSU_CONTEXT"]))
    json.dump({"argv": sys.argv[1:], "env": dict(os.environ), "cwd": os.getcwd(), "context": context}, file)
"""
"""Writes down what it was given; each file is one program that ran."""
ACTION = """
[actions.asked]
title = "Asked first"
kind = "launch"
app = "notes"
file = "{roots.prod}/work/{entity.name}/{entity.name}_v{revision:03}.txt"
when_missing = { copy = "{roots.prod}/first.txt" }
selection = "each"
"""
Ask = Callable[..., SampleStudio]


@pytest.fixture
def asking(make_studio: Make) -> Ask:
    """`asking(one="print(…)", two="…")`: a studio whose action asks these programs in this order."""

    def make(seconds: int = 20, more: str = "", **programs: str) -> SampleStudio:
        runs = [f'{{ run = ["{{roots.prod}}/tools/{name}.py"{more}], seconds = {seconds} }}' for name in programs]

        def write(home: Path) -> None:
            (home / "prod" / "tools").mkdir()
            (home / "asked").mkdir()
            for name, text in programs.items():
                program(home / "prod" / "tools" / f"{name}.py", (HEAD + MARK + text).replace("/HOME", str(home)))

        return make_studio(more=f"{ACTION}before = [{', '.join(runs)}]\n", before=write)

    return make


def asked(studio: SampleStudio) -> list[dict[str, Any]]:
    """What each program was given that ran, in the order of their beginnings."""
    found = sorted((studio.home / "asked").iterdir(), key=lambda path: int(path.name.partition("-")[0]))
    return [{"program": path.name.partition("-")[2], **json.loads(path.read_text())} for path in found]


def nothing_was_done(studio: SampleStudio, launch: dict[str, Any]) -> None:
    """No application, no folder, no file."""
    assert launch["processes"] == []
    assert studio.notes() == []
    assert not (studio.prod / "work").exists()


# -- what they can do -------------------------------------------------------------------------------------------------
def test_what_each_adds_reaches_the_next_and_the_application(asking: Ask) -> None:
    """Real: daemon, sample Kitsu, two Pythons, an application that writes down its environment."""
    studio = asking(
        more=', "--shot={entity.name}"',
        one='print(json.dumps({"env": {"SHOW": "Füchse", "PATH": "/studio/bin:" + os.environ["PATH"], "LANG": None}}))',
        two='print("looking", file=sys.stderr); print(json.dumps({"env": {"LICENCE": os.environ["SHOW"] + "!"}}))',
    )

    launch = studio.clicked(studio.form("asked"), "done", "failed", "refused")

    assert (launch["state"], launch["error"]) == ("done", None)
    one, two = asked(studio)
    (note,) = studio.notes()
    assert (one["program"], two["program"]) == ("one.py", "two.py")
    assert one["argv"] == two["argv"] == ["--shot=SH010"]
    assert "SHOW" not in one["env"]
    assert two["env"]["SHOW"] == "Füchse"
    assert two["env"]["PATH"].startswith("/studio/bin:/")
    assert {name: note["env"].get(name) for name in ("SHOW", "LICENCE", "LANG")} == {
        "SHOW": "Füchse",
        "LICENCE": "Füchse!",
        "LANG": None,
    }
    assert one["context"]["task"]["label"] == "SQ010/SH010/Animation"
    assert one["cwd"] == str(studio.home / "state" / "launches" / launch["id"])
    kitsu = {name: value for name, value in note["env"].items() if name.startswith("KITSU_")}
    assert kitsu == {name: value for name, value in one["env"].items() if name.startswith("KITSU_")}
    assert [line for line in launch["steps"] if " changed " in line] == [
        "one.py changed SHOW, PATH, LANG",
        "two.py changed LICENCE",
    ]
    assert studio.daemon.cli("log", launch["id"][:8]).stdout.startswith("== two.py\nlooking\nnoted ")


def test_no_key_and_no_token_reach_them(asking: Ask) -> None:
    """Real: daemon that has both, a Python."""
    studio = asking(one="")

    assert studio.clicked(studio.form("asked"))["state"] == "done"
    (one,) = asked(studio)
    assert [name for name in one["env"] if name.startswith("KITSU_LAUNCHER_")] == []
    assert KEY not in json.dumps(one)


def test_a_sentence_cancels_and_leaves_nothing_made(asking: Ask) -> None:
    """Real: daemon, two Pythons of which the second must never run; the page over HTTP."""
    studio = asking(
        one='print(json.dumps({"cancel": "Ana <b>works</b> on SH010 until \\u202e5 pm."}))',
        two="",
    )

    launch = studio.clicked(studio.form("asked"))

    nothing_was_done(studio, launch)
    assert [one["program"] for one in asked(studio)] == ["one.py"]
    assert launch["state"] == "refused"
    assert launch["error"] == {
        "code": "cancelled",
        "exit_code": 3,
        "problem": "Ana <b>works</b> on SH010 until 5 pm.",
        "tried": [f"{studio.prod}/tools/one.py: asked before Notes starts"],
        "next": "A program of your studio says so. Do as it asks, then click again.",
    }
    page = studio.send(studio.page(launch["url"])).text
    assert "<h1" in page
    assert "Ana &lt;b&gt;works&lt;/b&gt; on SH010 until 5 pm." in page


def test_a_sentence_counts_also_with_an_error_exit(asking: Ask) -> None:
    """Real: a Python that says why and fails."""
    studio = asking(one='print(json.dumps({"cancel": "No licence left."})); sys.exit(9)')

    launch = studio.clicked(studio.form("asked"))

    assert (launch["state"], launch["error"]["problem"]) == ("refused", "No licence left.")


def test_of_several_tasks_none_starts_where_one_is_cancelled(asking: Ask) -> None:
    """Real: two Pythons, of which the second says no; a question answered by yes."""
    studio = asking(one='print(json.dumps({"cancel": "Not SH020."} if os.environ["KITSU_SHOT"] == "SH020" else {}))')

    launch = studio.clicked(studio.form("asked", studio.task("SH010"), studio.task("SH020")), "asks")
    assert [line for line in launch["steps"] if line.startswith("ask ")] == [
        f"ask one.py before Notes starts, for 20 s at most: {studio.prod}/tools/one.py"
    ] * 2
    assert asked(studio) == []
    studio.daemon.ask("POST", f"/door/launches/{launch['id']}/answer", {"yes": True})
    launch = studio.settled(launch["id"], "refused", "failed", "done")

    nothing_was_done(studio, launch)
    assert launch["error"]["problem"] == "Not SH020."
    assert [one["env"]["KITSU_ENTITY_NAME"] for one in asked(studio)] == ["SH010", "SH020"]


def test_a_dry_run_names_them_and_runs_none(asking: Ask) -> None:
    """Real: the command line, the daemon."""
    studio = asking(one="", two="")

    told = studio.daemon.cli("run", "asked", "--task", studio.task(), "--dry-run").stdout.splitlines()

    assert [line for line in told if line.startswith("ask ")] == [
        f"ask {name}.py before Notes starts, for 20 s at most: {studio.prod}/tools/{name}.py" for name in ("one", "two")
    ]
    assert asked(studio) == []
    assert studio.launches() == []


def test_names_from_kitsu_are_text_to_them(asking: Ask) -> None:
    """Real: a shot with a hostile name, stored verbatim by the sample Kitsu; a Python."""
    studio = asking(more=', "--shot={entity.name}"', one="")
    name = "$(touch x)`y`;&|\"'\n--evil\u202e"

    launch = studio.clicked(studio.form("asked", studio.shot(name)))

    assert launch["state"] == "done"
    (one,) = asked(studio)
    assert one["argv"] == ["--shot=$(touch x)`y`;&|\"'--evil"]
    assert one["context"]["task"]["entity"]["name"] == name
    assert "\n" not in one["env"]["KITSU_ENTITY_NAME"]


# -- what goes wrong --------------------------------------------------------------------------------------------------
SAY = 'print("licence server away", file=sys.stderr); '
WHO = "It is a program of your studio: show this to whoever looks after it."


@pytest.mark.parametrize(
    ("code", "problem", "tried"),
    [
        (SAY + "sys.exit(3)", "one.py ended with exit code 3, so Notes was not started.", ["licence server away"]),
        (
            SAY + "print('half a'); sys.exit(3)",
            "one.py ended with exit code 3, so Notes was not started.",
            ["licence server away"],
        ),
        ("os.kill(os.getpid(), 11)", "one.py crashed with signal 11, so Notes was not started.", []),
        (
            SAY + "print('fine')",
            "one.py gave no answer that can be used, so Notes was not started.",
            ["it printed something other than JSON: 'fine'", "licence server away"],
        ),
        (
            'print(json.dumps({"env": {"LD_PRELOAD": "/tmp/evil.so"}}))',
            "one.py gave no answer that can be used, so Notes was not started.",
            ["it set LD_PRELOAD, which makes programs load other code"],
        ),
        (
            'print(json.dumps({"env": {"KITSU_TASK_ID": "x"}}))',
            "one.py gave no answer that can be used, so Notes was not started.",
            ["it set KITSU_TASK_ID, which is Kitsu Launcher's own"],
        ),
        (
            'print(json.dumps({"env": {"SHOW": 1}}))',
            "one.py gave no answer that can be used, so Notes was not started.",
            ["it set SHOW to something other than text or null"],
        ),
        (
            "while True: sys.stdout.buffer.write(bytes(1_000_000))",
            "one.py printed more than 1 MB, so Notes was not started.",
            [],
        ),
        (
            SAY + "print('\\x1b[31mred', file=sys.stderr); sys.exit(1)",
            "one.py ended with exit code 1, so Notes was not started.",
            ["licence server away", "\\x1b[31mred"],
        ),
    ],
)
def test_a_program_that_fails_cancels_in_its_own_words(asking: Ask, code: str, problem: str, tried: list[str]) -> None:
    """Real: daemon, a Python; what it said is in the error, and all of it in the log."""
    studio = asking(one=code, two="")

    launch = studio.clicked(studio.form("asked"))

    nothing_was_done(studio, launch)
    assert [one["program"] for one in asked(studio)] == ["one.py"]
    assert launch["state"] == "failed"
    assert (launch["error"]["code"], launch["error"]["problem"]) == ("before", problem)
    assert launch["error"]["tried"] == [f"{studio.prod}/tools/one.py", *tried]
    log = f" What it printed: `kitsu-launcher log {launch['id'][:8]}`." if SAY in code else ""
    assert launch["error"]["next"] == WHO + log
    if log:
        assert "licence server away" in studio.daemon.cli("log", launch["id"][:8]).stdout


def test_one_that_takes_too_long_is_ended_with_its_children(asking: Ask) -> None:
    """Real: a Python with five sleeping children that hold its outputs."""
    mark = f"3000.{os.getpid()}"
    code = f'[subprocess.Popen(["sleep", "{mark}"]) for _ in range(5)]; time.sleep(60)'
    studio = asking(seconds=1, one=code)

    launch = studio.clicked(studio.form("asked"))

    nothing_was_done(studio, launch)
    assert launch["error"]["problem"] == "one.py did not answer within 1 s, so Notes was not started."
    wait_until(lambda: not alive(mark), 5, "the end of its children")


def test_a_helper_that_it_leaves_running_holds_up_nothing(asking: Ask) -> None:
    """Real: a Python that ends, and a child in a session of its own that keeps its outputs."""
    mark = f"4000.{os.getpid()}"
    studio = asking(one=f'subprocess.Popen(["sleep", "{mark}"], start_new_session=True)')
    begun = time.monotonic()

    launch = studio.clicked(studio.form("asked"))

    assert launch["state"] == "done"
    assert time.monotonic() - begun < 10
    (left,) = alive(mark)
    os.kill(left, 9)


def test_a_daemon_that_ends_takes_the_program_along(asking: Ask) -> None:
    """Real: a Python that would sleep, a daemon that is told to quit; the page says meanwhile what is asked."""
    mark = f"5000.{os.getpid()}"
    studio = asking(one=f'subprocess.run(["sleep", "{mark}"])', seconds=300)
    launch = studio.launched(studio.send(studio.form("asked")))
    wait_until(lambda: bool(alive(mark)), 15, "the program")

    page = studio.send(studio.page(f"/launches/{launch}")).text
    assert "Asking one.py …" in page
    assert "A program of your studio is asked first; it may say no." in page
    begun = time.monotonic()
    studio.daemon.stop()

    assert time.monotonic() - begun < 8
    assert alive(mark) == []


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: path.unlink(), "is not there"),
        (lambda path: path.chmod(0o777), "everybody on this machine may change it"),
        (lambda path: path.chmod(0o644), "may not be executed"),
        (lambda path: (path.unlink(), path.mkdir()), "is not a file"),
        (lambda path: (path.unlink(), os.mkfifo(path, 0o755)), "is not a file"),
    ],
)
def test_what_is_no_trustworthy_program_is_never_run(asking: Ask, spoil: Callable[[Path], object], reason: str) -> None:
    """Real: files of every sort in the program's place."""
    studio = asking(one="")
    path = studio.prod / "tools" / "one.py"
    spoil(path)

    launch = studio.clicked(studio.form("asked"))

    nothing_was_done(studio, launch)
    assert launch["error"]["problem"] == "one.py, which Asked first asks first, cannot be run."
    assert launch["error"]["tried"][-1] == f"actions.asked.before: {path} {reason}"
    assert asked(studio) == []


def test_a_link_out_of_the_root_is_never_run(asking: Ask) -> None:
    """Real: a link in the program's place to a program elsewhere; and one that comes while the question waits."""
    studio = asking(one="")
    path, elsewhere = studio.prod / "tools" / "one.py", studio.home / "elsewhere.py"
    question = studio.clicked(studio.form("asked", studio.task("SH010"), studio.task("SH020")), "asks")
    path.rename(elsewhere)
    path.symlink_to(elsewhere)

    launch = studio.clicked(studio.form("asked"))
    studio.daemon.ask("POST", f"/door/launches/{question['id']}/answer", {"yes": True})
    later = studio.settled(question["id"], "refused", "failed", "done")

    assert (launch["error"]["code"], later["error"]["code"]) == ("outside root", "outside-root")
    nothing_was_done(studio, launch)
    nothing_was_done(studio, later)
    assert asked(studio) == []


def test_a_script_without_a_first_line_says_what_it_needs(asking: Ask) -> None:
    """Real: a script that only an interpreter can run, and then that interpreter before it, below a root."""
    studio = asking(one="")
    path = studio.prod / "tools" / "one.py"
    path.write_text(path.read_text().removeprefix(HEAD.splitlines(keepends=True)[0]))

    launch = studio.clicked(studio.form("asked"))

    assert launch["error"]["problem"] == f"{path} is not a program that this machine can run."
    assert launch["error"]["next"].startswith("A script needs a first line such as #!/bin/sh;")
