"""Her tasks as the dashboard lists them: values in, values out."""

import dataclasses
from datetime import date

import pytest

from launcher.config.schema import OpenAction, Server
from launcher.mine import Mine
from launcher.model import Named, Project
from launcher.plan.selection import label
from launcher.web.taskrows import groups
from tests.support.face import PERSON, task

TODAY = date(2026, 11, 24)
HERE, THERE = (Server(origins=(f"https://{name}.test",), api=f"https://{name}.test/api") for name in ("here", "there"))
FOLDER = OpenAction(name="folder", title="Open folder")


def mine(number: int = 1, server: Server = HERE, **changes: object) -> Mine:
    """A task of Ana's."""
    made = dataclasses.replace(task(number), **changes)  # type: ignore[arg-type]
    return Mine(made, PERSON, server, (FOLDER,), label(made))


def test_a_row_tells_place_type_status_and_what_its_button_sends():
    ((group,),) = [groups([mine(status_color="#3273dc")], TODAY)]
    (row,) = group.rows

    assert (group.title, row.place, row.type, row.label) == (
        "Big Buck Bunny",
        "SQ010/SH0010",
        "Animation",
        "SQ010/SH0010/Animation",
    )
    assert (row.status, row.color, row.due, row.late, row.whose) == ("wip", "#3273dc", "", False, "")
    assert row.actions == (("Open folder", f"folder {task(1).id} https://here.test p1"),)


@pytest.mark.parametrize(
    ("due", "told", "late"),
    [
        ("2026-11-23T00:00:00", "2026-11-23", True),
        ("2026-11-24", "2026-11-24", False),
        (None, "", False),
        ("some day", "some day", False),
    ],
)
def test_late_is_what_was_due_before_today(due: str | None, told: str, late: bool):
    (group,) = groups([mine(due_date=due)], TODAY)

    assert (group.rows[0].due, group.rows[0].late) == (told, late)


@pytest.mark.parametrize("color", ['"/><script>', "red", "#12345", "url(https://evil.test)"])
def test_a_color_is_a_color_or_nothing(color: str):
    (group,) = groups([mine(status_color=color)], TODAY)

    assert group.rows[0].color == ""


def test_productions_stand_in_the_order_of_their_most_urgent_task():
    other = Project("p2", "Agent 327", "A3", "short")
    found = groups([mine(1, project=other), mine(2), mine(3, project=other)], TODAY)

    assert [(group.title, len(group.rows)) for group in found] == [("Agent 327", 2), ("Big Buck Bunny", 1)]


def test_person_and_kitsu_are_named_where_there_are_several():
    found = groups([mine(1), mine(1, THERE)], TODAY)

    assert [row.whose for group in found for row in group.rows] == [
        "Ana Brandt · https://here.test",
        "Ana Brandt · https://there.test",
    ]


@pytest.mark.parametrize(
    ("search", "found"),
    [("", 2), ("  ", 2), ("sh0020", 1), ("ANIM sh0010", 1), ("bunny folder", 2), ("todo", 1), ("sh0010 todo", 0)],
)
def test_a_search_wants_every_word_somewhere(search: str, found: int):
    rows = [mine(1), mine(2, status=Named("s", "todo"))]

    assert sum(len(group.rows) for group in groups(rows, TODAY, search)) == found
