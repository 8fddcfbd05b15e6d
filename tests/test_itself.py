"""How the program starts itself anew: from a Python, and from the bundle."""

import os
import sys
from pathlib import Path

import pytest

import launcher
from launcher import itself


def test_from_a_python() -> None:
    """Pure: no folder that somebody stands in can take the program's place."""
    assert itself.command("serve", "--no-tray") == [sys.executable, "-P", "-m", "launcher", "serve", "--no-tray"]
    assert itself.link_handler() == [sys.executable, "-I", "-S", str(Path(launcher.__file__).with_name("link.py"))]


@pytest.fixture
def bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    """As PyInstaller's loader leaves it."""
    monkeypatch.setattr(itself, "FROZEN", True)
    monkeypatch.setattr(sys, "executable", "/opt/kitsu-launcher/kitsu-launcher-url")
    for name in [name for name in os.environ if name.startswith("LD_LIBRARY")]:
        monkeypatch.delenv(name)


@pytest.mark.usefixtures("bundle")
def test_from_the_bundle() -> None:
    """Pure: two programs, one folder."""
    assert itself.command("open", "x") == ["/opt/kitsu-launcher/kitsu-launcher", "open", "x"]
    assert itself.link_handler() == ["/opt/kitsu-launcher/kitsu-launcher-url"]


@pytest.mark.usefixtures("bundle")
@pytest.mark.parametrize(
    ("libraries", "original", "clean"),
    [
        ("/opt/kitsu-launcher/1.0.0", None, None),
        ("/opt/kitsu-launcher/1.0.0:/usr/maya/lib", "/usr/maya/lib", "/usr/maya/lib"),
        ("/opt/kitsu-launcher/1.0.0", "/opt/kitsu-launcher/1.0.0:/usr/maya/lib", "/usr/maya/lib"),
        ("/opt/kitsu-launcher/1.0.0", "/opt/kitsu-launcher-old/lib", "/opt/kitsu-launcher-old/lib"),
        (None, None, None),
    ],
)
def test_nothing_of_the_loader_is_handed_on(
    monkeypatch: pytest.MonkeyPatch, libraries: str | None, original: str | None, clean: str | None
) -> None:
    """packaging.md i)2: a daemon that the hand-off starts must not keep the bundle's path as "the person's own"."""
    monkeypatch.setenv("_PYI_ARCHIVE_FILE", "/opt/kitsu-launcher/kitsu-launcher-url")
    for name, value in (("LD_LIBRARY_PATH", libraries), ("LD_LIBRARY_PATH_ORIG", original)):
        if value is not None:
            monkeypatch.setenv(name, value)

    env = itself.environment()

    assert env.get("LD_LIBRARY_PATH") == clean
    assert "LD_LIBRARY_PATH_ORIG" not in env
    assert "_PYI_ARCHIVE_FILE" not in env
    assert env["PYINSTALLER_RESET_ENVIRONMENT"] == "1"
    assert env["PATH"] == os.environ["PATH"]
