"""A Kitsu that answers at once: the demo's, in a process of its own, with as many more shots as wanted.

    python -m tests.benchmarks.at_once SHOTS

Prints its port and the ids of the tasks, as JSON.
"""

import asyncio
import json
import sys
import uuid

from aiohttp import web

from launcher.demo.kitsu import SampleKitsu
from launcher.demo.studio import Studio, sample


def shots(studio: Studio, count: int) -> list[str]:
    """Shots B0000, B0001…, each like SH010 and with a task; the ids of the tasks."""
    tables, made = studio.tables, []
    like = next(row for row in tables["tasks"].values() if row["name"] == "SH010 main")
    for number in range(count):
        entity = {**tables["entities"][str(like["entity_id"])], "id": str(uuid.uuid4()), "name": f"B{number:04}"}
        task = {**like, "id": str(uuid.uuid4()), "entity_id": entity["id"]}
        tables["entities"][str(entity["id"])], tables["tasks"][str(task["id"])] = entity, task
        made.append(str(task["id"]))
    return made


async def serve() -> None:
    """Until the writer to our input goes away."""
    studio = sample()
    tasks = shots(studio, int(sys.argv[1]))
    runner = web.AppRunner(SampleKitsu(studio, []).app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(json.dumps({"port": runner.addresses[0][1], "person": studio.person, "tasks": tasks}), flush=True)
    await asyncio.to_thread(sys.stdin.read)


asyncio.run(serve())
