"""Which version of its application saved a file, as the file's first bytes tell. Never an error: "" is "not known"."""

import os
import re
import stat
import zlib
from collections.abc import Callable, Mapping
from pathlib import PurePath

from launcher.filesystem import READ

HEAD_BYTES = 4096
"""Read of every file."""
ZSTD_HEAD_BYTES = 192 * 1024
"""Read of one that zstd has packed: a block comes out whole or not at all, and takes 128 KiB and a little at most."""
ZSTD_WINDOW_BYTES = 8 * 1024 * 1024
"""The most memory that a zstd header may ask for; Blender's ask for 1 MiB."""
UNPACKED_BYTES = 64
"""Unpacked at most, whatever a packed file claims to hold."""
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
BLEND = re.compile(rb"BLENDER(?:[-_][vV](?P<old>[0-9]{3})|[0-9]{2}-[0-9]{2}v(?P<new>[0-9]{4}))")
"""Both headers of a .blend: the older `BLENDER-v305` is 3.5, and `BLENDER17-01v0405` is 4.5 (Blender-Launcher-V2
`blendfile_reader.py`)."""


def blend(head: bytes) -> str:
    """The version in a .blend's header, as in "4.2": plain, or packed by gzip (before 3.0) or by zstd."""
    match = BLEND.match(_unpacked(head))
    if match is None:
        return ""
    if old := match["old"]:
        return f"{int(old[:1])}.{int(old[1:])}"
    return f"{int(match['new'][:2])}.{int(match['new'][2:])}"


FORMATS: Mapping[str, Callable[[bytes], str]] = {"blend": blend}
"""By what `file_version` of an application names."""


def of_file(path: PurePath, format: str) -> str:
    """The version that saved the file at `path`; empty where it is no plain file, or does not tell.

    Blocks as long as the disk does. Reads `ZSTD_HEAD_BYTES` at most.
    """
    try:
        # Looked at before it is opened: opening a device or a pipe may already do something.
        if not stat.S_ISREG(os.stat(path).st_mode):
            return ""
        reading = os.open(path, READ)
    except (OSError, ValueError):
        return ""
    try:
        if not stat.S_ISREG(os.fstat(reading).st_mode):
            return ""
        with open(reading, "rb", closefd=False, buffering=0) as file:
            head = file.read(HEAD_BYTES)
            if head.startswith(ZSTD):
                head += file.read(ZSTD_HEAD_BYTES - len(head))
    except OSError:
        return ""
    finally:
        os.close(reading)
    return FORMATS[format](head)


def _unpacked(head: bytes) -> bytes:
    """The first bytes of what a packed file holds; those of a plain one as they are, and none of garbage."""
    if head.startswith(GZIP):
        try:
            return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(head, UNPACKED_BYTES)
        except zlib.error:
            return b""
    if head.startswith(ZSTD):
        import zstandard  # only few files need it

        try:
            unpacker = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES)
            return unpacker.stream_reader(head).read(UNPACKED_BYTES)
        except (zstandard.ZstdError, MemoryError):
            return b""
    return head
