r"""The browsers of a Windows machine, and the policies that IT has given them below Software\Policies.

The machine's policies win over the person's. Firefox also reads a file beside its program.
"""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import PureWindowsPath
from typing import Literal, TypeAlias

from launcher.system import Browser
from launcher.system.windows import registry

Values: TypeAlias = Mapping[str, object]
Reader: TypeAlias = Callable[[str, bool], Values | None]
"""The values of a key in the machine's part, or in the person's; None where there is no such key."""
APP_PATHS = r"Software\Microsoft\Windows\CurrentVersion\App Paths"
CHROMIUMS = (
    ("Google Chrome", "chrome.exe", r"Software\Policies\Google\Chrome"),
    ("Chromium", "chromium.exe", r"Software\Policies\Chromium"),
    ("Microsoft Edge", "msedge.exe", r"Software\Policies\Microsoft\Edge"),
    ("Brave", "brave.exe", r"Software\Policies\BraveSoftware\Brave"),
)
LISTS = (
    "LoopbackNetworkBlockedForUrls",
    "LoopbackNetworkAllowedForUrls",
    "LocalNetworkAccessBlockedForUrls",
    "LocalNetworkAccessAllowedForUrls",
)
FIREFOX = r"Software\Policies\Mozilla\Firefox"
FIREFOX_RULES = "LocalNetworkAccess"


def browsers(read: Reader | None = None) -> list[Browser]:
    """Every browser that is installed here, with its policies about the local network."""
    read = read or registry.values
    found = [_chromium(name, key, read) for name, program, key in CHROMIUMS if _program(program, read)]
    if program := _program("firefox.exe", read):
        found.append(_firefox(program, read))
    return found


def _program(name: str, read: Reader) -> str:
    for machine in (True, False):
        path = (read(rf"{APP_PATHS}\{name}", machine) or {}).get("")
        if isinstance(path, str):
            return path.strip('"')
    return ""


def _chromium(name: str, key: str, read: Reader) -> Browser:
    policies, sources = _lists(key, LISTS, read)
    return Browser(name, "chromium", policies, tuple(sources))


def _lists(key: str, names: tuple[str, ...], read: Reader) -> tuple[dict[str, object], list[str]]:
    """Lists of texts: each is a key of its own with numbered values."""
    policies: dict[str, object] = {}
    sources = []
    for name in names:
        for machine in (True, False):
            values = read(rf"{key}\{name}", machine)
            if values is not None:
                policies[name] = [text for text in values.values() if isinstance(text, str)]
                sources.append(rf"{'HKLM' if machine else 'HKCU'}\{key}\{name}")
                break
    return policies, sources


def _firefox(program: str, read: Reader) -> Browser:
    key = rf"{FIREFOX}\{FIREFOX_RULES}"
    rules, sources = _lists(key, ("SkipDomains",), read)
    for machine in (False, True):
        for name, value in (read(key, machine) or {}).items():
            rules[name] = bool(value) if isinstance(value, int) else value
            sources.append(rf"{'HKLM' if machine else 'HKCU'}\{key}\{name}")
    if rules:
        return Browser("Firefox", "firefox", {FIREFOX_RULES: rules}, tuple(sources))
    return _firefox_file(str(PureWindowsPath(program).parent / "distribution" / "policies.json"))


def _firefox_file(file: str) -> Browser:
    family: Literal["firefox"] = "firefox"
    if not os.path.isfile(file):
        return Browser("Firefox", family, {})
    try:
        with open(file, "rb") as opened:
            told = json.load(opened)
    except (OSError, ValueError, RecursionError) as error:
        return Browser("Firefox", family, {}, (), (f"{file}: {error}",))
    inner = told.get("policies") if isinstance(told, dict) else None
    return Browser("Firefox", family, inner if isinstance(inner, dict) else {}, (file,))
