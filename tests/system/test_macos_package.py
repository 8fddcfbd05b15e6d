"""The Mac's application and its folders: what can be checked without a Mac, compared whole."""

import os
import plistlib
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID

import platformdirs
import platformdirs.macos
import PyInstaller.config  # noqa: F401  # before a test pretends to be on another system
import pytest
from PIL import Image
from PyInstaller.config import CONF

from launcher import __version__, door, paths
from launcher.door import unix
from launcher.model import OS
from launcher.system.macos import autostart, scheme

ROOT = Path(__file__).parents[2]
INFO = plistlib.loads((ROOT / "packaging" / "macos" / "Info.plist").read_bytes())
CACHES = "/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/C/"


def test_the_applications_info_plist() -> None:
    """What macOS reads: whose links it opens, and that it has no icon in the Dock."""
    assert INFO == {
        "CFBundleIdentifier": "org.kitsu-launcher.KitsuLauncher",
        "CFBundleName": "Kitsu Launcher",
        "CFBundleDevelopmentRegion": "en",
        "CFBundleLocalizations": ["en", "fr"],
        "CFBundleURLTypes": [
            {
                "CFBundleTypeRole": "Viewer",
                "CFBundleURLName": "org.kitsu-launcher.KitsuLauncher",
                "CFBundleURLSchemes": ["kitsu-launcher"],
            }
        ],
        "LSUIElement": True,
    }
    assert INFO["CFBundleURLTypes"][0]["CFBundleURLSchemes"] == [scheme.SCHEME]
    assert INFO["CFBundleIdentifier"] == autostart.LABEL


def test_the_bundle_that_the_spec_describes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Real: launcher.spec, run as on a Mac, and the icon that it draws; PyInstaller's own classes are stand-ins that
    keep what they are told.
    """
    told: dict[tuple[str, str], tuple[tuple[Any, ...], dict[str, Any]]] = {}

    class Kept:
        def __init__(self, *what: Any, **how: Any) -> None:
            told[type(self).__name__, how.get("name", "")] = (what, how)
            self.pure, self.scripts, self.binaries, self.datas = [], [], [], how.get("datas", [])

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "argv", ["launcher.spec"])
    monkeypatch.setitem(CONF, "workpath", str(tmp_path))
    names = {name: type(name, (Kept,), {}) for name in ("Analysis", "PYZ", "EXE", "COLLECT", "BUNDLE")}

    exec(compile((ROOT / "launcher.spec").read_text(), "launcher.spec", "exec"), names | {"SPECPATH": str(ROOT)})

    (folder,), how = told["BUNDLE", "Kitsu Launcher.app"]
    assert type(folder).__name__ == "COLLECT"
    assert how == {
        "name": "Kitsu Launcher.app",
        "bundle_identifier": "org.kitsu-launcher.KitsuLauncher",
        "version": __version__,
        "icon": str(tmp_path / "kitsu-launcher.icns"),
        "info_plist": INFO | {"CFBundleVersion": __version__},
    }
    with Image.open(tmp_path / "kitsu-launcher.icns") as picture:
        assert {size[:2] for size in picture.info["sizes"]} >= {(16, 16), (32, 32), (128, 128), (256, 256), (512, 512)}
    # A program with a console would get LSBackgroundOnly; argv emulation would swallow all links but the first.
    program = told["EXE", "kitsu-launcher"][1]
    assert (program["console"], program["argv_emulation"]) == (False, False)


AS_ON_A_MAC = """
import asyncio, ctypes, sqlite3, subprocess, sys
import aiohttp.web, gazu, jinja2, keyring, platformdirs, truststore
sys.platform = "darwin"
import launcher.cli, launcher.daemon
from launcher.system import here
strangers = ("launcher.system.linux", "launcher.system.windows", "launcher.filesystem.windows", "launcher.door.pipe")
print(sorted({getattr(here, name).__name__.rpartition(".")[0] for name in here.__all__}))
print([name for name in sys.modules if name.startswith(strangers)])
"""


def test_the_whole_program_is_put_together_of_macos_own_modules() -> None:
    """Real: an interpreter that believes to be on a Mac from its first import of ours on."""
    done = subprocess.run(
        [sys.executable, "-c", AS_ON_A_MAC],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.stdout, done.stderr) == ("['launcher.system.macos']\n[]\n", "")


@pytest.fixture
def mac(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A Mac's answers, as far as folders ask for them; with the questions to confstr."""
    asked: list[int] = []

    def confstr(name: int) -> str:
        asked.append(name)
        return CACHES

    for name in [name for name in os.environ if name.startswith(("XDG_", "KITSU_LAUNCHER_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", "/Users/ada")
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(os, "confstr", confstr)
    for kind in ("config", "state", "cache"):
        directory = getattr(platformdirs.macos.MacOS(door.NAME, appauthor=False), f"user_{kind}_path")
        monkeypatch.setattr(platformdirs, f"user_{kind}_path", lambda *_, found=directory, **__: found)
    monkeypatch.setattr(paths, "_host", lambda: "4D1A0F5C-0000-4000-8000-000000000001")
    return asked


def test_the_folders_of_a_mac(mac: list[int]) -> None:
    """platformdirs' own class for macOS; the door in the cache folder of this Mac and this user."""
    found = paths.folders()

    assert paths.this_os() is OS.MACOS
    assert {name: str(getattr(found, name)) for name in ("machine", "config", "state", "cache", "runtime")} == {
        "machine": "/Library/Application Support/kitsu-launcher",
        "config": "/Users/ada/Library/Application Support/kitsu-launcher",
        "state": "/Users/ada/Library/Application Support/kitsu-launcher/4D1A0F5C-0000-4000-8000-000000000001",
        "cache": "/Users/ada/Library/Caches/kitsu-launcher",
        "runtime": CACHES + "kitsu-launcher",
    }
    assert mac == [65_538]


def test_the_doors_path_fits_into_a_macs_socket(mac: list[int]) -> None:
    """sun_path has 104 bytes there, with the end of the text."""
    assert PurePosixPath(door.path()) == PurePosixPath(CACHES, "kitsu-launcher", "door")
    assert len(door.path()) <= unix.LONGEST < 104


def test_a_terminals_runtime_folder_leads_nobody_past_the_daemon(
    mac: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """launchd's daemon does not have that variable."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/tmp/run")

    assert unix.runtime_home("k") == CACHES + "k"


@pytest.mark.parametrize("told", [None, "", "relative/C"])
def test_a_mac_that_tells_no_such_folder_has_one_at_home(
    mac: list[int], monkeypatch: pytest.MonkeyPatch, told: str | None
) -> None:
    monkeypatch.setattr(os, "confstr", lambda name: told)

    assert unix.runtime_home("k") == f"/Users/ada/.cache/k/run-{os.uname().nodename}"


def test_a_macs_own_folder_is_called_by_its_uuid(monkeypatch: pytest.MonkeyPatch) -> None:
    """The C library is a stand-in: sixteen bytes, and no wait."""
    uuid = UUID("4d1a0f5c-0000-4000-8000-000000000001")
    waits: list[list[int]] = []

    class Library:
        def __init__(self, name: None) -> None: ...

        def gethostuuid(self, buffer: Any, wait: Any) -> int:
            buffer.raw = uuid.bytes
            waits.append(list(wait))
            return 0

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr("ctypes.CDLL", Library)

    assert paths._host() == str(uuid)
    assert waits == [[0, 0]]
