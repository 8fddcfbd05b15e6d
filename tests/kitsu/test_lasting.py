"""How long a login lasts, in words."""

import pytest

from launcher.kitsu.lasting import LOOK_S, TOLD_S, ending, next_look_s


@pytest.mark.parametrize(
    ("left_s", "said"),
    [
        (-1, "The login of Ada has ended: log in again."),
        (0, "The login of Ada has ended: log in again."),
        (3599, "The login of Ada ends within an hour: log in again."),
        (3600, "The login of Ada ends in 1 hour: log in again."),
        (86_400, "The login of Ada ends in 24 hours: log in again."),
    ],
)
def test_the_end_of_a_login_is_told_in_hours(left_s: float, said: str):
    assert ending("Ada", left_s) == said


@pytest.mark.parametrize(
    ("left_s", "wait_s"),
    [
        ([], float("inf")),
        ([-1, 0], float("inf")),
        ([TOLD_S + 60, 90_000], 61),
        ([-1, 600, TOLD_S + 60], 61),
        ([600], 601),
        ([14 * TOLD_S], LOOK_S + 1),
    ],
)
def test_it_is_looked_again_when_something_changes_and_each_hour_as_machines_sleep(left_s: list[float], wait_s: float):
    assert next_look_s(left_s) == wait_s
