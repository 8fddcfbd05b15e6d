"""T17: a batch file is always read by a shell, so none is started unless the studio says so, with plain items alone.

Real files, cmd.exe and what it is given: tests/windows/inside/programs.py.
"""

from dataclasses import replace
from pathlib import PureWindowsPath

import pytest

from launcher.config.person import split, wrong_grants
from launcher.config.schema import App, LaunchAction
from launcher.config.template import parse
from launcher.model import OS, Plan, Start, Task
from launcher.plan.argv import ArgumentError
from launcher.plan.found import Candidates, Installed
from launcher.plan.wrapping import BatchRefused
from tests.support.planned import OPEN, SHOT, configured, data, machine, named, planned

TOOL = App(name="tool", title="Tool", argv=("{args}", "{file}"))
ACTION = replace(OPEN, app=("tool",), when_missing="empty")
NAMES = ["b.bat", "b.cmd", "B.BAT", "b.Cmd", "b.bat. ", "b.bat .", "b.cmd...", "b.bat:x", "b.bat::$DATA"]


def plan(
    path: str, app: App = TOOL, task: Task = SHOT, os: OS = OS.WINDOWS, action: LaunchAction = ACTION, wrapper: str = ""
) -> Plan:
    one = Installed("tool", "Tool", os.path(path), "1.0", "studio")
    config = configured(action, apps=[app])
    here = Candidates((one,), wrapper=os.path(wrapper) if wrapper else None)
    name = f"{task.entity.name}_v002.blend"
    known = machine(action, task, config=config, os=os, found={task.id: ((name,),)}, apps={"tool": here})
    return planned(action, task, config=config, facts=known)


def start(plan: Plan) -> Start:
    (step,) = (step for step in plan.steps if isinstance(step, Start))
    return step


@pytest.mark.parametrize("name", NAMES)
def test_no_batch_file_is_started(name: str):
    with pytest.raises(BatchRefused) as told:
        plan(f"C:\\tools\\{name}")
    path = str(PureWindowsPath(f"C:\\tools\\{name}"))
    assert told.value.code == "batch file"
    assert str(told.value) == (
        "Tool is a batch file here, and is not started.\n"
        f"  tried  {path}\n"
        "  next   Name the program that it starts, or ask your studio to set apps.tool.batch = true."
    )


@pytest.mark.parametrize("name", ["rez-env.bat", "rez-env.CMD"])
def test_nor_one_that_wraps_a_program_nor_one_that_is_wrapped(name: str):
    app = replace(TOOL, wrap=(parse("rez-env"), parse("--")))
    with pytest.raises(BatchRefused):
        plan("C:\\tools\\b.exe", app, wrapper=f"C:\\rez\\{name}")
    with pytest.raises(BatchRefused):
        plan("C:\\tools\\b.bat", app, wrapper="C:\\rez\\rez-env.exe")


ALLOWED = replace(TOOL, batch=True)


def test_one_that_the_studio_allows_is_started_with_plain_items():
    step = start(plan("C:\\Program Files\\Tool\\b.bat", replace(ALLOWED, args=(parse("-x"), parse("{entity.name}")))))

    assert step.batch
    assert step.argv == (
        "C:\\Program Files\\Tool\\b.bat", "-x", "SH030", "P:\\BBB\\shots\\SQ010\\SH030\\animation\\SH030_v002.blend"
    )  # fmt: skip


HOSTILE = ['a"&calc.exe', "%PATH%", "^", "a&b", "a|b", "a>b", "(a)", "!a!", "a,b", "a;b", "a=b", "a+b", "a@b", "a'b",
           "é", "\uff02&calc", "٣", "a\\"]  # fmt: skip


@pytest.mark.parametrize("item", HOSTILE)
def test_it_is_given_nothing_else(item: str):
    """By an argument; what the studio itself writes counts too, since a shell reads that as well."""
    app = replace(ALLOWED, args=(parse("--name={entity.data.x}"),))
    with pytest.raises(BatchRefused) as told:
        plan("C:\\tools\\b.bat", app, data(x=item))
    assert told.value.problem == f"Tool is a batch file, which cannot be given {'--name=' + item!r}."
    with pytest.raises(BatchRefused):
        plan("C:\\tools\\b.bat", replace(ALLOWED, args=(parse(item),)))


@pytest.mark.parametrize("item", HOSTILE[:-1])
def test_nor_is_a_file_of_such_a_name(item: str):
    task = named(SHOT, item)
    try:
        step = start(plan("C:\\tools\\b.bat", ALLOWED, task))
    except BatchRefused:
        return
    # Cleaning has made a name of plain characters of it.
    assert not set("".join(step.argv)) & set("\"&%^|<>()!,;=+@'")
    assert "".join(step.argv).isascii()


def test_a_batch_file_in_a_folder_that_a_shell_would_read_is_refused_too():
    with pytest.raises(BatchRefused):
        plan("C:\\a&b\\b.bat", ALLOWED)


@pytest.mark.parametrize("path", ["b.bat", "tools\\b.cmd", "\\tools\\b.bat", "C:b.bat"])
def test_no_batch_file_is_looked_for_in_the_folder_that_is_current(path: str):
    """A path that is no whole one; also where the studio allows batch files."""
    with pytest.raises((BatchRefused, ArgumentError)):
        plan(path, ALLOWED)


@pytest.mark.parametrize("os", [OS.LINUX, OS.MACOS])
def test_elsewhere_a_file_of_that_name_is_a_program_as_any_other(os: OS):
    assert start(plan("/opt/tools/b.bat", os=os)).argv[0] == "/opt/tools/b.bat"


def test_only_the_studios_file_allows_it():
    """A person's own file does not, whatever the studio lets her set."""

    _over, _executables, faults = split({"apps": {"tool": {"batch": True}}}, ["apps.*"], ["tool"], OS.WINDOWS)
    assert [fault.key for fault in faults] == [("apps", "tool", "batch")]
    assert [fault.text for fault in wrong_grants(["apps.*.batch"])] == [
        "batch decides which code runs; only the studio's file sets it"
    ]


def test_a_bare_name_behind_a_wrapper_is_no_batch_file_by_itself():
    app = replace(TOOL, wrap=(parse("rez-env"), parse("--")), executable="tool", version="==1.0")
    assert start(plan("tool", app, wrapper="C:\\rez\\rez-env.exe")).argv[0] == "C:\\rez\\rez-env.exe"
