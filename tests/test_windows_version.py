"""What Windows shows of the frozen programs under Properties, Details."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from launcher import __version__

sys.path.append(str(Path(__file__).parents[1] / "packaging" / "spec"))

from windows_version import version_resource


def read(text: str) -> tuple[dict[str, Any], dict[str, str], list[int]]:
    """The text as PyInstaller evaluates it: numbers, strings, and the language they are in."""
    strings: dict[str, str] = {}
    names = {
        "VSVersionInfo": lambda ffi, kids: (ffi, kids[-1]),
        "FixedFileInfo": lambda **numbers: numbers,
        "StringFileInfo": lambda tables: tables,
        "StringTable": lambda language, entries: (language, entries),
        "StringStruct": strings.__setitem__,
        "VarFileInfo": lambda entries: entries[0],
        "VarStruct": lambda name, values: SimpleNamespace(name=name, values=values),
    }
    numbers, language = eval(text, {"__builtins__": {}}, names)
    assert language.name == "Translation"
    return numbers, strings, language.values


@pytest.mark.parametrize(
    ("version", "numbers"), [("1", (1, 0, 0, 0)), ("1.20.3", (1, 20, 3, 0)), ("1.2.3.4", (1, 2, 3, 4))]
)
def test_every_version_has_its_four_numbers(version: str, numbers: tuple[int, ...]) -> None:
    """Pure: the text that PyInstaller writes into the program."""
    told, strings, language = read(version_resource("kitsu-launcher-url", "Links of Kitsu Launcher", version))

    assert (told["filevers"], told["prodvers"]) == (numbers, numbers)
    assert language == [0x0409, 1200]
    assert strings == {
        "CompanyName": "The Kitsu Launcher authors",
        "FileDescription": "Links of Kitsu Launcher",
        "FileVersion": version,
        "InternalName": "kitsu-launcher-url",
        "LegalCopyright": "The Kitsu Launcher authors. MIT licence.",
        "OriginalFilename": "kitsu-launcher-url.exe",
        "ProductName": "Kitsu Launcher",
        "ProductVersion": version,
    }


def test_the_version_of_the_sources_can_be_told() -> None:
    """Pure: what a release is called fits into Windows' numbers."""
    assert read(version_resource("kitsu-launcher", "Kitsu Launcher", __version__))[1]["ProductVersion"] == __version__
