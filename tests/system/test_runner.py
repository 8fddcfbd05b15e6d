"""Programs that are asked something: followed to their end, ended when they must be, with all that they started."""

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from launcher.errors import NotFoundHere
from launcher.system import Killed, Ran, following
from launcher.system.linux import runner
from launcher.system.refusals import CannotStart
from tests.support.desktop import wait_until
from tests.support.processes import alive

ENV = {"PATH": os.environ["PATH"], "GREETING": "hello é"}
LIMIT = 100_000


def run(code: str, tmp_path: Path, seconds: float = 20, limit: int = LIMIT, stop: threading.Event | None = None) -> Ran:
    argv = [sys.executable, "-IS", "-c", code]
    return runner.run(argv, ENV, tmp_path, seconds, limit, stop or threading.Event())


def bash(text: str, tmp_path: Path, seconds: float = 20, limit: int = LIMIT) -> Ran:
    return runner.run(["/bin/bash", "-c", text], ENV, tmp_path, seconds, limit, threading.Event())


def test_both_outputs_the_exit_code_and_exactly_its_environment(tmp_path: Path) -> None:
    """Real: a Python."""
    code = "import os, sys; print(dict(os.environ)['GREETING'], os.getcwd()); print('oh', file=sys.stderr); sys.exit(7)"

    ran = run(code, tmp_path)

    assert ran == Ran(7, f"hello é {tmp_path}\n".encode(), b"oh\n")


def test_a_crash_is_told_by_its_signal(tmp_path: Path) -> None:
    """Real: a Python that kills itself."""
    assert run("import os; os.kill(os.getpid(), 11)", tmp_path) == Ran(-11, b"", b"")


def test_it_reads_nothing_and_leads_a_session_of_its_own(tmp_path: Path) -> None:
    """Real: a Python that waits for input."""
    ran = run("import os, sys; print(repr(sys.stdin.read()), os.getsid(0) == os.getpid())", tmp_path)

    assert ran.output == b"'' True\n"


def test_one_that_takes_too_long_is_ended_with_all_that_it_has_started(tmp_path: Path) -> None:
    """Real: a shell with sleeping children and grandchildren, which ignore what is only asked of them."""
    mark = f"1000.{os.getpid()}"
    family = f"(sleep {mark} & (sleep {mark} & wait) & wait) &"
    text = f"trap '' TERM HUP; for i in 1 2 3 4 5; do {family} done; echo so far; wait"
    begun = time.monotonic()

    ran = bash(text, tmp_path, seconds=1)

    assert ran == Ran(None, b"so far\n", b"", Killed.TIME)
    assert 1 <= time.monotonic() - begun < 4
    wait_until(lambda: not alive(mark), 5, "the end of its children")


def test_a_gigabyte_is_read_no_further_than_the_limit(tmp_path: Path) -> None:
    """Real: a program that prints a gigabyte as fast as it can."""
    begun = time.monotonic()

    ran = bash("head -c 1000000000 /dev/zero", tmp_path)

    assert (ran.code, ran.killed, len(ran.output)) == (None, Killed.OUTPUT, LIMIT)
    assert time.monotonic() - begun < 5


def test_a_gigabyte_on_the_second_output_is_none_either(tmp_path: Path) -> None:
    """Real: the same, as errors."""
    ran = bash("yes oh no >&2", tmp_path)

    assert (ran.code, ran.killed, len(ran.errors)) == (None, Killed.OUTPUT, LIMIT)


def test_what_is_exactly_the_limit_is_read_whole(tmp_path: Path) -> None:
    """Real: a Python."""
    assert len(run(f"print('x' * {LIMIT - 1})", tmp_path).output) == LIMIT
    assert run(f"print('x' * {LIMIT})", tmp_path).killed is Killed.OUTPUT


@pytest.mark.parametrize("how", ["sleep {mark} &", "setsid sleep {mark} &", "(sleep {mark} &) &"])
def test_a_grandchild_that_keeps_the_pipes_open_holds_up_nobody_and_goes_on(tmp_path: Path, how: str) -> None:
    """Real: a shell that ends and leaves something running, as a studio's own helper would be."""
    mark = f"2000.{os.getpid()}"
    begun = time.monotonic()

    ran = bash(how.format(mark=mark) + " echo done", tmp_path)

    assert ran == Ran(0, b"done\n", b"")
    assert time.monotonic() - begun < 3
    left = alive(mark)
    assert left
    for pid in left:
        os.kill(pid, 9)


def test_one_that_closes_its_outputs_and_goes_on_is_waited_for(tmp_path: Path) -> None:
    """Real: a Python without outputs."""
    ran = run("import os, sys, time; os.close(1); os.close(2); time.sleep(0.5); os._exit(3)", tmp_path)

    assert ran == Ran(3, b"", b"")


def test_one_that_nobody_waits_for_any_more_is_ended(tmp_path: Path) -> None:
    """Real: a sleeping Python, and a second thread that gives up."""
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    begun = time.monotonic()

    ran = run("import time; time.sleep(60)", tmp_path, stop=stop)

    assert ran.killed is Killed.STOPPED
    assert time.monotonic() - begun < 3


def test_a_quick_answer_is_had_quickly(tmp_path: Path) -> None:
    """Real: twenty of the smallest program there is."""
    begun = time.monotonic()
    for _ in range(20):
        assert runner.run(["/bin/true"], ENV, tmp_path, 20, LIMIT, threading.Event()).code == 0

    assert (time.monotonic() - begun) / 20 < following.WAIT_S * 2


def test_what_cannot_be_started_is_told_in_words(tmp_path: Path) -> None:
    """Real: a file that is not there, a script without a first line, a NUL."""
    script = tmp_path / "lock.py"
    with pytest.raises(NotFoundHere):
        runner.run([str(script)], ENV, tmp_path, 20, LIMIT, threading.Event())
    script.write_text("print('no first line')\n")
    script.chmod(0o755)
    with pytest.raises(CannotStart) as caught:
        runner.run([str(script)], ENV, tmp_path, 20, LIMIT, threading.Event())
    assert caught.value.next_step.startswith("A script needs a first line such as #!/bin/sh;")
    with pytest.raises(CannotStart):
        runner.run(["/bin/echo", "a\0b"], ENV, tmp_path, 20, LIMIT, threading.Event())
