"""Lists of launches. Values in, values out; the launches are real ones."""

import pytest

from launcher.launches import Launches
from launcher.model import State
from launcher.web.rows import launch_rows
from tests.support.face import plan
from tests.support.launching import click
from tests.support.planned import OPEN


@pytest.mark.parametrize(
    ("state", "there"), [(State.ASKS, False), (State.REFUSED, True), (State.RUNNING, True), (State.FAILED, True)]
)
def test_a_launch_whose_files_have_revisions_leads_to_them(launches: Launches, state: State, there: bool):
    """Its own tab has closed itself long before she looks for an older file."""
    made = launches.begin(click("open"), "Open in Blender")
    launches.update(made, tasks=("SQ010/SH030/Animation",), plan=plan(), state=state)

    assert [row.revisions for row in launch_rows([made], made.created, {"open": OPEN})] == [there]
    assert [row.revisions for row in launch_rows([made], made.created, {})] == [False]
