"""How long a click takes, from its last byte to the start of the program, against the least that it could take.

The program is `date`, which prints when it runs: that moment stands for its `execve`, on both sides alike. Variants
alternate, medians are compared, and nothing is asserted but that everything was really started.
"""

import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from launcher import incoming, trust
from launcher.demo.kitsu import TOKEN, SampleKitsu
from launcher.demo.show import served
from launcher.demo.studio import EMAIL, PASSWORD, sample
from launcher.trust import Go, Head, Rules
from tests.support.accounts import Api
from tests.support.daemon import Daemon
from tests.support.zou import Zou

ROUNDS = 12
"""Of each kind: a daemon takes at most 60 clicks a minute."""
WARM_UP = 3
DATE = """
[apps.date]
executable = "/bin/date"
args = ["+%s.%N"]

[actions.date]
title = "Date"
kind = "launch"
app = "date"
"""


@dataclass(frozen=True)
class Kitsu:
    """Something that answers like Kitsu, who is logged in to it, and tasks to click on."""

    api: str
    origin: str
    email: str
    password: str
    person: str
    token: str
    tasks: list[str]


@dataclass(frozen=True)
class Bare:
    """The floor: its port, and where its programs print."""

    port: int
    output: Path


def seconds(port: int, printed: Callable[[bytes], Path], data: bytes) -> float:
    """From the last byte sent to the program's own first words."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(data[:-1])
        time.sleep(0.02)  # the server has read everything else, as it would have from a browser
        sent = time.time()
        connection.sendall(data[-1:])
        answer = connection.recv(65536)
    file = printed(answer)
    deadline = time.monotonic() + 20
    while not (file.exists() and (text := file.read_text())):
        assert time.monotonic() < deadline, answer
        time.sleep(0.002)
    return float(text) - sent


def form(kitsu: Kitsu, task: str, port: int) -> bytes:
    """One form of Kitsu, as a browser sends it from an http page."""
    host = kitsu.origin.partition("://")[2]
    body = f"personid={kitsu.person}&personemail={kitsu.email}&currentserver={host}&selection={task}&entitytype=shot"
    lines = [
        "POST /run/date HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Origin: {kitsu.origin}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Mode: navigate",
        "Sec-Fetch-User: ?1",
        "Sec-Fetch-Dest: document",
    ]
    return "\r\n".join([*lines, "", body]).encode()


@pytest.fixture
def start_bare(tmp_path: Path) -> Iterator[Callable[[Kitsu], Bare]]:
    """Starts the floor in a process of its own."""
    running = []

    def start(kitsu: Kitsu) -> Bare:
        argv = [sys.executable, str(Path(__file__).with_name("bare.py")), kitsu.api, kitsu.token, str(tmp_path)]
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        running.append(process)
        assert process.stdout
        return Bare(int(process.stdout.readline()), tmp_path)

    yield start
    for process in running:
        process.communicate("")


def compare(kitsu: Kitsu, daemon: Daemon, bare: Bare) -> tuple[float, float]:
    """Medians of a click at the daemon and at the floor, in seconds; the two alternate on the same tasks."""
    logs = daemon.home / "state" / "logs"
    ours, floor = [], []
    for task in kitsu.tasks[: WARM_UP + ROUNDS]:
        request = f"POST /{task} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello".encode()
        floor.append(seconds(bare.port, lambda _, task=task: bare.output / task, request))
        click = form(kitsu, task, daemon.port)
        ours.append(seconds(daemon.port, lambda answer: logs / f"{launch(answer)}.log", click))
    assert len(ours) == len(floor) == WARM_UP + ROUNDS
    return statistics.median(ours[WARM_UP:]), statistics.median(floor[WARM_UP:])


def launch(answer: bytes) -> str:
    """The launch's id in the redirect."""
    head = answer.split(b"\r\n\r\n", 1)[0].decode()
    assert head.startswith("HTTP/1.1 303"), head
    return head.partition("/launches/")[2][:32]


def begin(home: Path, start_daemon: Any, kitsu: Kitsu) -> Daemon:
    """A daemon of its own, configured for this Kitsu, with the person logged in."""
    (home / "machine").mkdir()
    server = f'{{ origins = ["{kitsu.origin}"], api = "{kitsu.api}", insecure = true }}'
    (home / "machine" / "studio.toml").write_text(f"[studio]\nservers = [{server}]\n{DATE}")
    daemon: Daemon = start_daemon()
    daemon.cli("login", "--email", kitsu.email, "--password-stdin", input=kitsu.password)
    return daemon


def test_a_click_against_a_bare_handler_with_a_real_kitsu(home, start_daemon, start_bare, zou: Zou, report):
    """Real: Zou, the daemon, a bare aiohttp server, TCP, a started program."""
    person = zou.account("user")
    login = Api(zou.url).done("POST", "auth/login", {"email": person.email, "password": person.password})
    kitsu = Kitsu(zou.url, zou.url, person.email, person.password, person.id, login["access_token"], zou.ids["bulk"])
    ours, floor = compare(kitsu, begin(home, start_daemon, kitsu), start_bare(kitsu))
    report(
        f"a click, last byte to start, real Kitsu: {ours / floor:.2f} times a bare handler "
        f"({ours * 1000:.1f} ms against {floor * 1000:.1f} ms)"
    )


def test_our_own_share_of_a_click(home, start_daemon, start_bare, report):
    """Real: as above, with a sample Kitsu that answers at once: what is left is ours."""
    studio = sample()
    rows = studio.tables["tasks"]
    first = next(iter(rows.values()))
    tasks = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(WARM_UP + ROUNDS)]
    rows.update({task: {**first, "id": task} for task in tasks})
    with served(SampleKitsu(studio, [])) as host:
        kitsu = Kitsu(f"http://{host}/api", f"http://{host}", EMAIL, PASSWORD, studio.person, TOKEN, tasks)
        ours, floor = compare(kitsu, begin(home, start_daemon, kitsu), start_bare(kitsu))
    report(
        f"the same with a Kitsu that answers at once: {ours / floor:.2f} times "
        f"({ours * 1000:.1f} ms against {floor * 1000:.1f} ms: our own share is {(ours - floor) * 1000:.1f} ms)"
    )


def test_the_checks_of_a_click_in_microseconds(report):
    """Pure: the guard's decision and the reading of one form, warm."""
    rules = Rules(24517, frozenset({"https://kitsu.example"}), ("k" * 43,), "key")
    fields = {name: (value,) for name, value in (("fetch_mode", "navigate"), ("fetch_dest", "document"))}
    head = Head(
        private=False,
        peer_uid=1000,
        own_uid=1000,
        method="POST",
        target=f"/run/open?key={'k' * 43}",
        hosts=("127.0.0.1:24517",),
        origins=("null",),
        content_types=(incoming.FORM_TYPE,),
        fetch_site=("cross-site",),
        fetch_user=("?1",),
        **fields,
    )
    task = "49e61584-c7c4-48e5-ab28-9972cedd9fea"
    body = f"personid={task}&personemail=a%40b.example&currentserver=k&selection={task}&entitytype=shot".encode()
    times = []
    for _ in range(2000):
        start = time.perf_counter()
        verdict = trust.check(head, rules)
        click = incoming.form("open", incoming.FORM_TYPE, body)
        times.append(time.perf_counter() - start)
    assert isinstance(verdict, Go)
    assert click.task_ids == (task,)
    report(f"guard and reading of one form: {statistics.median(times) * 1e6:.0f} µs")
