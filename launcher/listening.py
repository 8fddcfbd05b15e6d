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
from launcher.system.here import lock, ports
from launcher.words import Words, _

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
    exit_code = 3
    """A link is refused then: the page that would ask cannot be shown."""


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
            holder = file.read(20).strip()
            raise AlreadyRuns(
                _("Kitsu Launcher runs already."),
                tried=[_("{path}: held by process {pid}", path=str(path), pid=holder or "?")],
                next_step=_("Use it as it is, or end it with `kitsu-launcher quit`."),
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
                _("Port {port} is taken on {host}; Kitsu Launcher needs it.", port=port, host=host),
                tried=[_who(host, port)],
                next_step=_(
                    "It is taken as soon as it is free: end the program that holds it, or let the studio file set"
                    " another `studio.port` for everybody."
                ),
            ) from error
        raise
    sock.setblocking(False)
    return sock


def _who(host: str, port: int) -> Words:
    """Who holds an address, as far as it is known here."""
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    held = ports.holder(host, port)
    if held and held.user:
        return _("{address}: held by a program of user {user}", address=address, user=held.user)
    if held and held.program:
        return _("{address}: held by {program}, process {pid}", address=address, program=held.program, pid=held.pid)
    if held and held.pid:
        return _("{address}: held by process {pid}", address=address, pid=held.pid)
    return _("{address}: held by a program that this system does not name", address=address)
