"""Browsers' policies and packages' registrations, as each OS keeps them: exact files and keys on disks of the tests."""

import json
import plistlib
from pathlib import Path

import pytest

from launcher.system import Browser, Shared
from launcher.system.linux import everybody as linux_everybody
from launcher.system.linux import policies as linux
from launcher.system.macos import everybody as macos_everybody
from launcher.system.macos import policies as macos
from launcher.system.windows import everybody as windows_everybody
from launcher.system.windows import policies as windows


def put(path: Path, text: str | bytes, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)


# -- Linux -----------------------------------------------------------------------------------------------------------
def test_linux_reads_what_chromium_reads_and_the_last_file_wins(tmp_path: Path):
    managed = tmp_path / "etc" / "chromium" / "policies" / "managed"
    put(tmp_path / "usr" / "bin" / "chromium", "", 0o755)
    put(managed / "10.json", json.dumps({"A": ["x"], "B": 1}))
    put(managed / "20.json", json.dumps({"A": ["y"]}))
    put(managed / "broken.json", "{")
    put(managed / "no.txt", "{}")

    (found,) = linux.browsers(tmp_path)

    assert (found.name, found.family, found.policies) == ("Chromium", "chromium", {"A": ["y"], "B": 1})
    assert found.sources == (str(managed / "10.json"), str(managed / "20.json"))
    assert [line.partition(": ")[0] for line in found.unreadable] == [str(managed / "broken.json")]


def test_linux_reads_firefoxs_file_of_etc_before_that_of_the_program(tmp_path: Path):
    put(tmp_path / "usr" / "bin" / "firefox-esr", "", 0o755)
    put(tmp_path / "usr/share/firefox-esr/distribution/policies.json", '{"policies": {"LocalNetworkAccess": {}}}')
    assert linux.browsers(tmp_path)[0].policies == {"LocalNetworkAccess": {}}

    put(tmp_path / "etc/firefox/policies/policies.json", '{"policies": {"X": 1}}')

    (found,) = linux.browsers(tmp_path)
    assert found.policies == {"X": 1}
    assert found.sources == (str(tmp_path / "etc/firefox/policies/policies.json"),)


@pytest.mark.parametrize("text", ["[]", "1", '{"policies": []}', '"x"'])
def test_linux_takes_a_file_of_another_shape_as_empty(tmp_path: Path, text: str):
    put(tmp_path / "usr" / "bin" / "firefox", "", 0o755)
    put(tmp_path / "etc/firefox/policies/policies.json", text)

    assert linux.browsers(tmp_path)[0].policies == {}


def test_linux_looks_at_installed_browsers_only(tmp_path: Path):
    put(tmp_path / "etc/opt/chrome/policies/managed/x.json", "{}")
    assert linux.browsers(tmp_path) == []

    put(tmp_path / "usr/bin/google-chrome-stable", "", 0o755)
    put(tmp_path / "usr/bin/microsoft-edge-stable", "", 0o755)

    assert [one.name for one in linux.browsers(tmp_path)] == ["Google Chrome", "Microsoft Edge"]


def test_linux_finds_what_a_package_has_put_there(tmp_path: Path):
    assert linux_everybody.links(tmp_path) == Shared()
    program = tmp_path / "opt" / "url"
    link = tmp_path / "usr/share/applications/kitsu-launcher-url.desktop"
    put(link, f"[Desktop Entry]\nExec={program} %u\n")
    login = tmp_path / "etc/xdg/autostart/kitsu-launcher.desktop"
    put(login, f"[Desktop Entry]\nExec={program} serve --restart\n")
    assert linux_everybody.links(tmp_path) == Shared(str(link), str(program), False)

    put(program, "", 0o755)

    assert linux_everybody.links(tmp_path) == Shared(str(link), str(program), True)
    assert linux_everybody.autostart(tmp_path) == Shared(str(login), str(program), True)


# -- macOS -----------------------------------------------------------------------------------------------------------
def test_macos_reads_managed_preferences(tmp_path: Path):
    chrome, managed = tmp_path / "Applications" / "Google Chrome.app", tmp_path / "Library" / "Managed Preferences"
    chrome.mkdir(parents=True)
    put(managed / "com.google.Chrome.plist", plistlib.dumps({"A": ["machine"], "B": True}))
    put(managed / "ana" / "com.google.Chrome.plist", plistlib.dumps({"A": ["hers"]}))
    put(managed / "org.mozilla.firefox.plist", plistlib.dumps({"LocalNetworkAccess": {"Enabled": False}}))

    assert [one.name for one in macos.browsers(tmp_path)] == ["Google Chrome"]
    assert macos.browsers(tmp_path, "ana")[0].policies == {"A": ["hers"], "B": True}
    (tmp_path / "Applications" / "Firefox.app").mkdir()
    assert macos.browsers(tmp_path)[1].policies == {"LocalNetworkAccess": {"Enabled": False}}
    put(managed / "com.google.Chrome.plist", "broken")
    assert macos.browsers(tmp_path)[0].unreadable


def test_macos_finds_the_application(tmp_path: Path):
    bundle = tmp_path / "Applications" / "Kitsu Launcher.app"
    assert macos_everybody.links(tmp_path) == Shared()
    put(
        bundle / "Contents" / "Info.plist",
        plistlib.dumps({"CFBundleExecutable": "kitsu-launcher", "CFBundleURLTypes": [{}]}),
    )
    program = bundle / "Contents" / "MacOS" / "kitsu-launcher"
    assert macos_everybody.links(tmp_path) == Shared(str(bundle), str(program), False)

    put(program, "", 0o755)

    assert macos_everybody.links(tmp_path) == Shared(str(bundle), str(program), True)
    assert macos_everybody.autostart() is None


# -- Windows ---------------------------------------------------------------------------------------------------------
class Registry:
    """What stands in a registry: values of keys in the machine's part (True) and the person's."""

    def __init__(self, keys: dict[tuple[bool, str], dict[str, object]]) -> None:
        self.keys = keys

    def __call__(self, key: str, machine: bool) -> dict[str, object] | None:
        return self.keys.get((machine, key))


PATHS = r"Software\Microsoft\Windows\CurrentVersion\App Paths"
CHROME = r"Software\Policies\Google\Chrome\LocalNetworkAccessAllowedForUrls"
FIREFOX = r"Software\Policies\Mozilla\Firefox\LocalNetworkAccess"


def test_windows_reads_lists_of_numbered_values_and_the_machines_win():
    chrome = (True, rf"{PATHS}\chrome.exe")
    keys = {chrome: {"": r'"C:\Chrome\chrome.exe"'}, (False, CHROME): {"1": "https://hers"}}
    assert windows.browsers(Registry(keys)) == [
        Browser(
            "Google Chrome",
            "chromium",
            {"LocalNetworkAccessAllowedForUrls": ["https://hers"]},
            (rf"HKCU\{CHROME}",),
        )
    ]

    keys[True, CHROME] = {"1": "https://a", "2": "https://b"}

    (found,) = windows.browsers(Registry(keys))
    assert found.policies == {"LocalNetworkAccessAllowedForUrls": ["https://a", "https://b"]}
    assert found.sources == (rf"HKLM\{CHROME}",)


def test_windows_reads_firefoxs_rules():
    keys = {
        (False, rf"{PATHS}\firefox.exe"): {"": r"C:\Firefox\firefox.exe"},
        (True, FIREFOX): {"Enabled": 1, "EnablePrompting": 0},
        (True, rf"{FIREFOX}\SkipDomains"): {"1": "kitsu.lunar.example"},
    }

    (found,) = windows.browsers(Registry(keys))

    rules = {"SkipDomains": ["kitsu.lunar.example"], "Enabled": True, "EnablePrompting": False}
    assert found.policies == {"LocalNetworkAccess": rules}


def test_windows_reads_firefoxs_file_beside_its_program(tmp_path: Path):
    """Real: a file of that name; backslashes are what a path on Windows has."""
    keys = {(True, rf"{PATHS}\firefox.exe"): {"": str(tmp_path / "firefox.exe").replace("/", "\\")}}
    assert windows.browsers(Registry(keys)) == [Browser("Firefox", "firefox", {})]


def test_windows_knows_a_browser_by_its_app_path_only():
    assert windows.browsers(Registry({})) == []


def test_windows_judges_what_the_machines_keys_start(tmp_path: Path):
    assert windows_everybody.shared("HKLM\\x", None) == Shared()
    found = windows_everybody.shared("HKLM\\x", r'"C:\Kitsu\kitsu-launcher-url.exe" "%1"')
    assert found == Shared("HKLM\\x", r"C:\Kitsu\kitsu-launcher-url.exe", False)
