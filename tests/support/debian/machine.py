"""One running machine, from root's side: started, entered, and ended with everything in it."""

import json
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.support.debian import kernel

TOP = Path(__file__).parents[3]
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Refused(Exception):
    """Something cannot be done here; the text says what, and who refused."""


class Machine:
    """A clean Debian that runs. Its changes lie in a folder that goes with it; without one they are made for good."""

    def __init__(self, lower: Path, folder: Path | None, name: str, *, network: bool) -> None:
        """Raises: Refused, naming what the kernel does not allow."""
        self.folder = folder
        wanted = {"lower": str(lower), "folder": str(folder or ""), "name": name, "network": network}
        self._outside = subprocess.Popen(
            [sys.executable, "-B", "-m", "tests.support.debian.inside", json.dumps(wanted)],
            cwd=TOP,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._outside.stdout
        lines = [self._outside.stdout.readline().strip() for _ in range(2)]
        self.pid = int(next(filter(str.isdigit, lines), 0))
        said = next((line for line in lines if not line.isdigit()), "")
        if said != "ready":
            self.end()
            raise Refused(f"a Debian in namespaces of its own is not allowed here: {said or 'it ended at once'}")

    def command(self, user: str, argv: list[str], env: dict[str, str], *, outside: bool = False) -> list[str]:
        """The command line that runs `argv` in it; with `outside` by the network of whoever asks."""
        enter = ["nsenter", "-t", str(self.pid), "-m", "-p", "-i", "-u", *([] if outside else ["-n"]), "-r", "-w"]
        become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"]
        whole = {"PATH": PATH, "LANG": "C.UTF-8", **env}
        return [*enter, "--", *become, "env", "-i", *(f"{name}={value}" for name, value in whole.items()), *argv]

    def listen(self, host: str, port: int, uid: int) -> socket.socket:
        """A socket of user `uid` that listens in its network."""
        with kernel.network_of(self.pid, uid):
            return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)

    def connect(self, host: str, port: int, uid: int) -> socket.socket:
        """A connection of user `uid` inside its network; `host` may also be the path of a Unix socket.

        Raises: OSError where nobody listens.
        """
        if host.startswith("/"):
            made = socket.socket(socket.AF_UNIX)
            made.connect(f"/proc/{self.pid}/root{host}")
            return made
        with kernel.network_of(self.pid, uid):
            return socket.create_connection((host, port), 5)

    def end(self) -> None:
        """Kill it with all that runs in it; its mounts go with it, and then its folder."""
        assert self._outside.stdin
        self._outside.stdin.close()
        try:
            self._outside.wait(20)
        except subprocess.TimeoutExpired:
            self._outside.send_signal(signal.SIGKILL)
            self._outside.wait(20)
        if self.folder:
            # No mount of it was ever seen outside: these are plain files.
            shutil.rmtree(self.folder, ignore_errors=True)
