"""The smallest server that aiohttp makes: what it costs frozen is the floor of the frozen daemon.

smallest PORT
"""

import sys

from aiohttp import web


async def alive(_request: web.Request) -> web.Response:
    """What the daemon answers at the same address."""
    return web.json_response({"alive": True})


app = web.Application()
app.add_routes([web.get("/healthz", alive)])
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
