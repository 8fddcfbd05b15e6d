"""The variables and the context file of an application: values in, values out."""

import json
import subprocess
from dataclasses import replace
from pathlib import PurePosixPath, PureWindowsPath

import pytest

from launcher.config.schema import EnvChange
from launcher.config.template import Template, parse
from launcher.model import OS, Entity, Named, Task, TaskType
from launcher.plan.environment import (
    VARIABLES,
    context,
    context_variables,
    environment,
)
from tests.support.catalogue import PERSON, shot

CONTEXT = PurePosixPath("/home/zoe/.local/state/kitsu-launcher/launches/1/context.json")


def fill(template: Template) -> str:
    """As `plan.naming` does it, for three names."""
    values = {"roots.prod": "/mnt/prod", "project.code": "bbb", "entity.name": "SH030"}
    return "".join(part if isinstance(part, str) else values[part.name] for part in template.parts)


def changed(base: dict[str, str], *changes: dict[str, EnvChange], os: OS = OS.LINUX) -> dict[str, str]:
    return environment(base, os, changes, fill, "SQ010/SH030/Animation")


def test_operations_come_in_order_the_applications_first():
    of_app = {
        "BLENDER_USER_SCRIPTS": EnvChange(set=parse("{roots.prod}/tools")),
        "PATH": EnvChange(prepend=parse("{roots.prod}/bin"), append=parse("/opt/last")),
        "LC_ALL": EnvChange(unset=True),
    }
    of_action = {
        "PATH": EnvChange(prepend=parse("{roots.prod}/{project.code}/bin")),
        "NEW": EnvChange(append=parse("x")),
    }
    assert changed({"PATH": "/usr/bin", "LC_ALL": "C", "HOME": "/home/zoe"}, of_app, of_action) == {
        "PATH": "/mnt/prod/bbb/bin:/mnt/prod/bin:/usr/bin:/opt/last",
        "HOME": "/home/zoe",
        "BLENDER_USER_SCRIPTS": "/mnt/prod/tools",
        "NEW": "x",
    }


def test_an_empty_list_gets_no_empty_entry():
    """An empty entry of PATH is the current folder."""
    assert changed({"PATH": ""}, {"PATH": EnvChange(prepend=parse("/a"))}) == {"PATH": "/a"}


def test_windows_has_its_own_separator_and_no_capital_letters():
    found = changed({"Path": "C:\\Windows"}, {"PATH": EnvChange(prepend=parse("P:/bin"))}, os=OS.WINDOWS)
    assert found == {"Path": "P:/bin;C:\\Windows"}


def test_to_unset_what_is_not_there_is_no_error():
    assert changed({}, {"NOTHING": EnvChange(unset=True)}) == {}


def test_our_own_variables_never_reach_an_application():
    base = {"KITSU_LAUNCHER_KEY": "secret", "KITSU_LAUNCHER_BOT_TOKEN": "eyJ", "KITSU_LAUNCHER_HOME": "/tmp/x"}
    change = {"KITSU_LAUNCHER_KEY": EnvChange(set=parse("secret"))}
    assert changed(base, change) == {}


def test_the_context_of_another_task_does_not_stay():
    """The daemon may have been started from a terminal that an application opened."""
    assert changed({"KITSU_FILE": "/old.blend", "KITSU_EPISODE": "E09", "KITSU_STUDIO": "kept"}) == {
        "KITSU_STUDIO": "kept"
    }


def test_every_variable_of_a_shot():
    found = context_variables(shot(), PERSON, "https://kitsu.lunar.example", PurePosixPath("/p/a.blend"), CONTEXT)
    assert found == {
        "KITSU_SERVER": "https://kitsu.lunar.example",
        "KITSU_PROJECT_ID": "project-1",
        "KITSU_PROJECT_NAME": "Big Buck Bunny",
        "KITSU_TASK_ID": "95c171e1-0000-4000-8000-000000000001",
        "KITSU_ENTITY_ID": "entity-1",
        "KITSU_ENTITY_NAME": "SH030",
        "KITSU_ENTITY_TYPE": "shot",
        "KITSU_TASK_TYPE": "Animation",
        "KITSU_SEQUENCE": "SQ010",
        "KITSU_EPISODE": "E01",
        "KITSU_SHOT": "SH030",
        "KITSU_FRAME_IN": "1001",
        "KITSU_FRAME_OUT": "1096",
        "KITSU_FPS": "23.976",
        "KITSU_RESOLUTION": "2048x858",
        "KITSU_PERSON_EMAIL": "zoe@lunar.example",
        "KITSU_FILE": "/p/a.blend",
        "KITSU_CONTEXT": str(CONTEXT),
    }
    assert set(found) <= set(VARIABLES)


def asset() -> Task:
    return replace(
        shot(),
        entity=Entity("entity-2", "Robot"),
        task_type=TaskType("type-2", "Modeling", "", "Asset"),
        asset_type=Named("at-1", "Characters"),
        sequence=None,
        episode=None,
        frames=None,
        fps=25.0,
        resolution=None,
    )


def test_what_is_missing_is_not_set():
    found = context_variables(asset(), PERSON, "https://k", None, CONTEXT)
    absent = {"KITSU_SEQUENCE", "KITSU_EPISODE", "KITSU_SHOT", "KITSU_FRAME_IN", "KITSU_FRAME_OUT", "KITSU_RESOLUTION"}
    assert set(VARIABLES) - set(found) == absent | {"KITSU_FILE"}
    assert (found["KITSU_ASSET"], found["KITSU_ASSET_TYPE"], found["KITSU_FPS"]) == ("Robot", "Characters", "25")


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("tab\there", "tabhere"),
        ("a\r\nKITSU_FILE=/etc/passwd", "aKITSU_FILE=/etc/passwd"),
        ("a\0b", "ab"),
        ("a\x1b]0;x\a", "a]0;x"),
        ("a\x9b", "a"),
        ("a\ud800", "a"),
        ("\u202egnp.exe", "gnp.exe"),
        ("cafe\u0301", "café"),
    ],
)
def test_a_name_is_cleaned_in_a_variable_and_exact_in_the_context(name: str, cleaned: str):
    task = shot(entity=Entity("entity-1", name))

    variables = context_variables(task, PERSON, "https://k", None, CONTEXT)
    exact = context([task], PERSON, "https://k", "a", "blender", None, False)

    assert (variables["KITSU_ENTITY_NAME"], variables["KITSU_SHOT"]) == (cleaned, cleaned)
    assert exact["task"]["entity"]["name"] == name
    assert subprocess.run(["/bin/true"], env=variables, check=True).returncode == 0


def test_a_variable_of_whose_value_nothing_is_left_is_not_set():
    assert "KITSU_SHOT" not in context_variables(
        shot(entity=Entity("entity-1", "\ud800\0")), PERSON, "https://k", None, CONTEXT
    )


def test_the_context_file_holds_every_task_whole():
    tasks = [shot(), asset()]
    found = context(tasks, PERSON, "https://k", "open-in-blender", "blender", PureWindowsPath("P:/a.blend"), True)

    assert found == json.loads(json.dumps(found))
    assert [task["label"] for task in found["tasks"]] == ["E01/SQ010/SH030/Animation", "Characters/Robot/Modeling"]
    assert {name: value for name, value in found.items() if name != "tasks"} == {
        "version": 1,
        "server": "https://k",
        "person": {
            "id": "p1",
            "email": "zoe@lunar.example",
            "name": "Zoë Ní Bhriain",
            "initials": "znb",
            "role": "user",
        },
        "action": "open-in-blender",
        "application": "blender",
        "file": "P:\\a.blend",
        "new": True,
        "task": {
            "id": "95c171e1-0000-4000-8000-000000000001",
            "name": "main",
            "label": "E01/SQ010/SH030/Animation",
            "project": {
                "id": "project-1",
                "name": "Big Buck Bunny",
                "code": "bbb",
                "production_type": "tvshow",
                "fps": 25.0,
                "resolution": "1920x1080",
                "ratio": "16:9",
                "data": {"client": "Peach"},
            },
            "entity": {
                "id": "entity-1",
                "name": "SH030",
                "type": "shot",
                "data": {"frame_in": 1001, "lens": "35"},
            },
            "task_type": {"id": "type-1", "name": "Animation", "short_name": "anim"},
            "status": {"id": "status-1", "name": "wip"},
            "asset_type": None,
            "sequence": {"id": "sequence-1", "name": "SQ010"},
            "episode": {"id": "episode-1", "name": "E01"},
            "frame_in": 1001,
            "frame_out": 1096,
            "fps": 23.976,
            "resolution": {"width": 2048, "height": 858},
            "assignees": [{"id": "p1", "name": "Zoë Ní Bhriain"}],
            "priority": 2,
            "due_date": "2026-12-01",
        },
    }


def test_no_task_and_no_file_are_null():
    found = context([], PERSON, "https://k", "a", "krita", None, False)
    assert (found["task"], found["tasks"], found["file"], found["new"]) == (None, [], None, False)
