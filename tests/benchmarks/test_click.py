"""A click's time from its last byte to `execve`, against the least that it could take.

The click is the most usual one: Kitsu's form, one task, whose newest working file is opened. Both sides get the same
bytes, ask the same Kitsu for the same tasks and start the same program; they take turns in going first. Only that all
of it really happened is asserted.
"""

import json
import shutil
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import urlencode

import pytest

from launcher.demo.kitsu import TOKEN
from launcher.demo.studio import EMAIL, PASSWORD
from tests.benchmarks import LONG
from tests.benchmarks.executed import Executed
from tests.support.accounts import api_of
from tests.support.daemon import Daemon
from tests.support.desktop import wait_until
from tests.support.requests import FORM_FIELDS, KEY, form
from tests.support.sample import read
from tests.support.zou import Zou

WARM_UP = 4
ROUNDS = 200 if LONG else 20
PAUSE_S = 1.05 if LONG else 0.05
"""A daemon takes at most 60 clicks a minute; after 2 s without any, Zou closes the connections of both sides."""
REVISIONS = 12
STUDIO_FILE = """
[studio]
keys = ["env:KITSU_LAUNCHER_KEY"]
servers = [{{ origins = ["{origin}"], api = "{api}", insecure = true }}]

[roots]
prod = {{ linux = "{home}/prod", marker = ".prod" }}

[apps.program]
executable = "{home}/program"
opens = [".scene"]

[actions.open]
title = "Open"
kind = "launch"
app = "program"
file = "{{roots.prod}}/{{project.code}}/{{entity.path}}/{{task_type.name|slug}}/{{entity.name}}_v{{revision:03}}.scene"
"""


@dataclass(frozen=True)
class Kitsu:
    """Something that answers like Kitsu, who is logged in to it, and tasks to click on."""

    origin: str
    api: str
    email: str
    password: str
    person: str
    token: str
    tasks: list[str]
    sequence: str
    """The folder of the tasks' shots, which are called B0000, B0001…"""


@dataclass(frozen=True)
class Sides:
    """The daemon and the floor, and the one program that both start."""

    daemon: Daemon
    floor: int
    """Its port."""
    executed: Executed


def seconds(kitsu: Kitsu, task: str, port: int, executed: Executed) -> float:
    """From the last byte sent to `execve`."""
    host = kitsu.origin.partition("://")[2]
    fields = {"currentserver": host, "personid": kitsu.person, "personemail": kitsu.email, "selection": task}
    data = form(port, "open")(body=urlencode({**FORM_FIELDS, **fields}).encode()).raw()
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        time.sleep(0.02)  # until it is accepted
        sent = time.perf_counter()
        connection.sendall(data)
        started = executed.wait()
        assert read(connection).status == 303
    return started - sent


def compare(kitsu: Kitsu, sides: Sides) -> tuple[float, float]:
    """Medians of a click at the daemon and at the floor, in seconds."""
    times: dict[int, list[float]] = {sides.daemon.port: [], sides.floor: []}
    order = list(times)
    for task in islice(cycle(kitsu.tasks), WARM_UP + ROUNDS):
        for port in order:
            times[port].append(seconds(kitsu, task, port, sides.executed))
            time.sleep(PAUSE_S / 2)
        order.reverse()  # whoever comes second finds the task in Kitsu's own caches
    ours, floor = (statistics.median(taken[WARM_UP:]) for taken in times.values())
    return ours, floor


def all_opened(daemon: Daemon, count: int) -> bool:
    """Whether the launches really started the program, each on the newest working file."""
    launches = daemon.ask("GET", "/door/launches")[:count]
    files = [process["file"] for launch in launches for process in launch["processes"]]
    return len(files) == count and all(file.endswith(f"_v{REVISIONS:03}.scene") for file in files)


@pytest.fixture
def begin(
    home: Path, tmp_path: Path, start_daemon: Callable[..., Daemon], run_script: Callable[..., str]
) -> Iterator[Callable[[Kitsu], Sides]]:
    """A daemon with its project folder and somebody logged in, and the floor beside it."""
    watching = []

    def both(kitsu: Kitsu) -> Sides:
        (home / "machine").mkdir()
        program = shutil.copy("/bin/true", home / "program")
        text = STUDIO_FILE.format(origin=kitsu.origin, api=kitsu.api, home=home)
        (home / "machine" / "studio.toml").write_text(text)
        for number in range(len(kitsu.tasks)):
            folder = home / "prod" / kitsu.sequence / f"B{number:04}" / "animation"
            folder.mkdir(parents=True)
            for revision in range(1, REVISIONS + 1):
                (folder / f"B{number:04}_v{revision:03}.scene").touch()
        (home / "prod" / ".prod").touch()
        daemon = start_daemon(env={"KITSU_LAUNCHER_KEY": KEY})
        daemon.ask("POST", "/door/login", {"email": kitsu.email, "password": kitsu.password})
        floor = int(run_script("bare", kitsu.api, kitsu.token, program, tmp_path).split()[0])
        watching.append(Executed(program))
        return Sides(daemon, floor, watching[-1])

    yield both
    for watch in watching:
        watch.close()


def test_a_click_against_a_bare_handler_with_a_real_kitsu(begin, zou: Zou, report):
    """Real: Zou, the daemon, a bare aiohttp server, TCP, working files on disk, a started program."""
    person, api = zou.account("user"), api_of(zou, "user")
    tasks = zou.ids["bulk"]
    for task in tasks:
        api.done("GET", f"data/tasks/{task}/full")
    kitsu = Kitsu(zou.url, zou.url, person.email, person.password, person.id, api.token, tasks, "LS/shots/Bulk")
    sides = begin(kitsu)

    ours, floor = compare(kitsu, sides)

    wait_until(lambda: all_opened(sides.daemon, min(ROUNDS, 50)), 10, "launches with a program each")
    report(
        f"a click, last byte to execve, real Kitsu: {ours / floor:.2f} times a bare handler "
        f"({ours * 1000:.1f} ms against {floor * 1000:.1f} ms)"
    )


def test_our_own_share_of_a_click(begin, run_script, report):
    """Real: as above, with a sample Kitsu that answers at once: what is left is ours."""
    told = json.loads(run_script("at_once", 60))
    origin = f"http://127.0.0.1:{told['port']}"
    kitsu = Kitsu(origin, f"{origin}/api", EMAIL, PASSWORD, told["person"], TOKEN, told["tasks"], "FT/shots/SQ010")
    sides = begin(kitsu)

    ours, floor = compare(kitsu, sides)

    wait_until(lambda: all_opened(sides.daemon, min(ROUNDS, 50)), 10, "launches with a program each")
    report(
        f"the same with a Kitsu that answers at once: {ours / floor:.2f} times "
        f"({ours * 1000:.1f} ms against {floor * 1000:.1f} ms: our own share is {(ours - floor) * 1000:.1f} ms)"
    )
