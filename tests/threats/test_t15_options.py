"""T15: a name in Kitsu that an application would take for an option, a script, a response file or an address."""

import re
from dataclasses import replace

import pytest

from launcher.config.schema import App
from launcher.config.template import parse
from launcher.errors import LauncherError
from launcher.model import OS, Start
from tests.support.planned import BLENDER, OPEN, PATHS, SHOT, configured, machine, named, planned
from tests.support.sample import Make

PAYLOADS = [
    "-P",
    "--python-expr=import os",
    "--script=/tmp/x.lua",
    ":sout=#file{dst=/tmp/x}",
    "@/tmp/rsp",
    "-eval",
    "rvlink://%20-eval%20x",
    "[",
    "edl://x",
    "-",
]
NEW = replace(OPEN, file=parse("{roots.prod}/{entity.name}.x"), when_missing="empty")


def argv(name: str, action: object = NEW, os: OS = OS.LINUX, app: App = BLENDER) -> tuple[str, ...]:
    """The argument list of a click on a shot of this name whose file is there."""
    task, config = named(SHOT, name), configured(apps=(app,))
    probe = machine(NEW, task, config=config, os=os)
    file = next(path for path, state in probe.files.items() if path.suffix == ".x")
    facts = machine(NEW, task, config=config, os=os, exist=[file.as_posix()])
    start = planned(action, task, config=config, facts=facts).steps[-1]  # type: ignore[arg-type]
    assert isinstance(start, Start)
    return start.argv


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_name_reaches_an_application_only_inside_an_absolute_path(name: str) -> None:
    """Real: the whole argument list of a plan."""
    executable, no_scripts, file = argv(name)

    assert (executable, no_scripts) == ("/opt/blender/blender", "-Y")
    assert file.startswith(f"{PATHS[OS.LINUX]}/")
    assert "/" not in file.removeprefix(f"{PATHS[OS.LINUX]}/")
    assert not file.removeprefix(f"{PATHS[OS.LINUX]}/").startswith("-")


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_name_may_stand_after_the_studios_own_text(name: str) -> None:
    """Real: an option with a value of Kitsu; it stays one item."""
    items = argv(name, replace(NEW, args=(parse("--title={entity.name}"),)))

    assert items[1] == f"--title={name}"
    assert len(items) == 4


@pytest.mark.parametrize("name", PAYLOADS)
@pytest.mark.parametrize("template", ["{entity.name}", "{asset.name|or:entity.name}", "{entity.name|lower}"])
@pytest.mark.parametrize("of", ["action", "app"])
def test_a_name_that_would_begin_an_argument_as_something_else_is_an_error(name: str, template: str, of: str) -> None:
    """Real: arguments of the action and of the application; field and task are named."""
    args = (parse(template),)

    action, app = (replace(NEW, args=args), BLENDER) if of == "action" else (NEW, replace(BLENDER, args=args))
    with pytest.raises(LauncherError) as raised:
        argv(name, action, app=app)

    assert f"{template!r} of SQ010/{name}/Animation" in raised.value.problem
    assert re.search(r"\{(asset|entity)\.name\}", " ".join(raised.value.tried))


def test_an_ordinary_name_may_be_an_argument_by_itself() -> None:
    """Real: the name as Kitsu has it."""
    assert "SH030" in argv("SH030", replace(NEW, args=(parse("{entity.name}"),)))


def test_such_names_start_nothing_wrong_at_a_whole_daemon(make_studio: Make) -> None:
    """Real: daemon, sample Kitsu, processes that write down their arguments."""
    studio = make_studio(
        more='[actions.bare]\ntitle = "Bare"\nkind = "launch"\napp = "notes"\nargs = ["{entity.name}"]\n'
    )
    for name in PAYLOADS:
        task = studio.shot(name)
        with_text = studio.clicked(studio.form("title", task))
        inside_a_path = studio.clicked(studio.form("open", task))
        bare = studio.clicked(studio.form("bare", task))

        assert with_text["processes"][0]["argv"][1:] == [f"--title={name}"]
        (file,) = inside_a_path["processes"][0]["argv"][1:]
        assert file.startswith(f"{studio.prod}/FT/shots/SQ010/")
        assert (bare["state"], bare["error"]["code"], bare["processes"]) == ("failed", "argument", [])
        assert f"of SQ010/{name}/Animation" in bare["error"]["problem"]

    given = [note["argv"] for note in studio.notes()]
    assert len(given) == 2 * len(PAYLOADS)
    assert all(len(argv) == 1 and argv[0].startswith(("--title=", f"{studio.prod}/")) for argv in given)
