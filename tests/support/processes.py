"""Real processes of this machine, told apart by a mark in their command lines."""

from pathlib import Path


def alive(mark: str) -> list[int]:
    """The processes whose command line holds `mark`, but for those that only wait for whoever adopted them."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "cmdline").read_bytes() and b") Z " not in (folder / "stat").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found
