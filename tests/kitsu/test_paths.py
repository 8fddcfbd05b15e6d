"""Finding a task by its path, on a real Zou."""

import pytest

from launcher.errors import NotFoundHere
from launcher.kitsu.accounts import Accounts
from tests.support.accounts import Api, log_in, server
from tests.support.zou import Zou

WRITE = "  next   Write Project/Sequence/Shot/Task type, or Project/Asset type/Asset/Task type; a task's id works too."
NASTY = "L'Été à l'Œuf / 卵 ../x"


@pytest.mark.parametrize(
    ("path", "task"),
    [
        ("Lab Short/SQ01/SH010/Animation", "Animation SH010"),
        ("lab short/sq01/sh010/animation", "Animation SH010"),
        ("Lab Short/SQ01/SH010/Rendering", "Rendering SH010"),
        ("Lab Short/Characters/Robot/Modeling", "Modeling Robot"),
        ("Lab Short/SQ01/Sequence Board", "Board SQ01"),
        ("Lab Short/Edit v1/Edit", "Edit"),
        ("Lab TV/E01/SQ01/SH0010/Animation", "TV Animation"),
        ("Lab TV/SQ01/SH0010/Animation", "TV Animation"),
        ("Lab TV/Characters/Hero/Modeling", "TV Modeling"),
        ("Lab TV/E01/Characters/Hero/Modeling", "TV Modeling"),
        ("Lab TV/E01/Episode Review", "TV Episode"),
        (f'{NASTY}/../SQ "1"/-SH/010;rm/Animation', "Nasty shot"),
        (f"{NASTY}/Props/../../etc/passwd/Modeling", "Nasty ../../etc/passwd"),
        (f"{NASTY}/Props/a/b\\c/Modeling", "Nasty a/b\\c"),
    ],
)
async def test_a_path_finds_its_task_even_with_slashes_in_names(
    accounts: Accounts, zou: Zou, path: str, task: str
) -> None:
    """Real: Zou, as an artist."""
    person = await log_in(accounts, zou, "user")

    assert await accounts.find_task(server(zou.url), person, path) == zou.task(task)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (
            "Lab Shirt/SQ01/SH010/Animation",
            'There is no project of "Lab Shirt/SQ01/SH010/Animation" in Kitsu, or you may not see it.\n'
            "  tried  there is L'Été à l'Œuf / 卵 ../x\n"
            "         there is Lab Short\n"
            "         there is Lab TV\n" + WRITE,
        ),
        (
            "Lab TV/SQ01/SH0010/Animatoin",
            'There is no task type "Animatoin" of "Lab TV/SQ01/SH0010/Animatoin" in Kitsu, or you may not see it.\n'
            "  tried  there is Animation\n" + WRITE,
        ),
        (
            "Lab TV/Characters/Herro/Modeling",
            'There is no "Characters/Herro" in Lab TV, or you may not see it.\n'
            "  tried  there is Lab TV/Characters/Hero/Modeling\n"
            "         there is Lab TV/E01/Characters/Hero/Modeling\n" + WRITE,
        ),
        (
            "Lab TV/Characters/Hero/Animation",
            '"Lab TV/Characters/Hero/Animation" has no such task.\n'
            "  next   Create the task in Kitsu, or name another task type.",
        ),
    ],
)
async def test_a_path_that_leads_nowhere_names_what_is_near(accounts: Accounts, zou: Zou, path: str, told: str) -> None:
    """Real: Zou. The text as people read it, whole."""
    person = await log_in(accounts, zou, "user")

    with pytest.raises(NotFoundHere) as caught:
        await accounts.find_task(server(zou.url), person, path)

    assert str(caught.value) == told


async def test_a_path_that_means_two_tasks_lists_their_ids(accounts: Accounts, zou: Zou, admin_api: Api) -> None:
    """Real: Zou, with the same sequence and shot in a second episode."""
    project, kind = zou.ids["project_tv"], zou.ids["task_types"]["Animation"]
    sequence = admin_api.done(
        "POST", f"data/projects/{project}/sequences", {"name": "SQ01", "episode_id": zou.ids["episode2"]}
    )
    shot = admin_api.done("POST", f"data/projects/{project}/shots", {"name": "SH0010", "sequence_id": sequence["id"]})
    (other,) = admin_api.done("POST", f"actions/projects/{project}/task-types/{kind}/shots/create-tasks", [shot["id"]])
    try:
        person = await log_in(accounts, zou, "user")
        with pytest.raises(NotFoundHere) as caught:
            await accounts.find_task(server(zou.url), person, "Lab TV/SQ01/SH0010/Animation")
        found = await accounts.find_task(server(zou.url), person, "Lab TV/E02/SQ01/SH0010/Animation")
    finally:
        admin_api.done("DELETE", f"data/tasks/{other['id']}?force=true")
        admin_api.done("DELETE", f"data/shots/{shot['id']}?force=true")
        admin_api.done("DELETE", f"data/entities/{sequence['id']}")

    assert caught.value.problem == '"Lab TV/SQ01/SH0010/Animation" can mean several tasks.'
    assert set(caught.value.tried) == {other["id"], zou.task("TV Animation")}
    assert found == other["id"]


async def test_somebody_outside_every_team_finds_nothing(accounts: Accounts, zou: Zou) -> None:
    """Real: Zou shows an outsider no project."""
    person = await log_in(accounts, zou, "outsider")

    with pytest.raises(NotFoundHere) as caught:
        await accounts.find_task(server(zou.url), person, "Lab Short/SQ01/SH010/Animation")

    assert caught.value.tried == ()
