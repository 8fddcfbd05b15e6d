"""T22: names from Kitsu are data on their whole way from a click to a program: no shell, no line of code."""

import json
from pathlib import Path

import pytest

from launcher.system.macos import desktop
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


HOSTILE = [
    '" & do shell script "touch /tmp/owned',
    "$(touch /tmp/owned)`id`;",
    "-a Terminal",
    "<img src=x>",
    "%PATH%^&calc",
    "é/日本 \u00a0x",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_on_a_mac_a_folder_of_any_name_is_one_argument_and_no_option(tmp_path: Path, name: str) -> None:
    """Real: folders of these names; what `open` would be told. Each argument is a path from the root, or `-R`."""
    folder = tmp_path / name
    folder.mkdir(parents=True)

    assert desktop.reveal(folder) == ["/usr/bin/open", "-R", str(folder)]
    (folder / "-W").touch()
    assert desktop.reveal(folder) == ["/usr/bin/open", "-R", f"{folder}/-W"]
