"""Clicks all the way through the face, with somebody logged in to the sample Kitsu."""

import asyncio
import json
import sys
from typing import Any

from playwright.async_api import BrowserContext, expect

from launcher.demo.studio import EMAIL
from launcher.model import State
from tests.support.artist import STUDIO, TASKS
from tests.support.face import Face, needs_chromium
from tests.support.launching import settled
from tests.support.requests import FORM_FIELDS, KEY, KITSU, form, own_page, visit


def fields(host: str, *tasks: str) -> bytes:
    """Kitsu's form of these tasks."""
    values = {**FORM_FIELDS, "currentserver": host, "selection": ",".join(tasks), "personemail": EMAIL}
    values["personid"] = STUDIO.person
    return "&".join(f"{name}={value}" for name, value in values.items()).encode()


async def dry_run(face: Face, *tasks: str) -> dict[str, Any]:
    wish = {"action": "sample", "tasks": list(tasks), "dry_run": True}
    answer = await face.ask("POST", "/door/run", json.dumps(wish).encode())
    assert answer.status == 200, answer.text
    return json.loads(answer.body)


async def test_a_dry_run_tells_every_step_and_does_none(face: Face, artist: str):
    """Real: the sample Kitsu over HTTP, the plan."""
    told = await dry_run(face, TASKS[0])

    (start,) = [step for step in told["steps"] if step["step"] == "Start"]
    assert start["argv"] == [sys.executable, "-c", "pass"]
    assert start["task_ids"] == [TASKS[0]]
    assert "env" not in start
    assert start["environment_changes"]["KITSU_TASK_ID"] == TASKS[0]
    assert any(line.startswith(f"start Sample: {sys.executable} -c pass") for line in told["lines"])
    assert told["asks"] == []
    assert face.launches.recent() == []


async def test_a_dry_run_takes_a_task_s_path(face: Face, artist: str):
    """Real: the sample Kitsu over HTTP."""
    by_path = await dry_run(face, "Fox Tales/SQ010/SH010/Animation")

    (task,) = [step["task_ids"] for step in by_path["steps"] if step["step"] == "Start"]
    assert task[0] in TASKS


async def test_a_question_a_dry_run_and_a_launch_show_the_same_plan(face: Face, artist: str):
    """Real: the sample Kitsu, the question, two started processes."""
    told = await dry_run(face, *TASKS[:2])
    assert len(told["asks"]) == 1

    answer = await face.send(form(face.port, "sample")(body=fields(artist, *TASKS[:2])))
    (launch,) = face.launches.recent()
    await settled(face.launches, launch, State.ASKS)
    page = await face.send(visit(face.port, answer.headers["Location"]))

    def without_id(lines: list[str]) -> list[str]:
        return [line.replace(launch.id, "ID").replace("dry-run", "ID") for line in lines]

    assert without_id(list(launch.lines)) == without_id(told["lines"])
    assert page.text.count("start Sample") == 2

    assert launch.question
    say = f"once={launch.question.once}&answer=yes".encode()
    assert (await face.send(own_page(face.port, "POST", f"{launch.url}/answer", say))).status == 303
    await settled(face.launches, launch, State.DONE)
    assert [process.exit_code for process in launch.processes] == [0, 0]


@needs_chromium
async def test_a_yes_in_the_browser_starts_the_application_and_the_tab_closes(
    face: Face, artist: str, context: BrowserContext
):
    """Real: Chromium, the sample Kitsu, two started processes."""
    target = (await face.send(form(face.port, "sample")(body=fields(artist, *TASKS[:2])))).headers["Location"]
    (launch,) = face.launches.recent()
    kitsu = await context.new_page()
    await kitsu.goto(face.url())
    async with context.expect_page() as opening:
        await kitsu.evaluate("url => { window.open(url) }", target)
    tab = await opening.value
    closed = asyncio.Event()
    tab.on("close", lambda _: closed.set())

    await tab.get_by_role("button", name="Yes, do it").click()

    async with asyncio.timeout(10):
        await closed.wait()
    await settled(face.launches, launch, State.DONE)
    assert len(launch.processes) == 2


@needs_chromium
async def test_the_debug_action_shows_all_that_is_known(face: Face, artist: str, context: BrowserContext):
    """Real: Chromium, the sample Kitsu; the page stays."""
    target = (await face.send(form(face.port, "debug")(body=fields(artist, *TASKS)))).headers["Location"]
    page = await context.new_page()
    await page.goto(f"http://127.0.0.1:{face.port}{target}")

    await expect(page.get_by_role("heading", level=1)).to_have_text("Debug")
    await expect(page.locator(".tree")).to_have_count(len(TASKS))
    await page.get_by_text("Open in Sample").click()
    await expect(page.get_by_text("start Sample").first).to_be_visible()
    assert KEY not in await page.content()


async def test_a_click_of_a_kitsu_that_is_not_configured_is_refused_on_its_page(face: Face, artist: str):
    """Real: the socket, the trust table."""
    host = KITSU.partition("://")[2]

    answer = await face.send(form(face.port, "sample")(body=fields(host, TASKS[0])))
    (launch,) = face.launches.recent()
    await settled(face.launches, launch, State.REFUSED)
    page = await face.send(visit(face.port, answer.headers["Location"]))

    assert f"The click comes from the Kitsu at {host}, which is not configured." in page.text
    assert "Add it to studio.servers in the studio file" in page.text
