"""The private door's own side on Windows: a named pipe for this user alone, served by the Proactor loop.

asyncio's own pipe server asks for no descriptor, so that its pipe is open to whom Windows' default lets in, and
does not refuse other machines (CPython `asyncio/windows_events.py`). Hence the handles are made here; the private names
of the loop that take them are pinned by `tests/windows`.
"""

import asyncio
import contextlib
import logging
import secrets
import sys
from asyncio import windows_utils
from collections.abc import Callable
from pathlib import Path
from typing import Any

from launcher.door import pipe, win32
from launcher.paths import write_atomically

assert sys.platform == "win32"  # noqa: S101  # for mypy, which looks at this file for Linux too

log = logging.getLogger("launcher.door")
DUPLEX, FIRST_INSTANCE, OVERLAPPED = 0x3, 0x0008_0000, 0x4000_0000
REJECT_REMOTE_CLIENTS = 0x8
UNLIMITED_INSTANCES = 255
BUFFER_BYTES = 65_536
INVALID_HANDLE = 2**64 - 1


class PipeServer:
    """The pipe while it is served."""

    def __init__(self, path: str, name: str, connection: Callable[[], asyncio.Protocol]) -> None:
        self._path = path
        self._name = name
        self._connection = connection
        self._waiting = windows_utils.PipeHandle(create(name, first=True))
        self._task = asyncio.get_running_loop().create_task(self._serve())

    def close(self) -> None:
        """Take nobody any more, and leave no file behind. Those who are in stay until their connections end."""
        with contextlib.suppress(PermissionError):
            # Somebody reads it right now: what is left names a pipe that nobody serves, as after a crash.
            Path(self._path).unlink(missing_ok=True)
        self._task.cancel()
        self._waiting.close()

    async def _serve(self) -> None:
        loop: Any = (
            asyncio.get_running_loop()
        )  # a ProactorEventLoop, Windows' own default; two of its names are private
        while True:
            waiting = self._waiting
            try:
                await loop._proactor.accept_pipe(waiting)
            except OSError as error:
                # Somebody came and went before he was let in.
                log.info("nobody at the door any more: %s", error.strerror)
                waiting.close()
                self._waiting = windows_utils.PipeHandle(create(self._name, first=False))
                continue
            # The next instance first: without any, the name would be free for somebody else.
            self._waiting = windows_utils.PipeHandle(create(self._name, first=False))
            loop._make_duplex_pipe_transport(waiting, self._connection(), extra={"addr": self._name})


async def listen(path: str, connection: Callable[[], asyncio.Protocol]) -> PipeServer:
    """Serve a new pipe that only this user may enter, and write its name into the file at `path`.

    Raises: OSError.
    """
    name = pipe.PREFIX + secrets.token_hex(16)
    server = PipeServer(path, name, connection)
    with contextlib.ExitStack() as stack:
        stack.callback(server.close)
        write_atomically(Path(path), name.encode("ascii"))
        stack.pop_all()
    return server


def descriptor(sid: str) -> str:
    """Who may do what with the pipe, in Windows' language (SDDL): all for this user, nothing for anybody else."""
    return f"O:{sid}G:{sid}D:P(A;;GA;;;{sid})"


def create(name: str, *, first: bool) -> int:
    """A handle of one instance of the pipe. Raises: OSError; where `first`, also when somebody has made it before."""
    ctypes = win32.ctypes
    kernel, security = win32.library("kernel32"), win32.library("advapi32")
    pointer = ctypes.c_void_p()
    convert = security.ConvertStringSecurityDescriptorToSecurityDescriptorW
    if not convert(descriptor(win32.own_sid()), 1, ctypes.byref(pointer), None):
        raise win32.error()
    try:
        attributes = win32.attributes(pointer.value)
        kernel.CreateNamedPipeW.restype = ctypes.c_void_p
        handle: int = kernel.CreateNamedPipeW(
            name,
            DUPLEX | OVERLAPPED | (FIRST_INSTANCE if first else 0),
            REJECT_REMOTE_CLIENTS,
            UNLIMITED_INSTANCES,
            BUFFER_BYTES,
            BUFFER_BYTES,
            0,
            attributes,
        )
        if handle == INVALID_HANDLE:
            raise win32.error()
        return handle
    finally:
        kernel.LocalFree(pointer)
