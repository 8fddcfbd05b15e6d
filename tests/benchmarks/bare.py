"""The floor of a click: the least that an aiohttp handler can do. It asks Kitsu once and starts the same program.

    python -m tests.benchmarks.bare API TOKEN PROGRAM OUTPUT

Prints its port and its process. Any form posted to it names its task in `selection`; what the program prints goes to a
file in OUTPUT.
"""

import asyncio
import os
import secrets
import subprocess
import sys
from pathlib import Path

import aiohttp
from aiohttp import web

API, TOKEN, PROGRAM, OUTPUT = sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4])


async def serve() -> None:
    """Until the writer to our input goes away."""
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session:

        async def click(request: web.Request) -> web.Response:
            task = (await request.post())["selection"]
            async with session.get(f"{API}/data/tasks/{task}/full") as answer:
                name = (await answer.json())["entity"]["name"]
            with open(OUTPUT / secrets.token_hex(16), "xb") as file:  # noqa: ASYNC230  # a real click keeps it too
                subprocess.Popen(  # noqa: ASYNC220  # watched by nobody: the least that can be done
                    [PROGRAM, name], stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True
                )
            return web.Response(status=303, headers={"Location": "/"})

        app = web.Application()
        app.add_routes([web.post("/run/{action}", click)])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        print(runner.addresses[0][1], os.getpid(), flush=True)
        await asyncio.to_thread(sys.stdin.read)


asyncio.run(serve())
