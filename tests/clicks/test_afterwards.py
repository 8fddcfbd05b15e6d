"""What becomes of a launch after it has begun, and of the daemon beside it."""

import os
import signal
from pathlib import Path

import pytest

from tests.support import requests
from tests.support.desktop import wait_until
from tests.support.requests import KEY, captures, replay
from tests.support.studio import SAMPLE_ACTION, Studio

TASK = "Animation SH010"


def alive(pid: int) -> bool:
    """Whether a process runs and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def ending(how: str) -> str:
    return f'{SAMPLE_ACTION}env.THEN = "{how}"\n'


def test_an_application_that_crashes_is_told_as_crashed(studio: Studio):
    """Real: Zou, the daemon, a program that calls abort()."""
    studio.write(ending("crash"))

    launch = studio.wait(studio.click("sample", TASK), "failed")

    assert launch["error"]["problem"] == "Sample: it crashed with signal 6 (SIGABRT), 0 s after its start."
    assert launch["error"]["tried"][0] == f"{studio.home}/bin/sample"
    assert launch["error"]["next"] == f"All that it printed: `kitsu-launcher log {launch['id'][:8]}`."


def test_an_exit_code_is_told_and_its_output_kept(studio: Studio):
    """Real: Zou, the daemon, a program that ends with 3, the command line."""
    studio.write(ending("3"))

    launch = studio.wait(studio.click("sample", TASK), "failed")

    assert (launch["processes"][0]["exit_code"], launch["early"]) == (3, True)
    assert studio.daemon.cli("log", launch["id"][:8]).stdout == "the sample program says hello\n"
    page = studio.page(launch["id"])
    assert "Sample: it ended with exit code 3, 0 s after its start." in page
    assert "the sample program says hello" in page


def test_an_early_end_opens_the_page_again_once_it_had_closed_itself(studio: Studio):
    """Real: Zou, the daemon, a program that is killed in its first second; the browser is one that writes down."""
    launch = studio.done("sample", TASK)
    studio.page(launch["id"])  # it is told that all is well, and closes itself

    os.kill(launch["processes"][0]["pid"], signal.SIGKILL)

    wait_until(studio.opened, 10, "a page that is opened")
    assert studio.opened() == [f"http://127.0.0.1:{studio.daemon.port}/launches/{launch['id']}"]


@pytest.mark.parametrize("how", ["quit", signal.SIGTERM, signal.SIGKILL])
def test_applications_outlive_the_daemon_and_the_next_one_knows_them(studio: Studio, how: str | int):
    """Real: Zou, two daemons after each other, a started program (verified.md R8)."""
    launch = studio.done("sample", TASK)
    pid = launch["processes"][0]["pid"]

    if how == "quit":
        studio.daemon.cli("quit")
        studio.daemon.process.wait(15)
    else:
        studio.daemon.stop(int(how))

    assert alive(pid)
    studio.start()
    known = studio.launch(launch["id"])
    assert (known["state"], known["processes"][0]["pid"]) == ("running", pid)
    os.kill(pid, signal.SIGTERM)
    ended = studio.wait(launch["id"], "done")
    assert ended["warnings"] == ["Its exit code is not known: the launcher was restarted while it ran."]


def test_a_changed_studio_file_counts_from_the_next_click_on(studio: Studio):
    """Real: Zou, the daemon, the file on disk."""
    first = studio.done("sample", TASK)
    studio.write(SAMPLE_ACTION.replace("Open in Sample", "Another title") + 'args = ["--changed"]\n')

    second = studio.done("sample", "Animation SH020")

    assert (first["title"], second["title"]) == ("Open in Sample", "Another title")
    assert "--changed" in second["processes"][0]["argv"]


def test_with_a_broken_studio_file_the_last_good_one_counts_and_the_page_says_so(studio: Studio):
    """Real: Zou, the daemon, the file on disk."""
    studio.done("sample", TASK)
    with studio.file.open("a") as file:
        file.write('\n[actions.sample2]\nkind = "page"\ntitel = "x"\n')
    line = len(studio.file.read_text().splitlines())

    launch = studio.done("sample", "Animation SH020")

    told = " ".join(launch["warnings"])
    assert f'{studio.file}:{line}: actions.sample2: unknown key "titel"; did you mean "title"?' in told
    assert f"{studio.file}:{line}" in studio.page(launch["id"])


def test_kitsu_away_is_told_with_its_address_and_exit_code_5(studio: Studio):
    """Real: the daemon, the command line; nobody listens at Kitsu's address."""
    studio.daemon.cli("launches")
    studio.write(SAMPLE_ACTION, api="http://127.0.0.1:9")
    login = studio.daemon.cli("login", "--email", studio.artist.email, "--password-stdin", input="x\n", check=False)

    assert login.returncode == 5
    assert "127.0.0.1:9" in login.stderr


def test_the_key_is_found_nowhere_after_a_click(studio: Studio):
    """Real: T6 whole: log, journal, launch's folder and page, the program's environment and argv."""
    launch = studio.done("sample", TASK)
    refused = studio.post("sample", TASK, key="wrong" * 8)
    assert refused.status == 403
    key = KEY.encode()
    known = {studio.file.parent / "studio.key"}

    found = [
        path for path in studio.home.rglob("*") if path.is_file() and path not in known and key in path.read_bytes()
    ]

    pid = launch["processes"][0]["pid"]
    assert found == []
    assert key not in Path(f"/proc/{pid}/environ").read_bytes()
    assert key not in Path(f"/proc/{pid}/cmdline").read_bytes()
    assert KEY not in studio.page(launch["id"])
    assert KEY not in str(studio.launch(launch["id"]))


def test_every_captured_click_begins_a_launch_at_the_whole_daemon(studio_without_daemon: Studio):
    """Real: the recorded bytes of browsers, a daemon of its own process; its Kitsu is the captured one."""
    studio = studio_without_daemon
    text = studio.file.read_text().replace(
        f'"{studio.kitsu.origin}"', '"http://127.0.0.1:8080", "http://10.77.0.1:8080", "https://kitsu.studio.test"'
    )
    studio.file.write_text(text)
    studio.start()

    for capture in captures(b"POST "):
        target = f"/run/sample?key={KEY}"
        answer = studio.send(replay(capture.read_bytes(), target, f"127.0.0.1:{studio.daemon.port}"))
        assert answer.status in (202, 303), (capture.name, answer.text)
        assert studio.send(capture.read_bytes()).status == 403
    assert 0 < len(studio.daemon.ask("GET", "/door/launches")) <= 37


def test_the_debug_page_shows_every_name_and_no_key(studio: Studio):
    """Real: Zou's task, the daemon's page."""
    studio.write(SAMPLE_ACTION + '\n[actions.debug]\ntitle = "Debug"\nkind = "page"\n')

    launch = studio.wait(studio.click("debug", "Animation SH030"), "done")

    page = studio.page(launch["id"])
    for text in ("{entity.name}", "SH030", "{fps}", "30", "{resolution}", "3840x2160", "{entity.data.camera_lens}"):
        assert text in page
    assert "Open in Sample" in page
    assert KEY not in page
    assert "Cookie" not in page


def test_a_dry_run_shows_the_plan_that_the_click_then_carries_out(studio: Studio):
    """Real: Zou, the daemon, the command line; the task is named by its path."""
    path = "Lab Short/SQ01/SH010/Animation"
    planned = studio.daemon.cli("run", "sample", "--task", path, "--dry-run").stdout.splitlines()
    assert not studio.applications()

    done = studio.daemon.cli("run", "sample", "--task", path).stdout.splitlines()

    launch = studio.latest()
    assert [line.replace("dry-run", launch["id"]) for line in planned] == done == launch["steps"]
    assert len(studio.answers()) == 1


def test_exit_codes_tell_programs_what_happened(studio: Studio):
    """Real: Zou, the daemon, the command line."""
    unknown = studio.daemon.cli("run", "sample", "--task", "Lab Short/SQ01/SH999/Animation", check=False)
    action = studio.daemon.cli("run", "smaple", "--task", studio.zou.task(TASK), check=False)
    usage = studio.daemon.cli("run", check=False)

    assert (unknown.returncode, action.returncode, usage.returncode) == (4, 4, 2)
    assert 'Did you mean "sample"?' in action.stderr
    assert "SH010" in unknown.stderr


def test_a_refused_request_leaves_one_line_and_no_launch(studio: Studio):
    """Real: the daemon's log after a wrong key."""
    before = len(studio.daemon.ask("GET", "/door/launches"))

    answer = studio.post("sample", TASK, key="w" * 40)

    lines = [line for line in studio.daemon.log().splitlines() if " refused key " in line]
    assert answer.status == 403
    assert "publish the actions again" in answer.text
    assert len(lines) == 1
    assert len(studio.daemon.ask("GET", "/door/launches")) == before
    assert requests.KEY not in studio.daemon.log()
