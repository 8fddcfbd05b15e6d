"""Makes a Python of Linux believe that it runs on a Mac, from the first import of the program's own modules on.

What only macOS' kernel could answer is answered by Linux' own, in the Mac's form: connections from /proc/net/tcp, the
peer of a Unix socket by SO_PEERCRED, kqueue by pidfd, libproc by /proc. `open` is the program KITSU_TEST_OPEN.
"""

import contextlib
import os
import socket
import struct
import sys
from types import SimpleNamespace

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


class Queue:
    """select.kqueue for the end of one process."""

    def control(self, events: list[SimpleNamespace], most: int) -> list[object]:
        self._pidfd = os.pidfd_open(events[0].ident)
        return []

    def fileno(self) -> int:
        return self._pidfd

    def close(self) -> None:
        os.close(self._pidfd)


def become_a_mac() -> None:
    # The standard library and other people's code stay what they are on Linux.
    import asyncio  # noqa: F401
    import ctypes  # noqa: F401
    import sqlite3  # noqa: F401
    import subprocess  # noqa: F401

    import aiohttp.web  # noqa: F401
    import gazu  # noqa: F401
    import keyring  # noqa: F401
    import PIL.Image  # noqa: F401
    import platformdirs  # noqa: F401
    import truststore  # noqa: F401

    sys.path.insert(0, ROOT)
    sys.platform = "darwin"
    from launcher.system.linux import process as linux
    from launcher.system.macos import desktop, peer, process
    from tests.support import mac

    def info(pid: int) -> bytes:
        return mac.basic_info(pid, int(linux.birth(pid).rpartition("/")[2]))

    desktop.OPEN = os.environ["KITSU_TEST_OPEN"]
    peer._table = mac.table_of_this_machine
    peer.LOCAL_LEVEL, peer.PEER_CREDENTIALS = socket.SOL_SOCKET, 17
    peer.uid_of_credentials = lambda answer: struct.unpack("3i", answer)[1]
    process._info = info
    process.select = SimpleNamespace(
        kqueue=Queue,
        kevent=lambda ident, **how: SimpleNamespace(ident=ident, **how),
        KQ_FILTER_PROC=-5,
        KQ_EV_ADD=0x1,
        KQ_EV_ONESHOT=0x10,
        KQ_NOTE_EXIT=0x8000_0000,
    )


if "KITSU_TEST_OPEN" in os.environ:
    with contextlib.suppress(ModuleNotFoundError):  # another Python, which an application brings along
        become_a_mac()
