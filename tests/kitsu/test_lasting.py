"""How long a login lasts, in words."""

import pytest

from launcher.kitsu.lasting import ending


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
