"""With Kitsu away: what it said last is used, marked, and only where it may be. A real Zou behind a cable."""

import asyncio
import json
import logging
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from launcher.config.schema import Server, Studio
from launcher.kitsu import client
from launcher.kitsu.accounts import Accounts, KitsuAway, LoginError, NotLoggedIn
from launcher.kitsu.kept import AGAIN_S, FOLDER, KEPT_S, LARGEST_BYTES, MOST_TASKS, Shelf
from launcher.model import Person, Task
from tests.kitsu.test_accounts import expired
from tests.support.accounts import Api, Throwaway, server, throwaway
from tests.support.cable import Cable, How
from tests.support.launching import Clock
from tests.support.planned import SHOT
from tests.support.secret_service import MemoryKeyring
from tests.support.zou import Zou

NOBODY = "00000000-0000-4000-8000-000000000000"
KEY = ("https://kitsu.example/api", "zoe@studio.example")
ZOE = Person("p1", "zoe@studio.example", "Zoë", "Ní Bhriain", "user")
TASK = replace(SHOT, id="49e61584-c7c4-48e5-ab28-000000000001")
Make = Callable[[], Accounts]


@pytest.fixture
def here(cable: Cable) -> Server:
    """The Kitsu at the end of the cable."""
    return server(cable.url)


@pytest.fixture
async def make(here: Server, tmp_path: Path, memory_keyring: MemoryKeyring) -> AsyncIterator[Make]:
    """A way to make Accounts as each new daemon does: one keyring and one cache folder for all of them."""
    made: list[Accounts] = []
    studio = Studio(servers=(here,))

    def one() -> Accounts:
        made.append(Accounts(lambda: studio, {}, tmp_path / "cache"))
        return made[-1]

    yield one
    for accounts in made:
        await accounts.close()


def files(tmp_path: Path) -> list[Path]:
    """Every file that is kept, of everybody."""
    return sorted((tmp_path / "cache").rglob("*.json"))


async def enter(accounts: Accounts, here: Server, zou: Zou, key: str = "user") -> Person:
    """One of the seeded people logs in by the cable."""
    account = zou.account(key)
    return await accounts.login(here, account.email, account.password)


# -- a click with Kitsu away -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("how", ["refused", "hangs", "hangs up", "502", "503", "504"])
async def test_a_task_seen_before_is_answered_as_it_was_and_marked(
    make: Make, here: Server, zou: Zou, cable: Cable, how: How, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real: Zou, whose cable is pulled out, or ends at a web server without a Zou; little patience where it hangs."""
    monkeypatch.setattr(client, "TIMEOUT", aiohttp.ClientTimeout(total=1))
    accounts = make()
    person = await enter(accounts, here, zou)
    ids = [zou.task("Animation SH010"), zou.task("Modeling Robot")]
    before = await accounts.tasks(here, person, ids)
    await cable.is_now(how)

    after = await accounts.tasks(here, person, [*ids, NOBODY])

    assert (before.said, before.unseen) == ("", ())
    assert (after.found, after.missing, after.unseen) == (before.found, (), (NOBODY,))
    now = time.strftime("%A %H:%M")
    why = {
        "refused": f"{here.api} cannot be reached: nothing listens there.",
        "hangs": f"{here.api} cannot be reached: it did not answer in time.",
        "hangs up": f"{here.api} cannot be reached: it hung up before it answered.",
    }.get(how, f"{here.api} has an error of its own.")
    assert after.said == f"Kitsu is away: this is what it said on {now}. {why}"


async def test_ten_tasks_and_ones_own_are_answered_too_and_a_task_never_seen_is_not(
    make: Make, here: Server, zou: Zou, cable: Cable
) -> None:
    """Real: Zou; by lists as well as by the list of her own tasks. Of nothing seen, the reason stays."""
    accounts = make()
    person = await enter(accounts, here, zou)
    many = zou.ids["bulk"][:10]
    clicked = await accounts.tasks(here, person, many)
    mine = await accounts.my_tasks(here, person)
    unseen = next(id for id in zou.ids["tasks"].values() if id not in {*many, *(task.id for task in mine)})
    await cable.is_now("refused")

    assert (await accounts.tasks(here, person, many)).found == clicked.found
    assert (await accounts.tasks(here, person, [mine[-1].id])).found == (mine[-1],)
    with pytest.raises(KitsuAway) as caught:
        await accounts.tasks(here, person, [unseen])
    assert caught.value.problem == f"{here.api} cannot be reached: nothing listens there."


async def test_with_kitsu_back_it_is_asked_again(make: Make, here: Server, zou: Zou, cable: Cable) -> None:
    """Real: Zou, away and back."""
    accounts = make()
    person = await enter(accounts, here, zou)
    ids = [zou.task("Animation SH010")]
    await accounts.tasks(here, person, ids)
    await cable.is_now("refused")
    away = await accounts.tasks(here, person, ids)
    await cable.is_now("through")

    back = await accounts.tasks(here, person, ids)

    assert (bool(away.said), back.said) == (True, "")
    assert back.found == away.found


async def test_a_daemon_that_starts_with_kitsu_away_still_serves_her(
    make: Make, here: Server, zou: Zou, cable: Cable, tmp_path: Path
) -> None:
    """Real: Zou; the second daemon knows her from the keyring alone."""
    first = make()
    person = await enter(first, here, zou)
    seen = await first.tasks(here, person, [zou.task("Animation SH010")])
    await first.close()
    await cable.is_now("refused")

    second = make()
    (known,) = await second.people(here)
    again = await second.tasks(here, known, [zou.task("Animation SH010")])

    assert (known, again.found) == (person, seen.found)
    assert again.said


async def test_what_one_person_saw_another_does_not_see(make: Make, here: Server, zou: Zou, cable: Cable) -> None:
    """Real: Zou, two people logged in to it here."""
    accounts = make()
    person, other = await enter(accounts, here, zou), await enter(accounts, here, zou, "teammate")
    both, hers = zou.task("Animation SH010"), zou.task("Animation SH030")
    await accounts.tasks(here, person, [both, hers])
    await accounts.tasks(here, other, [both])
    await cable.is_now("refused")

    one, two = await accounts.tasks(here, person, [both, hers]), await accounts.tasks(here, other, [both, hers])

    assert ([task.id for task in one.found], one.unseen) == ([both, hers], ())
    assert ([task.id for task in two.found], two.unseen) == ([both], (hers,))


async def test_a_task_that_kitsu_shows_her_no_more_is_forgotten(
    make: Make, here: Server, zou: Zou, cable: Cable, admin_api: Api
) -> None:
    """Real: Zou; she leaves the team between two clicks. 403 is an answer, not an absence."""
    with throwaway(admin_api) as one:
        team = f"data/projects/{zou.ids['project_short']}/team"
        admin_api.done("POST", team, {"person_id": one.id})
        accounts, id = make(), zou.task("Animation SH010")
        person = await accounts.login(here, one.email, one.password)
        before = await accounts.tasks(here, person, [id])
        admin_api.done("DELETE", f"{team}/{one.id}")
        after = await accounts.tasks(here, person, [id])
        await cable.is_now("refused")
        with pytest.raises(KitsuAway):
            await accounts.tasks(here, person, [id])

    assert ([task.id for task in before.found], after.found, after.missing, after.said) == ([id], (), (id,), "")


# -- when nothing stays ----------------------------------------------------------------------------------------------
async def test_logging_out_wipes_what_was_kept_of_her_alone(
    make: Make, here: Server, zou: Zou, cable: Cable, tmp_path: Path
) -> None:
    """Real: Zou; two people, one of whom logs out."""
    accounts = make()
    person, other = await enter(accounts, here, zou), await enter(accounts, here, zou, "teammate")
    ids = [zou.task("Animation SH010")]
    await accounts.tasks(here, person, ids)
    await accounts.tasks(here, other, ids)
    await accounts.close()
    before = files(tmp_path)

    out = make()
    await out.logout(here, person.email)
    await out.close()

    assert (len(before), len(files(tmp_path))) == (2, 1)
    assert json.loads(files(tmp_path)[0].read_text())["person"] == other.id


async def test_logging_out_with_kitsu_away_wipes_too(
    make: Make, here: Server, zou: Zou, cable: Cable, tmp_path: Path
) -> None:
    """Real: Zou, away when she logs out."""
    accounts = make()
    person = await enter(accounts, here, zou)
    await accounts.tasks(here, person, [zou.task("Animation SH010")])
    await cable.is_now("refused")

    await accounts.logout(here, None)
    await accounts.close()

    assert files(tmp_path) == []
    assert list((tmp_path / "cache" / FOLDER).iterdir()) == []


@asynccontextmanager
async def closed_account(
    make: Make, here: Server, zou: Zou, admin: Api
) -> AsyncIterator[tuple[Accounts, Person, Throwaway, list[str]]]:
    """Somebody who has seen a task, and whose account was closed since."""
    with throwaway(admin) as one:
        admin.done("POST", f"data/projects/{zou.ids['project_short']}/team", {"person_id": one.id})
        accounts, ids = make(), [zou.task("Animation SH010")]
        person = await accounts.login(here, one.email, one.password)
        assert (await accounts.tasks(here, person, ids)).found
        admin.done("PUT", f"data/persons/{one.id}", {"active": False})
        yield accounts, person, one, ids


@pytest.mark.parametrize("asks", ["for tasks", "who she is", "to log in"])
async def test_once_kitsu_says_that_her_account_is_closed_nothing_stays(
    make: Make, here: Server, zou: Zou, cable: Cable, admin_api: Api, tmp_path: Path, asks: str
) -> None:
    """Real: Zou, each answer that it has for somebody who was deactivated."""
    async with closed_account(make, here, zou, admin_api) as (accounts, person, one, ids):
        await accounts._shelf.settled()
        before, later = files(tmp_path), make()
        if asks == "for tasks":
            with pytest.raises(NotLoggedIn):
                await accounts.tasks(here, person, ids)
        elif asks == "to log in":
            with pytest.raises(LoginError):
                await accounts.login(here, one.email, one.password)
        else:
            ((_person, reason),) = await later.who(here)
            assert isinstance(reason, NotLoggedIn)
        await asyncio.gather(accounts._shelf.settled(), later._shelf.settled())
        kept = files(tmp_path)
        await cable.is_now("refused")
        with pytest.raises(KitsuAway):
            await (later if asks == "who she is" else accounts).tasks(here, person, ids)

    assert (len(before), kept) == (1, [])


async def test_an_account_closed_while_kitsu_is_away_is_not_wiped_merely_for_that(
    make: Make, here: Server, zou: Zou, cable: Cable, admin_api: Api
) -> None:
    """Real: Zou; nobody can know before it answers."""
    async with closed_account(make, here, zou, admin_api) as (accounts, person, _one, ids):
        await cable.is_now("refused")
        away = await accounts.tasks(here, person, ids)
        await cable.is_now("through")
        with pytest.raises(NotLoggedIn):
            await accounts.tasks(here, person, ids)
        await cable.is_now("refused")
        with pytest.raises(KitsuAway):
            await accounts.tasks(here, person, ids)

    assert [task.id for task in away.found] == ids


async def test_a_login_that_has_ended_is_answered_nothing(
    make: Make, here: Server, zou: Zou, cable: Cable, memory_keyring: MemoryKeyring
) -> None:
    """Real: Zou; the token in the keyring has the shape of one that ended yesterday, and Kitsu is away."""
    accounts = make()
    person = await enter(accounts, here, zou)
    ids = [zou.task("Animation SH010")]
    await accounts.tasks(here, person, ids)
    await accounts.close()
    entry = ("kitsu-launcher", f"{person.email} {here.api}")
    stored = json.loads(memory_keyring.entries[entry])
    memory_keyring.entries[entry] = json.dumps(stored | {"refresh_token": expired(zou, stored["refresh_token"])})
    await cable.is_now("refused")

    with pytest.raises(KitsuAway):
        await make().tasks(here, person, ids)


# -- the files -------------------------------------------------------------------------------------------------------
async def test_the_files_are_private_and_hold_no_token_and_no_address_in_their_names(
    make: Make, here: Server, zou: Zou, tmp_path: Path, memory_keyring: MemoryKeyring
) -> None:
    """Real: Zou's tokens, looked for in every file."""
    accounts = make()
    person = await enter(accounts, here, zou)
    await accounts.tasks(here, person, list(zou.ids["tasks"].values())[:9])
    await accounts.close()
    (stored,) = [json.loads(text) for key, text in memory_keyring.entries.items() if key[1] != "index"]
    everything = list((tmp_path / "cache").rglob("*"))

    assert {oct(path.stat().st_mode & 0o777) for path in everything if path.is_dir()} == {"0o700"}
    assert {oct(path.stat().st_mode & 0o777) for path in everything if path.is_file()} == {"0o600"}
    assert len(files(tmp_path)) == 9
    whole = b"".join(path.read_bytes() for path in files(tmp_path))
    assert stored["refresh_token"].encode() not in whole
    assert b"eyJ" not in whole
    assert not any(word in str(path) for path in everything for word in ("studio.example", "artist", "39897"))


@pytest.fixture
async def shelf(tmp_path: Path) -> AsyncIterator[tuple[Shelf, Clock, Path]]:
    """A shelf with Zoë's one task on it, its clock, and that task's file."""
    clock = Clock(time.time())
    one = Shelf(tmp_path / "cache", clock)
    one.keep(KEY, ZOE, [TASK])
    await one.settled()
    yield one, clock, files(tmp_path)[0]
    await one.settled()


def as_link(path: Path) -> None:
    shutil.move(path, path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def as_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def changed(path: Path, **changes: object) -> None:
    document = json.loads(path.read_text())
    document["task"] |= changes.pop("task", {})  # type: ignore[arg-type]
    path.write_text(json.dumps(document | changes))


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda path: path.write_bytes(b""), "no JSON"),
        (lambda path: path.write_bytes(b"\xff\x00garbage"), "no JSON"),
        (lambda path: path.write_bytes(b"[" * 100_000), "no JSON"),
        (lambda path: path.write_bytes(b'{"at": NaN}'), "no JSON"),
        (lambda path: path.write_bytes(b'{"at": ' + b"9" * 5000 + b"}"), "no JSON"),
        (lambda path: path.write_bytes(b"[]"), "no object"),
        (lambda path: path.write_bytes(b" " * (LARGEST_BYTES + 1)), "too large"),
        (lambda path: changed(path, at="yesterday"), "no moment"),
        (lambda path: changed(path, at=True), "no moment"),
        (lambda path: changed(path, at=time.time() * 2), "no moment"),
        (lambda path: changed(path, person="p2"), "of another person"),
        (lambda path: changed(path, task={"id": NOBODY}), "no such task"),
        (lambda path: changed(path, task={"entity": {"id": 5, "name": "SH030", "data": {}}}), "no such task"),
        (lambda path: changed(path, task={"project": None}), "no such task"),
        (lambda path: changed(path, task={"assignees": ["p1"]}), "no such task"),
        (as_link, "a link"),
        (as_pipe, "no file"),
        (as_folder, "Is a directory"),
    ],
)
async def test_a_file_that_was_damaged_or_planted_is_ignored_with_one_warning(
    shelf: tuple[Shelf, Clock, Path],
    damage: Callable[[Path], None],
    reason: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Real: files. Two more files of the same sort are one warning still."""
    one, _clock, path = shelf
    others = [path.with_name(f"{NOBODY[:-1]}{n}.json") for n in range(2)]
    for other in others:
        shutil.copy(path, other)
    damage(path)

    with caplog.at_level(logging.WARNING):
        found, _at = await one.recall(KEY, ZOE, [TASK.id, *(other.stem for other in others)])

    assert found == {}
    (record,) = caplog.records
    assert record.getMessage() == f"kept answers ignored n=3 first={path} reason='{reason}'"


async def test_a_folder_that_leads_elsewhere_is_neither_read_nor_written_nor_emptied(
    shelf: tuple[Shelf, Clock, Path], tmp_path: Path
) -> None:
    """Real: a link in the folder's place, as somebody may plant it."""
    one, clock, path = shelf
    elsewhere = tmp_path / "elsewhere"
    shutil.move(path.parent, elsewhere)
    path.parent.symlink_to(elsewhere)
    before = {file.name: file.read_bytes() for file in elsewhere.iterdir()}

    found, _at = await one.recall(KEY, ZOE, [TASK.id])
    clock.now += AGAIN_S + 1
    one.keep(KEY, ZOE, [TASK])
    one.wipe(KEY)
    await one.settled()

    assert found == {}
    assert {file.name: file.read_bytes() for file in elsewhere.iterdir()} == before
    assert not path.parent.is_symlink()


async def test_what_is_older_than_thirty_days_counts_no_more_and_is_removed(
    shelf: tuple[Shelf, Clock, Path], tmp_path: Path
) -> None:
    """Real: files, the clock of which is moved on; the next daemon removes also what others have left."""
    one, clock, path = shelf
    clock.now += KEPT_S - 5
    assert (await one.recall(KEY, ZOE, [TASK.id]))[0] == {TASK.id: TASK}
    clock.now += 10
    assert (await one.recall(KEY, ZOE, [TASK.id]))[0] == {}

    os.utime(path, (time.time() - KEPT_S - 5,) * 2)
    next_one = Shelf(tmp_path / "cache")
    next_one.keep((KEY[0], "other@studio.example"), ZOE, [TASK])
    await next_one.settled()

    assert not path.parent.exists()
    assert len(files(tmp_path)) == 1


async def test_only_so_many_are_kept_of_one_person_and_none_that_is_huge(
    shelf: tuple[Shelf, Clock, Path], tmp_path: Path
) -> None:
    """Real: more files than may be; the oldest go."""
    one, _clock, path = shelf
    os.utime(path, (time.time() - 60, time.time() - 60))
    huge = replace(TASK, id=NOBODY, entity=replace(TASK.entity, data={"notes": "x" * LARGEST_BYTES}))
    many = [replace(TASK, id=f"49e61584-c7c4-48e5-ab28-1{n:011}") for n in range(MOST_TASKS)]

    one.keep(KEY, ZOE, [huge, *many])
    await one.settled()

    kept = {file.stem for file in files(tmp_path)}
    assert len(kept) == MOST_TASKS
    assert TASK.id not in kept
    assert NOBODY not in kept


async def test_an_id_that_is_no_id_makes_no_path(shelf: tuple[Shelf, Clock, Path], tmp_path: Path) -> None:
    """Values of a hostile Kitsu."""
    one, _clock, path = shelf
    bad = ["../../x", "", "..", f"{TASK.id}\n", TASK.id.upper(), f"/{TASK.id}"]

    one.keep(KEY, ZOE, [replace(TASK, id=id) for id in bad], gone=["../../cache"])
    await one.settled()

    assert files(tmp_path) == [path]
    assert (await one.recall(KEY, ZOE, bad))[0] == {}


async def test_equal_answers_are_not_written_each_minute(shelf: tuple[Shelf, Clock, Path]) -> None:
    """Real: files, whose time of change tells."""
    one, clock, path = shelf
    said: list[float] = []
    for wait in (AGAIN_S - 1, 2):
        clock.now += wait
        one.keep(KEY, ZOE, [TASK])
        await one.settled()
        said.append(json.loads(path.read_text())["at"])
    one.keep(KEY, ZOE, [replace(TASK, priority=3)])
    await one.settled()

    assert said == [clock.now - AGAIN_S - 1, clock.now]
    assert (await one.recall(KEY, ZOE, [TASK.id]))[0][TASK.id].priority == 3


async def test_a_disk_that_takes_nothing_is_logged_and_hinders_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Real: a file in the place of our folder."""
    (tmp_path / "cache").write_text("")
    one = Shelf(tmp_path / "cache")

    one.keep(KEY, ZOE, [TASK])
    await one.settled()

    assert (await one.recall(KEY, ZOE, [TASK.id]))[0] == {}
    assert [record.getMessage().partition(" folder=")[0] for record in caplog.records] == ["answers not kept"]


@pytest.mark.parametrize("task", [TASK, replace(TASK, asset_type=TASK.sequence, latest_preview_id="x", fps=None)])
async def test_what_comes_back_is_equal_to_what_was_kept(tmp_path: Path, task: Task) -> None:
    """Real: a file between the two."""
    one = Shelf(tmp_path / "cache")
    one.keep(KEY, ZOE, [task])

    assert (await one.recall(KEY, ZOE, [task.id]))[0] == {task.id: task}
    await one.settled()


@pytest.mark.parametrize(
    ("days", "said"), [(0, "Saturday 09:12"), (5, "Monday 09:12"), (6, "2026-08-09 09:12"), (29, "2026-07-17 09:12")]
)
def test_the_moment_is_told_as_people_say_it(tmp_path: Path, days: int, said: str) -> None:
    """A fixed clock."""
    now = time.mktime((2026, 8, 15, 9, 12, 1, 0, 0, -1))
    shelf = Shelf(tmp_path, Clock(now))

    sentence = shelf.said("Nothing listens there.", now - days * 86400 - 1)

    assert sentence == f"Kitsu is away: this is what it said on {said}. Nothing listens there."
