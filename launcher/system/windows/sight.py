"""What discovery sees of this machine beside its disks: its own drives, and the registry."""

from collections.abc import Iterable, Mapping

from launcher.door import win32
from launcher.system.sight import Disk
from launcher.system.windows import registry

FIXED = 3
"""DRIVE_FIXED: a disk of this machine itself. A network's drive that is away would hold up everything."""


class Machine(Disk):
    """This Windows machine."""

    def drives(self) -> Iterable[str]:
        kernel = win32.library("kernel32")
        present = kernel.GetLogicalDrives()
        letters = (f"{chr(ord('A') + i)}:" for i in range(26) if present >> i & 1)
        return [letter for letter in letters if kernel.GetDriveTypeW(f"{letter}\\") == FIXED]

    def keys(self, key: str) -> Iterable[str]:
        hive, _sep, below = key.partition("\\")
        return registry.subkeys(below, hive.upper() == "HKLM")

    def values(self, key: str) -> Mapping[str, object]:
        hive, _sep, below = key.partition("\\")
        return registry.values(below, hive.upper() == "HKLM") or {}
