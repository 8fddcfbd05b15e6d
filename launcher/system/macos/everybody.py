"""What a package has put on a Mac for everybody: the application, whose Info.plist names our links."""

from pathlib import Path

from launcher.system import Shared
from launcher.system.macos import plists

BUNDLE = "Applications/Kitsu Launcher.app"


def links(root: Path = Path("/")) -> Shared:
    """What opens `kitsu-launcher://` links for everybody."""
    bundle = root / BUNDLE
    found = plists.read(bundle / "Contents" / "Info.plist")
    if not found:
        return Shared()
    program = bundle / "Contents" / "MacOS" / str(found.get("CFBundleExecutable", ""))
    return Shared(str(bundle), str(program), bool(found.get("CFBundleURLTypes")) and program.is_file())


def autostart() -> Shared | None:
    """Nothing for everybody: each person's own LaunchAgent is written at her first start."""
    return None
