"""Applications on Windows: started without a console of ours, watched by a waiting thread, outliving the daemon."""

import asyncio
import contextlib
import os
import shutil
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PureWindowsPath

from launcher.batch import is_batch_file, unsafe
from launcher.door import win32
from launcher.errors import LauncherError, NotFoundHere
from launcher.itself import FROZEN
from launcher.logs import capped, escaped
from launcher.system.refusals import BatchFile, CannotStart, not_an_argument
from launcher.words import _

OURS = ("KITSU_LAUNCHER_", "_PYI_", "_MEIPASS2", "PYINSTALLER_", "_OLD_VIRTUAL_")
"""Variables that begin so are this program's, its bundle's or its virtual environment's."""
BUNDLE_PATHS = {"PYTHONHOME", "QT_PLUGIN_PATH", "QML2_IMPORT_PATH", "TCL_LIBRARY", "TK_LIBRARY", "OPENSSL_MODULES"}
BUNDLE_LISTS = {"PATH", "PYTHONPATH"}
DETACHED = 0x0000_0008 | 0x0000_0200
"""DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP: no console of ours, and none of its Ctrl-C."""
SYNCHRONIZE, QUERY_LIMITED_INFORMATION = 0x0010_0000, 0x1000
STILL_WAITING = 0x102
FOREVER = 0xFFFF_FFFF
FILE_NOT_FOUND, PATH_NOT_FOUND, ACCESS_DENIED, BAD_EXE, TOO_LONG, BAD_DIRECTORY = 2, 3, 5, 193, 206, 267
ELEVATION_REQUIRED = 740
OWN = Path(sys.prefix).parent if FROZEN else Path(sys.prefix) if sys.prefix != sys.base_prefix else None
"""The bundle, every version of it, or the virtual environment that this program runs from; None where it is the
system's Python."""


def clean_environment(environ: Mapping[str, str], own: Path | None = OWN) -> dict[str, str]:
    """`environ` as the person's login has it: nothing of a bundle, a virtual environment or this program leaks.

    Python's own variables stay where they point elsewhere than into `own`: they are the application's.
    """
    folders = [PureWindowsPath(own)] if own else []
    folders += [PureWindowsPath(value) for name, value in environ.items() if name.upper() == "VIRTUAL_ENV" and value]

    def is_ours(path: str, name: str) -> bool:
        # The programs' own folder in PATH is the person's wish: so an application can call `kitsu-launcher`.
        found = [folder for folder in folders if path and PureWindowsPath(path).is_relative_to(folder)]
        return bool(found) and not (name == "PATH" and PureWindowsPath(path) in found)

    clean: dict[str, str] = {}
    for name, value in environ.items():
        upper = name.upper()
        if upper.startswith(OURS) or upper in ("VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT"):
            continue
        if upper in BUNDLE_LISTS:
            kept = [path for path in value.split(";") if not is_ours(path.strip('"'), upper)]
            if kept != value.split(";") and not kept:
                continue
            value = ";".join(kept)
        elif upper in BUNDLE_PATHS and is_ours(value, upper):
            continue
        clean[name] = value
    return clean


def start(
    argv: Sequence[str], env: Mapping[str, str], cwd: Path, log: int, *, batch: bool = False
) -> subprocess.Popen[bytes]:
    """Start a program, detached, its output going to the file descriptor `log`.

    `batch`: it may be a batch file, with items that reach it as they are.
    Keep the answer until `watch` has told the end: without it the exit code is lost.
    Raises: NotFoundHere, CannotStart.
    """
    program = program_of(argv[0], env)
    if is_batch_file(program):
        _must_be_harmless([program, *argv[1:]], batch)
    try:
        return subprocess.Popen(
            [program, *argv[1:]],
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Handles: only the three above are inherited.
            close_fds=True,
            creationflags=DETACHED,
        )
    except OSError as error:
        raise refused(error, program, cwd) from error
    except ValueError as error:
        raise not_an_argument(_name(program)) from error


def program_of(executable: str, env: Mapping[str, str]) -> str:
    """The program's absolute path: Windows looks for a bare name in its own folders first, and in the current one."""
    if not PureWindowsPath(executable).is_absolute():
        path = next((value for name, value in env.items() if name.upper() == "PATH"), "")
        folders = [folder for folder in path.split(";") if PureWindowsPath(folder).is_absolute()]
        which = (
            shutil.which(executable, path=";".join(folders)) if PureWindowsPath(executable).name == executable else None
        )
        if not which or not PureWindowsPath(which).is_absolute():
            raise NotFoundHere(
                _("{program} was not found here.", program=_name(executable)),
                tried=[_name(folder) for folder in folders],
                next_step=_("Put its whole path into the studio file, or its folder into PATH."),
            )
        executable = which
    return executable


def _must_be_harmless(argv: Sequence[str], allowed: bool) -> None:
    """The plan has looked at it before; what a name in PATH has become is only known here."""
    name = _name(argv[0])
    if not allowed:
        raise BatchFile(
            _("{program} is a batch file, and is not started.", program=name),
            tried=[name],
            next_step=_(
                "Windows gives a batch file's arguments to a shell, where names from Kitsu could become commands."
                " Name the program that it starts in the studio file instead."
            ),
        )
    if (item := unsafe(argv)) is not None:
        raise BatchFile(
            _("{program} is a batch file, which cannot be given {item!r}.", program=name, item=capped(item, 200)),
            tried=[name],
            next_step=_("Rename it in Kitsu, or name the program that the batch file starts in the studio file."),
        )


def refused(error: OSError, executable: str, cwd: Path) -> LauncherError:
    """Windows' refusal to start something, in words."""
    name = _name(executable)
    number = getattr(error, "winerror", None)
    tried = [f"{name}: {error.strerror}"]
    if number == TOO_LONG:
        return CannotStart(
            _("{program} cannot be started: its arguments are too long for this system.", program=name),
            tried=tried,
            next_step=_("Select fewer tasks."),
        )
    if number == BAD_DIRECTORY or (number in (FILE_NOT_FOUND, PATH_NOT_FOUND) and not cwd.is_dir()):
        return NotFoundHere(
            _("{program} was to start in a folder that is not there.", program=name),
            tried=[f"{_name(str(cwd))}: {error.strerror}"],
            next_step=_("Click again; if the folder was moved or unmounted, bring it back first."),
        )
    if number in (FILE_NOT_FOUND, PATH_NOT_FOUND):
        return NotFoundHere(
            _("{program} is not there any more.", program=name),
            tried=tried,
            next_step=_("Click again: what is installed is looked up anew. `kitsu-launcher apps` lists it."),
        )
    if number == BAD_EXE:
        return CannotStart(
            _("{program} is not a program that this machine can run.", program=name),
            tried=tried,
            next_step=_("It must be an .exe that was built for this processor."),
        )
    if number == ELEVATION_REQUIRED:
        return CannotStart(
            _("{program} wants to be started as an administrator.", program=name),
            tried=tried,
            next_step=_("The launcher starts everything as you: ask IT for an installation that needs no more."),
        )
    if number == ACCESS_DENIED:
        return CannotStart(
            _("{program} may not be started by you.", program=name),
            tried=tried,
            next_step=_("Check its permissions, and whether your antivirus or a policy of IT blocks it."),
        )
    return CannotStart(
        _("{program} could not be started.", program=name), tried=tried, next_step=_("Click again in a moment.")
    )


def _name(path: str) -> str:
    return capped(escaped(path), 200)


def watch(process: subprocess.Popen[bytes], loop: asyncio.AbstractEventLoop, ended: Callable[[int], None]) -> None:
    """Call `ended` in the loop, once, with the exit code."""
    _when(lambda: process.wait(), loop, ended, f"watch-{process.pid}")


def end(pid: int) -> None:
    """End a program that `start` has started. What it has started in its turn goes on: Windows knows no groups."""
    with contextlib.suppress(OSError):  # it has ended meanwhile
        os.kill(pid, signal.SIGTERM)  # Windows' TerminateProcess


def birth(pid: int) -> str:
    """What tells a process from a later one of the same pid: when it was created, in 100 ns since 1601.

    Raises: OSError when there is no such process.
    """
    process = _open(pid)
    try:
        return _created(process)
    finally:
        _close(process)


def lives(pid: int, born: str) -> bool:
    """Whether the process that `birth` described still runs."""
    try:
        process = _open(pid)
    except OSError:
        return False
    try:
        return _runs(process, born)
    finally:
        _close(process)


def watch_again(pid: int, born: str, loop: asyncio.AbstractEventLoop, ended: Callable[[], None]) -> bool:
    """Watch what an earlier daemon started; False if it has ended meanwhile. Its exit code is not told."""
    try:
        process = _open(pid)
    except OSError:
        return False
    if not _runs(process, born):
        _close(process)
        return False

    def wait() -> int:
        _wait(process, FOREVER)
        _close(process)
        return 0

    _when(wait, loop, lambda code: ended(), f"watch-{pid}")
    return True


def _when(wait: Callable[[], int], loop: asyncio.AbstractEventLoop, ended: Callable[[int], None], name: str) -> None:
    """A thread for each application: the loop's own way to wait for a handle is private to asyncio."""

    def body() -> None:
        code = wait()
        # The daemon may have ended meanwhile, and its loop with it.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(ended, code)

    threading.Thread(target=body, name=name, daemon=True).start()


def _open(pid: int) -> int:
    kernel = win32.library("kernel32")
    kernel.OpenProcess.restype = win32.ctypes.c_void_p
    process: int | None = kernel.OpenProcess(SYNCHRONIZE | QUERY_LIMITED_INFORMATION, False, pid)
    if not process:
        raise win32.error()
    return process


def _close(process: int) -> None:
    win32.library("kernel32").CloseHandle(win32.ctypes.c_void_p(process))


def _wait(process: int, milliseconds: int) -> int:
    return int(win32.library("kernel32").WaitForSingleObject(win32.ctypes.c_void_p(process), milliseconds))


def _runs(process: int, born: str) -> bool:
    return _wait(process, 0) == STILL_WAITING and _created(process) == born


def _created(process: int) -> str:
    """When a process was created. Raises: OSError."""
    ctypes = win32.ctypes
    times = [ctypes.create_string_buffer(8) for _ in range(4)]
    if not win32.library("kernel32").GetProcessTimes(ctypes.c_void_p(process), *times):
        raise win32.error()
    return str(struct.unpack("<Q", times[0].raw)[0])
