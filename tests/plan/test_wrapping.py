"""`wrap`: where a wrapper is looked for, the whole command line, and what never reaches it. Pure, for three OSes."""

from dataclasses import replace
from pathlib import PurePath

import pytest

from launcher.config.schema import App, LaunchAction
from launcher.config.template import parse
from launcher.model import OS, Start, Task
from launcher.plan import wanted
from launcher.plan.found import AppMissing, Candidates, Installed, Rejected
from launcher.plan.needs import Facts
from launcher.plan.page import describe
from launcher.plan.wrapping import WrapRefused, path_of, places
from tests.support.planned import (
    BLENDER,
    BLENDER_HERE,
    NASTY,
    OPEN,
    PERSON,
    SERVER,
    SHOT,
    configured,
    data,
    machine,
    named,
    planned,
    template,
)

REZ = tuple(map(parse, ("rez-env", "blender-4.2", "--")))
WRAPPED = replace(BLENDER, wrap=REZ)
BARE = replace(WRAPPED, executable="blender", version="==4.2.0")
BY_NAME = Installed("blender", "Blender", PurePath("blender"), "4.2.0", "studio")
FOUND = {OS.LINUX: "/opt/rez/bin/rez-env", OS.WINDOWS: r"C:\rez\rez-env.exe", OS.MACOS: "/opt/rez/bin/rez-env"}


def facts(task: Task, app: App, one: Installed, action: LaunchAction = OPEN, os: OS = OS.LINUX) -> Facts:
    """A machine with a wrapper, and a working file of the task."""
    here = {"blender": Candidates((one,), wrapper=os.path(FOUND[os]))}
    found = {task.id: ((f"{task.entity.name}_v002.blend",),)} if action.file else {}
    return machine(action, task, config=configured(action, apps=[app]), os=os, found=found, apps=here)


def start(app: App, one: Installed, task: Task = SHOT, action: LaunchAction = OPEN, os: OS = OS.LINUX) -> Start:
    config = configured(action, apps=[app])
    plan = planned(action, task, config=config, facts=facts(task, app, one, action, os))
    (step,) = (step for step in plan.steps if isinstance(step, Start))
    return step


def test_the_wrapper_stands_before_the_executable_and_its_arguments():
    step = start(WRAPPED, BLENDER_HERE)

    file = "/mnt/prod/BBB/shots/SQ010/SH030/animation/SH030_v002.blend"
    assert step.argv == ("/opt/rez/bin/rez-env", "blender-4.2", "--", "/opt/blender/blender", "-Y", file)
    assert step.wrapper == ("/opt/rez/bin/rez-env", "blender-4.2", "--")
    assert step.application == "Blender 4.2.3"


@pytest.mark.parametrize("os", OS)
def test_a_bare_name_is_left_to_the_wrapper(os: OS):
    step = start(BARE, BY_NAME, os=os)

    assert step.argv[:4] == (FOUND[os], "blender-4.2", "--", "blender")
    assert step.application == "Blender 4.2.0"


def test_the_plan_shows_the_whole_command():
    plan = planned(OPEN, SHOT, config=configured(OPEN, apps=[BARE]), facts=facts(SHOT, BARE, BY_NAME))

    assert describe(plan)[2] == (
        "start Blender 4.2.0: /opt/rez/bin/rez-env blender-4.2 -- blender -Y"
        " /mnt/prod/BBB/shots/SQ010/SH030/animation/SH030_v002.blend"
    )


def test_what_kitsu_says_may_choose_the_context():
    app = replace(BARE, wrap=tuple(map(parse, ("rez-env", "{project.code|lower}_show", "--"))))

    assert start(app, BY_NAME).wrapper == ("/opt/rez/bin/rez-env", "bbb_show", "--")


SHELL = ["$(touch x)", "`touch x`", "; touch x", "a&b", "a|b", "a>b", "%PATH%", "^", "!!", "a'b", 'a"b', "{a,b}",
         "~root", "*", "a?b", "#x", "Ünï", "日本", "\uff02&calc", "$HOME"]  # fmt: skip


@pytest.mark.parametrize("value", SHELL)
def test_no_value_of_kitsu_reaches_a_wrapper_that_a_shell_could_read(value: str):
    """As an argument, as a part of the context's name, as the name of the file."""
    task = data(tool=value)
    for app in (
        replace(BARE, args=(template("--title={entity.data.tool}"),)),
        replace(BARE, wrap=(*REZ[:1], template("x_{entity.data.tool}"), *REZ[2:])),
    ):
        with pytest.raises(WrapRefused):
            start(app, BY_NAME, task)
    action = replace(OPEN, args=(template("--x={entity.data.tool}"),))
    with pytest.raises(WrapRefused):
        start(BARE, BY_NAME, task, action)


@pytest.mark.parametrize("name", NASTY)
def test_hostile_names_are_refused_or_harmless(name: str):
    """A working file of each of the seed's hostile names."""
    task = named(SHOT, name)
    action = replace(OPEN, when_missing="empty", args=(template("--{entity.name}"),))
    config = configured(action, apps=[BARE])
    here = {"blender": Candidates((BY_NAME,), wrapper=PurePath("/opt/rez/bin/rez-env"))}
    try:
        plan = planned(action, task, config=config, facts=machine(action, task, config=config, apps=here))
    except WrapRefused:
        return
    (step,) = (step for step in plan.steps if isinstance(step, Start))
    assert not set("".join(step.argv)) & set("$`;&|<>()%^!'\"{}*?#~\n\t")
    assert "".join(step.argv).isascii()


def test_the_refusal_names_setting_task_and_field():
    app = replace(BARE, args=(template("--title={entity.data.tool}_{entity.name}"),))

    with pytest.raises(WrapRefused) as told:
        start(app, BY_NAME, data(tool="$(touch x)"))
    assert str(told.value) == (
        "Blender starts behind a wrapper, which cannot be given '--title=$(touch x)_SH030'.\n"
        "  tried  apps.blender.args of SQ010/SH030/Animation: only ASCII letters, digits, blanks and"
        " _ . / : \\ = + , @ - are harmless in a shell\n"
        "         {entity.data.tool}: '$(touch x)'\n"
        "  next   Rename it in Kitsu, or ask your studio to name another field there, as one with |slug."
    )
    assert told.value.exit_code == 3


def test_a_file_is_refused_with_the_field_that_makes_it_so():
    with pytest.raises(WrapRefused) as told:
        start(BARE, BY_NAME, named(SHOT, "SH'30"))
    assert told.value.tried == (
        "actions.open.file of SQ010/SH'30/Animation: only ASCII letters, digits, blanks and"
        " _ . / : \\ = + , @ - are harmless in a shell",
        '{entity.path}: "shots/SQ010/SH\'30"',
        '{entity.name}: "SH\'30"',
    )


def test_a_file_whose_name_only_a_colleague_chose_is_held_too():
    """`{*}` stands for anything; the studio wrote nothing of it."""
    action = replace(
        OPEN,
        file=template("{roots.prod}/lib/v{revision:03}_{*}.blend"),
        new_file=template("{roots.prod}/lib/v{revision:03}_x.blend"),
    )
    config = configured(action, apps=[BARE])
    here = {"blender": Candidates((BY_NAME,), wrapper=PurePath("/opt/rez/bin/rez-env"))}
    known = machine(action, SHOT, config=config, found={SHOT.id: (("v002_$(touch x).blend",),)}, apps=here)

    with pytest.raises(WrapRefused) as told:
        planned(action, SHOT, config=config, facts=known)
    assert told.value.problem == (
        "Blender starts behind a wrapper, which cannot be given '/mnt/prod/lib/v002_$(touch x).blend'."
    )


def test_what_was_found_on_a_disk_is_held_to_the_same_and_what_the_studio_wrote_is_not():
    odd = replace(BLENDER_HERE, path=PurePath("/opt/b(x)/blender"))
    with pytest.raises(WrapRefused):
        start(WRAPPED, odd)
    with pytest.raises(WrapRefused):
        start(WRAPPED, replace(odd, source="user"))
    assert start(WRAPPED, replace(odd, source="studio")).argv[3] == "/opt/b(x)/blender"
    literal = replace(WRAPPED, args=(template("--log=$HOME/*"),))
    assert "--log=$HOME/*" in start(literal, BLENDER_HERE).argv


def test_without_its_wrapper_an_application_is_not_here():
    gone = Candidates(rejected=(Rejected(PurePath("rez-env"), "is in no folder of PATH; it wraps Blender"),))
    config = configured(OPEN, apps=[BARE])
    here = machine(OPEN, SHOT, config=config, apps={"blender": gone})

    with pytest.raises(AppMissing) as told:
        planned(OPEN, SHOT, config=config, facts=here)
    assert told.value.tried == ("rez-env   is in no folder of PATH; it wraps Blender",)


def test_where_a_bare_name_is_looked_for():
    assert places("rez-env", "/a:b:/c::", OS.LINUX, False) == (PurePath("/a/rez-env"), PurePath("/c/rez-env"))
    windows = places("rez-env", r'C:\a;b;"D:\c d"', OS.WINDOWS, False)
    assert [str(one) for one in windows] == [
        *(r"C:\a\rez-env.exe", r"C:\a\rez-env.com", r"D:\c d\rez-env.exe", r"D:\c d\rez-env.com"),
    ]
    with_batch = places("rez-env", r"C:\a", OS.WINDOWS, True)
    assert [one.suffix for one in with_batch] == [".exe", ".com", ".bat", ".cmd"]
    assert [str(one) for one in places("w.cmd", r"C:\a", OS.WINDOWS, False)] == [r"C:\a\w.cmd"]
    assert places("/mnt/prod/wrap", "/a", OS.LINUX, False) == (PurePath("/mnt/prod/wrap"),)


def test_windows_spells_path_as_it_likes():
    assert path_of({"Path": "C:\\x"}, OS.WINDOWS) == "C:\\x"
    assert path_of({"Path": "/x", "PATH": "/y"}, OS.LINUX) == "/y"
    assert path_of({}, OS.WINDOWS) == ""


def test_the_wrapper_may_lie_in_a_root():
    app = replace(BARE, wrap=(template("{roots.prod}/tools/wrap"),))
    for os, place in ((OS.LINUX, "/mnt/prod/tools/wrap"), (OS.WINDOWS, "P:/tools/wrap")):
        asked = wanted(OPEN, [SHOT], PERSON, configured(OPEN, apps=[app]), os, SERVER)
        assert asked.wrappers == {"blender": place}
