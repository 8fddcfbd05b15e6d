"""How long it takes to know everything about 1, 10 and 50 tasks, against a plain loop of gazu over the same tasks."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import gazu
import pytest

from launcher.config.schema import Studio
from launcher.kitsu.accounts import Accounts
from tests.benchmarks import LONG
from tests.support.accounts import server
from tests.support.zou import Zou

ROUNDS = 40 if LONG else 5


def by_gazu(zou: Zou, tasks: list[str]) -> float:
    """Seconds for one request after the other, on a warm connection."""
    start = time.perf_counter()
    found = [gazu.client.get(f"data/tasks/{task}/full") for task in tasks]
    taken = time.perf_counter() - start
    assert [task["id"] for task in found] == tasks
    return taken


@pytest.mark.parametrize("count", [1, 10, 50])
async def test_the_context_of_a_selection(
    count: int, zou: Zou, tmp_path: Path, memory_keyring: object, report: Callable[[str], None]
):
    """Real: Zou, gazu, our own client; as the artist. Cold: a daemon's first click, login in its keyring."""
    account, tasks = zou.account("user"), zou.ids["bulk"][:count]
    gazu.set_host(zou.url)
    gazu.log_in(account.email, account.password)
    kitsu = server(zou.url)
    cold, cached, plain = [], [], []

    async def ours() -> None:
        accounts = Accounts(lambda: Studio(servers=(kitsu,)), {})
        for times in (cold, cached):
            start = time.perf_counter()
            found = await accounts.tasks(kitsu, person, tasks)
            times.append(time.perf_counter() - start)
            assert [task.id for task in found.found] == tasks
        await accounts.close()

    first = Accounts(lambda: Studio(servers=(kitsu,)), {})
    person = await first.login(kitsu, account.email, account.password)
    await first.close()
    by_gazu(zou, tasks)
    for number in range(ROUNDS):
        # Whoever comes second finds the tasks in Kitsu's own caches.
        if number % 2:
            await ours()
            plain.append(by_gazu(zou, tasks))
        else:
            plain.append(by_gazu(zou, tasks))
            await ours()
    loop, new, known = (statistics.median(times) for times in (plain, cold, cached))
    report(
        f"context of {count} task{'s' if count > 1 else ''}: cached {loop / known:.1f} times as fast as a gazu loop "
        f"({known * 1000:.0f} ms against {loop * 1000:.0f} ms), cold {loop / new:.1f} times ({new * 1000:.0f} ms)"
    )
