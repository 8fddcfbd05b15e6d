"""Another OS user: real requests from a process that is not ours."""

import base64
import json
import os
import pwd
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desktop import wait_until

ADDRESS = "KITSU_TEST_FOREIGN"
"""Where `tests/run` left the Unix socket of the second user's process."""

SYSTEM_PYTHON = "/usr/bin/python3"


class Foreign:
    """What the other user does for a test. Everything blocks, 5 s at most: inside an async test use a thread."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.uid: int = self._order(do="uid")

    def request(self, host: str, port: int, data: bytes) -> bytes:
        """What 127.0.0.1 or ::1 answers to that user's bytes; send `Connection: close`, it reads to the end.

        Raises: OSError if nobody listens.
        """
        return base64.b64decode(self._order(do="request", host=host, port=port, data=base64.b64encode(data).decode()))

    def connect_unix(self, path: str | Path, data: bytes) -> bytes | str:
        """What a Unix socket answers to that user's bytes, or why it may not: "Permission denied"."""
        try:
            order = {"path": str(path), "data": base64.b64encode(data).decode()}
            return base64.b64decode(self._order(do="connect_unix", **order))
        except OSError as error:
            return str(error)

    def squat_tcp(self, host: str, port: int) -> None:
        """Let that user hold a port until `free`. Raises: OSError if it is taken."""
        self._order(do="squat_tcp", host=host, port=port)

    def squat_unix(self, folder: str | Path, name: str) -> None:
        """Let that user own a folder with a Unix socket that anybody may use, until `free`."""
        self._order(do="squat_unix", folder=str(folder), name=name)

    def free(self) -> bytes:
        """Leave the place that is held; everything that was said to it there."""
        return base64.b64decode(self._order(do="free"))

    def _order(self, **order: object):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(30)
            connection.connect(self._address)
            with connection.makefile("rw") as lines:
                lines.write(json.dumps(order) + "\n")
                lines.flush()
                reply = json.loads(lines.readline())
        if "error" in reply:
            raise OSError(reply["error"])
        return reply["answer"]


@pytest.fixture(scope="session")
def foreign_address() -> Iterator[str]:
    """The socket of the second user's process: `tests/run` has started one, or root starts one as nobody."""
    if address := os.environ.get(ADDRESS):
        yield address
        return
    if os.getuid() != 0:
        pytest.skip("no second user: run tests/run as root, which makes one")
    nobody = pwd.getpwnam("nobody")
    script = Path(__file__).with_name("stranger.py").read_text()
    with tempfile.TemporaryDirectory(prefix="kl-foreign-", dir="/tmp") as folder:
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        address = os.path.join(folder, "socket")
        process = subprocess.Popen(
            [SYSTEM_PYTHON, "-c", script, address, str(os.getuid())],
            user=nobody.pw_uid,
            group=nobody.pw_gid,
            extra_groups=[],
            cwd="/",
            stdin=subprocess.PIPE,
        )
        wait_until(lambda: os.path.exists(address), 10, "the second user's process")
        yield address
        process.kill()
        process.wait()


@pytest.fixture
def foreign(foreign_address: str) -> Iterator[Foreign]:
    """The second user, holding nothing."""
    user = Foreign(foreign_address)
    yield user
    user.free()
