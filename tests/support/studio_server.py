"""A real https server that machines fetch their studio file from, with an authority of the test's own."""

import hashlib
import http.server
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme

from launcher.config import fetch, files, signing
from launcher.model import OS
from tests.support.configured import Machine

PAGE = '[studio]\nname = "{name}"\nserial = {serial}\n[actions.a]\ntitle = "A"\nkind = "page"\n'
"""A studio file that says nothing of what code runs."""


@dataclass
class StudioServer:
    """What it answers, by path; `asked` are the paths that came, with the status that each got."""

    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    special: dict[str, Callable[[Any], None]] = field(default_factory=dict)
    """Paths that are answered in ways of their own."""
    port: int = 0
    ca_file: str = ""

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/studio.toml"

    @property
    def statuses(self) -> list[int]:
        return [status for _path, status in self.asked]


def handler(server: StudioServer) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path in server.special:
                server.asked.append((self.path, 0))
                server.special[self.path](self)
                return
            content = server.files.get(self.path)
            etag = f'"{hashlib.sha256(content or b"").hexdigest()}"'
            status = 404 if content is None else 304 if self.headers.get("If-None-Match") == etag else 200
            server.asked.append((self.path, status))
            self.send_response(status)
            self.send_header("Content-Length", str(len(content or b"") if status == 200 else 0))
            self.send_header("ETag", etag)
            self.end_headers()
            if status == 200:
                self.wfile.write(content or b"")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


class Quiet(http.server.ThreadingHTTPServer):
    """Who does not trust its certificate hangs up; that is no news."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@pytest.fixture
def studio_server(tmp_path: Path) -> Iterator[StudioServer]:
    """Real: TLS on loopback, in a thread."""
    authority, server = trustme.CA(), StudioServer(ca_file=str(tmp_path / "authority.pem"))
    authority.cert_pem.write_to_path(server.ca_file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    listening = Quiet(("127.0.0.1", 0), handler(server))
    listening.socket = context.wrap_socket(listening.socket, server_side=True, do_handshake_on_connect=False)
    server.port = listening.server_address[1]
    thread = threading.Thread(target=listening.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    listening.shutdown()
    listening.server_close()


@dataclass
class Td:
    """A TD with a key, who signs what the server gives out; and a machine that fetches it."""

    server: StudioServer
    machine: Machine
    key_file: Path
    key: str

    def name_in_machine(self, key: str | None = None) -> None:
        """`machine.toml` names the address, and her key or another; none where it is empty."""
        named = self.key if key is None else key
        line = f'key = "{named}"\n' if named else ""
        self.machine.write(machine=f'studio = "{self.server.url}"\nca_file = "{self.server.ca_file}"\n{line}')

    def publish(self, text: str, signed: bool = True, key_file: Path | None = None) -> None:
        """Put a file on the server, signed or not."""
        file = self.machine.home / "td" / "studio.toml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        self.server.files = {"/studio.toml": file.read_bytes()}
        if signed:
            file.with_name("studio.toml.sig").unlink(missing_ok=True)
            signature = signing.sign(file, key_file or self.key_file, OS.LINUX, "ws1").path
            self.server.files["/studio.toml.sig"] = signature.read_bytes()

    async def fetch(self) -> bool:
        """The machine looks once, as its daemon does."""
        remote = files.remote(self.machine.folders, self.machine.environ)
        assert remote
        return await fetch.refresh(remote)


@pytest.fixture
def td(studio_server: StudioServer, configured: Machine) -> Td:
    """Her machine names the address and her key; nothing is published yet."""
    path = configured.home / "signing.pem"
    one = Td(studio_server, configured, path, signing.make_key(path))
    one.name_in_machine()
    return one


def redirect(to: str) -> Callable[[Any], None]:
    """An answer that leads elsewhere."""

    def answer(request: Any) -> None:
        request.send_response(302)
        request.send_header("Location", to)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return answer


def hang(request: Any) -> None:
    """An answer that does not come for long."""
    time.sleep(30)
