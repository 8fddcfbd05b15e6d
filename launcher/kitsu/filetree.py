"""What Kitsu itself says of a task's application and working file: its softwares, its file tree, what is recorded.

Nothing is made by asking. Zou's `working-file-path` is a POST, but only reckons a path; whoever asks first makes Zou
add its own default, "3ds Max", to its softwares, if the studio has removed it (zou 1.0.97, `blueprints/files`).
"""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from launcher.config.schema import Config, LaunchAction
from launcher.kitsu import reading
from launcher.kitsu.failures import Forbidden, KitsuAway, KitsuError, Unknown
from launcher.kitsu.reading import record, rows, text, text_or_empty
from launcher.model import OS, Json, Task
from launcher.plan import kitsus
from launcher.plan.cleaning import plain
from launcher.plan.settled import Recorded, Settled, Software
from launcher.words import _

if TYPE_CHECKING:
    from launcher.kitsu.client import Client

NAME = "main"
"""What Kitsu calls a working file that nobody has given a name."""
MOST_REVISIONS = 10**9
Links = dict[tuple[str, str], list[str]]
"""By production and task type: the ids of its softwares."""


async def ask(
    client: "Client", wishes: Sequence[tuple[Task, LaunchAction]], config: Config, os: OS
) -> dict[str, Settled]:
    """By task id: what those of the actions that leave it to Kitsu mean for their task.

    Raises: KitsusOwn where that is nothing that can be used here; NotLoggedIn, KitsuAway, KitsuError.
    """
    projects = sorted({task.project.id for task, _action in wishes})
    answer, *linked = await asyncio.gather(
        client.get("data/softwares"), *(client.get(f"data/projects/{id}/task-type-softwares") for id in projects)
    )
    softwares = {one.id: one for one in map(_software, rows(answer, "softwares"))}
    links = _links(linked)
    settled = await asyncio.gather(
        *(_one(client, task, action, softwares, links, config, os) for task, action in wishes)
    )
    return {task.id: one for (task, _action), one in zip(wishes, settled, strict=True)}


def away(error: KitsuAway, wishes: Sequence[tuple[Task, LaunchAction]]) -> KitsuAway:
    """What tells why clicks that leave something to Kitsu do not go on without it, as others do."""
    _task, action = wishes[0]
    return KitsuAway(
        _("{action} takes its application or its file from Kitsu, which is away.", action=action.title),
        tried=[error.problem],
        next_step=_("Click again once Kitsu answers; until then open the file by hand."),
    )


async def _one(
    client: "Client",
    task: Task,
    action: LaunchAction,
    softwares: dict[str, Software],
    links: Links,
    config: Config,
    os: OS,
) -> Settled:
    linked = links.get((task.project.id, task.task_type.id), [])
    if not kitsus.of_kitsu(action.file):
        app, software = kitsus.program(action, task, softwares, linked, config.apps)
        return kitsus.settle(action, task, config, os, app, software, None, None)
    newest = _newest(await client.get(f"data/tasks/{task.id}/working-files/last-revisions"))
    # What the newest file was made with comes before what the production uses by now.
    linked = sorted(linked, key=lambda id: not newest or id != newest.software_id)
    app, software = kitsus.program(action, task, softwares, linked, config.apps)
    places = await _places(client, task, action, newest.name if newest else NAME, software)
    return kitsus.settle(action, task, config, os, app, software, places, newest)


async def _places(
    client: "Client", task: Task, action: LaunchAction, name: str, software: Software | None
) -> tuple[str, str]:
    wish: dict[str, Json] = {"mode": "working", "name": name, **({"software_id": software.id} if software else {})}
    path = f"data/tasks/{task.id}/working-file-path"
    try:
        first, second = await asyncio.gather(
            *(client.post(path, {**wish, "revision": revision}) for revision in kitsus.REVISIONS)
        )
    except (KitsuError, Unknown, Forbidden) as error:
        # Zou: 400 without a file tree or with one that lacks this sort of entity, 404 for edits.
        nowhere = kitsus.KitsusOwn(
            _("Kitsu's file tree has no working file for {task}.", task=plain(task.label, 120)),
            tried=error.tried,
            next_step=_("Set the production's file tree in Kitsu, or write `file` as a template."),
        )
        nowhere.key = f"actions.{action.name}.file"
        raise nowhere from error
    return _place(first), _place(second)


def _place(answer: Json) -> str:
    row = record(answer, "working-file-path")
    return f"{text(row, 'path', 'working-file-path')}/{text(row, 'name', 'working-file-path')}"


def _newest(answer: Json) -> Recorded | None:
    """Of the working file "main"; of another one where it is the only one."""
    known = record(answer, "last-revisions")
    name = NAME if NAME in known else next(iter(known)) if len(known) == 1 else None
    if name is None:
        return None
    row, where = record(known[name], "working_file"), "working_file"
    revision, path = reading.whole(row, "revision", where), text_or_empty(row, "path", where)
    if not path or not 0 <= revision <= MOST_REVISIONS:
        return None
    return Recorded(path, revision, name, text_or_empty(row, "software_id", where))


def _software(row: Json) -> Software:
    found, where = record(row, "software"), "software"
    others = found.get("secondary_extensions")
    written = [text_or_empty(found, "file_extension", where)]
    written += [one for one in others if isinstance(one, str)] if isinstance(others, list) else []
    return Software(
        id=text(found, "id", where),
        name=text_or_empty(found, "name", where),
        short_name=text_or_empty(found, "short_name", where),
        endings=kitsus.endings(written),
    )


def _links(answers: Sequence[Json]) -> Links:
    found: Links = {}
    for answer in answers:
        for row in rows(answer, "task-type-softwares"):
            link, where = record(row, "task-type-software"), "task-type-software"
            key = text(link, "project_id", where), text(link, "task_type_id", where)
            found.setdefault(key, []).append(text(link, "software_id", where))
    return found
