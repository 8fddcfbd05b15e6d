"""The README is true and whole: every setting, name, variable and command stands in it."""

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from launcher.catalogue import load_catalogue
from launcher.cli import build
from launcher.config import schema
from launcher.config.load import load
from launcher.config.template import FILTERS, NAMES
from launcher.model import OS
from launcher.paths import Folders
from launcher.plan.environment import VARIABLES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
NOT_IN_FILES = {"name", "user_executable"}
"""What the program fills in itself: the table's own name, and the executable of the person's file."""
SETTINGS = [
    (cls.__name__, field.name)
    for cls in (
        schema.Server,
        schema.Studio,
        schema.Root,
        schema.EnvChange,
        schema.Find,
        schema.Check,
        schema.App,
        schema.CopyFrom,
        schema.LaunchAction,
        schema.OpenAction,
        schema.PageAction,
        schema.Desk,
    )
    for field in fields(cls)
    if field.name not in NOT_IN_FILES or cls is schema.Studio
]


@pytest.mark.parametrize(("table", "key"), SETTINGS)
def test_every_setting_is_explained(table: str, key: str):
    assert re.search(rf"`[^`]*\b{key}\b[^`]*`", README), f"{table}.{key}"


@pytest.mark.parametrize("name", NAMES)
def test_every_template_name_is_listed_with_its_meaning(name: str):
    assert f"| `{name}` | {NAMES[name]} |" in README


@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_is_shown(name: str):
    assert f"|{name}" in README


@pytest.mark.parametrize("name", VARIABLES)
def test_every_variable_that_applications_get_is_listed(name: str):
    assert f"| `{name}` | {VARIABLES[name]} |" in README


def test_every_variable_that_the_program_reads_is_listed():
    """Found in the code itself, so that a new one cannot be forgotten."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "launcher").rglob("*.py"))
    read = set(re.findall(r'"(KITSU_LAUNCHER_[A-Z_]*[A-Z])"', text))

    assert read
    assert [name for name in sorted(read) if f"| `{name}` |" not in README] == []


def commands() -> list[str]:
    actions = [action for action in build()._actions if action.choices]
    return [name for action in actions for name in action.choices]


@pytest.mark.parametrize("command", commands())
def test_every_command_is_listed(command: str):
    table = README.partition("## Commands")[2].partition("##")[0]
    assert re.search(rf"`{command}\b", table)


@pytest.mark.parametrize("name", sorted(load_catalogue()))
def test_every_application_of_the_catalogue_is_named(name: str):
    assert f"`{name}`" in README


def test_the_studio_file_of_the_first_ten_minutes_loads_as_it_stands(tmp_path: Path):
    """Real: the text in the README through the whole loader."""
    folders = Folders(*(tmp_path / name for name in ("machine", "config", "state", "cache", "run")))
    for folder in (folders.machine, folders.config):
        folder.mkdir()
    (folders.machine / "studio.key").write_text("0123456789abcdef0123456789abcdef")
    toml = re.search(r"```toml\n(.*?)```", README, re.DOTALL)
    assert toml
    (folders.machine / "studio.toml").write_text(toml[1])

    loaded = load(folders, os=OS.LINUX, hostname="here", environ={})

    assert [str(problem) for problem in loaded.problems] == []
    assert list(loaded.config.actions) == ["open-in-blender", "debug"]


def test_every_link_and_picture_in_it_leads_somewhere():
    targets = re.findall(r"\]\(([^)#][^)]*)\)", README)

    local = [target for target in targets if not target.startswith("https://")]
    assert local
    assert [target for target in local if not (ROOT / target).exists()] == []


@pytest.mark.parametrize("command", ["", *commands()])
def test_help_begins_with_a_verb_and_ends_with_the_exit_codes(command: str):
    """Real: the command as a person calls it."""
    argv = [sys.executable, "-m", "launcher", *([command] if command else []), "--help"]

    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout.startswith(f"usage: kitsu-launcher {command}".rstrip())
    assert "Exit codes: 0 " in done.stdout
