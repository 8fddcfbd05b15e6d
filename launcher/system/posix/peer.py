"""Who is at the other end of a connection: what Linux and macOS have in common."""

import os
import socket
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

Address = tuple[bytes, int]
"""Packed IP address, of 4 or 16 bytes, and port."""


def own_uid() -> int:
    """This process's user."""
    return os.getuid()


def is_private(transport: "asyncio.BaseTransport") -> bool:
    """Whether a connection came by the private door: a Unix socket's name is a text, an address a tuple."""
    return isinstance(transport.get_extra_info("sockname"), str)


def packed(host: str, port: int) -> Address:
    """An end of a connection as the kernel writes it. Raises: OSError, ValueError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.inet_pton(family, host.partition("%")[0]), port
