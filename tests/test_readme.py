"""The README is true and whole: every setting, name, variable and command stands in it."""

import json
import os
import re
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

from launcher.catalogue import load_catalogue
from launcher.cli import build
from launcher.config import schema
from launcher.config.files import MACHINE_KEYS
from launcher.config.load import load
from launcher.config.template import FILTERS, NAMES
from launcher.model import OS, Named
from launcher.paths import Folders
from launcher.plan.answers import Answer, answer
from launcher.plan.environment import VARIABLES, context
from tests.studios.cast import TASKS, ZOE
from tests.studios.rehearsed import STUDIOS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
NOT_IN_FILES = {"name", "user_executable"}
"""What the program fills in itself: the table's own name, and the executable of the person's file."""
SYSTEMS = {OS.LINUX: "Linux", OS.WINDOWS: "Windows", OS.MACOS: "macOS"}
SECTIONS: dict[str, tuple[type, ...]] = {
    "`[studio]`": (schema.Studio, schema.Server),
    "`[roots]`": (schema.Root,),
    "`[apps.NAME]`": (schema.App, schema.EnvChange, schema.Find, schema.Check, schema.Workspace),
    "`[actions.NAME]`": (
        schema.LaunchAction,
        schema.OpenAction,
        schema.PageAction,
        schema.CopyFrom,
        schema.Before,
        schema.Conditions,
    ),
    "`[desk]`, in the person's own file": (schema.Desk,),
}
"""The reference's headings, and whose keys stand below each."""
SETTINGS = [
    (heading, cls.__name__, field.name)
    for heading, classes in SECTIONS.items()
    for cls in classes
    for field in fields(cls)
    if field.name not in NOT_IN_FILES or cls is schema.Studio
]


@pytest.mark.parametrize(("heading", "table", "key"), SETTINGS)
def test_every_setting_is_explained(heading: str, table: str, key: str):
    section = README.partition(f"\n### {heading}\n")[2].partition("\n##")[0]
    code = re.findall(r"`([^`\n]+)`", section)

    assert any(re.search(rf"\b{key}\b", one) for one in code), f"{table}.{key}"


@pytest.mark.parametrize("key", MACHINE_KEYS)
def test_every_key_of_a_machines_own_file_is_explained(key: str):
    section = README.partition("\n## One studio file for every machine\n")[2].partition("\n##")[0]
    assert f"| `{key}` |" in section


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
def test_every_application_of_the_catalogue_is_listed_with_where_it_is_looked_for(name: str):
    entry = load_catalogue()[name]
    systems = [title for system, title in SYSTEMS.items() if entry["find"].get(str(system))]
    assert f"| `{name}` | {entry['title']} | {', '.join(systems)} |" in README


@pytest.mark.parametrize("studio", [folder.name for folder in STUDIOS])
def test_the_cookbook_has_each_studios_file_as_it_is(studio: str):
    """Real: the files that `tests/studios` clicks through."""
    cookbook = README.partition("\n## Cookbook\n")[2].partition("\n## ")[0]
    file = (ROOT / "tests" / "studios" / studio / "studio.toml").read_text(encoding="utf-8")

    assert f"\n```toml\n{file}```\n" in cookbook


@pytest.mark.parametrize(
    ("status", "answered"),
    [
        ("wip", Answer({"STUDIO_SHOT": "SH030", "OCIO": None})),
        ("hold", Answer(cancel="SQ010/SH030/Animation is on hold: ask your supervisor.")),
    ],
)
def test_the_example_of_a_program_before_each_start_works_as_it_stands(status: str, answered: Answer, tmp_path: Path):
    """Real: the text in the README as a program, with a context file as a launch writes it."""
    found = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert found
    task = replace(TASKS["BBB: SQ010/SH030/Animation"], status=Named("s", status))
    file = tmp_path / "context.json"
    file.write_text(json.dumps(context([task], ZOE, "https://kitsu.example.com", "open", "blender", None, new=False)))
    environ = {**os.environ, "KITSU_CONTEXT": str(file)}

    done = subprocess.run([sys.executable, "-c", found[1]], env=environ, capture_output=True, timeout=60, check=True)

    assert answer(done.stdout) == answered


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
    assert "Exit codes: " in done.stdout
