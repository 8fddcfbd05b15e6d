"""Our own folders, and the only ways anything is written into them."""

import os
import secrets
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from launcher import door, filesystem
from launcher.errors import LauncherError, system_says
from launcher.model import OS
from launcher.words import _


class FolderError(LauncherError):
    """One of our own folders cannot be used safely."""

    code = "folder"


@dataclass(frozen=True, slots=True)
class Folders:
    """Where everything of one person lives on one machine."""

    machine: Path
    """Written by IT: `machine.toml`, `studio.toml`."""
    config: Path
    """The person's own `config.toml`, and `studio.last-good.toml`."""
    state: Path
    """Per host: `launches.sqlite`, `logs/`, `launches/`."""
    cache: Path
    runtime: Path
    """Per host, 0700: the private door and the lock."""

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def launches(self) -> Path:
        """One folder for each launch, with its context file."""
        return self.state / "launches"


def this_os() -> OS:
    """The OS that this program runs on."""
    return {"win32": OS.WINDOWS, "darwin": OS.MACOS}.get(sys.platform, OS.LINUX)


def folders() -> Folders:
    """The folders of this person; `KITSU_LAUNCHER_HOME` puts every one of them under one folder."""
    runtime = Path(door.runtime_folder())
    if home := os.environ.get(door.ENV_HOME):
        base = Path(home).absolute()
        return Folders(base / "machine", base / "config", base / "state", base / "cache", runtime)
    return Folders(
        machine=_machine(),
        config=platformdirs.user_config_path(door.NAME, appauthor=False),
        state=platformdirs.user_state_path(door.NAME, appauthor=False) / _host(),
        cache=platformdirs.user_cache_path(door.NAME, appauthor=False),
        runtime=runtime,
    )


def _host() -> str:
    """What this machine's own folder is called. A Mac's host name follows the network it is in, its UUID does not."""
    if this_os() is not OS.MACOS:
        return socket.gethostname()
    import ctypes
    import uuid

    told, at_once = ctypes.create_string_buffer(16), (ctypes.c_long * 2)(0, 0)
    failed = ctypes.CDLL(None).gethostuuid(told, at_once)
    return socket.gethostname() if failed else str(uuid.UUID(bytes=told.raw))


def _machine() -> Path:
    match this_os():
        case OS.WINDOWS:
            return Path(os.environ.get("PROGRAMDATA") or r"C:\ProgramData") / door.NAME
        case OS.MACOS:
            return Path("/Library/Application Support") / door.NAME
        case OS.LINUX:
            return Path("/etc") / door.NAME


def private_folder(path: Path, below: Path | None = None) -> Path:
    """Make `path` a 0700 folder of this user, or say why it cannot be one.

    `below` is one of our own folders above it: that one, and those between, are made so first.
    Raises: FolderError if a link or another user's folder is in the place of one of them.
    """
    if below and path != below:
        private_folder(path.parent, below)
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        refusal = filesystem.make_private(path)
        if refusal:
            raise FolderError(
                _("{path} is not a folder of your own.", path=path),
                tried=[_("{path}: {reason}", path=path, reason=refusal)],
                next_step=_("Remove it, or ask IT who put it there; it will be made anew."),
            )
    except OSError as error:
        raise FolderError(
            _("{path} cannot be used.", path=path),
            tried=[_("{path}: {reason}", path=path, reason=system_says(error))],
            next_step=_("Check its permissions and the free space."),
        ) from error
    return path


def write_atomically(path: Path, content: bytes, mode: int = 0o600, *, lasting: bool = True) -> None:
    """Put `content` at `path` whole or not at all; a link in its place is replaced, never followed.

    Not `lasting` is what nobody reads after the machine has lost its power: then the disk is not waited for.
    Raises: OSError, with nothing left behind.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with open(os.open(temporary, filesystem.NEW, mode), "wb") as file:
            file.write(content)
            file.flush()
            if lasting:
                os.fsync(file.fileno())
        filesystem.replace(temporary, path)
    except BaseException:  # a Ctrl-C, too, leaves no half of a file
        temporary.unlink(missing_ok=True)
        raise
