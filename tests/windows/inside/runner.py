"""Programs that are asked something, in a real Windows Python. Run by `test_under_wine`."""

import asyncio
import json
import os
import sys
import threading
import time
from pathlib import Path

import pytest

from launcher import before
from launcher.errors import LauncherError
from launcher.model import RunBefore
from launcher.plan.answers import Answer
from launcher.system import Killed, Ran
from launcher.system.windows import process, runner

LIMIT = 100_000


def run(code: str, cwd: Path, seconds: float = 60, stop: threading.Event | None = None, **env: str) -> Ran:
    environment = {**process.clean_environment(os.environ), **env}
    return runner.run([sys.executable, "-c", code], environment, cwd, seconds, LIMIT, stop or threading.Event())


def test_both_outputs_the_exit_code_and_its_environment(tmp_path: Path) -> None:
    """Real: a Windows Python; it reads nothing."""
    code = "import os, sys; print(sys.stdin.read() + os.environ['SHOW']); print('oh', file=sys.stderr); sys.exit(7)"

    assert run(code, tmp_path, SHOW="Fox") == Ran(7, b"Fox\r\n", b"oh\r\n")


def test_one_that_takes_too_long_is_ended_with_all_that_it_has_started(tmp_path: Path) -> None:
    """Real: a Python whose child and grandchild count on; after its end neither does."""
    grandchild = "import sys, time\nfor i in range(600):\n    open(sys.argv[1], 'w').write(str(i)); time.sleep(0.1)"
    child = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', *sys.argv[1:]]); time.sleep(600)"
    counted = tmp_path / "counted"
    code = (
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}, {grandchild!r}, {str(counted)!r}])"
    )

    ran = run(code, tmp_path, seconds=15)

    assert (ran.code, ran.killed) == (None, Killed.TIME)
    assert counted.exists(), "the grandchild had not begun"
    time.sleep(1)
    last = counted.read_text()
    time.sleep(1)
    assert counted.read_text() == last


def test_endless_output_is_read_no_further_than_the_limit(tmp_path: Path) -> None:
    """Real: a Python that prints for ever, on each output."""
    for output in ("stdout", "stderr"):
        ran = run(f"import sys\nwhile True: sys.{output}.buffer.write(bytes(65536))", tmp_path)
        assert (ran.killed, len(ran.output + ran.errors)) == (Killed.OUTPUT, LIMIT)


def test_a_child_that_keeps_the_pipes_holds_up_nobody(tmp_path: Path) -> None:
    """Real: a Python that ends, and its child that goes on with its outputs."""
    code = (
        "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(20)']); print('done')"
    )
    begun = time.monotonic()

    assert run(code, tmp_path) == Ran(0, b"done\r\n", b"")
    assert time.monotonic() - begun < 15


def test_one_that_nobody_waits_for_any_more_is_ended(tmp_path: Path) -> None:
    """Real: a sleeping Python."""
    stop = threading.Event()
    threading.Timer(3, stop.set).start()

    assert run("import time; time.sleep(600)", tmp_path, stop=stop).killed is Killed.STOPPED


def question(root: Path, *argv: str) -> RunBefore:
    """A question of which the program lies below `root`."""
    environment = process.clean_environment(os.environ)
    return RunBefore(argv, environment, root / "context.json", root, 60, "Sample 1.0")


def test_an_interpreter_below_a_root_runs_the_studios_script(tmp_path: Path) -> None:
    """Real: Python with a script, which answers with a variable; what was added before it is there."""
    root = Path(sys.executable).parent
    script = tmp_path / "lock.py"
    script.write_text("import json, os; print(json.dumps({'env': {'LOCK': os.environ['show'] + '!', 'Path': None}}))")

    async def work() -> Answer:
        asked = await before.ask(question(root, sys.executable, str(script)), {"SHOW": "Fox"})
        return asked.answer("log")

    answer = asyncio.run(work())

    assert answer == Answer({"LOCK": "Fox!", "Path": None})
    assert json.dumps(answer.env)


@pytest.mark.parametrize("name", ["lock.py", "lock.bat"])
def test_a_script_alone_is_no_program(tmp_path: Path, name: str) -> None:
    """Real: files of Windows."""
    (tmp_path / name).write_text("print('x')")

    with pytest.raises(LauncherError) as caught:
        asyncio.run(before.ask(question(tmp_path, str(tmp_path / name)), {}))

    assert caught.value.problem == f"{name} may not be run before Sample 1.0."
