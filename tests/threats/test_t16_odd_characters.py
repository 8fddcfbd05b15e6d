"""T16: quotes, line breaks, NUL, bidi, zero-width, lone surrogates, look-alike slashes and 5,000 letters in names."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from launcher.config.schema import PageAction
from launcher.config.template import parse
from launcher.errors import LauncherError
from launcher.model import OS, Task
from launcher.plan.cleaning import component, plain
from launcher.plan.names import names
from launcher.plan.naming import filling, path, text, url
from launcher.plan.page import debug
from tests.support.planned import CLICK, NASTY, PERSON, SERVER, SHOT, named
from tests.support.sample import SampleStudio

ODD = ['"', "'", "a\nb", "a\x00b", "\u202egpj.exe", "a\u200bb", "a\ud800b", "a／b", "x" * 5000, *NASTY]
UNSEEN = [*map(chr, range(32)), "\u202e", "\u200b", "\ud800", "\x7f", "\u2066", "\ufeff"]


def values(task: Task, root: str = "/mnt/prod") -> dict[str, str | int | float]:
    return names(task, PERSON, "https://kitsu.example", {"prod": root})


@pytest.mark.parametrize("name", ODD)
def test_an_odd_name_becomes_a_file_that_the_system_takes(name: str, tmp_path: Path) -> None:
    """Real: the file is made on this disk and listed again, under exactly the planned name."""
    file = path(parse("{roots.prod}/{entity.name}_v{revision:03}.blend"), {
        **values(named(SHOT, name), str(tmp_path)), "revision": 1,
    }, OS.LINUX)  # fmt: skip

    Path(file).touch(exist_ok=False)

    assert [entry.name for entry in tmp_path.iterdir()] == [file.name]


@pytest.mark.parametrize("name", ODD)
def test_nothing_unseen_is_left_in_path_text_or_address(name: str) -> None:
    """Real: every way that a template is filled in."""
    filled = values(named(SHOT, name))
    results = [str(path(parse("{roots.prod}/{entity.name}"), filled, OS.LINUX)), component(name)]
    if len(name) < 4096:
        results += [text(parse("{entity.name}"), filled), url(parse("https://x.example/{entity.name}"), filled)]

    assert [result for result in results if any(odd in result for odd in UNSEEN)] == []


def test_five_thousand_letters_are_cut_in_a_path_and_an_error_in_a_text() -> None:
    """Real: the bounds; the field is named."""
    filled = values(named(SHOT, "x" * 5000))

    assert len(path(parse("{roots.prod}/{entity.name}"), filled, OS.LINUX).name) == 120
    with pytest.raises(LauncherError, match=r"\{entity.name\} makes a text of 5000 characters"):
        text(parse("{entity.name}"), filled)


@pytest.mark.parametrize("name", [name for name in ODD if len(name) < 4096])
def test_an_odd_name_arrives_at_a_program_as_one_argument(name: str) -> None:
    """Real: a process is started and tells what it got."""
    argument = text(parse("--title={entity.name}"), values(named(SHOT, name)))

    ran = subprocess.run(
        [sys.executable, "-c", "import sys; sys.stdout.buffer.write(repr(sys.argv[1:]).encode())", argument],
        capture_output=True,
        check=True,
    )

    assert ran.stdout.decode() == repr([argument])


def test_the_debug_page_and_errors_show_an_odd_name_on_one_line() -> None:
    """Real: all that the page shows of the task, and the whole text of an error."""
    task = named(SHOT, "a\r\n\x1b]0;x\x07\u202eb")
    shown = debug(PageAction(name="debug", title="Debug"), [task], PERSON, SERVER, {}, CLICK)
    with pytest.raises(LauncherError) as raised, filling(task, "actions.open.file", parse("{episode.name}")):
        text(parse("{episode.name}"), values(task))

    for told in (repr(shown.steps), raised.value.problem):
        assert not any(odd in told for odd in UNSEEN)
        assert "SQ010/a]0;xb/Animation" in told


def test_odd_names_open_their_file_at_a_whole_daemon(sample_studio: SampleStudio) -> None:
    """Real: daemon, sample Kitsu, disk, processes; variables hold the cleaned name, the context file the exact one.

    A lone surrogate never gets here: it is no sound JSON, and the answer of Kitsu is refused as a whole (T28).
    """
    for name in [name for name in ODD if "\ud800" not in name]:
        task = sample_studio.shot(name)
        launch = sample_studio.clicked(sample_studio.form("open", task))

        assert launch["state"] == "done", (name, launch["error"])
        (file,) = launch["processes"][0]["argv"][1:]
        assert Path(file).is_relative_to(sample_studio.prod / "FT" / "shots" / "SQ010")
        assert Path(file).is_file()
        assert file.isprintable()
        (note,) = [note for note in sample_studio.notes() if note["env"]["KITSU_TASK_ID"] == task]
        assert note["argv"] == [file]
        assert note["env"]["KITSU_SHOT"] == plain(name)
        context = json.loads(Path(note["env"]["KITSU_CONTEXT"]).read_text())
        assert context["task"]["entity"]["name"] == name
        # Two names may become one, and two shots never share a folder: each is alone here.
        shutil.rmtree(sample_studio.prod / "FT")
