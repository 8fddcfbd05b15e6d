"""Where the private door is, whom it belongs to, and how one asks there. Standard library only, and little of it:
the hand-off imports this.

The door is a file in a folder of this user's alone: on Linux and macOS a Unix socket; on Windows it holds the name of
a pipe that nobody can guess. `unix` and `pipe` have equal names.
"""

import os
import sys
import time

if sys.platform == "win32":
    from launcher.door.pipe import NotOurs, connect, is_mine, runtime_home
else:
    from launcher.door.unix import NotOurs, connect, is_mine, runtime_home

__all__ = ["ENV_HOME", "NAME", "NotOurs", "ask", "connect", "is_mine", "path", "runtime_folder"]

ENV_HOME = "KITSU_LAUNCHER_HOME"
NAME = "kitsu-launcher"


def runtime_folder() -> str:
    """The 0700 folder with the door and the lock: per person, and per machine even where homes are on NFS."""
    home = os.environ.get(ENV_HOME)
    return os.path.join(os.path.abspath(home), "run") if home else runtime_home(NAME)


def path() -> str:
    """The private door's file."""
    return os.path.join(runtime_folder(), "door")


def ask(
    method: str, target: str, body: bytes | None, *, patience_s: float, longest: int = 1 << 26, language: str = "en"
) -> tuple[int, bytes]:
    """Ask the daemon something, JSON in HTTP; status and body of its answer, of which `longest` bytes are read.

    Raises: FileNotFoundError, ConnectionRefusedError where none runs; NotOurs where somebody else may sit there,
    before anything was sent; OSError, ValueError when there is no answer within the time, or it is not HTTP.
    """
    if not target.isascii() or not target.isprintable() or " " in target:
        raise ValueError(f"no such question: {target!a}")
    deadline = time.monotonic() + patience_s
    sent = (
        f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Accept-Language: {language}\r\nContent-Type: application/json\r\nContent-Length: {len(body or b'')}\r\n\r\n"
    ).encode("ascii") + (body or b"")
    connection = connect(path(), patience_s)
    try:
        while sent:
            sent = sent[connection.send(sent) :]
        answer = b""
        while len(answer) < longest:
            connection.settimeout(max(0.001, deadline - time.monotonic()))
            piece = connection.recv(65_536)
            if not piece:
                break
            answer += piece
    finally:
        connection.close()
    version, number = [*answer.split(b" ", 2), b"", b""][:2]
    if not version.startswith(b"HTTP/1.") or not number.isdigit():
        raise ValueError("its answer is not HTTP")
    return int(number), answer.partition(b"\r\n\r\n")[2]
