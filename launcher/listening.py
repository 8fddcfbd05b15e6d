"""Where one daemon listens: its lock, and the two addresses of the port."""

import errno
import logging
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from launcher import filesystem
from launcher.errors import LauncherError
from launcher.system.here import lock

EXCLUSIVELY = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)
"""On Windows SO_REUSEADDR lets anybody share a port, and without this option others may still do so to us.

Elsewhere SO_REUSEADDR only means that the port's last user may have gone a moment ago.
"""
TAKEN = (errno.EADDRINUSE, errno.EACCES) if sys.platform == "win32" else (errno.EADDRINUSE,)
log = logging.getLogger("launcher.listening")


class AlreadyRuns(LauncherError):
    """A daemon of this person runs on this machine."""

    code = "runs"
    exit_code = 2


class PortTaken(LauncherError):
    """Somebody holds the port on one of the two addresses."""

    code = "port"


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the lock as long as the daemon lives. It comes first: a second server would take over a living door.

    Raises: AlreadyRuns.
    """
    path = folder / "lock"
    with open(os.open(path, filesystem.AGAIN, 0o600), "r+") as file:
        try:
            lock.hold(file.fileno())
        except OSError as error:
            holder = file.read(20).strip() or "unknown"
            raise AlreadyRuns(
                "Kitsu Launcher runs already.",
                tried=[f"{path}: held by process {holder}"],
                next_step="Use it as it is, or end it with `kitsu-launcher quit`.",
            ) from error
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield


def addresses(port: int) -> list[socket.socket]:
    """Sockets bound to `port` on 127.0.0.1 and ::1, or on neither; IPv4 alone where the machine has no IPv6.

    Raises: PortTaken.
    """
    with ExitStack() as stack:
        first = stack.enter_context(_bound(socket.AF_INET, "127.0.0.1", port))
        bound = [first]
        try:
            bound.append(stack.enter_context(_bound(socket.AF_INET6, "::1", first.getsockname()[1])))
        except OSError as error:
            if error.errno not in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
                raise
            log.info("no IPv6 on this machine: 127.0.0.1 alone")
        stack.pop_all()
    return bound


def _bound(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, EXCLUSIVELY, 1)
        if family is socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((host, port))
        # Linux lets two sockets with SO_REUSEADDR bind one address; only listening makes it ours.
        sock.listen(128)
    except OSError as error:
        sock.close()
        # Windows answers EACCES where another program holds it exclusively.
        if error.errno in TAKEN:
            raise PortTaken(
                f"Port {port} is taken on {host}; Kitsu Launcher needs it.",
                tried=[f"{host}:{port}: {error.strerror}"],
                next_step="End the program that holds it (`ss -ltnp` names it), or let the studio file set another"
                " `studio.port` for everybody.",
            ) from error
        raise
    sock.setblocking(False)
    return sock
