"""Which version saved a file: real files of Blender, headers made by hand, and everything that is no header."""

import gzip
import os
import socket
import subprocess
import threading
from pathlib import Path

import pytest
import zstandard

from launcher.facts.fileversion import ZSTD_HEAD_BYTES, blend, of_file
from tests.support.needs import needs

SAVE = "import bpy; bpy.ops.wm.save_as_mainfile(filepath={file!r}, compress={compress})"


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Real: Blender saves the same scene plain and, since 3.0, packed by zstd; gzip packs it as older ones did."""
    folder = tmp_path_factory.mktemp("saved")
    files = {name: folder / f"{name}.blend" for name in ("plain", "zstd", "gzip")}
    for name, compress in (("plain", False), ("zstd", True)):
        text = SAVE.format(file=str(files[name]), compress=compress)
        command = ["blender", "-b", "--factory-startup", "--python-expr", text]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
    with files["gzip"].open("wb") as packed:
        subprocess.run(["gzip", "-c", str(files["plain"])], check=True, stdout=packed)
    return files


@needs("blender", "gzip")
@pytest.mark.parametrize(
    ("name", "magic"), [("plain", b"BLENDER"), ("zstd", b"\x28\xb5\x2f\xfd"), ("gzip", b"\x1f\x8b")]
)
def test_a_file_that_blender_saved_tells_its_version(saved: dict[str, Path], name: str, magic: bytes) -> None:
    """Real: Blender, gzip."""
    told = subprocess.run(["blender", "--version"], capture_output=True, text=True, timeout=60).stdout.split()[1]

    assert saved[name].read_bytes().startswith(magic)
    assert of_file(saved[name], "blend") == ".".join(told.split(".")[:2])


@pytest.mark.parametrize(
    ("head", "version"),
    [
        (b"BLENDER-v305REND", "3.5"),
        (b"BLENDER_v279REND", "2.79"),
        (b"BLENDER-V280", "2.80"),
        (b"BLENDER-v402", "4.2"),
        (b"BLENDER17-01v0405REND", "4.5"),
        (b"BLENDER17-01v0500", "5.0"),
        (b"BLENDER17-02v1012", "10.12"),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
def test_both_headers_in_each_packing(head: bytes, version: str, pack) -> None:
    assert blend(pack(head + b"\0" * 5000)) == version


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"BLENDER",
        b"BLENDER-v",
        b"BLENDER-v40",
        b"BLENDER-v4x2",
        b"BLENDER17-01v040",
        b"xBLENDER-v402",
        b"PK\x03\x04",
        b"\x1f\x8b",
        b"\x1f\x8b" + b"\xff" * 100,
        b"\x28\xb5\x2f\xfd",
        b"\x28\xb5\x2f\xfd" + b"\xff" * 100,
        gzip.compress(b"nothing of Blender's"),
        zstandard.compress(b""),
        gzip.compress(gzip.compress(b"BLENDER-v402")),
        "BLENDER-v４０２".encode(),
    ],
)
def test_what_is_no_header_is_not_known_and_no_error(head: bytes) -> None:
    assert blend(head) == ""


def test_the_first_block_is_read_however_badly_a_file_packs(tmp_path: Path) -> None:
    """Real: ten megabytes of noise, of which one block takes as many bytes as a block can."""
    file = tmp_path / "noise.blend"
    file.write_bytes(zstandard.compress(b"BLENDER-v402" + os.urandom(10_000_000)))

    assert of_file(file, "blend") == "4.2"


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_bomb_is_unpacked_no_further_than_its_header(tmp_path: Path, pack) -> None:
    """Real: 200 MB of zeros in a file of some kilobytes."""
    file = tmp_path / "bomb.blend"
    file.write_bytes(pack(b"BLENDER-v402" + bytes(200_000_000)))

    assert of_file(file, "blend") == "4.2"


def test_a_header_that_asks_for_gigabytes_of_memory_gets_none() -> None:
    """A zstd frame whose window is 2 GiB (RFC 8878, 3.1.1.1.2)."""
    assert blend(b"\x28\xb5\x2f\xfd" + b"\x00" + bytes([21 << 3]) + b"\x61\x00\x00BLENDER-v402") == ""


def test_what_is_no_plain_file_is_not_known_and_holds_up_nobody(tmp_path: Path) -> None:
    """Real: a pipe that nobody writes to, a socket, a folder, a device, a dangling link; 8 GB that are a hole."""
    os.mkfifo(tmp_path / "pipe.blend")
    (tmp_path / "folder.blend").mkdir()
    (tmp_path / "link.blend").symlink_to(tmp_path / "nothing")
    with socket.socket(socket.AF_UNIX) as listening, (tmp_path / "huge.blend").open("wb") as huge:
        listening.bind(str(tmp_path / "socket.blend"))
        huge.write(b"BLENDER-v402")
        huge.truncate(8 * 2**30)
        huge.flush()
        answers: dict[str, str] = {}
        names = ["pipe", "socket", "folder", "link", "huge"]

        def look() -> None:
            answers.update({name: of_file(tmp_path / f"{name}.blend", "blend") for name in names})
            answers["device"] = of_file(Path("/dev/zero"), "blend")

        looking = threading.Thread(target=look, daemon=True)
        looking.start()
        looking.join(10)

    assert answers == {"pipe": "", "socket": "", "folder": "", "link": "", "huge": "4.2", "device": ""}


def test_a_file_that_may_not_be_read_is_not_known(tmp_path: Path) -> None:
    """Real: a name that no file system takes."""
    assert of_file(tmp_path / ("x" * 5000), "blend") == ""
    assert of_file(Path("/x\0y"), "blend") == ""
    assert ZSTD_HEAD_BYTES < 256 * 1024
