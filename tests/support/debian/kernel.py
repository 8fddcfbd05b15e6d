"""What the kernel is asked for that Python has no words for before 3.12: mounts and namespaces."""

import contextlib
import ctypes
import os
import socket
from collections.abc import Iterator

MS_BIND, MS_REC, MS_PRIVATE, MS_RDONLY, MS_NOSUID, MS_NODEV = 0x1000, 0x4000, 0x40000, 1, 2, 4
NEW_MOUNTS, NEW_UTS, NEW_IPC, NEW_PIDS, NEW_NET = 0x00020000, 0x04000000, 0x08000000, 0x20000000, 0x40000000
PR_SET_PDEATHSIG = 1
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> None:
    if result:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    """mount(2). Raises: OSError, naming what was to be mounted where."""
    done = libc.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), data.encode())
    _checked(done, f"mount {kind or source} on {target}")


def unshare(flags: int) -> None:
    """unshare(2). Raises: OSError."""
    _checked(libc.unshare(flags), "unshare (namespaces of its own)")


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends."""
    _checked(libc.prctl(PR_SET_PDEATHSIG, 9), "prctl")


def loopback_up() -> None:
    """Switch on `lo` in a network of its own: 127.0.0.1 and ::1."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        name = b"lo".ljust(16, b"\0")
        request = ctypes.create_string_buffer(name + IFF_UP.to_bytes(2, "little") + bytes(22))
        _checked(libc.ioctl(asking.fileno(), SIOCSIFFLAGS, request), "switch on lo")


@contextlib.contextmanager
def network_of(pid: int, uid: int = 0) -> Iterator[None]:
    """This thread's new sockets belong to the network of another process and to user `uid`, as long as it lasts."""
    with open("/proc/thread-self/ns/net") as own, open(f"/proc/{pid}/ns/net") as other:
        _checked(libc.setns(other.fileno(), NEW_NET), "setns (another network)")
        libc.setfsuid(uid)  # of this thread alone; a socket's owner is who the kernel tells to those who ask
        try:
            yield
        finally:
            libc.setfsuid(0)
            _checked(libc.setns(own.fileno(), NEW_NET), "setns (back)")
