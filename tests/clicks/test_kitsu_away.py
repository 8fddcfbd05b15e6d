"""Clicks while Kitsu is away: what was seen before still opens, and its page says so and stays."""

import html
import re
import time
from pathlib import Path

from aiohttp import web

from launcher.launches import Launch
from launcher.model import Sender, State
from launcher.notices import Kind, notice
from tests.support.artist import TASKS
from tests.support.face import Face
from tests.support.launching import settled
from tests.support.requests import visit


async def clicked(face: Face, *tasks: str, action: str = "sample", sender: Sender = Sender.TRAY) -> Launch:
    """A click of Mika's own, and what became of it."""
    (server,) = face.parts.loaded().config.studio.servers
    (person,) = await face.parts.accounts.people(server)
    launch = face.parts.run.own(action, tasks, sender, person=person)
    await settled(face.launches, launch, State.RUNNING, State.DONE, State.FAILED, State.REFUSED, State.ASKS)
    return launch


async def answer(face: Face, launch: Launch) -> str:
    return html.unescape((await face.send(visit(face.port, launch.url))).text)


async def test_a_task_seen_before_opens_and_its_page_says_since_when_and_stays(
    face: Face, artist: str, sample_kitsu: web.AppRunner
) -> None:
    """Real: the daemon's face, a process, the sample Kitsu, which ends between two clicks."""
    before = await clicked(face, TASKS[0], sender=Sender.DASHBOARD)
    await sample_kitsu.cleanup()

    launch = await clicked(face, TASKS[0])

    said = (
        f"Kitsu is away: this is what it said on {time.strftime('%A %H:%M')}. "
        f"http://{artist}/api cannot be reached: nothing listens there."
    )
    assert (before.error, launch.error, len(launch.processes)) == (None, None, 1)
    assert before.plan
    assert launch.plan
    assert (before.plan.warnings, before.plan.stays) == ((), False)
    assert (launch.plan.warnings, launch.plan.stays) == ((said,), True)
    page, earlier = await answer(face, launch), await answer(face, before)
    assert said in re.sub(r"<wbr>|</?code>", "", page)
    assert ('data-closes="no"' in page, 'data-closes="yes"' in earlier) == (True, True)
    assert f"warning: {said}" in launch.lines
    assert said.partition(". ")[0] in notice(launch, Kind.OPENING, "en").text


async def test_what_was_never_seen_is_left_out_and_alone_it_is_refused_as_ever(
    face: Face, artist: str, sample_kitsu: web.AppRunner
) -> None:
    """Real: as above; of two tasks one was seen."""
    await clicked(face, TASKS[0])
    await sample_kitsu.cleanup()

    both, alone = await clicked(face, *TASKS[:2]), await clicked(face, TASKS[1])

    assert both.plan
    assert [(left.task, left.reason) for left in both.plan.left_out] == [
        (TASKS[1], "Kitsu is away, and Mika Fox has not seen it here before")
    ]
    assert alone.error
    assert (alone.state, alone.error.code) == (State.FAILED, "kitsu-away")
    assert alone.error.problem == f"http://{artist}/api cannot be reached: nothing listens there."


async def test_what_only_kitsu_names_is_told_so(
    face: Face, artist: str, sample_kitsu: web.AppRunner, home: Path
) -> None:
    """Real: as above; the action takes its file from Kitsu's own file tree."""
    await clicked(face, TASKS[0])
    file = home / "machine" / "studio.toml"
    own = '\n[actions.own]\ntitle = "Open in Kitsu\'s place"\nkind = "launch"\napp = "sample"\nfile = "kitsu"\n'
    file.write_text(file.read_text().replace("[actions.sample]", f"{own}[actions.sample]"))
    await sample_kitsu.cleanup()

    launch = await clicked(face, TASKS[0], action="own")

    assert launch.error
    assert (launch.state, launch.error.code, launch.error.exit_code) == (State.FAILED, "kitsu-away", 5)
    assert str(launch.error) == (
        "Open in Kitsu's place takes its application or its file from Kitsu, which is away.\n"
        f"  tried  http://{artist}/api cannot be reached: nothing listens there.\n"
        "  next   Click again once Kitsu answers; until then open the file by hand."
    )


async def test_a_disk_that_keeps_nothing_hinders_no_click(face: Face, artist: str, home: Path) -> None:
    """Real: the daemon's face; a file in the place of our folder."""
    (home / "cache").mkdir(mode=0o700, exist_ok=True)
    (home / "cache" / "kitsu").write_text("")

    launch = await clicked(face, TASKS[0])

    assert (launch.error, len(launch.processes)) == (None, 1)
