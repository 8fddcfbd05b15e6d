"""A person's own tasks on a real Zou; and what is told of Kitsus that are away and of logins that end."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from launcher.config.schema import Studio
from launcher.kitsu import selection
from launcher.kitsu.accounts import Accounts, KitsuAway, NotLoggedIn
from launcher.kitsu.lasting import expiry
from launcher.model import Person
from tests.kitsu.test_accounts import expired
from tests.support.accounts import Api, log_in, server
from tests.support.secret_service import MemoryKeyring
from tests.support.zou import Zou

FIFTEEN_DAYS_S = 15 * 24 * 3600


# -- tasks -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("key", ["user", "supervisor", "vendor", "teammate", "client"])
async def test_my_tasks_are_those_that_kitsu_shows_me_and_equal_to_what_a_click_reads(
    accounts: Accounts, zou: Zou, admin_api: Api, key: str
) -> None:
    """Real: Zou, an account of each sort. What is assigned to her and not done is found by other ways."""
    person = await log_in(accounts, zou, key)
    statuses = {row["id"]: row["is_done"] for row in admin_api.done("GET", "data/task-status")}
    everything = admin_api.done("GET", "data/tasks?relations=true")
    mine = {row["id"] for row in everything if person.id in row["assignees"] and not statuses[row["task_status_id"]]}

    found = await accounts.my_tasks(server(zou.url), person)

    assert {task.id for task in found} == mine
    clicked = await accounts.tasks(server(zou.url), person, [task.id for task in found])
    assert clicked.found == found
    client, vocabulary = await accounts._ready(server(zou.url), person)
    whole = await selection._each(client, vocabulary, [task.id for task in found[:12]])
    assert [whole[task.id] for task in found[:12]] == list(found[:12])


async def test_what_is_done_is_not_mine_any_more_and_what_is_due_comes_first(
    accounts: Accounts, zou: Zou, admin_api: Api
) -> None:
    """Real: Zou; one task gets a date, another is done."""
    person = await log_in(accounts, zou, "user")
    before = await accounts.my_tasks(server(zou.url), person)
    dated = [task for task in before if task.due_date]
    assert list(before[: len(dated)]) == sorted(dated, key=lambda task: task.due_date or "")
    labels = [task.label for task in before[len(dated) :]]
    assert labels == sorted(labels, key=str.casefold)
    urgent, ready = before[-1], before[len(dated)]
    done = next(row["id"] for row in admin_api.done("GET", "data/task-status") if row["is_done"])
    admin_api.done("PUT", f"data/tasks/{urgent.id}", {"due_date": "2001-01-31"})
    admin_api.done("PUT", f"data/tasks/{ready.id}", {"task_status_id": done})
    try:
        after = await accounts.my_tasks(server(zou.url), person)
    finally:
        admin_api.done("PUT", f"data/tasks/{urgent.id}", {"due_date": None})
        admin_api.done("PUT", f"data/tasks/{ready.id}", {"task_status_id": ready.status.id})

    assert after[0].id == urgent.id
    assert after[0].due_date == "2001-01-31T00:00:00"
    assert [task.id for task in after[1:]] == [task.id for task in before[:-1] if task.id != ready.id]


async def test_the_most_urgent_tasks_are_kept_where_there_are_more_than_a_menu_shows(
    accounts: Accounts, zou: Zou, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real: Zou; three instead of 200, of nearly a hundred."""
    person = await log_in(accounts, zou, "user")
    everything = await accounts.my_tasks(server(zou.url), person)
    monkeypatch.setattr(selection, "MOST_MINE", 3)

    first = await accounts.my_tasks(server(zou.url), person)
    assert [task.label for task in first] == [task.label for task in everything[:3]]


async def test_my_tasks_take_two_round_trips_once_the_vocabulary_is_known(accounts: Accounts, zou: Zou) -> None:
    """Real: Zou. Requests are counted where they leave; those of one round trip are side by side."""
    person = await log_in(accounts, zou, "user")
    client, _ = await accounts._ready(server(zou.url), person)
    await accounts.my_tasks(server(zou.url), person)
    with counted(client) as asked:
        found = await accounts.my_tasks(server(zou.url), person)

    chunks = -(-len({task.entity.id for task in found}) // 50)
    assert asked == ["data/user/tasks", *["data/entities"] * chunks]


@contextmanager
def counted(client: object) -> Iterator[list[str]]:
    """The paths that a client asks for meanwhile."""
    asked: list[str] = []
    get = client.get  # type: ignore[attr-defined]

    async def counting(path: str, params: dict[str, str] | None = None) -> object:
        asked.append(path)
        return await get(path, params)

    client.get = counting  # type: ignore[attr-defined]
    yield asked
    client.get = get  # type: ignore[attr-defined]


# -- trouble ---------------------------------------------------------------------------------------------------------
async def test_a_login_that_counts_no_longer_is_trouble_until_somebody_logs_in_again(
    accounts: Accounts, zou: Zou
) -> None:
    """Real: Zou, which was told elsewhere that this login has ended."""
    here = server(zou.url)
    person = await log_in(accounts, zou, "user")
    assert accounts.trouble(here) is None
    client, _ = await accounts._ready(here, person)
    Api(zou.url, str(client._gazu.access_token)).done("GET", "auth/logout")

    with pytest.raises(NotLoggedIn) as caught:
        await accounts.my_tasks(here, person)
    told = accounts.trouble(here)
    await log_in(accounts, zou, "user")

    assert told is caught.value
    assert accounts.trouble(here) is None
    assert await accounts.my_tasks(here, person)


async def test_the_trouble_of_a_login_leaves_with_it(accounts: Accounts, zou: Zou) -> None:
    """Real: Zou, as above; she logs out instead."""
    here = server(zou.url)
    person = await log_in(accounts, zou, "user")
    client, _ = await accounts._ready(here, person)
    Api(zou.url, str(client._gazu.access_token)).done("GET", "auth/logout")
    with pytest.raises(NotLoggedIn):
        await accounts.my_tasks(here, person)

    await accounts.logout(here, person.email)

    assert accounts.trouble(here) is None


async def test_a_kitsu_that_is_away_is_trouble_until_it_answers_anything(
    accounts: Accounts, zou: Zou, tmp_path: Path, memory_keyring: MemoryKeyring, unused_tcp_port: int
) -> None:
    """Real: a port where nothing listens, then Zou's own behind the same name. A refusal is an answer."""
    gone = server(f"http://127.0.0.1:{unused_tcp_port}")
    stored = {"id": "i", "email": "a@b.example", "first_name": "A", "last_name": "B", "role": "user"}
    memory_keyring.entries["kitsu-launcher", "index"] = json.dumps([[gone.api, "a@b.example"]])
    entry = json.dumps({"person": stored, "refresh_token": "t"})
    memory_keyring.entries["kitsu-launcher", f"a@b.example {gone.api}"] = entry
    alone = Accounts(lambda: Studio(servers=(gone,)), {})
    (person,) = await alone.people(gone)
    with pytest.raises(KitsuAway) as caught:
        await alone.my_tasks(gone, person)
    await alone.close()

    assert str(alone.trouble(gone)) == str(caught.value)
    with alone._heard.asking(gone.api, "a@b.example"):
        pass
    assert alone.trouble(gone) is None


# -- how long a login lasts ------------------------------------------------------------------------------------------
async def test_a_login_lasts_fifteen_days_whatever_is_done_with_it(accounts: Accounts, zou: Zou) -> None:
    """Real: Zou's own refresh token."""
    here = server(zou.url)
    began = datetime.now(UTC)
    person = await log_in(accounts, zou, "user")

    end = accounts.expires(person, here)

    assert end is not None
    assert abs((end - began).total_seconds() - FIFTEEN_DAYS_S) < 60
    assert accounts.expiring(24 * 3600) == []
    ((who, where, left),) = accounts.expiring(FIFTEEN_DAYS_S + 60)
    assert (who, where) == (person, here)
    assert 0 < FIFTEEN_DAYS_S - left < 60
    assert accounts.expires(Person("x", "nobody@studio.example", "", "", "user"), here) is None


async def test_logins_that_end_soon_come_soonest_first(
    make_accounts: Callable[[], Accounts], memory_keyring: MemoryKeyring, zou: Zou
) -> None:
    """Real: Zou signs the token that has ended; the keyring has both."""
    here = server(zou.url)
    first = make_accounts()
    ended, fresh = await log_in(first, zou, "user"), await log_in(first, zou, "supervisor")
    client, _ = await first._ready(here, ended)
    key = ("kitsu-launcher", f"{ended.email} {zou.url}")
    old = expired(zou, client.refresh_token)
    memory_keyring.entries[key] = memory_keyring.entries[key].replace(client.refresh_token, old)

    later = make_accounts()
    assert later.expiring(FIFTEEN_DAYS_S + 60) == []
    await later.people(here)

    found = later.expiring(FIFTEEN_DAYS_S + 60)
    assert [person.email for person, _, _ in found] == [ended.email, fresh.email]
    assert -3700 < found[0][2] < -3500
    assert [person.email for person, _, _ in later.expiring(0)] == [ended.email]


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "e30",
        "bnVsbA",
        "eyJleHAiOiJzb29uIn0",
        "eyJleHAiOnRydWV9",
        "eyJleHAiOk5hTn0",
        "eyJleHAiOjFlOTl9",
        "é",
        "W1tb",
    ],
)
@pytest.mark.parametrize("frame", ["{}", "a.{}.c", "a.{}", "a.b.{}.d"])
def test_what_is_no_token_of_kitsu_says_nothing_of_its_end(payload: str, frame: str) -> None:
    """Real: the function alone; the payloads are no base64, no JSON, no object, no number, no date."""
    assert expiry(frame.format(payload)) is None


def test_the_end_is_read_whatever_its_fraction() -> None:
    """Real: the function alone."""
    assert expiry("a.eyJleHAiOjE3NTAwMDAwMDAuNX0.c") == datetime.fromtimestamp(1750000000.5, UTC)
    assert time.time() > 1750000000
