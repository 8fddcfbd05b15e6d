"""What is inside the frozen folder, named: a new import, library or heap of data is noticed here.

Names are added when the program has come to need what they stand for, and nothing lighter does.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from PyInstaller.archive.readers import CArchiveReader

from launcher import __version__
from tests.support.needs import needs

sys.path.append(str(Path(__file__).parents[2] / "packaging" / "spec"))

from unwanted import unwanted

PACKAGES = {
    "launcher",
    *("aiohttp", "aiohappyeyeballs", "aiosignal", "frozenlist", "multidict", "propcache", "yarl", "attr", "attrs"),
    *("gazu", "requests", "urllib3", "certifi", "charset_normalizer", "idna", "socketio", "engineio", "bidict"),
    *("keyring", "secretstorage", "cryptography", "jaraco", "more_itertools", "importlib_metadata", "zipp"),
    *("lazy_importer", "backports"),  # of those two, before Python 3.12
    *("jinja2", "markupsafe", "cattrs", "packaging", "platformdirs", "tomlkit", "truststore", "typing_extensions"),
    *("tree_sitter", "tree_sitter_toml", "zstandard", "jeepney", "PIL", "Xlib", "six"),
}
PACKAGES_FILES = {"_cffi_backend", "python3"}
"""Beside them, with files of their own: cryptography's, and the standard library's extensions."""
LIBRARIES = {
    *("python", "crypto", "ssl", "sqlite", "z", "bz", "lzma", "ffi", "uuid"),  # the standard library's
    *("stdc++", "gcc_s"),  # frozenlist's, cryptography's
    *("jpeg", "tiff", "openjp", "xcb", "Xau", "zstd"),  # Pillow's, without which it does not start
    *("mpdec", "expat", "db"),  # of a Python that has them inside
}
BUNDLES_DATA = {"certifi/cacert.pem", "keyring/METADATA", "keyring/entry_points.txt", "base_library.zip"}
OURS = ("catalogue/", "demo/files/", "locale/", "web/static/", "web/templates/")
MOST_MB = 60
MOST_FILES = 230


@pytest.fixture(scope="module")
def modules(frozen: Path) -> set[str]:
    """Every Python module in the archive of the command."""
    return set(CArchiveReader(str(frozen / "kitsu-launcher")).open_embedded_archive("PYZ.pyz").toc)


@pytest.fixture(scope="module")
def files(frozen: Path) -> list[Path]:
    """Every file of this version, relative to its folder; what only points to another one is left out."""
    folder = frozen / __version__
    return [path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]


def test_at_the_top_are_the_two_programs_and_the_versions_folder(frozen: Path) -> None:
    """Real: the frozen folder. What desktop entries and the registry name does not move with a version."""
    assert {path.name for path in frozen.iterdir()} == {"kitsu-launcher", "kitsu-launcher-url", __version__}


def test_it_holds_these_packages_and_no_other(modules: set[str]) -> None:
    """Real: the archive of modules."""
    names = {name.partition(".")[0] for name in modules}

    assert {name for name in names - sys.stdlib_module_names if not name.startswith("_sysconfigdata")} <= PACKAGES
    assert {"launcher", "gazu", "keyring", "PIL", "zstandard"} <= names


def test_nothing_is_inside_that_was_left_out(modules: set[str]) -> None:
    """Real: the archive of modules, and the list that the build goes by: the modules of other systems among them."""
    left_out = unwanted(sys.platform)

    assert [name for name in modules if any(f"{name}.".startswith(f"{one}.") for one in left_out)] == []
    assert "launcher.system.linux.process" in modules


def test_it_holds_these_libraries_and_no_other(files: list[Path]) -> None:
    """Real: the frozen folder."""
    named = [re.match(r"lib([A-Za-z+_]+)", path.name) for path in files if ".so" in path.name]
    folders = {path.parts[0].partition(".")[0] for path in files if ".so" in path.name and len(path.parts) > 1}

    assert {name[1] for name in named if name} <= LIBRARIES
    assert folders <= PACKAGES | PACKAGES_FILES | {"pillow"}


def test_all_other_files_are_read_by_the_program(files: list[Path]) -> None:
    """Real: the frozen folder: nothing that only a compiler, a type checker or pip reads."""
    strange = [
        str(path)
        for path in files
        if ".so" not in path.name
        and re.sub(r"-[\d.]+\.dist-info", "", str(path)) not in BUNDLES_DATA
        and not (path.parts[0] == "launcher" and str(path.relative_to("launcher")).startswith(OURS))
    ]

    assert [path for path in strange if not Path(path).name.startswith(("LICEN", "THIRD-PARTY", "sbom"))] == []


def test_it_is_as_small_as_it_was(frozen: Path, files: list[Path]) -> None:
    """Real: the frozen folder. 50 MB in 180 files; 103 MB in 224 before anything was left out."""
    size = sum(path.stat().st_size for path in frozen.rglob("*") if path.is_file() and not path.is_symlink())

    assert size < MOST_MB * 1e6
    assert len(files) < MOST_FILES


@needs("readelf")
def test_no_library_carries_symbols(frozen: Path, files: list[Path]) -> None:
    """Real: every library, read by readelf: symbols are for debuggers, and were half of all bytes."""
    libraries = [str(frozen / __version__ / path) for path in files if ".so" in path.name]
    read = subprocess.run(["readelf", "-SW", *libraries], capture_output=True, text=True, check=True, timeout=60).stdout

    assert read.count("File: ") == len(libraries)
    assert [line for line in read.splitlines() if re.search(r"\.symtab|\.debug_info", line)] == []


def test_every_library_finds_what_it_needs(frozen: Path, files: list[Path]) -> None:
    """Real: the system's loader, which maps each library as when it is loaded: stripping has damaged none."""
    libraries = [str(frozen / __version__ / path) for path in files if ".so" in path.name]
    env = {"LD_LIBRARY_PATH": str(frozen / __version__), "PATH": "/usr/bin:/bin", "LC_ALL": "C"}
    told = subprocess.run(["ldd", *libraries], env=env, capture_output=True, text=True, timeout=60, check=False)

    assert "not found" not in told.stdout
    assert (told.returncode, told.stderr) == (0, "")
