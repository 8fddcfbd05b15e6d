"""The private door's own side on Linux and macOS: a Unix socket that the event loop serves."""

import asyncio
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from launcher.door import ENV_HOME, unix
from launcher.errors import LauncherError
from launcher.words import _

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too


class UnixDoor:
    """The Unix socket while it is served."""

    def __init__(self, path: str, server: asyncio.Server) -> None:
        self._path = path
        self._server = server

    def close(self) -> None:
        """Take nobody any more, and leave no file behind."""
        Path(self._path).unlink(missing_ok=True)
        self._server.close()


async def listen(path: str, connection: Callable[[], asyncio.Protocol]) -> UnixDoor:
    """Serve the Unix socket that only this user may enter. Only while the lock is held: it replaces what a crash left.

    Raises: LauncherError where the path is too long for the OS.
    """
    if len(os.fsencode(path)) > unix.LONGEST:
        raise LauncherError(
            _("The private door's path is too long for a Unix socket."),
            tried=[
                _(
                    "{path}: {length} bytes, {longest} at most",
                    path=path,
                    length=len(os.fsencode(path)),
                    longest=unix.LONGEST,
                )
            ],
            next_step=_("Set {variable} to a shorter path.", variable=ENV_HOME),
        )
    Path(path).unlink(missing_ok=True)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.bind(path)
    # The 0700 folder is the real guard; the mode is for whoever looks at the file.
    Path(path).chmod(0o600)
    sock.setblocking(False)
    return UnixDoor(path, await asyncio.get_running_loop().create_server(connection, sock=sock, backlog=16))
