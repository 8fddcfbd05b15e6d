"""T22: names from Kitsu are data on their whole way from a click to a program: no shell, no line of code."""

import json
from pathlib import Path

from tests.support.sample import SampleStudio


def test_names_that_are_code_elsewhere_run_nothing(sample_studio: SampleStudio) -> None:
    """Real: daemon, sample Kitsu, disk, processes; each name would make a file by some shell or interpreter."""
    made = sample_studio.home / "made"
    made.mkdir()
    names = [
        f'";import os;os.system("touch {made}/1")#',
        f"$(touch {made}/2)`touch {made}/3`",
        f"; touch {made}/4 & touch {made}/5 |",
        f'" & do shell script "touch {made}/6',
        f'system("touch {made}/7")',
        f"[exec touch {made}/8]",
        f"\ntouch {made}/9\n",
        "%PATH%^&calc",
        "<img src=x>",
        "~root/$HOME/*",
    ]
    for name in names:
        task = sample_studio.shot(name)
        assert sample_studio.clicked(sample_studio.form("open", task))["state"] == "done"
        titled = sample_studio.clicked(sample_studio.form("title", task))
        assert titled["processes"][0]["argv"][1:] == [f"--title={name.replace(chr(10), '')}"]

    notes = sample_studio.notes()
    assert list(made.iterdir()) == []
    assert len(notes) == 2 * len(names)
    assert {note["env"]["KITSU_SHOT"] for note in notes} == {name.replace("\n", "") for name in names}
    exact = {json.loads(Path(note["env"]["KITSU_CONTEXT"]).read_text())["task"]["entity"]["name"] for note in notes}
    assert exact == set(names)
