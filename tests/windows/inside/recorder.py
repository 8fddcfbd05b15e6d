"""Behind the real private door: writes each link it is handed as one line of the file that is its argument."""

import asyncio
import sys
from pathlib import Path

from aiohttp import web

from launcher import door
from launcher.paths import folders, private_folder
from launcher.system.windows.door import listen


async def main(notes: Path) -> None:
    async def take(request: web.Request) -> web.Response:
        link = (await request.json())["url"]
        with notes.open("a", encoding="utf-8") as file:
            file.write(f"{link}\n")
        return web.json_response({})

    app = web.Application()
    app.router.add_post("/door/link", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    server = runner.server
    private_folder(folders().runtime)
    await listen(door.path(), lambda: server())
    notes.touch()
    while notes.exists():  # noqa: ASYNC110  # another process removes it
        await asyncio.sleep(0.1)


asyncio.run(main(Path(sys.argv[1])))
