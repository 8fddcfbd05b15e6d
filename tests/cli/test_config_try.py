"""`config try FILE`: what the last clicks would do under another studio file. Real daemon, clicks, sample Kitsu."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from launcher.journal import Journal
from launcher.launches import KEPT_S
from tests.support.sample import SampleStudio


def other(studio: SampleStudio, *changes: tuple[str, str]) -> Path:
    """The present studio file with other texts in it, beside nothing."""
    text = (studio.home / "machine" / "studio.toml").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = studio.home / "other.toml"
    path.write_text(text)
    return path


def attempt(studio: SampleStudio, path: Path, *more: str) -> tuple[int, str, str]:
    """Exit code, output and errors; the home is left out."""
    done = studio.daemon.cli("config", "try", str(path), *more, check=False)
    return done.returncode, done.stdout.replace(str(studio.home), "HOME"), done.stderr.replace(str(studio.home), "HOME")


def states(studio: SampleStudio, path: Path, *more: str) -> tuple[int, list[tuple[str, str]]]:
    code, out, err = attempt(studio, path, "--json", *more)
    assert err == ""
    return code, [(click["action"], click["state"]) for click in json.loads(out)["clicks"]]


@pytest.fixture
def clicked(sample_studio: SampleStudio) -> SampleStudio:
    """Three different clicks, one of them twice; nothing else is known of her."""
    for action in ("folder", "title", "title", "open"):
        (sample_studio.prod / "FOX").mkdir(exist_ok=True)
        sample_studio.clicked(sample_studio.form(action))
    return sample_studio


def test_the_same_file_changes_nothing(clicked: SampleStudio):
    """The text whole; each click once, newest first. Nothing is started, made or written."""
    path = other(clicked)
    with clicked.untouched():
        code, out, err = attempt(clicked, path)

    assert (code, err) == (0, "")
    assert out == (
        "  same  open  SQ010/SH010/Animation  Mika Fox\n"
        "  same  title  SQ010/SH010/Animation  Mika Fox\n"
        "  same  folder  SQ010/SH010/Animation  Mika Fox\n"
        "3 clicks: 3 same.\n"
    )


def test_what_another_file_would_do_is_shown_as_a_difference(clicked: SampleStudio):
    """The text whole: another argument is another plan, and no harm."""
    path = other(clicked, ('args = ["--title={entity.name}"]', 'args = ["--title={entity.name}", "--new"]'))

    code, out, _err = attempt(clicked, path)

    assert code == 0
    first, second, *lines = out.splitlines()
    assert (first[:6], second) == ("  same", "~ other  title  SQ010/SH010/Animation  Mika Fox")
    assert [line[:6] for line in lines[:3]] == ["      ", "    - ", "    + "]
    assert lines[1].endswith("notes --title=SH010")
    assert lines[2].endswith("notes --title=SH010 --new")
    assert lines[-1] == "3 clicks: 2 same, 1 other."


def test_a_click_that_would_be_refused_gets_worse(clicked: SampleStudio):
    """Exit 1; what it says now and would say is there."""
    path = other(clicked, ("[actions.title]\n", '[actions.title]\ntask_types = ["Layout"]\n'))

    code, out, _err = attempt(clicked, path)

    assert code == 1
    assert "! worse  title  SQ010/SH010/Animation  Mika Fox\n" in out
    assert "    + refused: " in out
    assert out.endswith("3 clicks: 2 same, 1 worse.\n")
    assert states(clicked, path) == (1, [("open", "same"), ("title", "worse"), ("folder", "same")])


def test_an_action_that_is_gone_gets_worse(clicked: SampleStudio):
    """Kitsu's button is still there, and would lead to an error; the text says which action."""
    path = other(clicked, ("[actions.folder]", "[actions.folders]"))

    code, out, _err = attempt(clicked, path)

    assert code == 1
    assert "! worse  folder  SQ010/SH010/Animation  Mika Fox\n" in out
    assert '    + refused: No action is called "folder" here.\n' in out


def test_a_new_question_gets_worse(make_studio: Callable[..., SampleStudio]):
    """Two tasks at once ask; one that took the first of them did not."""
    studio = make_studio(more='[actions.some]\ntitle = "Some"\nkind = "launch"\napp = "notes"\nselection = "first"\n')
    studio.clicked(studio.form("some", studio.task("SH010"), studio.task("SH020")))
    path = other(studio, ('selection = "first"', 'selection = "each"'))

    code, out, _err = attempt(studio, path)

    assert code == 1
    assert "    + asks first: " in out


def test_a_click_that_was_refused_gets_better(make_studio: Callable[..., SampleStudio]):
    """Exit 0: nobody loses anything."""
    studio = make_studio(
        more='[actions.late]\ntitle = "Late"\nkind = "launch"\napp = "notes"\ntask_types = ["Layout"]\n'
    )
    studio.clicked(studio.form("late"))
    path = other(studio, ('task_types = ["Layout"]', 'task_types = ["Animation"]'))

    code, out, _err = attempt(studio, path)

    assert code == 0
    assert out.startswith("+ better  late  ")
    assert "    - refused: " in out


def test_what_cannot_be_tried_is_named(clicked: SampleStudio):
    """A task that is gone, a Kitsu that is away, and nobody logged in: each in its own words, and never as worse."""
    gone = clicked.shot("SH999")
    clicked.clicked(clicked.form("title", gone))
    del clicked.studio.tables["tasks"][gone]
    path = other(clicked)

    code, out, _err = attempt(clicked, path)
    assert code == 0
    first, second, third, *_rest = out.splitlines()
    assert first.startswith("? not tried  title  SQ010/SH999")
    assert second == "    Title: none of the selected tasks can be seen in Kitsu."
    assert third == f"    {gone}: unknown to Kitsu, or not visible to Mika Fox"
    assert out.endswith("4 clicks: 3 same, 1 not tried.\n")

    clicked.kitsu.instead = b"no JSON"
    code, out, _err = attempt(clicked, path)
    assert code == 0
    assert out.count("    Kitsu answered with something that is no JSON.\n") == 4
    assert out.endswith("4 clicks: 4 not tried.\n")
    clicked.kitsu.instead = None
    clicked.daemon.cli("logout")
    code, out, _err = attempt(clicked, path)
    assert code == 0
    assert out.count("? not tried") == 4
    assert f"    Nobody is logged in to {clicked.origin} here.\n" in out


def test_a_broken_file_is_told_line_by_line(clicked: SampleStudio):
    """Exit 2, and no click is tried."""
    path = other(clicked, ('name = "Fox Tales"', 'nmae = "Fox Tales"'), ('app = "notes"', 'app = "note"'))

    code, out, err = attempt(clicked, path)

    assert (code, out) == (2, "")
    lines = err.splitlines()
    assert lines[0] == 'HOME/other.toml:2: studio: unknown key "nmae"; did you mean "name"?'
    assert lines[1].startswith('HOME/other.toml:18: actions.open.app: unknown application "note"; ')
    assert lines[2] == "2 errors."
    missing = attempt(clicked, clicked.home / "nowhere.toml")
    assert missing == (2, "", "HOME/nowhere.toml: cannot be read: it is missing\n1 error.\n")


def test_only_the_last_ones_are_tried_if_that_is_wished(clicked: SampleStudio):
    """`--last`; and a number that is none is a usage error."""
    path = other(clicked)
    assert states(clicked, path, "--last", "2") == (0, [("open", "same"), ("title", "same")])
    assert attempt(clicked, path, "--last", "0")[0] == 2


def test_clicks_of_an_earlier_daemon_and_of_an_earlier_version_are_tried(clicked: SampleStudio):
    """Real: the journal on disk, with rows as a version before wrote them, without e-mail and key."""
    clicked.daemon.stop()
    journal = clicked.home / "state" / "launches.sqlite"
    with sqlite3.connect(journal) as connection:
        for id, text in connection.execute("SELECT id, record FROM launches").fetchall():
            row = {name: value for name, value in json.loads(text).items() if name not in ("email", "key")}
            connection.execute("UPDATE launches SET record = ? WHERE id = ?", (json.dumps(row), id))
    connection.close()
    clicked.restart()
    clicked.log_in()
    path = other(clicked, ("[actions.title]\n", '[actions.title]\ntask_types = ["Layout"]\n'))

    assert states(clicked, path) == (1, [("open", "same"), ("title", "worse"), ("folder", "same")])


def test_the_journal_notes_whose_click_it_was_and_which_key_came(clicked: SampleStudio):
    """Real: the journal on disk. Never the key itself."""
    clicked.daemon.stop()
    records = Journal(clicked.home / "state").read(100, 0)
    assert {record.email for record in records} == {"mika@fox.example"}
    assert {len(record.key) for record in records} == {8}
    assert clicked.key.encode() not in (clicked.home / "state" / "launches.sqlite").read_bytes()
    assert KEPT_S > 14 * 24 * 3600, "what `config check` tells of keys needs two weeks"


def test_without_clicks_that_is_said(sample_studio: SampleStudio):
    """The text whole."""
    assert attempt(sample_studio, other(sample_studio)) == (
        0,
        "No click of the last 30 days is known here, so nothing was tried.\n",
        "",
    )


def test_a_file_that_is_tried_starts_nothing_that_it_names_itself(clicked: SampleStudio):
    """Real: a program that the tried file names, and how it is asked for its version. Somebody has sent that file."""
    evil, mark = clicked.home / "evil", clicked.home / "ran"
    evil.write_text(f"#!/bin/sh\ntouch {mark}\necho Notes 9.9\n")
    evil.chmod(0o755)
    check = 'check.args = ["--version"]\ncheck.prints = "Notes {version}"\nversion = ">=1"\n'
    path = other(clicked, (f'executable = "{clicked.home}/notes"\n', f'executable = "{evil}"\n{check}'))

    _code, out, err = attempt(clicked, path)

    assert not mark.exists(), out
    assert err == ""
