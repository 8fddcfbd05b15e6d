"""Changing one value of a person's own file. Texts in, texts out; then real files through the whole loader."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.config.person_file import PersonFileError, edited, set_executable, set_language
from tests.support.configured import Machine

PATH = Path("/home/ana/.config/kitsu-launcher/config.toml")
STUDIO = '[studio]\nservers = ["https://kitsu.lunar.example"]\n'


def change(text: str, executable: str = "/opt/blender/blender") -> str:
    return edited(PATH, text, ("apps", "blender", "executable"), executable)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '[apps.blender]\nexecutable = "/opt/blender/blender"\n'),
        (
            "# mine\n[desk]\nbrowser = ['x']  # why\n",
            "# mine\n[desk]\nbrowser = ['x']  # why\n\n[apps.blender]\nexecutable = \"/opt/blender/blender\"\n",
        ),
        (
            "[apps.blender]\n# a note\nexecutable = '/old' # and why\n\n[desk]\n",
            '[apps.blender]\n# a note\nexecutable = "/opt/blender/blender" # and why\n\n[desk]\n',
        ),
        ("apps.blender.executable = '/old' # c\n", 'apps.blender.executable = "/opt/blender/blender" # c\n'),
        ("apps = {krita = {}}\n", 'apps = {krita = {},blender = {executable = "/opt/blender/blender"}}\n'),
    ],
)
def test_one_value_is_changed_and_the_rest_stays(before: str, after: str):
    assert change(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("[desk] # c\n", "[desk] # c\n"),
        ("[apps.blender]\nexecutable = '/old'\n", ""),
        ("[apps.krita]\nexecutable='/k'\n[apps.blender]\nexecutable='/o'\n", "[apps.krita]\nexecutable='/k'\n"),
        ("[apps.blender]\nexecutable='/o'\nversion='>=4' # c\n", "[apps.blender]\nversion='>=4' # c\n"),
    ],
)
def test_an_empty_one_is_taken_out_with_the_tables_that_it_leaves_empty(before: str, after: str):
    """An empty table would be an error of its own."""
    assert change(before, "") == after


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_whatever_the_path_it_is_read_back_as_it_was_written(executable: str):
    if executable:
        assert tomllib.loads(change("", executable)) == {"apps": {"blender": {"executable": executable}}}


def test_what_cannot_be_changed_by_program_is_told_with_the_line_to_write():
    with pytest.raises(PersonFileError) as caught:
        change("apps = 3\n", 'C:\\Blender\\"x".exe')

    assert str(caught.value) == (
        f"{PATH} could not be changed.\n"
        f'  tried  {PATH}: "apps" is no table\n'
        '  next   Write `apps.blender.executable = "C:\\\\Blender\\\\\\"x\\".exe"` into it yourself.'
    )


def test_what_was_written_counts_at_the_next_look(configured: Machine):
    """Real: the files, the loader."""
    machine = configured.write(STUDIO, user="[desk]\nbrowser = ['firefox'] # mine\n")
    watched = machine.watched()
    assert watched().config.apps["blender"].user_executable == ""

    set_executable(machine.folders, watched, "blender", "/opt/blender/blender")

    assert watched().config.apps["blender"].user_executable == "/opt/blender/blender"
    assert watched().config.desk.browser == ("firefox",)
    assert watched().problems == ()
    assert "# mine" in machine.user_file.read_text()


def test_a_first_file_is_private(configured: Machine):
    """Real: the file."""
    machine = configured.write(STUDIO)

    set_executable(machine.folders, machine.watched(), "blender", "/opt/b")

    assert machine.user_file.stat().st_mode & 0o777 == 0o600


def test_a_link_to_the_file_stays_a_link(configured: Machine):
    """Real: the file. Some keep such files in a folder of their own."""
    machine = configured.write(STUDIO, user="")
    kept = machine.home / "dotfiles.toml"
    machine.user_file.rename(kept)
    machine.user_file.symlink_to(kept)

    set_executable(machine.folders, machine.watched(), "blender", "/opt/b")

    assert machine.user_file.is_symlink()
    assert "/opt/b" in kept.read_text()


@pytest.mark.parametrize(
    ("app", "executable", "told"),
    [
        (
            "blender",
            "blender",
            'config.toml:2: apps.blender.executable: "blender" must be a whole path on this machine',
        ),
        ("blendr", "/opt/b", 'config.toml:1: apps.blendr: unknown application "blendr"'),
    ],
)
def test_what_would_leave_the_file_out_is_not_written(configured: Machine, app: str, executable: str, told: str):
    """Real: the files, the loader."""
    machine = configured.write(STUDIO)

    with pytest.raises(PersonFileError) as caught:
        set_executable(machine.folders, machine.watched(), app, executable)

    assert caught.value.problem == "This would leave your own file with an error, so nothing was written."
    assert told in caught.value.tried[0]
    assert not machine.user_file.exists()


@pytest.mark.parametrize("text", ["x\n", "[studio]\nname = 'mine'\n"])
def test_a_file_that_is_wrong_already_is_not_touched(configured: Machine, text: str):
    """Real: the files, the loader."""
    machine = configured.write(STUDIO, user=text)

    with pytest.raises(PersonFileError):
        set_executable(machine.folders, machine.watched(), "blender", "/opt/b")

    assert machine.user_file.read_text() == text


def test_a_place_that_cannot_be_written_is_told(configured: Machine):
    """Real: the file system; a link to a folder that is away."""
    machine = configured.write(STUDIO, user="")
    machine.user_file.unlink()
    machine.user_file.symlink_to("/nowhere/config.toml")

    with pytest.raises(PersonFileError) as caught:
        set_executable(machine.folders, machine.watched(), "blender", "/opt/b")

    assert str(caught.value) == (
        f"{machine.user_file} could not be written.\n"
        f"  tried  {machine.user_file}: No such file or directory\n"
        "  next   Check its permissions and the free space."
    )


def test_the_language_is_set_and_taken_out_again(configured: Machine):
    """Real: the files, the loader."""
    machine = configured.write(STUDIO, user="# mine\n")
    watched = machine.watched()

    set_language(machine.folders, watched, "fr")
    assert watched().config.desk.language == "fr"
    assert machine.user_file.read_text() == '# mine\n\n[desk]\nlanguage = "fr"\n'

    set_language(machine.folders, watched, "")
    assert watched().config.desk.language == ""
    assert machine.user_file.read_text() == "# mine\n\n"
