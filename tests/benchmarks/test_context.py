"""How long it takes to know everything about 1, 10 and 50 tasks, against a plain loop of gazu over the same tasks."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import gazu
import pytest

from launcher.config.schema import Studio
from launcher.kitsu.accounts import Accounts
from tests.support.accounts import folders, server
from tests.support.zou import Zou

ROUNDS = 5


def by_gazu(zou: Zou, tasks: list[str]) -> float:
    """Seconds for one request after the other, on a warm connection."""
    start = time.perf_counter()
    found = [gazu.client.get(f"data/tasks/{task}/full") for task in tasks]
    assert len(found) == len(tasks)
    return time.perf_counter() - start


@pytest.mark.parametrize("count", [1, 10, 50])
async def test_the_context_of_a_selection(
    count: int, zou: Zou, tmp_path: Path, memory_keyring: object, report: Callable[[str], None]
):
    """Real: Zou, gazu, our own client; as the artist."""
    account, tasks = zou.account("user"), zou.ids["bulk"][:count]
    gazu.set_host(zou.url)
    gazu.log_in(account.email, account.password)
    kitsu = server(zou.url)
    cold, cached, plain = [], [], []
    for _ in range(ROUNDS):
        accounts = Accounts(folders(tmp_path), lambda: Studio(servers=(kitsu,)), {})
        person = await accounts.login(kitsu, account.email, account.password)
        for times in (cold, cached):
            start = time.perf_counter()
            found = await accounts.tasks(kitsu, person, tasks)
            times.append(time.perf_counter() - start)
            assert len(found.found) == count
        plain.append(by_gazu(zou, tasks))
        await accounts.close()
    loop = statistics.median(plain)
    first, later = statistics.median(cold), statistics.median(cached)
    report(
        f"context of {count} task{'s' if count > 1 else ''}: cached {loop / later:.1f} times as fast as a gazu loop "
        f"({later * 1000:.0f} ms against {loop * 1000:.0f} ms), cold {loop / first:.1f} times ({first * 1000:.0f} ms)"
    )
