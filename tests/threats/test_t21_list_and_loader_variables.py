"""T21: names from Kitsu add nothing to PATH and the like."""

from pathlib import Path

import pytest

from launcher.config.schema import EnvChange
from launcher.config.template import Template, parse
from launcher.model import OS
from launcher.plan.environment import EnvironmentRefused, environment
from tests.support.sample import Make

TASK = "SQ010/SH030/Animation"
HOSTILE = ["x:/tmp/evil", ":/tmp/evil", "/tmp/evil:", "x;\\\\evil\\s", ";", ":"]


def fill_with(name: str):
    def fill(template: Template) -> str:
        values = {"roots.prod": "P:/", "entity.name": name, "project.name": name}
        return "".join(part if isinstance(part, str) else values[part.name] for part in template.parts)

    return fill


def attempt(change: EnvChange, name: str, *, variable: str = "PATH", os: OS = OS.LINUX) -> dict[str, str]:
    return environment({"PATH": "/usr/bin"}, os, [{variable: change}], fill_with(name), TASK)


@pytest.mark.parametrize("os", [OS.LINUX, OS.WINDOWS])
@pytest.mark.parametrize("operation", ["prepend", "append", "set"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_brings_no_further_item_into_a_list(name: str, operation: str, os: OS):
    with pytest.raises(EnvironmentRefused) as caught:
        attempt(EnvChange(**{operation: parse("/tools/{entity.name}/bin")}), name, os=os)
    assert str(caught.value) == (
        f"PATH cannot be set for {TASK}.\n"
        f"  tried  {{entity.name}} is {name!r}: would add further items to a list\n"
        "  next   Rename it in Kitsu, or use another field in the studio file, as an id or one with |slug."
    )


def test_any_variable_that_is_prepended_to_is_a_list():
    with pytest.raises(EnvironmentRefused):
        attempt(EnvChange(prepend=parse("{project.name}")), "x:/tmp/evil", variable="OCIO_THINGS")


def test_the_loaders_lists_are_split_at_spaces_too():
    with pytest.raises(EnvironmentRefused):
        attempt(EnvChange(set=parse("/lib/{entity.name}.so")), "x /tmp/evil", variable="LD_PRELOAD")


def test_a_colon_is_harmless_where_there_is_no_list_and_in_a_studios_own_root():
    assert attempt(EnvChange(set=parse("{entity.name}")), "a:b", variable="SHOT_TITLE")["SHOT_TITLE"] == "a:b"
    found = attempt(EnvChange(prepend=parse("{roots.prod}bin")), "x", os=OS.WINDOWS)
    assert found["PATH"] == "P:/bin;/usr/bin"


@pytest.mark.parametrize("name", ["a\nLD_PRELOAD=/tmp/x", "a\0", "\x1b[2J"])
def test_no_value_holds_control_characters(name: str):
    with pytest.raises(EnvironmentRefused) as caught:
        attempt(EnvChange(set=parse("{entity.name}")), name, variable="SHOT_TITLE")
    assert caught.value.tried == (f"{{entity.name}} is {name!r}: holds control characters",)


def test_the_studio_file_may():
    change = {"LD_PRELOAD": EnvChange(set=parse("/studio/lib.so"))}
    assert environment({}, OS.LINUX, [change], fill_with(""), TASK) == {"LD_PRELOAD": "/studio/lib.so"}


STUDIO = """
[actions.listed]
title = "Listed"
kind = "launch"
app = "notes"
env.PATH = { prepend = "{roots.prod}/{entity.name}/bin" }
env.STUDIO_TOOLS = { append = "{entity.name}" }
"""


def test_no_click_adds_to_a_list_at_a_whole_daemon(make_studio: Make) -> None:
    """Real: daemon, sample Kitsu, a process that writes down its environment."""
    studio = make_studio(more=STUDIO)
    for name in HOSTILE:
        launch = studio.clicked(studio.form("listed", studio.shot(name)))
        assert (launch["state"], launch["error"]["code"], launch["processes"]) == ("failed", "environment", [])
        assert launch["error"]["problem"] == f"PATH cannot be set for SQ010/{name}/Animation."

    assert studio.clicked(studio.form("listed"))["state"] == "done"
    (note,) = studio.notes()
    assert note["env"]["PATH"].startswith(f"{studio.prod}/SH010/bin:/")
    assert note["env"]["STUDIO_TOOLS"] == "SH010"


def test_her_own_file_loads_no_code_into_programs_at_a_whole_daemon(make_studio: Make) -> None:
    """Real: daemon, sample Kitsu, a process; the file came by chat, and the studio allows more than it should."""

    def write(home: Path) -> None:
        (home / "config" / "config.toml").write_text('[apps.notes]\nenv.LD_PRELOAD = "/tmp/evil.so"\n')

    studio = make_studio(studio='users_may = ["apps.*.env"]', before=write)

    launch = studio.clicked(studio.form())

    (note,) = studio.notes()
    assert "LD_PRELOAD" not in note["env"]
    assert [warning for warning in launch["warnings"] if "LD_PRELOAD makes programs load other code" in warning]
