"""What the Windows modules decide, on any OS. Pure, but for the folder of one test."""

import socket
import struct
from pathlib import Path

import pytest

from launcher.execute import outcome
from launcher.system.windows import desktop, process
from launcher.system.windows.peer import holder_in

PEER4, OWN4 = (b"\x7f\0\0\1", 50_000), (b"\x7f\0\0\1", 24_517)
PEER6, OWN6 = (b"\0" * 15 + b"\1", 50_000), (b"\0" * 15 + b"\1", 24_517)


def row4(state: int, here: tuple[bytes, int], there: tuple[bytes, int], pid: int, undefined: int = 0) -> bytes:
    ends = [part for host, port in (here, there) for part in (host, socket.htons(port) | undefined << 16)]
    return struct.pack("<I4sI4sII", state, *ends, pid)


def row6(state: int, here: tuple[bytes, int], there: tuple[bytes, int], pid: int) -> bytes:
    ends = [part for host, port in (here, there) for part in (host, 0, socket.htons(port))]
    return struct.pack("<16sII16sIIII", *ends, state, pid)


def table(*rows: bytes) -> bytes:
    """As Windows gives it: the count, the rows, and whatever else was in the buffer."""
    return struct.pack("<I", len(rows)) + b"".join(rows) + b"\xff" * 40


def test_the_holder_of_a_connection_is_the_process_at_its_other_end() -> None:
    """Both ends stand in the table; only the one that is the peer's own counts."""
    rows = table(
        row4(2, OWN4, (b"\0" * 4, 0), 7), row4(5, OWN4, PEER4, 7), row4(5, PEER4, OWN4, 4711, undefined=0xABCD)
    )
    assert holder_in(rows, PEER4, OWN4) == 4711
    assert holder_in(rows, (PEER4[0], 50_001), OWN4) is None
    assert holder_in(table(row6(5, OWN6, PEER6, 7), row6(7, PEER6, OWN6, 4712)), PEER6, OWN6) == 4712


@pytest.mark.parametrize(("state", "pid"), [(11, 4711), (8, 4711), (5, 0)])
def test_a_connection_without_an_owner_is_nobodys(state: int, pid: int) -> None:
    """TIME_WAIT, CLOSE_WAIT, and a row whose process Windows does not name."""
    assert holder_in(table(row4(state, PEER4, OWN4, pid)), PEER4, OWN4) is None


def test_a_table_that_is_shorter_than_it_says_is_no_trouble() -> None:
    assert holder_in(struct.pack("<I", 9) + row4(5, OWN4, PEER4, 7), PEER4, OWN4) is None
    assert holder_in(b"\0\0\0\0", PEER4, OWN4) is None


@pytest.mark.parametrize(
    "name", ["b.bat", "b.cmd", "B.BAT", "b.bat. ", "b.bat .", "b.cmd...", "b.bat:x", "b.bat::$DATA", "b.bat. :x"]
)
def test_batch_files_by_any_name(name: str) -> None:
    """threats.md T17: a shell would read the arguments, whatever their quotes."""
    assert process.is_batch_file(rf"C:\tools\{name}")
    assert process.is_batch_file(name)


@pytest.mark.parametrize("name", ["b.exe", "bat", "b.bat.exe", "b.com", r"x.bat\b.exe"])
def test_other_programs_are_no_batch_files(name: str) -> None:
    assert not process.is_batch_file(rf"C:\tools\{name}")


def test_the_environment_of_applications() -> None:
    """Nothing of a bundle, a virtual environment or this program; names in any case; Python's own stays elsewhere's."""
    environ = {
        "Path": r"C:\Kitsu\Scripts;C:\Windows;c:\kitsu;c:\KITSU\1.0.0;D:\Kitsu2",
        "PYTHONPATH": r"C:\kitsu\lib",
        "PYTHONHOME": r"D:\studio\python",
        "TCL_LIBRARY": r"C:\Kitsu\tcl",
        "VIRTUAL_ENV": r"C:\venv",
        "_PYI_ARCHIVE_FILE": "x",
        "KITSU_LAUNCHER_HOME": "x",
        "SystemRoot": r"C:\Windows",
    }

    assert process.clean_environment(environ, Path(r"C:\Kitsu")) == {
        "Path": r"C:\Windows;c:\kitsu;D:\Kitsu2",  # the programs' own folder: so one of hers can call them
        "PYTHONHOME": r"D:\studio\python",
        "SystemRoot": r"C:\Windows",
    }


def test_explorer_is_named_whole() -> None:
    assert desktop.explorer({"SystemRoot": r"D:\Windows"}) == r"D:\Windows\explorer.exe"
    assert desktop.explorer({}) == r"C:\Windows\explorer.exe"


def test_a_crash_of_windows_is_told_by_its_number() -> None:
    """Exit codes from 0xC0000000 on are Windows' own: access violation, a missing DLL."""
    assert outcome(0xC0000005) == "it crashed with 0xC0000005"
    assert outcome(3) == "it ended with exit code 3"
