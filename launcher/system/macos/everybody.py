"""What a package has put on a Mac for everybody: the application, whose Info.plist names our links."""

import plistlib
from pathlib import Path

from launcher.system import Shared

BUNDLE = "Applications/Kitsu Launcher.app"


def links(root: Path = Path("/")) -> Shared:
    """What opens `kitsu-launcher://` links for everybody."""
    bundle = root / BUNDLE
    try:
        found = plistlib.loads((bundle / "Contents" / "Info.plist").read_bytes())
    except (OSError, plistlib.InvalidFileException, ValueError):
        return Shared()
    program = bundle / "Contents" / "MacOS" / str(found.get("CFBundleExecutable", ""))
    return Shared(str(bundle), str(program), bool(found.get("CFBundleURLTypes")) and program.is_file())


def autostart() -> Shared | None:
    """Nothing for everybody: each person's own LaunchAgent is written at her first start."""
    return None
