"""A machine as a listing of what is on it: files, property lists and a registry, for discovery on every OS."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

from launcher.model import OS
from launcher.system import Place, Program
from launcher.system.linux import places as linux_places
from launcher.system.macos import places as macos_places
from launcher.system.sight import Look
from launcher.system.windows import places as windows_places


class Listing:
    """Fulfils `system.sight.Sight`. What was asked of it is written down; a share must never be."""

    def __init__(
        self,
        os: OS,
        paths: Iterable[str],
        environ: Mapping[str, str] | None = None,
        *,
        contents: Mapping[str, bytes] | None = None,
        registry: Mapping[str, Mapping[str, object]] | None = None,
        drives: Iterable[str] = (),
    ) -> None:
        """`paths` are those of files, and of folders where they end in a separator."""
        self._windows = os is OS.WINDOWS
        self._separator = "\\" if self._windows else "/"
        self.environ = environ or {}
        self._contents = dict(contents or {})
        self._keys: dict[str, tuple[str, Mapping[str, object]]] = {}
        self._drives = drives
        self._folders: dict[str, dict[str, str]] = {}
        self.listed: list[str] = []
        """Every folder and key whose names were asked for, in order."""
        self.asked: list[str] = []
        """Every path that was asked for by itself."""
        for path in (*paths, *self._contents):
            self._lay(path)
        for key, values in (registry or {}).items():
            self._keys[key.lower()] = key, values

    def look(self) -> Look:
        """A new look around this machine."""
        return Look(self, folds=self._windows)

    def _lay(self, path: str) -> None:
        path = path.rstrip(self._separator)
        while path and not path.endswith(":"):
            folder, _separator, name = path.rpartition(self._separator)
            self._folders.setdefault(self._plain(folder), {})[self._plain(name)] = name
            path = folder

    def _plain(self, path: str) -> str:
        if self._windows:
            assert not path.startswith(("\\\\", "//")), f"another machine was asked for {path}"
            path = path.replace("/", "\\").lower()
        return path.rstrip(self._separator)

    def names(self, folder: str) -> Iterable[str]:
        self.listed.append(folder)
        return list(self._folders.get(self._plain(folder), {}).values())

    def is_there(self, path: str) -> bool:
        self.asked.append(path)
        plain = self._plain(path)
        folder, _separator, name = plain.rpartition(self._separator)
        return plain in self._folders or name in self._folders.get(folder, {})

    def read(self, file: str) -> bytes:
        return self._contents.get(file, b"")

    def drives(self) -> Iterable[str]:
        return self._drives

    def keys(self, key: str) -> Iterable[str]:
        self.listed.append(key)
        above = f"{key.lower()}\\"
        below = (written[len(above) :] for plain, (written, _values) in self._keys.items() if plain.startswith(above))
        return list(dict.fromkeys(name.partition("\\")[0] for name in below))

    def values(self, key: str) -> Mapping[str, object]:
        return self._keys.get(key.lower(), ("", {}))[1]


PLACES = {OS.LINUX: linux_places, OS.WINDOWS: windows_places, OS.MACOS: macos_places}
PATHS: Mapping[OS, type[PurePath]] = {
    OS.LINUX: PurePosixPath,
    OS.WINDOWS: PureWindowsPath,
    OS.MACOS: PurePosixPath,
}


class ListedPlaces:
    """Fulfils `system.Places` for a listing: that OS's own search, where only the machine below it is a list."""

    def __init__(
        self,
        os: OS,
        listing: Listing,
        files_say: Mapping[str, str] | None = None,
        programs_say: Mapping[str, str] | None = None,
    ) -> None:
        """`files_say` are the versions in Windows' programs, `programs_say` what those print that are asked."""
        self._os, self._listing = os, listing
        self._files_say, self._programs_say = files_say or {}, programs_say or {}

    def look(self) -> Look:
        return self._listing.look()

    def matches(self, texts: Sequence[str], around: Look | None = None) -> list[Place]:
        found = PLACES[self._os].found(texts, around or self.look())
        return [Place(PATHS[self._os](one.path), one.version) for one in found]  # type: ignore[arg-type]

    def version_in(self, texts: Sequence[str], path: Path) -> str:
        return PLACES[self._os].version_in(texts, path)

    def version_of(self, path: Path) -> str:
        if self._os is OS.MACOS:
            return macos_places.version_said(path, self._listing.read)
        return self._files_say.get(str(path), "")

    def program(self, path: Path, *, batch: bool = False) -> Program:
        there = self._listing.is_there(str(path))
        return Program(path, path, (1, 1), "" if there else "does not exist")

    def says(self, argv: Sequence[str], timeout_s: float) -> str | None:
        return self._programs_say.get(argv[0])
