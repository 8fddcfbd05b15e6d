"""T14: a link that is no link, and arguments beside it."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from launcher import handoff, incoming
from launcher.daemon import TakenLinks
from launcher.incoming import IncomingError
from tests.support.desktop import wait_until
from tests.support.person import Person
from tests.support.requests import TASK
from tests.support.sample import SampleStudio

CODE = Path(handoff.__file__).parents[1]
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


def test_bad_links_leave_no_trace_at_a_whole_daemon_and_a_good_one_asks(sample_studio: SampleStudio) -> None:
    """Real: the handler as the desktop starts it, the daemon, its sample Kitsu, her browser."""
    bad = [url for url in BAD if url.lower().startswith("kitsu-launcher:")]
    with sample_studio.untouched():
        for url in bad:
            done = sample_studio.daemon.cli(url, check=False)
            assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), url

    good = f"kitsu-launcher://run/title?server={sample_studio.origin}&task={sample_studio.task()}"
    assert sample_studio.daemon.cli(good).returncode == 0
    (launch,) = sample_studio.launches()
    asking = sample_studio.settled(launch["id"])
    assert asking["question"]["reasons"] == ["It came as a link, which any page can open."]
    wait_until(sample_studio.opened, 10, "her browser")
    assert sample_studio.opened() == [f"http://127.0.0.1:{sample_studio.port}{launch['url']}"]
    assert sample_studio.notes() == []


def test_a_link_for_another_kitsu_is_refused_and_nobody_is_asked(sample_studio: SampleStudio) -> None:
    """Real: the handler, the daemon; T27: the other server is on this machine and hears nothing."""
    asked = len(sample_studio.kitsu.looked_up)
    with socket.create_server(("127.0.0.1", 0)) as evil:
        evil.settimeout(0.5)
        port = evil.getsockname()[1]
        url = f"kitsu-launcher://run/title?server=http://127.0.0.1:{port}&task={sample_studio.task()}"
        sample_studio.daemon.cli(url)
        (launch,) = sample_studio.launches()
        refused = sample_studio.settled(launch["id"])
        with pytest.raises(TimeoutError):
            evil.accept()

    assert (refused["state"], refused["error"]["code"]) == ("refused", "server")
    assert len(sample_studio.kitsu.looked_up) == asked


def test_what_a_mac_gives_to_the_program_itself_is_looked_at_as_any_link(
    sample_studio: SampleStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real: the daemon, its private door; macOS's event is its text. The first comes before the door is open."""
    monkeypatch.setenv("KITSU_LAUNCHER_HOME", str(sample_studio.home))
    opened = threading.Event()
    take = TakenLinks(opened)
    good = f"kitsu-launcher://run/title?server={sample_studio.origin}&task={sample_studio.task()}"

    with sample_studio.untouched():
        for url in [*BAD, "None", "", "file:///etc/passwd", good + "\ud800"]:
            take(url)
        take(good)
        assert sample_studio.launches() == []
    opened.set()
    for thread in threading.enumerate():
        if thread.name == "link":
            thread.join(30)

    (launch,) = sample_studio.launches()
    assert sample_studio.settled(launch["id"])["question"]["reasons"] == ["It came as a link, which any page can open."]
    assert sample_studio.notes() == []


@pytest.mark.parametrize("path", ["{evil}:{code}", ":{code}"])
def test_a_link_clicked_in_another_programs_python_starts_a_daemon_of_our_own_code(person: Person, path: str) -> None:
    """Real: what is registered for links, with the environment of a DCC, in a folder that holds a `json.py`."""
    evil = person.home / "evil"
    evil.mkdir()
    (evil / "json.py").write_text(f"open({str(evil / 'ran')!r}, 'w')\nraise SystemExit(9)\n")
    env = {**person.env, "PYTHONPATH": path.format(evil=evil, code=CODE), "PYTHONHOME": "/nonexistent"}
    handler = [sys.executable, "-I", "-S", str(CODE / "launcher" / "link.py"), "kitsu-launcher://open"]

    done = subprocess.run(handler, env=env, cwd=evil, capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert person.pid()
    assert not (evil / "ran").exists()
