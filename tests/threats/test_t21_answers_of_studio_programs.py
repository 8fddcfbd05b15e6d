"""T21: no answer of a studio's program, and no file of a person's own, makes applications load other code.

A program passes on what others typed: what it answers is as hostile as a name from Kitsu.
"""

import json
import sys
from pathlib import Path

from tests.support.sample import Make, SampleStudio, program

ACTION = """
[actions.asked]
title = "Asked first"
kind = "launch"
app = "notes"
before = ["{roots.prod}/answer.py"]
"""
ECHO = f"#!{sys.executable} -IS\nimport sys\nsys.stdout.write(open(sys.argv[0] + '.json').read())\n"
HOSTILE = [
    {"LD_PRELOAD": "/tmp/evil.so"},
    {"ld_preload": "/tmp/evil.so"},
    {"PYTHONSTARTUP": "/tmp/evil.py"},
    {"QT_PLUGIN_PATH": "/tmp/evil"},
    {"BASH_FUNC_ls": "() { /tmp/evil; }"},
    {"KITSU_CONTEXT": "/tmp/evil.json"},
    {"KITSU_LAUNCHER_KEY": "x"},
    {"SHOW": "a\nLD_PRELOAD=/tmp/evil.so"},
    {"SHOW=a\0LD_PRELOAD": "/tmp/evil.so"},
    {"SHOW": "a", "LD_AUDIT": None},
]


def answering(studio: SampleStudio, answer: str) -> None:
    (studio.prod / "answer.py.json").write_text(answer)


def test_a_hostile_answer_starts_nothing(make_studio: Make) -> None:
    """Real: daemon, sample Kitsu, a Python for each answer; and one that is harmless."""
    studio = make_studio(more=ACTION, before=lambda home: program(home / "prod" / "answer.py", ECHO))
    for env in HOSTILE:
        answering(studio, json.dumps({"env": env}))
        launch = studio.clicked(studio.form("asked", studio.shot(f"SH-{HOSTILE.index(env)}")))
        assert (launch["state"], launch["error"]["code"], launch["processes"]) == ("failed", "before", []), env

    answering(studio, json.dumps({"env": {"SHOW": "$(touch /tmp/x) %PATH% `id`"}}))
    assert studio.clicked(studio.form("asked"))["state"] == "done"
    (note,) = studio.notes()
    assert note["env"]["SHOW"] == "$(touch /tmp/x) %PATH% `id`"


def test_her_own_file_adds_no_program_whatever_the_studio_allows(make_studio: Make) -> None:
    """Real: daemon, sample Kitsu, an application; her file came by chat."""

    def write(home: Path) -> None:
        program(home / "prod" / "answer.py", f"#!/bin/sh\ntouch {home}/evil\n")
        (home / "config" / "config.toml").write_text('[actions.open]\nbefore = ["{roots.prod}/answer.py"]\n')

    studio = make_studio(studio='users_may = ["actions.*", "actions.open"]', before=write)

    launch = studio.clicked(studio.form())

    assert launch["state"] == "done"
    assert not (studio.home / "evil").exists()
    assert [warning for warning in launch["warnings"] if "actions.open.before" in warning]
