"""The private door on Windows: a named pipe of this user's, whose name stands in a file that only this user may read.

The name is drawn anew by each daemon, so that nobody can make the pipe before it does.
"""

import _winapi
import os
import sys
import time

from launcher.door import win32

assert sys.platform == "win32"  # noqa: S101  # for mypy, which looks at this file for Linux too

PREFIX = r"\\.\pipe\kitsu-launcher-"
LONGEST_NAME = 100
IDENTIFY_ONLY = 0x0011_0000
"""SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION: whoever serves the pipe cannot act in this user's name."""
READ_WRITE = 0xC000_0000
PIPE_BUSY, TIMED_OUT, IO_PENDING, BROKEN_PIPE = 231, 121, 997, 109
MOST_AT_ONCE = 65_536
REPLACED_S = 1.0


class NotOurs(OSError):
    """Somebody else may sit behind the door. Its text says why."""


def runtime_home(name: str) -> str:
    """Where the folder of the door is: in the profile, in the part that stays on this machine."""
    local = os.environ.get("LOCALAPPDATA") or os.path.join(os.path.expanduser("~"), "AppData", "Local")
    return os.path.join(local, name, "run")


def is_mine(folder: str) -> bool:
    """Whether a folder is a real one, no junction. Who serves the pipe is asked of the pipe itself."""
    try:
        return os.path.isdir(folder) and not os.lstat(folder).st_reparse_tag
    except OSError:
        return False


class Connection:
    """A pipe that looks like a socket, as far as it is needed here."""

    def __init__(self, handle: int, patience_s: float) -> None:
        self._handle = handle
        self._patience_s = patience_s

    def settimeout(self, patience_s: float) -> None:
        """How long one operation may take from now on, in seconds."""
        self._patience_s = patience_s

    def send(self, data: bytes) -> int:
        """Write, and answer how much was written. Raises: TimeoutError, OSError."""
        work, pending = _winapi.WriteFile(self._handle, data[:MOST_AT_ONCE], overlapped=True)
        return self._finished(work, pending)

    def recv(self, size: int) -> bytes:
        """What there is to read, empty at the end. Raises: TimeoutError, OSError."""
        try:
            work, pending = _winapi.ReadFile(self._handle, size, overlapped=True)
            self._finished(work, pending)
        except OSError as error:
            if error.winerror != BROKEN_PIPE:
                raise
            return b""
        return bytes(work.getbuffer() or b"")

    def close(self) -> None:
        """Let go of it."""
        _winapi.CloseHandle(self._handle)

    def _finished(self, work: _winapi.Overlapped, pending: int) -> int:
        if pending == IO_PENDING:
            waited = _winapi.WaitForMultipleObjects([work.event], False, max(1, int(self._patience_s * 1000)))
            if waited == _winapi.WAIT_TIMEOUT:
                work.cancel()
                work.GetOverlappedResult(True)
                raise TimeoutError("timed out")
        count, _ = work.GetOverlappedResult(True)
        return count


def connect(path: str, patience_s: float) -> Connection:
    """A connection to this user's daemon; no operation of it takes longer than `patience_s` seconds.

    Raises: FileNotFoundError, ConnectionRefusedError where none runs; NotOurs; OSError.
    """
    folder = os.path.dirname(path)
    name = _name_in(path)
    # Any other name could be a pipe of another machine: it would be told who this user is.
    if not name.startswith(PREFIX) or not name[len(PREFIX) :].isalnum() or not is_mine(folder):
        raise NotOurs(f"{folder} is not yours alone; nothing was sent")
    handle = _opened(name, patience_s)
    pid = win32.server_of(handle)
    if pid is None or win32.sid_of(pid) != win32.own_sid():
        _winapi.CloseHandle(handle)
        raise NotOurs(f"{name} is served by another user; nothing was sent")
    return Connection(handle, patience_s)


def _name_in(path: str) -> str:
    """What the door's file holds. Raises: FileNotFoundError, NotOurs."""
    deadline = time.monotonic() + REPLACED_S
    while True:
        try:
            with open(path, encoding="ascii", errors="replace") as file:
                return file.read(LONGEST_NAME)
        except PermissionError as error:
            # A daemon that starts or ends has it in its hands for a moment.
            if time.monotonic() >= deadline:
                raise NotOurs(f"{path} cannot be used: {error.strerror}") from error
        time.sleep(0.02)


def _opened(name: str, patience_s: float) -> int:
    deadline = time.monotonic() + patience_s
    flags = _winapi.FILE_FLAG_OVERLAPPED | IDENTIFY_ONLY
    while True:
        try:
            return _winapi.CreateFile(name, READ_WRITE, 0, _winapi.NULL, _winapi.OPEN_EXISTING, flags, _winapi.NULL)
        except FileNotFoundError as error:
            raise ConnectionRefusedError(f"{name}: a daemon that has ended") from error
        except PermissionError as error:
            raise NotOurs(f"{name} is served by another user; nothing was sent") from error
        except OSError as error:
            if error.winerror != PIPE_BUSY or time.monotonic() >= deadline:
                raise
        try:
            # Every instance talks to somebody: wait for the next one, then try to be the first at it.
            _winapi.WaitNamedPipe(name, max(1, int((deadline - time.monotonic()) * 1000)))
        except FileNotFoundError as error:
            raise ConnectionRefusedError(f"{name}: a daemon that has ended") from error
        except OSError as error:
            if error.winerror == TIMED_OUT:
                raise TimeoutError("timed out") from error
            raise
