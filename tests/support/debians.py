"""Clean Debians 12 and 13 for tests: each test, or module, has copies of its own, with processes and a network too.

Root's side is `tests/support/root.py`, which tests/run starts when it is root.
"""

import json
import os
import shlex
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

ROOT = os.environ.get("KITSU_TEST_ROOT", "")
"""The helper's socket."""
MAKING_S, COMMAND_S = 900.0, 150.0
"""How long a Debian may take to be made, while the whole suite runs beside it, and a command in it."""
PROCESSES = r"""
opendir D, "/proc"; for (sort { $a <=> $b } grep /^\d+$/, readdir D) {
  my $uid = (stat "/proc/$_")[4]; open F, "/proc/$_/cmdline" or next; my $line = join "", <F>; close F;
  open S, "/proc/$_/stat" or next; my $stat = join "", <S>; close S; next if $stat =~ /\) Z /;
  $line =~ tr/\0\n/  /; print "$_ $uid $line\n" if $line and $_ != $$ and $_ != 1; }
"""
FILES = (
    r"find / /run /dev/shm -xdev \( -path /proc -o -path /sys -o -path /dev \) -prune -o -printf '%p\t%y %m %U %G %l\n'"
)
CONTENTS = (
    "find /etc /opt /usr/bin /usr/share /usr/lib/systemd /var/lib /home -xdev -type f -size -512k -exec md5sum {} +"
)


@dataclass(frozen=True)
class Process:
    """One that runs in a machine."""

    pid: int
    """As the machine sees it."""
    uid: int
    line: str
    """Its command line."""


def order(said: dict[str, Any], *passed: int, within_s: float = COMMAND_S) -> tuple[socket.socket, dict[str, Any], int]:
    """One order to root: the connection, what was answered, and a socket that came along, else -1.

    Raises: AssertionError with root's reason where it was refused; ConnectionRefusedError where nobody listens inside.
    """
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(within_s)
    connection.connect(ROOT)
    socket.send_fds(connection, [json.dumps(said).encode() + b"\n"], list(passed))
    try:
        line, came, _, _ = socket.recv_fds(connection, 65536, 1)
    except TimeoutError as error:  # root ends what runs as soon as we hang up
        connection.close()
        raise AssertionError(f"not within {within_s:g} s: {said}") from error
    told = json.loads(line or b'{"error": "root has ended"}')
    if "error" in told:
        connection.close()
        if "Connection refused" in told["error"]:
            raise ConnectionRefusedError(told["error"])
        raise AssertionError(f"{said['do']}: {told['error']}")
    return connection, told, came[0] if came else -1


@dataclass(frozen=True)
class Debian:
    """A machine that runs."""

    suite: str
    number: int

    def run(
        self,
        *argv: str,
        user: str = "root",
        env: dict[str, str] | None = None,
        input: str | bytes = "",
        check: bool = True,
        outside: bool = False,
    ) -> "subprocess.CompletedProcess[str]":
        """A command in it. `outside`: by the tests' own network, which has Debian's mirror.

        Raises: AssertionError where it must not fail and does, with all that it said.
        """
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            given.write(input.encode() if isinstance(input, str) else input)
            given.seek(0)
            connection, told, _ = order(
                self._said(argv, user, env, outside), given.fileno(), out.fileno(), err.fileno()
            )
            connection.close()
            texts = []
            for file in (out, err):
                file.seek(0)
                texts.append(file.read().decode("utf-8", "replace"))
        if check:
            assert told["code"] == 0, f"{shlex.join(argv)}: exit code {told['code']}\n{texts[0]}{texts[1]}"
        return subprocess.CompletedProcess(list(argv), told["code"], *texts)

    @contextmanager
    def started(self, *argv: str, user: str = "root", env: dict[str, str] | None = None) -> Iterator[None]:
        """A command that goes on inside; it is ended afterwards, with what belongs to its group."""
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(ROOT)
        with connection, open(os.devnull, "r+b") as nothing:
            said = json.dumps(self._said(argv, user, env, False)).encode()
            socket.send_fds(connection, [said + b"\n"], [nothing.fileno()] * 3)
            yield

    def _said(self, argv: tuple[str, ...], user: str, env: dict[str, str] | None, outside: bool) -> dict[str, Any]:
        home = "/root" if user == "root" else f"/home/{user}"
        whole = {"HOME": home, "USER": user, "LOGNAME": user, "SHELL": "/bin/bash", **(env or {})}
        return {"do": "run", "machine": self.number, "user": user, "argv": argv, "env": whole, "outside": outside}

    def sh(self, script: str, **how: Any) -> str:
        """What a shell script prints."""
        return self.run("sh", "-ec", script, **how).stdout

    def connect(self, port: int, host: str = "127.0.0.1", uid: int = 0) -> socket.socket:
        """A connection inside, of that user; to a Unix socket where `host` is a path.

        Raises: ConnectionRefusedError where nobody listens.
        """
        return self._socket("connect", host, port, uid)

    def listen(self, port: int, host: str = "127.0.0.1") -> socket.socket:
        """A socket of the tests that listens inside."""
        return self._socket("listen", host, port, 0)

    def _socket(self, how: str, host: str, port: int, uid: int) -> socket.socket:
        connection, _, made = order({"do": how, "machine": self.number, "host": host, "port": port, "uid": uid})
        connection.close()
        return socket.socket(fileno=made)

    def listens(self, port: int) -> bool:
        """Whether anybody does."""
        try:
            self.connect(port).close()
        except ConnectionRefusedError:
            return False
        return True

    def text(self, path: str) -> str:
        """A file; empty where there is none."""
        return self.run("cat", path, check=False).stdout

    def write(self, path: str, content: str | bytes, *, user: str = "root", mode: str = "644") -> None:
        """A file, with its folders."""
        script = 'mkdir -p "$(dirname "$0")"; cat > "$0"; chmod "$1" "$0"'
        self.run("sh", "-ec", script, path, mode, user=user, input=content)

    def processes(self, holding: str = "", uid: int | None = None) -> list[Process]:
        """Those that run, but for the first and whoever looks."""
        lines = [line.split(" ", 2) for line in self.run("perl", "-e", PROCESSES).stdout.splitlines()]
        found = [Process(int(pid), int(owner), line.strip()) for pid, owner, line in lines]
        return [one for one in found if holding in one.line and uid in (None, one.uid)]

    def footprint(self) -> dict[str, str]:
        """Every file with kind, mode, owner and where it leads; the small ones of interest with their content."""
        found = dict(line.split("\t", 1) for line in self.sh(FILES).splitlines())
        for line in self.run("sh", "-c", CONTENTS, check=False).stdout.splitlines():
            digest, _, path = line.partition("  ")
            found[path] = f"{found.get(path, '')} {digest}"
        return found


NewDebian = Callable[[str], Debian]


@contextmanager
def opened(name: str) -> Iterator[Debian]:
    """A machine, for as long as it is used: "bookworm-workstation"."""
    connection, told, _ = order({"do": "open", "name": name}, within_s=MAKING_S)
    with connection:
        yield Debian(name.partition("-")[0], told["machine"])


def needs_root() -> None:
    """Skip where nobody is root for the tests."""
    if not ROOT:
        pytest.skip("tests/run was not started by root, who makes clean Debians")


@pytest.fixture(scope="module")
def new_debian() -> Iterator[NewDebian]:
    """`new_debian("trixie-bare")`: a machine that lasts as long as the module's tests."""
    needs_root()
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(opened(name))


def once(look: Callable[[], bool], seconds: float) -> bool:
    """Whether it became true in time."""
    end = time.monotonic() + seconds
    while not look():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True
