"""Where programs are on a Windows machine: patterns and PATH. Fulfils `system.Places`."""

import os
import re
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path, PureWindowsPath

from launcher.batch import ENDINGS, is_batch_file
from launcher.system import Place, Program, patterns
from launcher.system.refusals import unseen
from launcher.system.windows.process import clean_environment
from launcher.words import _

SEPARATORS = r"\\/"
PROGRAM_FILES = ("ProgramW6432", "PROGRAMFILES", "PROGRAMFILES(X86)")
LONGEST_ANSWER_BYTES = 65_536
NO_WINDOW = 0x0800_0000
"""CREATE_NO_WINDOW: a console program that is asked for its version must not flash a black window."""


def matches(pattern: str) -> list[Place]:
    """Every file that a pattern leads to: `{version}`, `*`, `?`, `[…]`, `{program_files}`, and `{path}` for each folder
    of PATH."""
    return patterns.places(expand(pattern, clean_environment(os.environ)), SEPARATORS, re.IGNORECASE)


def version_in(pattern: str, path: Path) -> str:
    """What `{version}` stands for in a path that the pattern leads to; else empty."""
    return patterns.version_in(expand(pattern, clean_environment(os.environ)), path, SEPARATORS, re.IGNORECASE)


def expand(pattern: str, environ: dict[str, str]) -> list[str]:
    """The patterns that one of the catalogue stands for, with this machine's folders in it. Pure."""
    known = {name.upper(): value for name, value in environ.items()}
    if "{program_files}" in pattern:
        name, folders = "{program_files}", [known.get(variable.upper(), "") for variable in PROGRAM_FILES]
    elif "{path}" in pattern:
        name, folders = "{path}", known.get("PATH", "").split(";")
    else:
        return [pattern]
    # A relative folder in PATH would make the daemon's current folder a place for programs; `\\host` asks another
    # machine before anybody has clicked.
    local = (folder.rstrip("\\/") for folder in folders if re.match(r"[A-Za-z]:[\\/]", folder))
    return [pattern.replace(name, patterns.literal(folder)) for folder in dict.fromkeys(local)]


def program(path: Path, *, batch: bool = False) -> Program:
    """Look at an executable: an absolute path to an .exe, or with `batch` to a batch file too.

    Who may change it stands in Windows' access lists.
    """
    if not PureWindowsPath(path).is_absolute():
        return Program(path, path, (0, 0), _("is not an absolute path"))
    try:
        status = os.stat(path)
    except OSError as error:
        return Program(path, path, (0, 0), unseen(error))
    refusal = ""
    if not stat.S_ISREG(status.st_mode):
        refusal = _("is not a file")
    elif is_batch_file(str(path)) and not batch:
        refusal = _("is a batch file: its arguments would go through a shell")
    elif path.suffix.lower() not in (".exe", ".com", *(ENDINGS if batch else ())):
        refusal = _("is no .exe")
    return Program(path, Path(os.path.realpath(path)), (status.st_mtime_ns, status.st_size), refusal)


def says(argv: Sequence[str], timeout_s: float) -> str | None:
    """What a program prints on both of its outputs; None if it does not end in time, or cannot be started."""
    # A file, not a pipe: a child that goes on in the background would keep a pipe open.
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(
                list(argv),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=clean_environment(os.environ),
                cwd=os.path.dirname(argv[0]),
                creationflags=NO_WINDOW,
            )
        except OSError:
            return None
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return None
        output.seek(0)
        return output.read(LONGEST_ANSWER_BYTES).decode("utf-8", "replace").replace("\r\n", "\n")
