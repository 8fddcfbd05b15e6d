"""Where programs are on a Windows machine: patterns, PATH and the registry. Fulfils `system.Places`."""

import os
import re
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PureWindowsPath

from launcher.batch import ENDINGS, is_batch_file
from launcher.config.patterns import Pattern
from launcher.model import OS
from launcher.system import Place, Program, patterns
from launcher.system.refusals import unseen
from launcher.system.sight import Look
from launcher.system.windows import versions
from launcher.system.windows.process import clean_environment
from launcher.system.windows.sight import Machine
from launcher.words import _

PROGRAM_FILES = ("ProgramW6432", "PROGRAMFILES", "PROGRAMFILES(X86)")
NAMES_OF_PROGRAM_FILES = ("Program Files", "Program Files (x86)")
LOCAL = re.compile(r"[A-Za-z]:[\\/]")
"""How a path begins that is no other machine's: `\\host` would be asked before anybody has clicked."""
SOFTWARE = re.compile(r"(HK(?:LM|CU)\\SOFTWARE)\\", re.IGNORECASE)
LONGEST_ANSWER_BYTES = 65_536
NO_WINDOW = 0x0800_0000
"""CREATE_NO_WINDOW: a console program that is asked for its version must not flash a black window."""


def look() -> Look:
    """Begin to look around."""
    return Look(Machine(clean_environment(os.environ)), folds=True)


def matches(texts: Sequence[str], around: Look | None = None) -> list[Place]:
    """Every file that an application's patterns lead to."""
    return [Place(Path(one.path), one.version) for one in found(texts, around or look())]


def found(texts: Sequence[str], around: Look) -> list[patterns.Match]:
    r"""The same of any machine: `{version}`, `*`, `?`, `[…]`, `~`, `{program_files}` on each of its own drives,
    `{path}` for each folder of PATH, and `{registry:KEY|VALUE}`."""
    return list(patterns.found(texts, OS.WINDOWS, around, _starts))


def version_in(texts: Sequence[str], path: Path) -> str:
    """What `{version}` stands for in a path that ends as one of the patterns does; else empty."""
    return patterns.version_in(texts, str(path), OS.WINDOWS)


def version_of(path: Path) -> str:
    """What stands in a program's own resources: `3.0.20` of an .exe."""
    return versions.of_file(str(path))


def _starts(pattern: Pattern, around: Look) -> Iterator[patterns.Start]:
    known = {name.upper(): value for name, value in around.sight.environ.items()}
    if pattern.head == "{registry}":
        yield from _registered(pattern, around, known)
        return
    if not pattern.head:
        yield patterns.Start(pattern.rest[:3], pattern.rest[3:])
        return
    if pattern.head == "{path}":
        folders = known.get("PATH", "").split(";")
    elif pattern.head == "~":
        folders = [known.get("USERPROFILE", "")]
    else:
        folders = [known.get(variable.upper(), "") for variable in PROGRAM_FILES]
        folders += [rf"{drive}\{name}" for drive in around.sight.drives() for name in NAMES_OF_PROGRAM_FILES]
    # A relative folder in PATH would make the daemon's current folder a place for programs.
    local = {folder.rstrip("\\/").lower(): folder.rstrip("\\/") for folder in folders if LOCAL.match(folder)}
    yield from (patterns.Start(folder, pattern.rest) for folder in local.values() if around.is_folder(folder))


def _registered(pattern: Pattern, around: Look, environ: Mapping[str, str]) -> Iterator[patterns.Start]:
    """The folders or files that values of the registry name: of 64-bit programs, then of 32-bit ones."""
    keys = patterns.Tree("\\", around.keys, lambda _key: True)
    views = dict.fromkeys((pattern.key, SOFTWARE.sub(r"\1\\Wow6432Node\\", pattern.key, count=1)))
    for hive, below in (key.split("\\", 1) for key in views):
        for match in patterns.walk(patterns.Start(hive, below), keys, folds=True):
            named = around.sight.values(match.path).items()
            text = next((value for name, value in named if name.lower() == pattern.value.lower()), None)
            folder = _path_in(text, environ) if isinstance(text, str) else ""
            rest = pattern.rest
            while folder and rest.startswith("\\.."):
                folder, rest = str(PureWindowsPath(folder).parent), rest[3:]
            if folder:
                yield patterns.Start(folder, rest, match.version)


def _path_in(text: str, environ: Mapping[str, str]) -> str:
    """The path that a value names: alone, in quotes, or as the program of a command line. Empty for a share's."""
    quoted = re.match(r'\s*"([^"]*)"', text)
    path = quoted[1] if quoted else text.partition(' "')[0].strip()
    path = re.sub(r"%([^%]+)%", lambda name: environ.get(name[1].upper(), ""), path).rstrip("\\/")
    return path if LOCAL.match(path) and path.isprintable() and ".." not in PureWindowsPath(path).parts else ""


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
