"""Two builds of the same sources make the same bytes: here two versions, which differ in the one line that tells it."""

import hashlib
from pathlib import Path

import pytest
from PyInstaller.archive.readers import CArchiveReader

from launcher import __version__
from tests.support.frozen import NEXT

TELL_THE_VERSION = {"THIRD-PARTY-LICENCES.txt", "sbom.cdx.json"}


def files(folder: Path) -> dict[str, str]:
    """Each file with its hash; of what only points to another one, where it points."""
    paths = [path for path in folder.rglob("*") if path.is_symlink() or path.is_file()]
    return {
        str(path.relative_to(folder)): f"-> {path.readlink()}"
        if path.is_symlink()
        else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
    }


def modules(program: Path) -> dict[str, str]:
    """Each module of a program with the hash of its code."""
    archive = CArchiveReader(str(program)).open_embedded_archive("PYZ.pyz")
    return {name: hashlib.sha256(archive.extract(name, raw=True) or b"").hexdigest() for name in archive.toc}


def parts(program: Path) -> dict[str, str]:
    """What a program holds beside its modules: its loader's options, first modules and scripts."""
    archive = CArchiveReader(str(program))
    return {
        name: hashlib.sha256(archive.extract(name) or b"").hexdigest()
        for name, entry in archive.toc.items()
        if entry[-1] not in "zo"
    }


def differences(one: dict[str, str], other: dict[str, str]) -> set[str]:
    """The names under which the two do not hold the same."""
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


def test_a_second_build_holds_the_same_files(frozen: Path, next_frozen: Path) -> None:
    """Real: packaging/freeze.sh, run twice, each time in a new environment and another folder."""
    assert differences(files(frozen / __version__), files(next_frozen / NEXT)) == TELL_THE_VERSION


@pytest.mark.parametrize("program", ["kitsu-launcher", "kitsu-launcher-url"])
def test_a_second_build_holds_the_same_code(frozen: Path, next_frozen: Path, program: str) -> None:
    """Real: the same two builds. Code holds no path of where it was built, and sets are in one order."""
    first, second = frozen / program, next_frozen / program

    assert differences(modules(first), modules(second)) == {"launcher"}
    assert differences(parts(first), parts(second)) == set()
