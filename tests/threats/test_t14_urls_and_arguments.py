"""T14: a link that is no link, and arguments beside it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from launcher import handoff, incoming
from launcher.incoming import IncomingError
from tests.support.requests import TASK

RUN = f"kitsu-launcher://run/open?task={TASK}"
BAD = [
    RUN + "%00",
    RUN + "%0A",
    RUN + "%0D%0AHost:%20x",
    f"kitsu-launcher://run/open?task=%252e{TASK}",
    f"kitsu-launcher://run/open?task=%0A{TASK}",
    f"kitsu-launcher://run/..%2fopen?task={TASK}",
    f"kitsu-launcher://run/%2e%2e/open?task={TASK}",
    f"kitsu-launcher://u@run/open?task={TASK}",
    f"kitsu-launcher://run:99/open?task={TASK}",
    RUN + "#f",
    f"kitsu-launcher://RUN/open?task={TASK}",
    f"KITSU-LAUNCHER://run/open?task={TASK}",
    f"{RUN}&task={TASK}",
    f"{RUN}&server=https://a.test&server=https://a.test",
    f"{RUN}&key=x",
    f"{RUN}&Task={TASK}",
    f"{RUN}&--python-expr=import%20os",
    "kitsu-launcher://run/open",
    "kitsu-launcher://run/open?",
    "kitsu-launcher://run/Open?task=" + TASK,
    "kitsu-launcher://open?x=1",
    "kitsu-launcher://open/--flag",
    "kitsu-launcher://",
    "kitsu-launcher:run/open?task=" + TASK,
    " " + RUN,
    RUN + "\n",
    RUN + "é",
    RUN + '"',
    RUN + "\\",
    RUN + "$(id)",
    RUN + "`id`",
    RUN + "\u202e",
    RUN + "&task=" + "9" * 9_000,
]


@pytest.mark.parametrize("url", BAD, ids=range(len(BAD)))
def test_a_bad_link_is_no_click(url: str) -> None:
    with pytest.raises(IncomingError) as error:
        incoming.link(url)

    assert error.value.exit_code == 2


@pytest.mark.parametrize(
    "server", ["https://u@kitsu.studio.test", "http://169.254.169.254/x", "file:///etc/passwd", "https://k%00"]
)
def test_a_links_server_is_a_plain_origin(server: str) -> None:
    """T27's part of the grammar."""
    with pytest.raises(IncomingError):
        incoming.link(f"{RUN}&server={server}")


@pytest.mark.parametrize(
    "argv",
    [
        [RUN, "second"],
        [RUN, "--flag"],
        [RUN, RUN],
        [RUN, ""],
        [RUN + "\n"],
        [RUN + " --inject"],
        [RUN + '" --inject'],
        [RUN + "é"],
        ["kitsu-launcher://" + "x" * 9_000],
        ["kitsu-launcher:--help"],
        ["KITSU-LAUNCHER://open"],
        ["kitsu-launcher:"],
    ],
    ids=range(12),
)
def test_the_handler_takes_exactly_one_link(argv: list[str], home: Path) -> None:
    """Real: the program as the desktop starts it."""
    done = subprocess.run(
        [sys.executable, "-m", "launcher", *argv], capture_output=True, text=True, cwd=os.getcwd(), check=False
    )

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("kitsu-launcher: ")
    assert done.stderr.count("\n") == 1
    assert not list(home.iterdir()), "nothing was made"


@pytest.mark.parametrize("argv", [[], ["-h"], ["--help"], ["--", RUN], ["@/tmp/rsp"], ["open"]])
def test_the_handler_has_no_options(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert handoff.main(argv) == 2
    assert capsys.readouterr().err.count("\n") == 1
