"""What `kitsu-launcher shell` takes of a plan."""

from dataclasses import replace

import pytest

from launcher.model import OS, FileRow, How, Plan
from launcher.plan.found import Candidates
from launcher.plan.staged import NoOneProcess, NotChosen, staged
from tests.support.planned import BLENDER_HERE, OPEN, SHOT, at, configured, machine, planned

ACTION = replace(OPEN, file=None, selection="each")


def plan(os: OS, count: int) -> Plan:
    tasks = [at(SHOT, f"t{number}", f"SH0{number}") for number in range(count)]
    config = configured(ACTION)
    here = {"blender": Candidates((replace(BLENDER_HERE, path=os.path("C:/b.exe" if os is OS.WINDOWS else "/b")),))}
    return planned(ACTION, *tasks, config=config, facts=machine(ACTION, *tasks, config=config, os=os, apps=here))


@pytest.mark.parametrize("os", OS)
def test_one_process_with_its_own_context_file(os: OS):
    one = staged(plan(os, 1), "open")

    assert one.start.env["KITSU_CONTEXT"] == str(one.context.path)
    assert one.start.argv[0] == str(os.path("C:/b.exe" if os is OS.WINDOWS else "/b"))


def test_several_processes_and_none_are_refused():
    with pytest.raises(NoOneProcess) as several:
        staged(plan(OS.LINUX, 2), "open")
    assert str(several.value) == (
        "open starts 2 applications; a terminal has the environment of one.\n  next   Select one task."
    )
    with pytest.raises(NoOneProcess) as none:
        staged(Plan(()), "wiki")
    assert str(none.value) == (
        "wiki starts 0 applications; a terminal has the environment of one.\n"
        "  next   Name an action of kind launch: `kitsu-launcher actions`."
    )


def test_a_file_that_is_to_be_chosen_first_is_asked_for():
    rows = tuple(FileRow(f"SH010_v{number:03}.blend", number, None, "", None) for number in range(12, 0, -1))
    with pytest.raises(NotChosen) as asked:
        staged(Plan((), must_ask=("Which?",), choices=(How.OPEN, How.NEXT), files=rows), "open")
    assert str(asked.value) == (
        "open asks first which working file.\n"
        "  tried  SH010_v012.blend\n"
        + "".join(f"         SH010_v{number:03}.blend\n" for number in range(11, 2, -1))
        + "  next   Name one: `kitsu-launcher shell … --choose open --file NAME`; without --file it is the newest."
    )
