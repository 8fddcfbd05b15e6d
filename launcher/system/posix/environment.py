"""What of this program's environment its children must not get, on Linux and macOS. Pure."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from launcher.itself import FROZEN

OURS = ("KITSU_LAUNCHER_", "_PYI_", "_MEIPASS2", "PYINSTALLER_", "_OLD_VIRTUAL_")
"""Variables that begin so are this program's, its bundle's or its virtual environment's."""
BUNDLE_PATHS = frozenset(
    {
        *("PYTHONHOME", "GI_TYPELIB_PATH", "GIO_MODULE_DIR", "GDK_PIXBUF_MODULE_FILE", "QT_PLUGIN_PATH"),
        *("QML2_IMPORT_PATH", "TCL_LIBRARY", "TK_LIBRARY", "OPENSSL_MODULES"),
    }
)
"""Paths that a bundle sets to folders of its own (packaging.md i); GTK_* and PANGO_* too."""
OWN = Path(sys.prefix).parent if FROZEN else Path(sys.prefix) if sys.prefix != sys.base_prefix else None
"""The bundle, every version of it, or the virtual environment that this program runs from; None where it is the
system's Python."""


@dataclass(frozen=True, slots=True)
class Leaks:
    """What leaks into children on one OS."""

    session: frozenset[str]
    """What the service manager and the desktop tell this very process about itself."""
    lists: frozenset[str]
    """Lists of paths in which a bundle or a virtual environment puts its own before the machine's."""
    libraries: str
    """The list of the loader's; PyInstaller keeps the person's own value under this name with `_ORIG`."""


def cleaned(environ: Mapping[str, str], own: Path | None, leaks: Leaks) -> dict[str, str]:
    """`environ` as the person's login has it: nothing of a bundle, a virtual environment or this program leaks.

    Python's own variables stay where they point elsewhere than into `own`: they are the application's.
    """
    folders = [str(own)] if own else []
    if environ.get("VIRTUAL_ENV"):
        folders.append(environ["VIRTUAL_ENV"].rstrip("/") or "/")

    def is_ours(path: str, name: str) -> bool:
        # The programs' own folder in PATH is the person's wish: so an application can call `kitsu-launcher`.
        return any((path == folder and name != "PATH") or path.startswith(f"{folder}/") for folder in folders)

    original = f"{leaks.libraries}_ORIG"
    clean: dict[str, str] = {}
    for name, value in environ.items():
        if name.startswith(OURS) or name in leaks.session or name in ("VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT"):
            continue
        if name == original or (name == leaks.libraries and original in environ):
            name, value = leaks.libraries, environ[original]
        if name in leaks.lists:
            kept = [path for path in value.split(":") if not is_ours(path, name)]
            if kept != value.split(":") and not kept:
                continue
            value = ":".join(kept)
        elif (name in BUNDLE_PATHS or name.startswith(("GTK_", "PANGO_"))) and is_ours(value, name):
            continue
        clean[name] = value
    return clean
