"""How `kitsu-launcher://` links reach this user on Linux: a desktop entry, and her `mimeapps.list`, which names it.

No `xdg-mime` is needed: it would write the same line (seen with xdg-utils 1.1.3, GLib 2.74).
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from launcher.errors import LauncherError, system_says
from launcher.paths import write_atomically
from launcher.system import Links, trial
from launcher.system.linux import entries, process
from launcher.words import _

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

NAME = "kitsu-launcher-url.desktop"
MIME = "x-scheme-handler/kitsu-launcher"
DEFAULTS = "[Default Applications]"
REFRESH_S = 10


class SchemeError(LauncherError):
    """One of the files that would register our links cannot be written."""

    code = "scheme"


def entry(handler: Sequence[str]) -> str:
    """The desktop entry that has `handler`, and a link after it, open our links."""
    return entries.entry(
        {
            "Type": "Application",
            "Name": "Kitsu Launcher (links)",
            "Exec": entries.exec_line(handler, "%u"),
            "Icon": "kitsu-launcher",
            "Terminal": "false",
            "NoDisplay": "true",
            "StartupNotify": "false",
            "MimeType": f"{MIME};",
        }
    )


def register(handler: Sequence[str]) -> bool:
    """Make the desktop run `handler LINK`, an absolute path first; whether anything had to change.

    A package's entry is used as it is, and the person's own, which would hide it, removed.
    Raises: SchemeError; OnlyATrial.
    """
    trial.keep_out("XDG_DATA_HOME", "XDG_CONFIG_HOME")
    own, packaged, listed = _own(), _packaged(), entries.read(_list()) or ""
    changed = _remove(own) if packaged else _write(own, entry(handler))
    if changed:
        _refresh(own.parent)
    if packaged and default(listed) is None:
        # The package's own trigger has told the desktop.
        return changed
    return _write(_list(), with_default(listed, NAME)) or changed


def unregister() -> bool:
    """Remove what is this user's of it; whether there was anything. Raises: SchemeError; OnlyATrial."""
    trial.keep_out("XDG_DATA_HOME", "XDG_CONFIG_HOME")
    own, listed = _own(), entries.read(_list())
    changed = _remove(own)
    if changed:
        _refresh(own.parent)
    return (listed is not None and _write(_list(), without(listed, NAME))) or changed


def registered() -> str | None:
    """The command that opens our links now; None without any."""
    found = _current()
    return entries.value(found, "Exec") if found else None


def state(handler: Sequence[str]) -> Links:
    """Whether links reach `handler`, or what a package has registered."""
    found = _current()
    if found is None or not entries.is_there(found):
        return Links.NOWHERE
    ours = entries.value(found, "Exec") == entries.exec_line(handler, "%u") or found == _packaged()
    return Links.HERE if ours else Links.ELSEWHERE


def receive(take: Callable[[str], None]) -> None:
    """Nothing is to be done: on Linux a program of its own brings each link."""


def _current() -> str | None:
    """The desktop entry that opens our links now: the one that `mimeapps.list` names, else any of our name."""
    named = default(entries.read(_list()) or "") or NAME
    for folder in (_own().parent, *_everybodys()):
        if (text := entries.read(folder / named)) is not None:
            return text
    return None


def _own() -> Path:
    return entries.home("XDG_DATA_HOME", ".local/share") / "applications" / NAME


def _list() -> Path:
    # A link in its place leads to where somebody keeps her settings: there it is changed.
    return Path(os.path.realpath(entries.home("XDG_CONFIG_HOME", ".config") / "mimeapps.list"))


def _everybodys() -> list[Path]:
    folders = entries.shared("XDG_DATA_DIRS", "/usr/local/share:/usr/share")
    return [folder / "applications" for folder in folders]


def _packaged() -> str | None:
    """The entry that a package has put there for everybody, if the program that it names is there."""
    texts = (entries.read(folder / NAME) for folder in _everybodys())
    return next((text for text in texts if text is not None and entries.is_there(text)), None)


def default(listed: str) -> str | None:
    """The entry that a `mimeapps.list` names for our links; None for none."""
    inside = False
    for line in listed.splitlines():
        if line.startswith("["):
            inside = line.strip() == DEFAULTS
        name, _equals, value = line.partition("=")
        if inside and name.strip() == MIME:
            return next((part.strip() for part in value.split(";") if part.strip()), None)
    return None


def with_default(listed: str, name: str) -> str:
    """A `mimeapps.list` that names an entry for our links; all other lines stay as they are."""
    if default(listed) == name:
        return listed
    lines = [line for line in listed.splitlines() if not _is_ours(line)]
    if DEFAULTS not in (line.strip() for line in lines):
        lines += [*([""] if lines else []), DEFAULTS]
    at = [line.strip() for line in lines].index(DEFAULTS)
    return "\n".join([*lines[: at + 1], f"{MIME}={name}", *lines[at + 1 :]]) + "\n"


def without(listed: str, name: str) -> str:
    """A `mimeapps.list` that does not name an entry for our links; all other lines stay as they are."""
    lines = []
    for line in listed.splitlines(keepends=True):
        if _is_ours(line):
            rest = [part for part in line.strip().partition("=")[2].split(";") if part and part != name]
            line = f"{MIME}={';'.join(rest)}\n" if rest else ""
        lines.append(line)
    return "".join(lines)


def _is_ours(line: str) -> bool:
    return line.partition("=")[0].strip() == MIME


def _write(path: Path, text: str) -> bool:
    """Whether the file had to be changed."""
    if entries.read(path) == text:
        return False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        write_atomically(path, text.encode("utf-8", "surrogateescape"), mode)
    except OSError as error:
        raise _refused(path, error) from error
    return True


def _remove(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _refused(path, error) from error
    return True


def _refresh(folder: Path) -> None:
    """Have the desktop's cache of entries made anew, where there is one; `mimeapps.list` works without it."""
    program = shutil.which("update-desktop-database")
    if program and folder.is_dir():
        argv = [program, "-q", str(folder)]
        env, quiet = process.clean_environment(os.environ), subprocess.DEVNULL
        try:
            subprocess.run(argv, env=env, stdin=quiet, stdout=quiet, stderr=quiet, timeout=REFRESH_S, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return


def _refused(path: Path, error: OSError) -> SchemeError:
    return SchemeError(
        _("Kitsu Launcher's links could not be registered."),
        tried=[_("{path}: {reason}", path=path, reason=system_says(error))],
        next_step=_("Check that you may write there. Clicks in Kitsu work without it."),
    )
