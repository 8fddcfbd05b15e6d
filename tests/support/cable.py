"""The cable between the launcher and the real Zou: it can be pulled out, hang, or end at a web server without a Zou."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

import pytest

from tests.support.zou import Zou

How = Literal["through", "refused", "hangs", "hangs up", "502", "503", "504"]


@dataclass
class Cable:
    """One cable. `await cable.is_now("refused")` pulls it out, `"through"` puts it in again."""

    host: str
    target: int
    how: How = "refused"
    port: int = 0
    asked: int = 0
    """Connections that were begun."""
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def is_now(self, how: How) -> None:
        """Every connection that there is ends."""
        self.how = how
        if self._server:
            self._server.close()
            self._server = None
        for writer in tuple(self._open):
            writer.close()
        if how != "refused":
            self._server = await asyncio.start_server(self._begun, "127.0.0.1", self.port, reuse_address=True)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _begun(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked += 1
        self._open.add(writer)
        with suppress(OSError, asyncio.IncompleteReadError):
            if self.how == "through":
                await self._through(reader, writer)
            elif self.how != "hangs up":
                await reader.readuntil(b"\r\n\r\n")
            if self.how == "hangs":
                await reader.read()
            elif self.how.isdigit():
                page = b"<html>nginx</html>"
                head = f"HTTP/1.1 {self.how} Away\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\n\r\n"
                writer.write(head.encode() + page)
                await writer.drain()
        writer.close()
        self._open.discard(writer)

    async def _through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self.host, self.target)
        self._open.add(back)
        await asyncio.gather(_pour(reader, back), _pour(there, writer))
        self._open.discard(back)


async def _pour(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while block := await source.read(65536):
            to.write(block)
            await to.drain()
    to.close()


@pytest.fixture
async def cable(zou: Zou) -> AsyncIterator[Cable]:
    """A cable to the real Zou, which is in."""
    where = urlsplit(zou.url)
    one = Cable(str(where.hostname), where.port or 80)
    await one.is_now("through")
    yield one
    await one.is_now("refused")
