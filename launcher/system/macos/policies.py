"""The browsers of a Mac, and the policies that a configuration profile has given them."""

import os
import plistlib
from pathlib import Path
from typing import Literal
from xml.parsers.expat import ExpatError

from launcher.system import Browser

MANAGED = "Library/Managed Preferences"
KNOWN: tuple[tuple[str, Literal["chromium", "firefox"], str, str], ...] = (
    ("Google Chrome", "chromium", "Google Chrome.app", "com.google.Chrome"),
    ("Chromium", "chromium", "Chromium.app", "org.chromium.Chromium"),
    ("Microsoft Edge", "chromium", "Microsoft Edge.app", "com.microsoft.Edge"),
    ("Brave", "chromium", "Brave Browser.app", "com.brave.Browser"),
    ("Firefox", "firefox", "Firefox.app", "org.mozilla.firefox"),
)


def browsers(root: Path = Path("/"), user: str | None = None) -> list[Browser]:
    """Every browser that is installed here, with its policies; those of `user`, whose session this is, win."""
    user = os.environ.get("USER", "") if user is None else user
    found = []
    for name, family, application, domain in KNOWN:
        if (root / "Applications" / application).is_dir():
            folders = [root / MANAGED, *([root / MANAGED / user] if user else [])]
            files = [folder / f"{domain}.plist" for folder in folders]
            found.append(_read(name, family, [file for file in files if file.is_file()]))
    return found


def _read(name: str, family: Literal["chromium", "firefox"], files: list[Path]) -> Browser:
    policies: dict[str, object] = {}
    sources, unreadable = [], []
    for file in files:
        try:
            told = plistlib.loads(file.read_bytes())
        except (OSError, ValueError, AttributeError, ExpatError) as error:  # as plistlib lets them out
            unreadable.append(f"{file}: {error}")
            continue
        sources.append(str(file))
        policies.update(told if isinstance(told, dict) else {})
    return Browser(name, family, policies, tuple(sources), tuple(unreadable))
