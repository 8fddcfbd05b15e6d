"""Windows' registry: values are read in the person's part and the machine's, and written in the person's only."""

import contextlib
import importlib
import sys
from typing import Any

# Not typed as what it is: this file is imported on Linux too, where there is no winreg, by tests of what is written.
winreg: Any = importlib.import_module("winreg") if sys.platform == "win32" else None


def read(key: str, name: str = "", *, machine: bool = False) -> str | bytes | None:
    """A value of the person's part, or of the machine's; None where there is none. An empty name is the key's own."""
    hive = winreg.HKEY_LOCAL_MACHINE if machine else winreg.HKEY_CURRENT_USER
    try:
        with winreg.OpenKey(hive, key) as opened:
            value = winreg.QueryValueEx(opened, name)[0]
    except OSError:
        return None
    return value if isinstance(value, str | bytes) else str(value)


def values(key: str, machine: bool) -> dict[str, object] | None:
    """Every value of a key in the machine's part, or in the person's; None where there is no such key."""
    hive = winreg.HKEY_LOCAL_MACHINE if machine else winreg.HKEY_CURRENT_USER
    try:
        with winreg.OpenKey(hive, key, 0, _reading()) as opened:
            found = [winreg.EnumValue(opened, number) for number in range(winreg.QueryInfoKey(opened)[1])]
    except OSError:
        return None
    return {name: value for name, value, _sort in found}


def subkeys(key: str, machine: bool) -> list[str]:
    """The names of the keys below one; none where there is no such key."""
    hive = winreg.HKEY_LOCAL_MACHINE if machine else winreg.HKEY_CURRENT_USER
    try:
        with winreg.OpenKey(hive, key, 0, _reading()) as opened:
            return [winreg.EnumKey(opened, number) for number in range(winreg.QueryInfoKey(opened)[0])]
    except OSError:
        return []


def _reading() -> int:
    """What 64-bit programs see, whatever Python this is; 32-bit ones have theirs below `Wow6432Node`."""
    return int(winreg.KEY_READ | winreg.KEY_WOW64_64KEY)


def write(key: str, name: str, value: str) -> None:
    """Set a value of the person's part, making the key. Raises: OSError."""
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as opened:
        winreg.SetValueEx(opened, name, 0, winreg.REG_SZ, value)


def remove(key: str, name: str) -> None:
    """Remove a value of the person's part, if it is there. Raises: OSError."""
    with (
        contextlib.suppress(FileNotFoundError),
        winreg.OpenKey(winreg.HKEY_CURRENT_USER, key, 0, winreg.KEY_SET_VALUE) as opened,
    ):
        winreg.DeleteValue(opened, name)


def remove_key(key: str) -> None:
    """Remove a key of the person's part with all below it, if it is there. Raises: OSError."""
    with contextlib.suppress(FileNotFoundError):
        with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened:
            below = [winreg.EnumKey(opened, number) for number in range(winreg.QueryInfoKey(opened)[0])]
        for name in below:
            remove_key(f"{key}\\{name}")
        winreg.DeleteKey(winreg.HKEY_CURRENT_USER, key)
