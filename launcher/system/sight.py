"""What discovery sees of a machine: real disks here, a listing in tests; and the memory of one look around."""

import os
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol, TypeAlias

LARGEST_READ_BYTES = 1_000_000
Names: TypeAlias = tuple[list[str], list[str]]
"""Names as they are compared, sorted, and the same ones as they are written."""


class Sight(Protocol):
    """One machine, as far as programs are looked for on it. Nothing here raises: what cannot be seen is not there."""

    @property
    def environ(self) -> Mapping[str, str]:
        """The person's environment, with nothing of our own in it."""

    def names(self, folder: str) -> Iterable[str]:
        """What a folder holds; nothing where it cannot be listed."""

    def is_there(self, path: str) -> bool:
        """Whether a path names something, be it a link that leads nowhere."""

    def read(self, file: str) -> bytes:
        """The first megabyte of a file; empty where it cannot be read."""

    def drives(self) -> Iterable[str]:
        r"""Windows' drives that are disks of this machine itself: `C:`, `D:`."""

    def keys(self, key: str) -> Iterable[str]:
        r"""The names of the keys below one of Windows' registry, as in `HKLM\SOFTWARE\Autodesk`."""

    def values(self, key: str) -> Mapping[str, object]:
        """The values of a key by their names; the key's own has the empty one."""


class Disk:
    """This machine's disks. `system.windows.places` adds what only Windows has."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ

    def names(self, folder: str) -> Iterable[str]:
        try:
            with os.scandir(folder) as entries:
                return [entry.name for entry in entries]
        except (OSError, ValueError):
            return ()

    def is_there(self, path: str) -> bool:
        return os.path.lexists(path)

    def read(self, file: str) -> bytes:
        try:
            with open(file, "rb") as opened:
                return opened.read(LARGEST_READ_BYTES)
        except (OSError, ValueError):
            return b""

    def drives(self) -> Iterable[str]:
        return ()

    def keys(self, key: str) -> Iterable[str]:
        return ()

    def values(self, key: str) -> Mapping[str, object]:
        return {}


class Look:
    """One look around: what was listed once is not listed again, for whichever application."""

    def __init__(self, sight: Sight, folds: bool = False) -> None:
        self.sight = sight
        self.folds = folds
        """Whether names are the same in capitals and small letters."""
        self._folders: dict[str, Names] = {}
        self._keys: dict[str, Names] = {}
        self._there: dict[str, bool] = {}

    def is_folder(self, path: str) -> bool:
        """Whether a folder is worth looking below: asked once."""
        if path not in self._there:
            self._there[path] = self.sight.is_there(path)
        return self._there[path]

    def folders(self, folder: str, prefix: str) -> Iterator[str]:
        """The names in a folder that begin so."""
        return self._like(self._folders, self.sight.names, folder, prefix)

    def keys(self, key: str, prefix: str) -> Iterator[str]:
        """The names of the keys below a key that begin so."""
        return self._like(self._keys, self.sight.keys, key, prefix)

    def _like(
        self, known: dict[str, Names], listed: Callable[[str], Iterable[str]], place: str, prefix: str
    ) -> Iterator[str]:
        names = known.get(place)
        if names is None:
            if self.folds:
                pairs = sorted((name.lower(), name) for name in listed(place))
                names = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
            else:
                plain = sorted(listed(place))
                names = plain, plain
            known[place] = names
        compared, written = names
        start = prefix.lower() if self.folds else prefix
        for i in range(bisect_left(compared, start), len(compared)):
            if not compared[i].startswith(start):
                return
            yield written[i]
