"""How programs are found, in a real Windows Python. Run by `test_under_wine`."""

import sys
import winreg
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.catalogue import load_catalogue
from launcher.config.convert import converter
from launcher.config.schema import App
from launcher.model import OS
from launcher.system.windows import places, registry, sight, versions

OWN = r"Software\kitsu-launcher-tests"


@pytest.fixture(autouse=True)
def tidy() -> Iterator[None]:
    yield
    registry.remove_key(OWN)


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"MZ")
    return path


def test_values_of_the_registry_lead_to_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: the registry, with values of several sorts; a path with capitals of its own; a share is not asked."""
    new, old = program(tmp_path / "Tool 2025" / "tool.exe"), program(tmp_path / "Tool 2024" / "tool.exe")
    monkeypatch.setenv("TOOLS", str(tmp_path))
    registry.write(rf"{OWN}\Tool\2025\Setup", "Dir", f"{new.parent}\\")
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, rf"{OWN}\Tool\2024\Setup") as key:
        winreg.SetValueEx(key, "DIR", 0, winreg.REG_EXPAND_SZ, r"%tools%\Tool 2024")
    registry.write(rf"{OWN}\Tool\2023\Setup", "Dir", r"\\127.0.0.1\share")
    registry.write(rf"{OWN}\Tool\Common\Setup", "Dir", str(new.parent))
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, rf"{OWN}\Tool\2022\Setup") as key:
        winreg.SetValueEx(key, "Dir", 0, winreg.REG_DWORD, 7)

    found = places.matches([rf"{{registry:HKCU\{OWN}\Tool\{{version}}\Setup|dir}}\tool.exe"])

    assert [(place.path, place.version) for place in found] == [(old, "2024"), (new, "2025")]


def test_a_keys_own_value_may_be_a_command_line(tmp_path: Path) -> None:
    """Real: the registry, as an installer registers a file type."""
    tool = program(tmp_path / "A tool" / "tool.exe")
    registry.write(rf"{OWN}\open\command", "", f'"{tool.parent}\\tool-launcher.exe" "%1"')

    assert [place.path for place in places.matches([rf"{{registry:HKCU\{OWN}\open\command}}\..\tool.exe"])] == [tool]
    assert places.matches([rf"{{registry:HKCU\{OWN}\nothing|x}}\tool.exe"]) == []


def test_what_32_bit_programs_have_written_counts_too(tmp_path: Path) -> None:
    """Real: the registry's other view."""
    tool = program(tmp_path / "tool.exe" / "tool.exe")
    view = winreg.KEY_WRITE | winreg.KEY_WOW64_32KEY
    with winreg.CreateKeyEx(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\kitsu-launcher-tests", 0, view) as key:
        winreg.SetValueEx(key, "Dir", 0, winreg.REG_SZ, str(tool.parent))
    try:
        assert registry.values(r"SOFTWARE\kitsu-launcher-tests", True) is None
        found = places.matches([r"{registry:HKLM\SOFTWARE\kitsu-launcher-tests|Dir}\tool.exe"])
        assert [place.path for place in found] == [tool]
    finally:
        winreg.DeleteKeyEx(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\kitsu-launcher-tests", winreg.KEY_WOW64_32KEY, 0)


def test_a_program_tells_its_version_by_its_file() -> None:
    """Real: Python's own resources."""
    expected = "{}.{}.{}".format(*sys.version_info)
    assert versions.of_file(sys.executable).startswith(expected)
    assert places.version_of(Path(sys.executable)) == versions.of_file(sys.executable)


def test_what_tells_no_version(tmp_path: Path) -> None:
    (tmp_path / "t.exe").write_bytes(b"MZ")
    for path in (tmp_path / "t.exe", tmp_path / "nothing.exe", tmp_path, Path("")):
        assert places.version_of(path) == ""


def test_disks_of_this_machine_are_drives() -> None:
    """Real: the drives; a network's is none of them."""
    assert "C:" in sight.Machine({}).drives()


def test_the_whole_catalogue_is_looked_for_here() -> None:
    """Real: the disks, the registry; nothing of it needs to be installed."""
    look = places.look()
    for name, entry in load_catalogue(OS.WINDOWS).items():
        app = converter().structure({**entry, "name": name}, App)
        assert all(place.path.is_absolute() for place in places.matches(app.find.windows, look))
