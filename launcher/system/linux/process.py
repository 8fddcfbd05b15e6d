"""Applications on Linux: started in a session of their own, watched without a thread, outliving the daemon."""

import asyncio
import contextlib
import errno
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from launcher.errors import LauncherError, NotFoundHere
from launcher.logs import capped, escaped
from launcher.system.refusals import CannotStart

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

OURS = ("KITSU_LAUNCHER_", "_PYI_", "_MEIPASS2", "PYINSTALLER_", "_OLD_VIRTUAL_")
"""Variables that begin so are this program's, its bundle's or its virtual environment's."""
SERVICE = {
    *("INVOCATION_ID", "JOURNAL_STREAM", "NOTIFY_SOCKET", "SYSTEMD_EXEC_PID", "WATCHDOG_PID", "WATCHDOG_USEC"),
    *("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID"),
}
"""What systemd tells a service about itself: a child that believed it would answer in the daemon's name."""
BUNDLE_PATHS = {
    *("PYTHONHOME", "GI_TYPELIB_PATH", "GIO_MODULE_DIR", "GDK_PIXBUF_MODULE_FILE", "QT_PLUGIN_PATH"),
    *("QML2_IMPORT_PATH", "TCL_LIBRARY", "TK_LIBRARY", "OPENSSL_MODULES"),
}
"""Paths that a bundle sets to folders of its own (packaging.md i); GTK_* and PANGO_* too."""
BUNDLE_LISTS = {"PATH", "PYTHONPATH", "XDG_DATA_DIRS", "LD_LIBRARY_PATH"}
"""Lists of paths in which a bundle or a virtual environment puts its own before the machine's."""
LOOK_AGAIN_S = 2.0
OWN = Path(sys.prefix) if getattr(sys, "frozen", False) or sys.prefix != sys.base_prefix else None
"""The bundle or the virtual environment that this program runs from; None where it is the system's Python."""


def clean_environment(environ: Mapping[str, str], own: Path | None = OWN) -> dict[str, str]:
    """`environ` as the person's login has it: nothing of a bundle, a virtual environment or this program leaks.

    Python's own variables stay where they point elsewhere than into `own`: they are the application's.
    """
    folders = [str(own)] if own else []
    if environ.get("VIRTUAL_ENV"):
        folders.append(environ["VIRTUAL_ENV"].rstrip("/") or "/")

    def is_ours(path: str) -> bool:
        return any(path == folder or path.startswith(f"{folder}/") for folder in folders)

    clean: dict[str, str] = {}
    for name, value in environ.items():
        if name.startswith(OURS) or name in SERVICE or name in ("VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT"):
            continue
        if name == "LD_LIBRARY_PATH_ORIG" or (name == "LD_LIBRARY_PATH" and f"{name}_ORIG" in environ):
            # PyInstaller keeps the person's own value under this name.
            name, value = "LD_LIBRARY_PATH", environ["LD_LIBRARY_PATH_ORIG"]
        if name in BUNDLE_LISTS:
            kept = [path for path in value.split(":") if not is_ours(path)]
            if kept != value.split(":") and not kept:
                continue
            value = ":".join(kept)
        elif (name in BUNDLE_PATHS or name.startswith(("GTK_", "PANGO_"))) and is_ours(value):
            continue
        clean[name] = value
    return clean


def start(argv: Sequence[str], env: Mapping[str, str], cwd: Path, log: int) -> subprocess.Popen[bytes]:
    """Start a program, detached, its output going to the file descriptor `log`.

    Popen, not asyncio's own: what `asyncio.create_subprocess_exec` starts is killed when the daemon ends cleanly on
    Python 3.12 and later. Keep the answer until `watch` has told the end: without it the exit code is lost.
    Raises: NotFoundHere, CannotStart.
    """
    try:
        return subprocess.Popen(
            list(argv),
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            close_fds=True,
        )
    except OSError as error:
        raise _refused(error, argv[0], cwd) from error
    except ValueError as error:
        # A NUL, or a lone surrogate: the plan keeps them out, the operating system could not take them.
        raise CannotStart(
            f"{_name(argv[0])} cannot be started: an argument holds a character that no program can be given.",
            tried=[_name(argv[0])],
            next_step="Rename what the selection names in Kitsu, then click again.",
        ) from error


def _refused(error: OSError, executable: str, cwd: Path) -> LauncherError:
    """The operating system's refusal, in words."""
    name = _name(executable)
    tried = [f"{name}: {error.strerror}"]
    if error.errno == errno.E2BIG:
        return CannotStart(
            f"{name} cannot be started: its arguments and environment are too long for this system.",
            tried=tried,
            next_step="Select fewer tasks, or shorten what the action adds to the environment.",
        )
    if error.errno in (errno.ENOENT, errno.ENOTDIR) and not cwd.is_dir():
        return NotFoundHere(
            f"{name} was to start in a folder that is not there.",
            tried=[f"{_name(str(cwd))}: {error.strerror}"],
            next_step="Click again; if the folder was moved or unmounted, bring it back first.",
        )
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return NotFoundHere(
            f"{name} is not there any more, or the interpreter its first line names is missing.",
            tried=tried,
            next_step="Click again: what is installed is looked up anew. `kitsu-launcher apps` lists it.",
        )
    if error.errno == errno.ENOEXEC:
        return CannotStart(
            f"{name} is not a program that this machine can run.",
            tried=tried,
            next_step="A script needs a first line such as #!/bin/sh; a program must be built for this processor.",
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return CannotStart(
            f"{name} may not be started by you.",
            tried=tried,
            next_step=f"Check its permissions: `ls -l {name}`. The file system may also be mounted with noexec.",
        )
    return CannotStart(f"{name} could not be started.", tried=tried, next_step="Click again in a moment.")


def _name(path: str) -> str:
    return capped(escaped(path), 200)


def watch(process: subprocess.Popen[bytes], loop: asyncio.AbstractEventLoop, ended: Callable[[int], None]) -> None:
    """Call `ended` in the loop, once, with the exit code; negative: the signal that ended it."""
    try:
        pidfd = os.pidfd_open(process.pid)
    except (AttributeError, OSError):
        # Linux before 5.3, or a Python that was built for it, as on Rocky 8.
        watch_by_thread(process, loop, ended)
    else:
        _when_readable(pidfd, loop, lambda: ended(process.wait()))


def watch_by_thread(
    process: subprocess.Popen[bytes], loop: asyncio.AbstractEventLoop, ended: Callable[[int], None]
) -> None:
    """As `watch`, with a thread that waits: where the kernel has nothing better."""

    def wait() -> None:
        code = process.wait()
        # The daemon may have ended meanwhile, and its loop with it.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(ended, code)

    threading.Thread(target=wait, name=f"watch-{process.pid}", daemon=True).start()


def birth(pid: int) -> str:
    """What tells a process from a later one of the same pid: the boot, and its start in ticks since then.

    Raises: OSError when there is no such process.
    """
    return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()}/{int(_stat(pid)[19])}"


def _stat(pid: int) -> list[bytes]:
    """What /proc tells of a process after its name: state is field 3, start time field 22 (proc(5)).

    The name, in parentheses, may itself hold spaces and parentheses.
    """
    return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()


def lives(pid: int, born: str) -> bool:
    """Whether the process that `birth` described still runs."""
    try:
        # Z: it has ended, and only waits for whoever adopted it.
        return birth(pid) == born and _stat(pid)[0] != b"Z"
    except OSError:
        return False


def watch_again(pid: int, born: str, loop: asyncio.AbstractEventLoop, ended: Callable[[], None]) -> bool:
    """Watch what an earlier daemon started; False if it has ended meanwhile. Its exit code is not to be had."""
    if not lives(pid, born):
        return False
    try:
        pidfd = os.pidfd_open(pid)
    except (AttributeError, OSError):
        look_again(pid, born, loop, ended)
        return True
    if not lives(pid, born):
        # It ended between the two: what was opened may be a stranger with its number.
        os.close(pidfd)
        return False
    _when_readable(pidfd, loop, ended)
    return True


def look_again(pid: int, born: str, loop: asyncio.AbstractEventLoop, ended: Callable[[], None]) -> None:
    """Ask every few seconds whether a process still lives: where the kernel has nothing better."""
    if lives(pid, born):
        loop.call_later(LOOK_AGAIN_S, look_again, pid, born, loop, ended)
    else:
        ended()


def _when_readable(pidfd: int, loop: asyncio.AbstractEventLoop, then: Callable[[], None]) -> None:
    """A process's descriptor becomes readable when it ends."""

    def told() -> None:
        loop.remove_reader(pidfd)
        os.close(pidfd)
        then()

    loop.add_reader(pidfd, told)
