"""The buttons of a question. Values in, values out."""

import pytest

from launcher.model import How
from launcher.web.choices import replies


@pytest.mark.parametrize(
    ("choices", "labels"),
    [
        ((), []),
        ((How.OPEN, How.NEXT), ["Open", "Open as the next revision"]),
        ((How.NEXT, How.ANYWAY), ["Open as the next revision", "Open it anyway"]),
        ((How.FOUND, How.ANYWAY), ["Open the earlier work", "Begin a new one"]),
    ],
)
def test_each_answer_has_its_button_and_anyway_says_what_it_means(choices: tuple[How, ...], labels: list[str]) -> None:
    assert [one.label for one in replies(choices)] == labels
    assert tuple(one.how for one in replies(choices)) == choices


def test_an_answer_that_differs_from_another_says_what_comes_of_it() -> None:
    assert [one.means for one in replies((How.NEXT, How.ANYWAY))] == [
        "A copy with the next number is opened. The file itself stays as it is.",
        "The same file is opened. Whoever saves last overwrites the other’s work.",
    ]
