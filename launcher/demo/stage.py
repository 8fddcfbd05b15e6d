"""Sets the stage of the demo in a temporary folder: project files, a studio file, actions for what is installed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from launcher import itself
from launcher.paths import this_os
from launcher.system import User
from launcher.system.here import desktop, peer

FOLDER = "{roots.prod}/{project.code}/{entity.path}/{task_type.name|slug}"
SHOT = Path("prod/FT/shots/SQ010/SH010/animation")


@dataclass(frozen=True, slots=True)
class Offer:
    """One action of the demo. `lines` are its keys in the studio file."""

    name: str
    title: str
    ajax: bool
    lines: tuple[str, ...]
    app: str = ""


BLENDER = Offer(
    "open-in-blender",
    "Open in Blender",
    False,
    (
        'kind = "launch"',
        'app = "blender"',
        f'file = "{FOLDER}/{{entity.name}}_v{{revision:03}}.blend"',
        'when_missing = "empty"',
    ),
    "blender",
)
KRITA = Offer(
    "paint-in-krita",
    "Paint in Krita",
    False,
    (
        'kind = "launch"',
        'app = "krita"',
        f'file = "{FOLDER}/{{entity.name}}_board_v{{revision:03}}.ppm"',
        'when_missing = { copy = "{roots.prod}/templates/board.ppm" }',
    ),
    "krita",
)
SAMPLE = Offer(
    "open-scene",
    "Open in the sample program",
    False,
    (
        'kind = "launch"',
        'app = "sample"',
        f'file = "{FOLDER}/{{entity.name}}_v{{revision:03}}.json"',
        'when_missing = { copy = "{roots.prod}/templates/scene.json" }',
    ),
    "sample",
)
FOLDER_OFFER = Offer("open-folder", "Open the folder", True, ('kind = "open"', f'folder = "{FOLDER}"'))
DEBUG = Offer("what-is-known", "What is known of it", False, ('kind = "page"', 'page = "debug"'))


PLAYER = Offer(
    "look-at-it",
    "Play the playblast",
    True,
    (
        'kind = "launch"',
        'app = ["mpv", "vlc"]',
        f'file = "{FOLDER}/{{entity.name}}_playblast_v{{revision:03}}.y4m"',
        'task_types = ["Animation"]',
    ),
    "mpv",
)
"""Sent as AJAX: both of Kitsu's kinds of action are seen. Of its players the first that is installed is taken."""


def offers(installed: frozenset[str], display: bool, alone: bool) -> tuple[Offer, ...]:
    """The actions that can work here. Without a display only our own sample program can.

    `alone`: nobody clicks. A file manager's window is none of our processes: nobody would close it.
    """
    real = tuple(offer for offer in (BLENDER, KRITA) if display and offer.app in installed)
    players = {"mpv"} if _refused_by_vlc(peer.own_uid()) else {"mpv", "vlc"}
    player = (PLAYER,) if display and players & installed else ()
    folder = (FOLDER_OFFER,) if not alone and desktop.shows_folders() else ()
    return (*((*real, *player) or (SAMPLE,)), *folder, DEBUG)


def _refused_by_vlc(user: User) -> bool:
    """It does not run as root."""
    return user == 0


def lay(home: Path, origin: str, chosen: tuple[Offer, ...]) -> None:
    """Write the project's files and the studio file below `home`. `origin` is the sample Kitsu's address."""
    prod = home / "prod"
    for folder in (home / "machine", home / SHOT, prod / "templates"):
        folder.mkdir(parents=True)
    (prod / ".prod").touch()
    (prod / "templates" / "scene.json").write_text(json.dumps({"scene": "empty"}))
    (prod / "templates" / "board.ppm").write_bytes(picture())
    for revision in (1, 2):
        (home / SHOT / f"SH010_v{revision:03}.json").write_text(json.dumps({"scene": "SH010", "revision": revision}))
        with open(home / SHOT / f"SH010_playblast_v{revision:03}.y4m", "wb") as file:
            file.writelines(movie(revision))
    (home / "machine" / "studio.toml").write_text(studio_file(home, origin, chosen), encoding="utf-8")


def name_port(home: Path, port: int) -> None:
    """Write the daemon's port into the studio file: what looks after clicks there must not wonder about another one."""
    path = home / "machine" / "studio.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("[studio]\n", f"[studio]\nport = {port}\n", 1), "utf-8")


def studio_file(home: Path, origin: str, chosen: tuple[Offer, ...]) -> str:
    """The demo's studio file: a small one to learn from."""
    lines = [
        "[studio]",
        'name = "Fox Tales (sample)"',
        f"servers = [{{ origins = [{json.dumps(origin)}], insecure = true }}]",
        "",
        "[roots]",
        f'prod = {{ {this_os()} = {json.dumps(str(home / "prod"))}, marker = ".prod" }}',
    ]
    if SAMPLE in chosen:
        program, *args = itself.command("demo", "--sample-program")
        lines += ["", "[apps.sample]", 'title = "Sample program"', f"executable = {json.dumps(program)}"]
        lines += [f"args = {json.dumps(args)}", 'opens = [".json"]']
        if not itself.FROZEN:
            lines += [f"env.PYTHONPATH = {json.dumps(str(Path(__file__).parents[2]))}"]
    for offer in chosen:
        lines += ["", f"[actions.{offer.name}]", f"title = {json.dumps(offer.title)}", *offer.lines]
        lines += ["ajax = true"] if offer.ajax else []
    return "\n".join(lines) + "\n"


def picture(width: int = 480, height: int = 270) -> bytes:
    """A plain picture to paint on (PPM): warm paper with a frame."""
    edge = b"\x8a\x5a\x30" * width
    inside = b"\x8a\x5a\x30" * 4 + b"\xfb\xf3\xe4" * (width - 8) + b"\x8a\x5a\x30" * 4
    return b"P6 %d %d 255\n" % (width, height) + edge * 4 + inside * (height - 8) + edge * 4


def movie(revision: int, width: int = 192, height: int = 108, frames: int = 48) -> Iterator[bytes]:
    """A small movie (YUV4MPEG2, 24 fps): a bright square crosses the picture; each revision has its own colour."""
    yield b"YUV4MPEG2 W%d H%d F24:1 Ip A1:1 C420jpeg\n" % (width, height)
    chroma = bytes([90 + 40 * revision]) * (width * height // 4)
    for frame in range(frames):
        left = frame * (width - 24) // (frames - 1)
        dark, light = bytes([40]) * width, bytes([40]) * left + bytes([220]) * 24 + bytes([40]) * (width - 24 - left)
        luma = b"".join(light if 42 <= y < 66 else dark for y in range(height))
        yield b"FRAME\n" + luma + chroma + bytes([150]) * (width * height // 4)
