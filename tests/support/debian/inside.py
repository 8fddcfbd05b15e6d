"""The first process of a clean Debian that runs as a machine: it mounts, enters, buries orphans, and ends with all.

    python3 -B -m tests.support.debian.inside '{"lower": …, "folder": …, "name": …, "network": …}'

Its own mounts, processes, IPC and host name, and with `network` its own network. Nothing of them is seen outside, and
the kernel takes all of it away when this process ends: when told to, when whoever started it ends, or when its
standard input is closed. It prints its process id, and `ready` or what the kernel refused.
"""

import json
import os
import select
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from tests.support.debian import kernel

NODES = ("null", "zero", "full", "random", "urandom", "tty")


def root_of(lower: str, folder: str) -> Path:
    """The machine's root: `lower` itself without a folder, else a copy on write, whose changes lie in the folder."""
    if not folder:
        kernel.mount(lower, lower, flags=kernel.MS_BIND)
        return Path(lower)
    try:
        return _overlay(lower, Path(folder))
    except OSError:
        # A container's own disk is an overlay already, and takes no second one: the changes lie in memory then.
        kernel.mount("tmpfs", folder, "tmpfs")
        return _overlay(lower, Path(folder))


def _overlay(lower: str, folder: Path) -> Path:
    for name in ("upper", "work", "root"):
        (folder / name).mkdir(exist_ok=True)
    data = f"lowerdir={lower},upperdir={folder}/upper,workdir={folder}/work"
    kernel.mount("overlay", f"{folder}/root", "overlay", data=data)
    return folder / "root"


def furnish(root: Path) -> None:
    """What the kernel and udev give a machine: /proc, /sys, /dev, /run."""
    kernel.mount("proc", f"{root}/proc", "proc")
    kernel.mount("sysfs", f"{root}/sys", "sysfs", kernel.MS_RDONLY)
    kernel.mount("tmpfs", f"{root}/dev", "tmpfs", data="mode=755")
    for name in filter(lambda name: os.path.exists(f"/dev/{name}"), NODES):
        (root / "dev" / name).touch()
        kernel.mount(f"/dev/{name}", f"{root}/dev/{name}", flags=kernel.MS_BIND)
    for name in ("pts", "shm"):
        (root / "dev" / name).mkdir()
    kernel.mount("devpts", f"{root}/dev/pts", "devpts", data="newinstance,ptmxmode=0666,mode=620")
    kernel.mount("tmpfs", f"{root}/dev/shm", "tmpfs", data="mode=1777")
    kernel.mount("tmpfs", f"{root}/run", "tmpfs", data="mode=755")
    (root / "run/lock").mkdir(mode=0o1777)
    links = {"ptmx": "pts/ptmx", "fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}
    for link, to in links.items():
        (root / "dev" / link).symlink_to(to)


def say(text: str) -> None:
    """One line, in one piece: two processes speak."""
    os.write(1, f"{text}\n".encode())


def live(wanted: dict[str, Any]) -> None:
    """As the first process: become the machine."""
    kernel.die_with_parent()
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    try:
        kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
        root = root_of(wanted["lower"], wanted["folder"])
        furnish(root)
        if wanted["network"]:
            kernel.loopback_up()
        socket.sethostname(wanted["name"])
        os.chroot(root)
        os.chdir("/")
    except OSError as error:
        say(error.strerror or str(error))
        os._exit(1)
    say("ready")
    while True:
        signal.sigwait([signal.SIGCHLD])
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass


def main(wanted: dict[str, Any]) -> None:
    """Start the machine, and end it with this process."""
    namespaces = kernel.NEW_MOUNTS | kernel.NEW_PIDS | kernel.NEW_IPC | kernel.NEW_UTS
    try:
        kernel.unshare(namespaces | (kernel.NEW_NET if wanted["network"] else 0))
    except OSError as error:
        say(f"0\n{error.strerror}")
        sys.exit(1)
    first = os.fork()
    if first == 0:
        live(wanted)
    say(str(first))

    # No thread could be started here: the kernel takes none where the next child is the first of a new world.
    select.select([sys.stdin, os.pidfd_open(first)], [], [])
    os.kill(first, signal.SIGKILL)
    os.waitpid(first, 0)


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGHUP):  # a Ctrl-C reaches who started it, who closes the input
        signal.signal(ignored, signal.SIG_IGN)
    main(json.loads(sys.argv[1]))
