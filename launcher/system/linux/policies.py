"""The browsers of a Linux machine, and the policies that IT has given them in files below /etc.

Chromium reads every JSON file of a folder, and the last by name wins; Firefox reads one file, that of /etc first.
"""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from launcher.system import Browser

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

PROGRAMS = ("usr/bin", "usr/local/bin", "snap/bin", "var/lib/flatpak/exports/bin")
CHROMIUMS = (
    ("Chromium", ("chromium", "chromium-browser"), ("etc/chromium", "etc/chromium-browser")),
    ("Google Chrome", ("google-chrome-stable", "google-chrome"), ("etc/opt/chrome",)),
    ("Microsoft Edge", ("microsoft-edge-stable", "microsoft-edge"), ("etc/opt/edge",)),
    ("Brave", ("brave-browser",), ("etc/brave",)),
)
"""Name, programs, and the folders with `policies/managed`."""
FIREFOX = ("firefox", "firefox-esr")
FIREFOX_FILES = (
    "etc/firefox/policies/policies.json",
    "etc/firefox-esr/policies/policies.json",
    "usr/lib/firefox/distribution/policies.json",
    "usr/lib/firefox-esr/distribution/policies.json",
    "usr/share/firefox-esr/distribution/policies.json",
    "opt/firefox/distribution/policies.json",
)


def browsers(root: Path = Path("/")) -> list[Browser]:
    """Every browser that is installed here, with its policies."""
    found = []
    for name, programs, homes in CHROMIUMS:
        if _installed(programs, root):
            folders = [root / home / "policies" / "managed" for home in homes]
            files = [file for folder in folders for file in sorted(folder.glob("*.json")) if file.is_file()]
            found.append(_read(name, "chromium", files))
    if _installed(FIREFOX, root):
        files = [root / file for file in FIREFOX_FILES if (root / file).is_file()][:1]
        found.append(_read("Firefox", "firefox", files))
    return found


def _installed(programs: tuple[str, ...], root: Path) -> bool:
    folders = os.pathsep.join(str(root / folder) for folder in PROGRAMS)
    return any(shutil.which(program, path=folders) for program in programs)


def _read(name: str, family: str, files: list[Path]) -> Browser:
    policies: dict[str, object] = {}
    sources, unreadable = [], []
    for file in files:
        try:
            told = json.loads(file.read_bytes())
        except (OSError, ValueError, RecursionError) as error:
            unreadable.append(f"{file}: {error}")
            continue
        sources.append(str(file))
        inner = told.get("policies") if family == "firefox" and isinstance(told, Mapping) else told
        policies.update(inner if isinstance(inner, Mapping) else {})
    return Browser(name, "firefox" if family == "firefox" else "chromium", policies, tuple(sources), tuple(unreadable))
