"""Asking for tasks: by `/full` and by lists, against a real Zou."""

import pytest

from launcher.kitsu import selection
from launcher.kitsu.accounts import Accounts
from launcher.kitsu.client import Client
from launcher.model import FrameRange, Named, Preview, Resolution, Task
from tests.support.accounts import Api, api_of, log_in, server
from tests.support.zou import Zou


async def by_both(accounts: Accounts, zou: Zou, key: str, ids: list[str]) -> tuple[dict[str, Task], dict[str, Task]]:
    """The same tasks, each way for itself."""
    person = await log_in(accounts, zou, key)
    client, vocabulary = await accounts._ready(server(zou.url), person)
    full = await selection._each(client, vocabulary, ids)
    return full, await selection._listed(client, vocabulary, ids)


def counted(client: Client) -> list[str]:
    """The paths that this client asks for from now on."""
    asked: list[str] = []
    get = client.get

    async def counting(path: str, params: dict[str, str] | None = None) -> object:
        asked.append(path)
        return await get(path, params)

    client.get = counting  # type: ignore[assignment,method-assign]
    return asked


@pytest.mark.parametrize("key", ["user", "admin", "teammate", "client"])
async def test_lists_and_full_give_equal_tasks_for_every_seeded_one(accounts: Accounts, zou: Zou, key: str) -> None:
    """Real: Zou with every seeded task, as an artist, an administrator, somebody assigned to nothing and a client."""
    ids = list(zou.ids["tasks"].values())

    full, listed = await by_both(accounts, zou, key, ids)

    assert full.keys() == listed.keys() == set(ids)
    assert [(full[id], listed[id]) for id in ids if full[id] != listed[id]] == []


async def test_a_vendor_gets_what_both_ways_show_a_vendor(accounts: Accounts, zou: Zou) -> None:
    """Real: Zou; the vendor is assigned to one task only."""
    full, listed = await by_both(accounts, zou, "vendor", list(zou.ids["tasks"].values()))

    assert full == listed
    assert list(full) == [zou.task("Modeling Lamp")]


async def test_a_vendor_learns_the_episode_of_an_asset_by_both_ways(
    accounts: Accounts, zou: Zou, admin_api: Api
) -> None:
    """Real: Zou, which refuses a vendor the episode itself but shows it in its production's list."""
    task, vendor = zou.task("TV Modeling"), zou.account("vendor").id
    admin_api.done("PUT", f"actions/persons/{vendor}/assign", {"task_ids": [task]})
    try:
        full, listed = await by_both(accounts, zou, "vendor", [task])
    finally:
        admin_api.done("PUT", "actions/tasks/clear-assignation", {"task_ids": [task], "person_id": vendor})

    assert full == listed
    assert full[task].label == "E01/Characters/Hero/Modeling"


async def test_an_outsider_sees_no_task_and_is_told_each_missing_one(accounts: Accounts, zou: Zou) -> None:
    """Real: Zou answers 403 to `/full` and leaves them out of lists."""
    person = await log_in(accounts, zou, "outsider")
    few, many = list(zou.ids["tasks"].values())[:2], list(zou.ids["tasks"].values())[:9]

    seen_few = await accounts.tasks(server(zou.url), person, few)
    seen_many = await accounts.tasks(server(zou.url), person, many)

    assert (seen_few.found, seen_few.missing) == ((), tuple(few))
    assert (seen_many.found, seen_many.missing) == ((), tuple(many))


@pytest.mark.parametrize("count", [2, 30])
async def test_the_order_asked_is_kept_and_unknown_ones_are_named(accounts: Accounts, zou: Zou, count: int) -> None:
    """Real: Zou, asked with an id that nobody has; duplicates count once."""
    person = await log_in(accounts, zou, "user")
    nobody = "00000000-0000-4000-8000-000000000000"
    ids = list(reversed(zou.ids["bulk"][:count]))

    seen = await accounts.tasks(server(zou.url), person, [ids[0], nobody, *ids])

    assert [task.id for task in seen.found] == ids
    assert seen.missing == (nobody,)


async def test_more_than_one_chunk_of_ids_comes_back_whole(accounts: Accounts, zou: Zou) -> None:
    """Real: Zou behind gunicorn, which refuses request lines over 4094 bytes; there are 60 shots and 38 others."""
    person = await log_in(accounts, zou, "user")
    ids = list(zou.ids["tasks"].values())

    seen = await accounts.tasks(server(zou.url), person, ids)

    assert [task.id for task in seen.found] == ids
    assert len(ids) > 90


async def test_a_shot_wins_over_its_project(accounts: Accounts, zou: Zou) -> None:
    """Real: Zou; SH030 has its own fps and resolution, SH010 has its project's."""
    person = await log_in(accounts, zou, "user")

    own, inherited = (
        await accounts.tasks(server(zou.url), person, [zou.task("Animation SH030"), zou.task("Animation SH010")])
    ).found

    assert (own.frames, own.fps, own.resolution) == (FrameRange(1001, 1102), 30.0, Resolution(3840, 2160))
    assert (inherited.frames, inherited.fps, inherited.resolution) == (
        FrameRange(1001, 1100),
        25.0,
        Resolution(1920, 1080),
    )
    assert (own.project.fps, own.project.code, own.project.data["colorspace"]) == (25.0, "LS", "ACEScg")


async def test_rules_learn_department_retake_and_the_latest_preview(
    accounts: Accounts, zou: Zou, admin_api: Api
) -> None:
    """Real: Zou; the preview is asked for by itself, and only for what has one."""
    person = await log_in(accounts, zou, "user")
    here = server(zou.url)
    ids = [zou.task("Animation SH010"), zou.task("Modeling Robot"), zou.ids["bulk"][0]]
    row = admin_api.done("GET", f"data/tasks/{ids[0]}")
    retake = next(status["id"] for status in admin_api.done("GET", "data/task-status") if status["is_retake"])
    shown = admin_api.done("GET", f"data/preview-files/{row['last_preview_file_id']}")
    poster = admin_api.done("GET", f"data/persons/{shown['person_id']}")
    admin_api.done("PUT", f"data/tasks/{ids[0]}", {"task_status_id": retake})
    try:
        seen = (await accounts.tasks(here, person, ids)).found
        told = await accounts.previews(here, person, seen)
    finally:
        admin_api.done("PUT", f"data/tasks/{ids[0]}", {"task_status_id": row["task_status_id"]})

    assert [task.status_is_retake for task in seen] == [True, False, False]
    assert [task.department.name if task.department else "" for task in seen] == ["Animation", "Modeling", "Animation"]
    assert [task.latest_preview for task in seen] == [None, None, None]
    who = Named(poster["id"], poster["full_name"])
    assert told[0].latest_preview == Preview(shown["id"], shown["revision"], shown["created_at"], who)
    assert (shown["revision"], told[2].latest_preview) == (2, None)


async def test_a_department_is_asked_for_once_and_a_task_without_previews_asks_nothing(
    accounts: Accounts, zou: Zou
) -> None:
    """Real: Zou. Requests are counted where they leave."""
    person, here = await log_in(accounts, zou, "user"), server(zou.url)
    client, _ = await accounts._ready(here, person)
    asked = counted(client)
    few = zou.ids["bulk"][:2]

    for _again in range(2):
        seen = await accounts.tasks(here, person, few)
        assert await accounts.previews(here, person, seen.found) == seen.found

    full = [f"data/tasks/{id}/full" for id in few]
    assert sorted(asked) == sorted([*full, "data/departments", *full])


async def test_labels_tell_people_where_a_task_is(accounts: Accounts, zou: Zou) -> None:
    """Real: Zou, with assets, shots, sequences, an edit and episodes."""
    person = await log_in(accounts, zou, "user")
    names = [
        "Animation SH010",
        "Modeling Robot",
        "Board SQ01",
        "Edit",
        "TV Animation",
        "TV Modeling",
        "TV Main",
        "TV Episode",
    ]

    seen = await accounts.tasks(server(zou.url), person, [zou.task(name) for name in names])

    assert [task.label for task in seen.found] == [
        "SQ01/SH010/Animation",
        "Characters/Robot/Modeling",
        "SQ01/Sequence Board",
        "Edit v1/Edit",
        "E01/SQ01/SH0010/Animation",
        "E01/Characters/Hero/Modeling",
        "Props/MainPack Sword/Modeling",
        "E01/Episode Review",
    ]
    assert seen.found[4].fps == 23.976


async def test_names_that_hurt_arrive_as_kitsu_stores_them(accounts: Accounts, zou: Zou) -> None:
    """Real: Zou, which stores `../../etc/passwd`, line breaks and bidi marks verbatim."""
    person = await log_in(accounts, zou, "user")
    nasty = zou.ids["nasty"]

    seen = await accounts.tasks(server(zou.url), person, [one["task"] for one in nasty.values()])

    assert [task.entity.name for task in seen.found] == [one["stored_name"] for one in nasty.values()]


async def test_a_new_status_is_learned_when_a_task_has_it(accounts: Accounts, zou: Zou, admin_api: Api) -> None:
    """Real: Zou; the vocabulary was read before somebody was assigned that it did not know."""
    person = await log_in(accounts, zou, "user")
    ids = zou.ids["bulk"][:6]
    await accounts.tasks(server(zou.url), person, ids)
    status = admin_api.done(
        "POST", "data/task-status", {"name": "Brand New", "short_name": "brand", "color": "#123456"}
    )
    before = admin_api.done("GET", f"data/tasks/{ids[0]}")["task_status_id"]
    admin_api.done("PUT", f"data/tasks/{ids[0]}", {"task_status_id": status["id"]})
    try:
        seen = await accounts.tasks(server(zou.url), person, ids)
    finally:
        admin_api.done("PUT", f"data/tasks/{ids[0]}", {"task_status_id": before})
        admin_api.done("DELETE", f"data/task-status/{status['id']}?force=true")

    assert seen.found[0].status.name == "brand"


async def test_fifty_tasks_take_two_round_trips_once_the_vocabulary_is_known(accounts: Accounts, zou: Zou) -> None:
    """Real: Zou. Requests are counted where they leave."""
    person = await log_in(accounts, zou, "user")
    ids = zou.ids["bulk"][:50]
    client, _ = await accounts._ready(server(zou.url), person)
    asked = counted(client)
    await accounts.tasks(server(zou.url), person, ids)
    cold = list(asked)
    asked.clear()
    await accounts.tasks(server(zou.url), person, ids)

    assert {*cold[:2]} == {"data/tasks", "data/user/context"}
    assert cold[2:] == ["data/entities", "data/entities"]
    assert asked == ["data/tasks", "data/entities"]


async def test_a_bot_reads_tasks_without_the_context_that_kitsu_refuses_it(
    make_accounts: type[Accounts], memory_keyring: object, zou: Zou, admin_api: Api
) -> None:
    """Real: a bot of Zou in the team of one production."""
    bot = admin_api.done(
        "POST",
        "data/persons",
        {
            "first_name": "Farm",
            "last_name": "Bot",
            "email": "farm-bot@studio.example",
            "role": "user",
            "is_bot": True,
            "expiration_date": "2040-01-01",
        },
    )
    try:
        admin_api.done("POST", f"data/projects/{zou.ids['project_short']}/team", {"person_id": bot["id"]})
        accounts = make_accounts(
            KITSU_LAUNCHER_BOT_TOKEN=bot["access_token"], KITSU_LAUNCHER_PERSON="artist@studio.example"
        )
        people = await accounts.people(server(zou.url))
        ids = zou.ids["bulk"][:6]
        seen = await accounts.tasks(server(zou.url), people[1], ids)
        assert api_of(zou).ask("GET", "data/user/context")[0] == 200
    finally:
        admin_api.done("DELETE", f"data/persons/{bot['id']}?force=true")

    assert [(person.email, person.role) for person in people] == [
        ("farm-bot@studio.example", "user"),
        ("artist@studio.example", "user"),
    ]
    assert [task.id for task in seen.found] == ids
