"""Data: one TOML file for each application, and the small scripts that run inside some of them."""

import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path

from launcher.model import OS, Json

FOLDER = Path(str(files(__name__)))
STARTUP = FOLDER / "startup"
"""Where the scripts lie that an application's `script` names."""


@cache
def _texts() -> dict[str, str]:
    return {file.stem: file.read_text("utf-8") for file in sorted(FOLDER.glob("*.toml"))}


def load_catalogue(os: OS = OS.LINUX) -> dict[str, dict[str, Json]]:
    """Every entry as it stands in its file, by the application's name; the caller may change what it gets.

    What a file says below `on.linux`, `on.windows` or `on.macos` is laid over the rest of it on that OS.
    """
    return {name: _on(tomllib.loads(text), os) for name, text in _texts().items()}


def _on(entry: dict[str, Json], os: OS) -> dict[str, Json]:
    over = entry.pop("on", {})
    here = over.get(str(os), {}) if isinstance(over, dict) else {}
    return {**entry, **here} if isinstance(here, dict) else entry
