"""The port of one daemon: taken at once, or as soon as whoever holds it lets go. Never another one in its place."""

import asyncio
import logging
import sys
from collections.abc import Callable

from launcher import logs
from launcher.listening import PortTaken, addresses
from launcher.system import Listening
from launcher.web.parts import Parts

AGAIN_S = 2.0
"""How often a taken port is tried: by listening, which alone tells that it is free."""
log = logging.getLogger("launcher.port")


class Port:
    """Serves 127.0.0.1 and ::1, or neither."""

    def __init__(self, parts: Parts, connection: Callable[[], asyncio.Protocol]) -> None:
        self._parts = parts
        self._connection = connection
        self._servers: list[Listening] = []
        self._trying: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Take the port; where it is taken by somebody else say so, and go on trying until it is free."""
        if not await self._take():
            self._trying = asyncio.get_running_loop().create_task(self._try_again())

    def close(self) -> None:
        """Take nobody any more."""
        if self._trying:
            self._trying.cancel()
        for server in self._servers:
            server.close()

    async def _try_again(self) -> None:
        taken = False
        while not taken:
            await asyncio.sleep(AGAIN_S)
            try:
                taken = await self._take()
            except OSError as error:
                # No descriptor may be left, or the network be down: the daemon lives on, and tries once more.
                log.warning(logs.event("port not taken", port=self._parts.port, error=error.strerror))

    async def _take(self) -> bool:
        try:
            # Who holds it is looked up in tables of the whole machine: not in the loop.
            sockets = await asyncio.to_thread(addresses, self._parts.port)
        except PortTaken as error:
            self._tell(error)
            return False
        loop = asyncio.get_running_loop()
        for sock in sockets:
            self._servers.append(await loop.create_server(self._connection, sock=sock))
        self._parts.port = sockets[0].getsockname()[1]
        self._parts.port_trouble = None
        log.info("listening port=%d", self._parts.port)
        return True

    def _tell(self, error: PortTaken) -> None:
        """Once for each holder, not each time."""
        if str(error) != str(self._parts.port_trouble):
            print(error, file=sys.stderr)
            log.info(logs.event("port taken", port=self._parts.port, by="; ".join(error.tried)))
        self._parts.port_trouble = error
