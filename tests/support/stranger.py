"""Another user of this machine, at a test's service. Standard library only: that user's Python has nothing else.

`python3 stranger.py SOCKET UID` listens on a Unix socket and obeys whoever is user UID, one connection at a time, and
ends when its standard input does. Orders and answers are one line of JSON each; bytes travel as base64.
"""

import base64
import json
import os
import socket
import struct
import sys
import threading

LONGEST_S = 5.0
"""How long anything may take."""


def talk(connection: socket.socket, data: bytes) -> bytes:
    """Send all of `data`, and read until the other side closes or says nothing more."""
    answer = b""
    try:
        connection.sendall(data)
        while part := connection.recv(65536):
            answer += part
    except (TimeoutError, ConnectionError):
        pass
    return answer


def request(host: str, port: int, data: bytes) -> bytes:
    """What a TCP address answers to `data`."""
    with socket.create_connection((host, port), LONGEST_S) as connection:
        return talk(connection, data)


def connect_unix(path: str, data: bytes) -> bytes:
    """What a Unix socket answers to `data`."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(LONGEST_S)
        connection.connect(path)
        return talk(connection, data)


class Squatter:
    """Sits at a place that is somebody else's, and keeps what is said to it there."""

    def __init__(self) -> None:
        self.heard = b""
        self.socket: socket.socket | None = None

    def tcp(self, host: str, port: int) -> None:
        """Hold a TCP port."""
        self.free()
        self.socket = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        threading.Thread(target=self._listen, daemon=True).start()

    def unix(self, folder: str, name: str) -> None:
        """Make a folder that anybody may enter, and a Unix socket in it."""
        self.free()
        os.makedirs(folder, exist_ok=True)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(os.path.join(folder, name))
        os.chmod(folder, 0o777)
        os.chmod(os.path.join(folder, name), 0o777)
        self.socket.listen()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        try:
            while self.socket:
                connection, _ = self.socket.accept()
                connection.settimeout(0.5)
                with connection:
                    self.heard += talk(connection, b"")
        except OSError:
            pass

    def free(self) -> bytes:
        """Leave the place; everything that was said there."""
        if self.socket:
            self.socket.shutdown(socket.SHUT_RDWR)
            self.socket.close()
            self.socket = None
        heard, self.heard = self.heard, b""
        return heard


def obey(order: dict, squatter: Squatter) -> object:
    """Carry out one order."""
    data = base64.b64decode(order.get("data", ""))
    if order["do"] == "request":
        return base64.b64encode(request(order["host"], order["port"], data)).decode()
    if order["do"] == "connect_unix":
        return base64.b64encode(connect_unix(order["path"], data)).decode()
    if order["do"] == "squat_tcp":
        return squatter.tcp(order["host"], order["port"])
    if order["do"] == "squat_unix":
        return squatter.unix(order["folder"], order["name"])
    if order["do"] == "free":
        return base64.b64encode(squatter.free()).decode()
    return os.getuid()


def main(path: str, master: int) -> None:
    """Listen, and obey."""
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    os.chmod(path, 0o666)
    server.listen()
    squatter = Squatter()
    while True:
        connection, _ = server.accept()
        with connection, connection.makefile("rw") as lines:
            credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            if struct.unpack("3i", credentials)[1] != master:
                continue
            try:
                answer = {"answer": obey(json.loads(lines.readline()), squatter)}
            except OSError as error:
                answer = {"error": error.strerror or str(error)}
            lines.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
