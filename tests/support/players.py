"""Asking running players what they really play: mpv over its JSON interface, VLC over its RC socket."""

import json
import socket
import time
from pathlib import Path
from typing import Any


def ask_mpv(pipe: Path, name: str) -> Any:
    """One property of a running mpv; None as long as it has none."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        connection.connect(str(pipe))
        connection.sendall(json.dumps({"command": ["get_property", name]}).encode() + b"\n")
        for line in connection.makefile():
            answer = json.loads(line)
            if "error" in answer:
                return answer.get("data")


def ask_vlc(pipe: Path, question: str) -> str:
    """What VLC answers within half a second."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(0.5)
        connection.connect(str(pipe))
        connection.sendall(question.encode() + b"\n")
        answer, end = b"", time.monotonic() + 5
        while time.monotonic() < end:
            try:
                answer += connection.recv(65536)
            except TimeoutError:
                break
        return answer.decode("utf-8", "replace")
