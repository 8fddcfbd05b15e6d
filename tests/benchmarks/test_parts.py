"""What the parts of a click take that neither read nor write, in microseconds: for information, in this process."""

import statistics
import time
from collections.abc import Callable

from launcher import incoming, trust
from launcher.config.schema import Config, Server, Studio
from launcher.trust import Go, Rules
from launcher.web import guard
from tests.benchmarks import LONG
from tests.support.planned import OPEN, SHOT, configured, machine, planned
from tests.support.requests import FORM_BODY, FORM_TYPE, KEY, KITSU, TASK, form

ROUNDS = 20_000 if LONG else 2_000
PORT = 24517


def microseconds(work: Callable[[], object]) -> float:
    """The median of many calls, warm."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter_ns()
        work()
        times.append(time.perf_counter_ns() - start)
    return statistics.median(times) / 1000


def test_the_parts_of_a_click_in_microseconds(report):
    """Pure: the guard's reading of one head, `trust`, `incoming`, and a plan of the newest of a hundred files."""
    request = form(PORT)
    headers = request.multidict()
    studio = Studio(servers=(Server(origins=(KITSU,), api=f"{KITSU}/api"),), keys=(KEY,))
    rules, config = Rules.of(Config(studio=studio), PORT), configured(OPEN)
    found = {SHOT.id: tuple((f"SH030_v{revision:03}.blend",) for revision in range(1, 101))}
    folder = "/mnt/prod/BBB/shots/SQ010/SH030/animation/"
    facts = machine(OPEN, SHOT, config=config, found=found, exist=[folder + "SH030_v100.blend"])

    def head() -> trust.Head:
        return guard.head("POST", request.target, headers, own_uid=1000, peer_uid=1000)

    ours = head()
    assert isinstance(trust.check(ours, rules), Go)
    assert incoming.form("open", FORM_TYPE, FORM_BODY).task_ids == (TASK,)
    (start,) = planned(OPEN, SHOT, facts=facts, config=config).steps[-1:]
    assert str(start.file).endswith("_v100.blend")

    report(
        f"the pure parts of a click: head {microseconds(head):.0f} µs, "
        f"trust {microseconds(lambda: trust.check(ours, rules)):.0f} µs, "
        f"incoming {microseconds(lambda: incoming.form('open', FORM_TYPE, FORM_BODY)):.0f} µs, "
        f"plan {microseconds(lambda: planned(OPEN, SHOT, facts=facts, config=config)):.0f} µs"
    )
