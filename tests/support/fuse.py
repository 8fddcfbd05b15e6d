"""Real mounts for tests: a folder that is seen at another place by FUSE, may hang, and may go away."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.desktop import wait_until


@dataclass
class Mount:
    """`volume` seen at `point`. What lies at `point` itself is hidden as long as it is mounted."""

    volume: Path
    point: Path
    server: subprocess.Popen[bytes]

    def hang(self) -> None:
        """Stop its server: whoever looks there waits for ever, as at a dead NFS server."""
        self.server.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        """Let it answer again."""
        self.server.send_signal(signal.SIGCONT)

    def unmount(self) -> None:
        """Take it away at once; who still holds a file of it keeps that."""
        subprocess.run(["fusermount3", "-u", "-z", self.point], check=True, capture_output=True, timeout=10)

    def close(self) -> None:
        """Nothing of it stays."""
        self.wake()
        subprocess.run(["fusermount3", "-u", "-z", self.point], check=False, capture_output=True, timeout=10)
        self.server.terminate()
        self.server.wait(10)


@pytest.fixture
def mount() -> Iterator[Callable[[Path, Path], Mount]]:
    """`mount(volume, point)`: real FUSE mounts of this user, without any cache, taken away after the test."""
    missing = [name for name in ("bindfs", "fusermount3") if shutil.which(name) is None]
    if missing or not os.access("/dev/fuse", os.R_OK | os.W_OK):
        pytest.skip(f"not installed: {', '.join(missing)}" if missing else "/dev/fuse is not this user's to use")
    made: list[Mount] = []

    def begin(volume: Path, point: Path) -> Mount:
        options = "attr_timeout=0,entry_timeout=0,negative_timeout=0"
        command = ["bindfs", "-f", "--no-allow-other", "-o", options, volume, point]
        made.append(Mount(volume, point, subprocess.Popen(command)))
        wait_until(lambda: os.path.ismount(point) or made[-1].server.poll() is not None, 10, f"a mount at {point}")
        assert made[-1].server.poll() is None, "bindfs ended"
        return made[-1]

    yield begin
    for one in reversed(made):
        one.close()
