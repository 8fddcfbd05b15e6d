"""Data: one TOML file for each application, and the small scripts that run inside some of them."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path

from launcher.errors import NotFoundHere
from launcher.model import Json

FOLDER = Path(str(files(__name__)))


@cache
def _entries() -> dict[str, str]:
    return {file.stem: file.read_text("utf-8") for file in sorted(FOLDER.glob("*.toml"))}


def load_catalogue() -> dict[str, dict[str, Json]]:
    """Every entry as it stands in its file, by the application's name; the caller may change what it gets."""
    return {name: tomllib.loads(text) for name, text in _entries().items()}


def startup_script(name: str) -> Path:
    """Where the start-up script `name` lies, one of the files in `catalogue/startup`.

    Raises: NotFoundHere, if there is none; a name never leads out of the folder.
    """
    path = FOLDER / "startup" / name
    if not re.fullmatch(r"\w+\.\w+", name, re.ASCII) or not path.is_file():
        known = sorted(file.name for file in (FOLDER / "startup").iterdir() if file.is_file())
        raise NotFoundHere(
            f"There is no start-up script {name!r}.",
            tried=[str(FOLDER / "startup")],
            next_step=f"Name one of {', '.join(known)} in the application's `script`, or leave it out.",
        )
    return path
