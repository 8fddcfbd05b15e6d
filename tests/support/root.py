"""Root, at the service of tests: makes clean Debians, and runs commands in copies of them.

    python3 -B -m tests.support.root SOCKET UID FOLDER [--ahead]

Listens on a Unix socket, obeys whoever is user UID, and ends when its standard input does, or on SIGTERM. With
`--ahead` it begins at once to make what tests will want. Orders and answers are one line of JSON each; file
descriptors travel beside them. A machine lives as long as the connection that opened it. Standard library only.
"""

import array
import contextlib
import itertools
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from tests.support.debian.machine import Machine, Refused
from tests.support.debian.prepared import WANTED, Prepared

SHELF = Path("/var/cache/kitsu-launcher-tests/debian")


class Root:
    """The machines that run, by their numbers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.prepared = Prepared(SHELF)
        self.machines: dict[int, Machine] = {}
        self._numbers = itertools.count(1)

    def ahead(self) -> None:
        """Make all of them; what cannot be made is told to whoever asks for it."""
        for name in WANTED:
            with contextlib.suppress(Refused, OSError):
                self.prepared(name)

    def obey(self, connection: socket.socket, order: dict[str, Any], passed: list[int]) -> None:
        """Carry out one order, and answer. Raises: Refused, OSError."""
        match order["do"]:
            case "prepare":
                self.prepared(order["name"])
                answer(connection, {})
            case "open":
                self.open(connection, order["name"])
            case "run":
                answer(connection, {"code": self.run(connection, order, passed)})
            case "listen" | "connect":
                machine = self.machines[order["machine"]]
                with getattr(machine, order["do"])(order["host"], order["port"], order["uid"]) as made:
                    answer(connection, {}, made.fileno())
            case _:
                raise Refused(f"unknown order: {order['do']}")

    def open(self, connection: socket.socket, name: str) -> None:
        """A machine, until the connection ends."""
        lower, number = self.prepared(name), next(self._numbers)
        folder = self.folder / str(number)
        folder.mkdir()
        machine = Machine(lower, folder, name.partition("-")[0], network=True)
        self.machines[number] = machine
        try:
            answer(connection, {"machine": number})
            connection.recv(1)
        finally:
            del self.machines[number]
            machine.end()

    def run(self, connection: socket.socket, order: dict[str, Any], passed: list[int]) -> int:
        """A command with the three streams that came along; who hangs up ends it."""
        machine = self.machines[order["machine"]]
        argv = machine.command(order["user"], order["argv"], order["env"], outside=order["outside"])
        streams = dict(zip(("stdin", "stdout", "stderr"), passed, strict=True))
        process = subprocess.Popen(argv, start_new_session=True, **streams)  # type: ignore[call-overload]
        for stream in passed:
            os.close(stream)
        passed.clear()
        ended = os.pidfd_open(process.pid)
        try:
            if ended not in select.select([ended, connection], [], [])[0]:
                os.killpg(process.pid, signal.SIGKILL)
            return int(process.wait())
        finally:
            os.close(ended)


def answer(connection: socket.socket, said: dict[str, Any], *passed: int) -> None:
    """One line, with file descriptors beside it."""
    beside = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", passed))] if passed else []
    connection.sendmsg([json.dumps(said).encode() + b"\n"], beside)


def serve(connection: socket.socket, root: Root, master: int) -> None:
    """One connection: one order."""
    passed: list[int] = []
    with connection:
        try:
            credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            if struct.unpack("3i", credentials)[1] != master:
                return
            line, passed, _, _ = socket.recv_fds(connection, 1 << 20, 3)
            while line and not line.endswith(b"\n"):
                line += connection.recv(1 << 20)
            root.obey(connection, json.loads(line), passed)
        except (Refused, OSError, KeyError) as error:
            with contextlib.suppress(OSError):
                answer(connection, {"error": str(error)})
        finally:
            for one in passed:
                os.close(one)


def main(path: str, master: int, folder: str, *options: str) -> None:
    """Listen, and obey."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for tests/run, which then ends us
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    root = Root(Path(folder))
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    os.chmod(path, 0o666)
    server.listen()

    def listen() -> None:
        while True:
            arguments = (server.accept()[0], root, master)
            threading.Thread(target=serve, args=arguments, daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()
    if "--ahead" in options:
        threading.Thread(target=root.ahead, daemon=True).start()
    with contextlib.suppress(SystemExit):
        sys.stdin.read()
    for machine in list(root.machines.values()):
        machine.end()
    os._exit(0)  # a thread may be making a Debian: what it started ends with it


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
