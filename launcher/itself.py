"""How this program starts itself anew: its own command lines, and what of its environment they get.

Standard library only, and little of it: the hand-off imports this.
"""

import os
import sys

FROZEN = bool(getattr(sys, "frozen", False))
"""Whether this is the bundle that PyInstaller makes."""


def command(*arguments: str) -> list[str]:
    """The command line of `kitsu-launcher ARGUMENTS`, an absolute path first."""
    if FROZEN:
        program = "kitsu-launcher.exe" if sys.platform == "win32" else "kitsu-launcher"
        return [os.path.join(os.path.dirname(sys.executable), program), *arguments]
    # -P: a folder of that name where somebody happens to stand is not this program.
    return [sys.executable, "-P", "-m", "launcher", *arguments]


def link_handler() -> list[str]:
    """What the desktop is to start with one link after it: in the bundle a program of its own, which is small."""
    if FROZEN and sys.platform == "darwin":
        return command()
    if FROZEN:
        program = "kitsu-launcher-url.exe" if sys.platform == "win32" else "kitsu-launcher-url"
        return [os.path.join(os.path.dirname(sys.executable), program)]
    return [sys.executable, "-I", "-S", os.path.join(os.path.dirname(os.path.abspath(__file__)), "link.py")]


def top() -> str:
    """The folder that this installation's programs stand in; where there is no bundle, the one of its code."""
    return os.path.dirname(os.path.realpath(sys.executable if FROZEN else os.path.dirname(__file__)))


def environment(environ: dict[str, str] | None = None) -> dict[str, str]:
    """This process's environment, or that of another one of ours, without what the bundle's loader has put there.

    The loader keeps an earlier LD_LIBRARY_PATH under another name, and would keep the bundle's own there if it were
    handed on: applications would load the bundle's libraries (packaging.md i).
    """
    environ = dict(os.environ) if environ is None else environ
    if not FROZEN:
        return environ
    own = os.path.dirname(sys.executable)
    clean = {name: value for name, value in environ.items() if not name.startswith(("_PYI_", "_MEIPASS2"))}
    libraries = clean.pop("LD_LIBRARY_PATH", "")
    libraries = clean.pop("LD_LIBRARY_PATH_ORIG", libraries)
    kept = [path for path in libraries.split(":") if path and path != own and not path.startswith(own + "/")]
    if kept:
        clean["LD_LIBRARY_PATH"] = ":".join(kept)
    clean["PYINSTALLER_RESET_ENVIRONMENT"] = "1"
    return clean
