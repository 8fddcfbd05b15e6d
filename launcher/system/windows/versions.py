"""The version that stands in a program's own resources."""

import struct

from launcher.door import win32

SIGNATURE = 0xFEEF04BD
"""How VS_FIXEDFILEINFO begins."""
LARGEST_BYTES = 1_000_000


def of_file(path: str) -> str:
    """The file version of an .exe, as Explorer shows it; empty where it has none. Nothing is started."""
    ctypes, library = win32.ctypes, win32.library("version")
    size = library.GetFileVersionInfoSizeW(path, None)
    if not 0 < size <= LARGEST_BYTES:
        return ""
    block, found, length = ctypes.create_string_buffer(size), ctypes.c_void_p(), ctypes.c_uint()
    if not library.GetFileVersionInfoW(path, 0, size, block):
        return ""
    if not library.VerQueryValueW(block, "\\", ctypes.byref(found), ctypes.byref(length)):
        return ""
    return of_block(ctypes.string_at(found.value, length.value))


def of_block(block: bytes) -> str:
    """The file version in a VS_FIXEDFILEINFO: "10.1.2", of "3.0.20.0" without the last; empty for none. Pure."""
    if len(block) < 16:
        return ""
    signature, _version, high, low = struct.unpack_from("<4I", block)
    numbers = [high >> 16, high & 0xFFFF, low >> 16, low & 0xFFFF]
    if signature != SIGNATURE or not any(numbers):
        return ""
    return ".".join(map(str, numbers[: 4 if numbers[3] else 3]))
