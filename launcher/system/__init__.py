"""What each operating system does in its own way: one Protocol for each, fulfilled by plain modules.

`system/<os>/` have equal file names; who needs one is given it.
"""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Place:
    """A file that a pattern of the catalogue matched."""

    path: Path
    version: str
    """What `{version}` stood for in its path; empty where the pattern has none."""


@dataclass(frozen=True, slots=True)
class Program:
    """What is known of an executable without starting it."""

    path: Path
    """As it was found: some programs behave after the name of the link."""
    identity: Path
    """Where its links lead; the same for one program found by two ways."""
    stamp: tuple[int, int]
    """Modification time in ns and size in bytes: another program in its place differs in one of them."""
    refusal: str = ""
    """Why it may not be started, in plain words; empty if it may."""


class Places(Protocol):
    """What is on this machine's disks. Each `system/<os>/places.py` is one."""

    def matches(self, pattern: str) -> list[Place]:
        """Every file that a pattern of the catalogue leads to."""

    def version_in(self, pattern: str, path: Path) -> str:
        """What `{version}` stands for when `path` is one that the pattern leads to; else empty."""

    def program(self, path: Path) -> Program:
        """Look at an executable, without starting it."""

    def says(self, argv: Sequence[str], timeout_s: float) -> str | None:
        """What a program prints; None if it does not end in time, or cannot be started."""


class Peer(Protocol):
    """Who is at the other end of a connection. Each `system/<os>/peer.py` is one."""

    def uid_of(self, peer: tuple[str, int], own: tuple[str, int]) -> int | None:
        """The OS user at the other end of a TCP connection on this machine; None where that is unknown."""

    def uid_of_socket(self, connection: socket.socket) -> int | None:
        """The OS user at the other end of a private door's connection; None where that is unknown."""
