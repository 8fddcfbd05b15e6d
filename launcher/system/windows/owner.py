"""Whose a file is, on Windows: the owner in its security descriptor. What shares tell of it differs; many tell none."""

import os
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from launcher.door import win32

LONGEST_NAME = 256


@cache
def own() -> str:
    """This user's SID."""
    return win32.own_sid()


def of(path: Path, status: os.stat_result) -> str | None:
    """The SID of the user whose a file is; None where Windows does not tell."""
    return win32.owner_of(str(path))


@lru_cache(maxsize=256)
def named(user: int | str) -> str:
    """The name of a SID's user; the SID itself where Windows knows none. Once each: a domain may be asked."""
    ctypes: Any = win32.ctypes
    security, kernel = win32.library("advapi32"), win32.library("kernel32")
    sid, use = ctypes.c_void_p(), ctypes.c_uint32()
    if not security.ConvertStringSidToSidW(str(user), ctypes.byref(sid)):
        return str(user)
    try:
        name, domain = (ctypes.create_unicode_buffer(LONGEST_NAME) for _ in range(2))
        sizes = [ctypes.c_uint32(LONGEST_NAME) for _ in range(2)]
        found = security.LookupAccountSidW(
            None, sid, name, ctypes.byref(sizes[0]), domain, ctypes.byref(sizes[1]), ctypes.byref(use)
        )
        return str(name.value) if found and name.value else str(user)
    finally:
        kernel.LocalFree(sid)
