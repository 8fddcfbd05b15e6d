"""The sample Kitsu answers as a real one: every field that it has, Kitsu has too, of the same type."""

import json
import urllib.request
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from launcher.demo.kitsu import TOKEN, SampleKitsu
from launcher.demo.studio import EMAIL, PASSWORD, sample
from tests.support.zou import Zou

STUDIO = sample()
SHOT_TASK = next(row["id"] for row in STUDIO.tables["tasks"].values() if row["name"] == "SH010 main")
ASSET_TASK = next(row["id"] for row in STUDIO.tables["tasks"].values() if row["name"] == "Fox main")


@pytest.fixture
async def kitsu():
    client = TestClient(TestServer(SampleKitsu(STUDIO, []).app()))
    await client.start_server()
    yield client
    await client.close()


async def sampled(kitsu: TestClient, path: str) -> Any:
    answer = await kitsu.get(f"/api/{path}", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status == 200
    return await answer.json()


def real(zou: Zou, path: str, token: str | None = None, body: Any = None) -> Any:
    headers = {"Content-Type": "application/json", "User-Agent": "kitsu-launcher tests"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = json.dumps(body).encode() if body else None
    with urllib.request.urlopen(urllib.request.Request(f"{zou.url}/{path}", data, headers), timeout=30) as answer:
        return json.loads(answer.read())


@pytest.fixture(scope="module")
def token(zou: Zou) -> str:
    person = zou.account("user")
    return real(zou, "auth/login", body={"email": person.email, "password": person.password})["access_token"]


def fits(sample: Any, kitsu: Any, path: str = "") -> list[str]:
    """What the sample says otherwise than Kitsu. An empty value says nothing about a type."""
    if sample is None or kitsu is None:
        return []
    if isinstance(sample, dict):
        if not isinstance(kitsu, dict):
            return [f"{path}: Kitsu has {type(kitsu).__name__}"]
        if path.endswith(".data"):
            return []
        missing = [f"{path}.{key}: Kitsu has no such field" for key in sample if key not in kitsu]
        both = [key for key in sample if key in kitsu]
        return missing + [line for key in both for line in fits(sample[key], kitsu[key], f"{path}.{key}")]
    if isinstance(sample, list):
        if not isinstance(kitsu, list):
            return [f"{path}: Kitsu has {type(kitsu).__name__}"]
        return fits(sample[0], kitsu[0], f"{path}[0]") if sample and kitsu else []
    alike = type(sample) is type(kitsu) or {type(sample), type(kitsu)} == {int, float}
    if alike:
        return []
    return [f"{path}: {type(sample).__name__}, Kitsu {type(kitsu).__name__}"]


@pytest.mark.parametrize(("ours", "theirs"), [(SHOT_TASK, "Animation SH010"), (ASSET_TASK, "Modeling Robot")])
async def test_a_whole_task_has_the_fields_of_a_real_one(kitsu, zou, token, ours, theirs):
    """Real: Zou's answer to /data/tasks/ID/full."""
    assert (
        fits(await sampled(kitsu, f"data/tasks/{ours}/full"), real(zou, f"data/tasks/{zou.task(theirs)}/full", token))
        == []
    )


async def test_the_context_has_the_fields_of_a_real_one(kitsu, zou, token):
    """Real: Zou's answer to /data/user/context."""
    assert fits(await sampled(kitsu, "data/user/context"), real(zou, "data/user/context", token)) == []


@pytest.mark.parametrize("table", ["tasks", "entities"])
async def test_lists_have_the_fields_of_real_ones(kitsu, zou, token, table):
    """Real: Zou's lists, filtered by id as the launcher does."""
    ours, theirs = (SHOT_TASK, zou.task("Animation SH010")) if table == "tasks" else (None, zou.ids["shots"]["SH010"])
    if ours is None:
        ours = next(row["id"] for row in STUDIO.tables["entities"].values() if row["name"] == "SH010")

    mine = await sampled(kitsu, f'data/{table}?id=["{ours}"]&relations=true')
    kitsus = real(zou, f"data/{table}?id=%5B%22{theirs}%22%5D&relations=true", token)

    assert len(mine) == len(kitsus) == 1
    assert fits(mine, kitsus) == []


async def test_logging_in_answers_the_same(kitsu, zou):
    """Real: Zou's answer to a right password."""
    person = zou.account("user")
    answer = await kitsu.post("/api/auth/login", json={"email": EMAIL, "password": PASSWORD})

    theirs = real(zou, "auth/login", body={"email": person.email, "password": person.password})

    assert fits(await answer.json(), theirs) == []


async def test_who_is_logged_in_answers_the_same(kitsu, zou, token):
    """Real: Zou's answer to /auth/authenticated."""
    assert fits(await sampled(kitsu, "auth/authenticated"), real(zou, "auth/authenticated", token)) == []


async def test_a_wrong_password_and_a_stranger_are_told_as_kitsu_does(kitsu):
    """The sample's own refusals, in Kitsu's words (measured, kitsu/api.md b)."""
    wrong = await kitsu.post("/api/auth/login", json={"email": EMAIL, "password": "x"})
    stranger = await kitsu.get(f"/api/data/tasks/{SHOT_TASK}/full")

    assert (wrong.status, (await wrong.json())["message"]) == (400, "Wrong email or password.")
    assert stranger.status == 401


async def test_ones_own_tasks_have_the_fields_of_real_ones(kitsu, zou, token):
    """Real: Zou's answer to /data/user/tasks."""
    assert fits(await sampled(kitsu, "data/user/tasks"), real(zou, "data/user/tasks", token)) == []
