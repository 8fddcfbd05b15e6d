"""Where one daemon listens: its lock, the two addresses of the port, and the private door."""

import errno
import fcntl
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from launcher import door
from launcher.errors import LauncherError

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
    with open(os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600), "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = file.read(20).strip() or "unknown"
            raise AlreadyRuns(
                "Kitsu Launcher runs already.",
                tried=[f"{folder / 'lock'}: held by process {holder}"],
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
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((host, port))
        # Linux lets two sockets with SO_REUSEADDR bind one address; only listening makes it ours.
        sock.listen(128)
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"Port {port} is taken on {host}; Kitsu Launcher needs it.",
                tried=[f"{host}:{port}: {error.strerror}"],
                next_step="End the program that holds it (`ss -ltnp` names it), or let the studio file set another"
                " `studio.port` for everybody.",
            ) from error
        raise
    sock.setblocking(False)
    return sock


def private_door(path: str) -> socket.socket:
    """The Unix socket that only this user may enter. Only while the lock is held: it replaces what a crash left.

    Raises: FolderError where the path is too long for the OS.
    """
    if len(os.fsencode(path)) > door.LONGEST:
        raise LauncherError(
            "The private door's path is too long for a Unix socket.",
            tried=[f"{path}: {len(os.fsencode(path))} bytes, {door.LONGEST} at most"],
            next_step=f"Set {door.ENV_HOME} to a shorter path.",
        )
    Path(path).unlink(missing_ok=True)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.bind(path)
    # The 0700 folder is the real guard; the mode is for whoever looks at the file.
    Path(path).chmod(0o600)
    sock.listen(16)
    sock.setblocking(False)
    return sock
