"""The floor of a click: the least that an aiohttp handler can do. It asks Kitsu once and starts the same program.

    python bare.py API TOKEN OUTPUT

Prints its port. `POST /TASK` asks for that task and starts `date`, whose answer goes to OUTPUT/TASK.
"""

import asyncio
import subprocess
import sys
from pathlib import Path

import aiohttp
from aiohttp import web

API, TOKEN, OUTPUT = sys.argv[1], sys.argv[2], Path(sys.argv[3])


async def serve() -> None:
    """Until the reader of our output goes away."""
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session:

        async def click(request: web.Request) -> web.Response:
            await request.read()
            task = request.match_info["task"]
            async with session.get(f"{API}/data/tasks/{task}/full") as answer:
                (await answer.json())["id"]
            with open(OUTPUT / task, "wb") as file:  # noqa: ASYNC230  # the launcher opens its log the same way
                subprocess.Popen(  # noqa: ASYNC220  # watched by nobody: the least that can be done
                    ["/bin/date", "+%s.%N"], stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True
                )
            return web.Response(status=204)

        app = web.Application()
        app.add_routes([web.post("/{task}", click)])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        print(runner.addresses[0][1], flush=True)
        await asyncio.to_thread(sys.stdin.read)


asyncio.run(serve())
