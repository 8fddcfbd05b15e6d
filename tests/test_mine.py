"""Everybody's own tasks with the actions that take them: when Kitsu is asked, and what is shown meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web

from launcher.config.schema import Config, LaunchAction, OpenAction, PageAction
from launcher.config.template import parse
from launcher.demo.kitsu import SampleKitsu
from launcher.demo.studio import EMAIL, PASSWORD
from launcher.kitsu.accounts import Accounts
from launcher.mine import KEPT_S, Mine, MyTasks
from launcher.plan.selection import fitting
from tests.support.artist import STUDIO
from tests.support.face import Face, task
from tests.support.launching import Clock
from tests.support.planned import PERSON

LABELS = [
    "Characters/Fox/Modeling",
    "Props/Lantern/Modeling",
    "SQ010/SH010/Animation",
    "SQ010/SH020/Animation",
    "SQ010/SH030/Animation",
]


# -- which actions fit -----------------------------------------------------------------------------------------------
def test_actions_fit_by_entity_type_task_type_and_role_in_the_configurations_order() -> None:
    """Real: the function alone, it is pure."""
    every = OpenAction(name="web", title="Web", url=parse("https://x.example/"))
    wrong = [
        LaunchAction(name="assets", title="Assets", app=("a",), entity_types=("asset",)),
        LaunchAction(name="layout", title="Layout", app=("a",), task_types=("Layout", "Modeling")),
        LaunchAction(name="leads", title="Leads", app=("a",), roles=("supervisor",)),
    ]
    right = LaunchAction(
        name="anim", title="Anim", app=("a",), entity_types=("shot",), task_types=("ANIMATION",), roles=("user",)
    )
    page = PageAction(name="debug", title="Debug")

    assert fitting([page, *wrong, right, every], task(), PERSON) == (page, right, every)
    assert fitting(wrong, task(), PERSON) == ()
    assert fitting([], task(), PERSON) == ()


# -- when Kitsu is asked ---------------------------------------------------------------------------------------------
@dataclass
class Kitsu:
    """The sample Kitsu, which counts and can be made to wait or to be away."""

    asked: int = 0
    gate: asyncio.Event | None = None
    away: bool = False


@pytest.fixture
async def kitsu(face: Face, home: Path) -> AsyncIterator[Kitsu]:
    """Mika is logged in to the sample Kitsu; there is one action for all tasks and one for assets."""
    state = Kitsu()

    @web.middleware
    async def count(request: web.Request, handler: Callable[[web.Request], object]) -> web.StreamResponse:
        if state.away:
            return web.Response(status=503)
        if request.path.endswith("user/tasks"):
            state.asked += 1
            if state.gate:
                await state.gate.wait()
        return await handler(request)  # type: ignore[no-any-return, misc]

    app = SampleKitsu(STUDIO, []).app()
    app.middlewares.append(count)  # type: ignore[arg-type]
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    (home / "machine" / "studio.toml").write_text(
        f"""
[[studio.servers]]
origins = ["http://127.0.0.1:{runner.addresses[0][1]}"]
insecure = true
[actions.debug]
title = "Debug"
kind = "page"
[actions.assets]
title = "Assets"
kind = "open"
url = "https://wiki.example/"
entity_types = ["asset"]
[projects."Fox Tales"]
actions.debug.title = "Debug the fox"
"""
    )
    (server,) = face.parts.loaded().config.studio.servers
    await face.parts.accounts.login(server, EMAIL, PASSWORD)
    yield state
    await runner.cleanup()


async def test_everybodys_tasks_come_with_the_actions_of_their_production(face: Face, kitsu: Kitsu) -> None:
    """Real: the sample Kitsu, the configuration with its `[projects]`."""
    mine = await face.parts.run.mine()

    assert [one.label for one in mine] == LABELS
    assert [[action.title for action in one.actions] for one in mine] == [["Debug the fox", "Assets"]] * 2 + [
        ["Debug the fox"]
    ] * 3
    assert {(one.person.email, one.server) for one in mine} == {(EMAIL, face.parts.loaded().config.studio.servers[0])}
    assert isinstance(mine[0], Mine)


async def test_kitsu_is_asked_once_a_minute_and_once_at_a_time(face: Face, kitsu: Kitsu) -> None:
    """Real: the sample Kitsu, which counts; the clock is the test's."""
    clock = Clock()
    tasks = MyTasks(clock)
    look = lambda: tasks.look(face.parts.loaded(), face.parts.accounts)  # noqa: E731
    kitsu.gate = asyncio.Event()
    together = asyncio.gather(*(look() for _ in range(5)))
    await asyncio.sleep(0.1)
    kitsu.gate.set()

    assert [len(one) for one in await together] == [5] * 5
    assert kitsu.asked == 1
    clock.now += KEPT_S - 1
    await look()
    assert kitsu.asked == 1
    clock.now += 1
    await look()
    assert kitsu.asked == 2
    tasks.forget()
    await look()
    assert kitsu.asked == 3


async def test_who_stops_waiting_does_not_end_it_for_the_others(face: Face, kitsu: Kitsu) -> None:
    """Real: the sample Kitsu; a browser leaves its page."""
    kitsu.gate = asyncio.Event()
    leaves = asyncio.ensure_future(face.parts.run.mine())
    stays = asyncio.ensure_future(face.parts.run.mine())
    await asyncio.sleep(0.1)
    leaves.cancel()
    kitsu.gate.set()

    assert len(await stays) == 5
    assert kitsu.asked == 1


async def test_after_a_launch_and_after_a_login_kitsu_is_asked_again(face: Face, kitsu: Kitsu) -> None:
    """Real: a launch of the debug page, the sample Kitsu."""
    run, accounts = face.parts.run, face.parts.accounts
    (one, *_) = await run.mine()
    await run.mine()
    assert kitsu.asked == 1

    run.own("debug", [one.task.id], "dashboard", person=one.person)  # type: ignore[arg-type]
    await asyncio.gather(*run.going.values())
    await run.mine()
    assert kitsu.asked == 2

    await accounts.login(one.server, EMAIL, PASSWORD)
    assert len(await run.mine()) == 5
    assert kitsu.asked == 3
    await accounts.logout(one.server, EMAIL)
    assert await run.mine() == []
    assert kitsu.asked == 3


async def test_with_kitsu_away_the_last_known_tasks_stay_and_the_reason_is_told(face: Face, kitsu: Kitsu) -> None:
    """Real: the sample Kitsu, which then fails. It is asked again at the next look."""
    run = face.parts.run
    (server,) = face.parts.loaded().config.studio.servers
    before = await run.mine()
    kitsu.away = True
    run.my_tasks.forget()

    assert await run.mine() == before
    trouble = face.parts.accounts.trouble(server)
    assert trouble is not None
    assert trouble.problem == f"{server.api} has an error of its own."

    kitsu.away = False
    assert await run.mine() == before
    assert face.parts.accounts.trouble(server) is None
    assert kitsu.asked == 2


async def test_without_a_kitsu_or_a_login_there_is_nothing(face: Face) -> None:
    """Real: a face whose Kitsu is not there."""
    assert await face.parts.run.mine() == []
    assert fitting(Config().actions.values(), task(), PERSON) == ()
    assert isinstance(face.parts.accounts, Accounts)
