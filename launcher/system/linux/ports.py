"""Who holds a port on Linux: the kernel's table of listening sockets, and for this user's own the process."""

import contextlib
import os
import pwd
import socket
import struct
import sys
from pathlib import Path

from launcher.system import Holder

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

LISTENING = "0A"
MAPPED = b"\0" * 10 + b"\xff\xff"


def holder(host: str, port: int) -> Holder | None:
    """Who listens there; None where that cannot be told."""
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            if found := listener(Path(f"/proc/net/{table}").read_text(), host, port):
                return _described(*found)
    return None


def listener(table: str, host: str, port: int) -> tuple[int, int] | None:
    """User and inode of the socket that listens at an address, in a table of the kernel; None where none does."""
    packed = socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)
    # Also whoever listens everywhere, and by IPv6 sockets for IPv4.
    hosts = {packed, b"\0" * len(packed)} | ({MAPPED + packed, b"\0" * 16} if len(packed) == 4 else set())
    wanted = {f"{_hex(address)}:{port:04X}" for address in hosts}
    for line in table.splitlines()[1:]:
        fields = line.split()
        if fields[1] in wanted and fields[3] == LISTENING:
            return int(fields[7]), int(fields[9])
    return None


def _hex(address: bytes) -> str:
    """An address as /proc writes it: 32-bit words in this machine's byte order."""
    return "".join(f"{word:08X}" for word in struct.unpack(f"={len(address) // 4}I", address))


def _described(uid: int, inode: int) -> Holder:
    if uid != os.getuid():
        try:
            return Holder(user=pwd.getpwuid(uid).pw_name)
        except KeyError:
            return Holder(user=str(uid))
    for folder in Path("/proc").glob("[0-9]*"):
        # Processes end while one looks, and some of this user's may not be looked at.
        with contextlib.suppress(OSError):
            if any(os.readlink(link) == f"socket:[{inode}]" for link in (folder / "fd").iterdir()):
                return Holder(program=(folder / "comm").read_text().strip(), pid=int(folder.name))
    return Holder()
