"""A terminal for tests of commands that ask: what a person types, and all that she sees."""

import fcntl
import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Seen:
    """What a command showed on its terminal, and how it ended."""

    text: str
    exit_code: int


def on_terminal(args: Sequence[str], env: Mapping[str, str], typed: Sequence[tuple[str, str]]) -> Seen:
    """Run `kitsu-launcher ARGS` on a terminal of its own; `typed` are prompts to wait for, and the answers to them."""
    ours, theirs = pty.openpty()

    def take_terminal() -> None:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        [sys.executable, "-m", "launcher", *args],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=dict(env),
        start_new_session=True,
        preexec_fn=take_terminal,
    )
    os.close(theirs)
    text = ""
    for prompt, answer in typed:
        text += _until(ours, prompt)
        os.write(ours, answer.encode() + b"\n")
    text += _until(ours, None)
    os.close(ours)
    return Seen(text.replace("\r\n", "\n"), process.wait(20))


def _until(terminal: int, prompt: str | None) -> str:
    """What is shown until it ends with a prompt; until the terminal closes where there is none to wait for."""
    text = ""
    deadline = time.monotonic() + 30
    while prompt is None or not text.rstrip().endswith(prompt):
        assert time.monotonic() < deadline, f"no {prompt!r} in:\n{text}"
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                part = os.read(terminal, 4096)
            except OSError:  # Linux says so when the other side has closed
                part = b""
            if not part:
                assert prompt is None, f"ended before {prompt!r}:\n{text}"
                break
            text += part.decode()
    return text
