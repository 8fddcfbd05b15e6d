"""What IT leaves in /etc/kitsu-launcher, the project on its disk, and a click of Kitsu's page on a task of it."""

import struct
import zlib
from pathlib import PurePosixPath
from typing import Any

from tests.support.debians import Debian
from tests.support.desktop import wait_until
from tests.support.requests import CAPTURES, KEY, PERSON, PROJECT, TASK, replay
from tests.support.workplace import KITSU, PORT, Session
from tests.support.zou import Zou

STUDIO = f"""\
[studio]
name = "Lunar Pictures"
keys = ["file:studio.key"]

[[studio.servers]]
origins = ["https://{KITSU}"]
api = "https://{KITSU}"

[roots]
prod = {{ linux = "/mnt/prod", marker = ".prod" }}

[actions.review]
title = "Review"
kind = "launch"
app = "mpv"
file = "{{roots.prod}}/{{project.code|or:project.name}}/{{entity.path}}/{{entity.name}}_v{{revision:03}}.png"
args = ["--no-config", "--vo=x11", "--ao=null", "--input-ipc-server=/tmp/mpv-{{entity.name}}"]
"""
CLICK = "lna-https-local-A1-01.http"
"""A plain action of an https Kitsu, as Chromium sent it."""


def configure(debian: Debian) -> None:
    """The machine-wide studio file, and the project's disk."""
    debian.write("/etc/kitsu-launcher/studio.toml", STUDIO)
    debian.write("/etc/kitsu-launcher/studio.key", KEY)
    debian.write("/mnt/prod/.prod", "")


def frame(debian: Debian, shot: str) -> str:
    """A working file of a shot: a grey picture that anybody may read; its path."""
    path = str(PurePosixPath("/mnt/prod/LS/shots/SQ01") / shot / f"{shot}_v001.png")
    debian.write(path, png(320, 180))
    return path


def png(width: int, height: int) -> bytes:
    """A grey picture."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = (b"\0" + b"\x80" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def click(session: Session, zou: Zou, task: str) -> dict[str, Any]:
    """Kitsu's recorded bytes, on another task; the launch, once it runs or has failed.

    Only the ids are those of this Zou: all are as long as the recorded ones, and the person's mail is the same.
    """
    raw = (CAPTURES / CLICK).read_bytes()
    ids = {TASK: zou.task(task), PERSON: zou.account("user").id, PROJECT: zou.ids["project_short"]}
    for recorded, own in ids.items():
        assert len(recorded) == len(own)
        raw = raw.replace(recorded.encode(), own.encode())
    answer = session.send(replay(raw, f"/run/review?key={KEY}", f"127.0.0.1:{PORT}"))
    assert answer.status == 303, answer.text
    return settled(session, answer.headers["Location"].removeprefix("/launches/"))


def settled(session: Session, launch: str) -> dict[str, Any]:
    """A launch, once it runs or will not."""

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = session.told("launches", launch)
        return found if found["state"] not in ("preparing",) else None

    return wait_until(look, 30, f"launch {launch}")
