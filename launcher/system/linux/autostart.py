"""Start at login on Linux: an autostart entry for desktops of their own, and a systemd unit for sessions of systemd.

Where systemd runs the session (GNOME, KDE), `graphical-session.target` starts the unit, and systemd starts it again
after a crash; its generator skips the entry (X-systemd-skip). Elsewhere (XFCE, LXQt, MATE) nobody reaches that target,
and the desktop starts the entry, whose `serve --restart` does the same. Were both started, the second one ends.

A package puts both below /etc/xdg and /usr/lib/systemd. The person's "no" stands in her own files, which hide them;
an update does not touch those.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from launcher.errors import LauncherError, system_says
from launcher.paths import write_atomically
from launcher.system import trial
from launcher.system.linux import entries, process
from launcher.words import _

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

ENTRY = "kitsu-launcher.desktop"
UNIT = "kitsu-launcher.service"
TARGET = "graphical-session.target"
RELOAD_S = 10


class AutostartError(LauncherError):
    """One of the files that would start the daemon at login cannot be written."""

    code = "autostart"


def entry(program: Sequence[str]) -> str:
    """The autostart entry, for desktops without systemd."""
    return entries.entry(
        {
            "Type": "Application",
            "Name": "Kitsu Launcher",
            "Exec": entries.exec_line([*program, "serve", "--restart"]),
            "Icon": "kitsu-launcher",
            "Terminal": "false",
            "NoDisplay": "true",
            "X-systemd-skip": "true",
        }
    )


def unit(program: Sequence[str]) -> str:
    """The systemd unit. Applications live on in its group when the daemon ends, crashes, or one of them is too big."""
    return f"""\
[Unit]
Description=Kitsu Launcher
PartOf={TARGET}
After={TARGET}
StartLimitIntervalSec=60
StartLimitBurst=20

[Service]
ExecStart={_command([*program, "serve"])}
Restart=on-failure
RestartSec=1
RestartPreventExitStatus=2
KillMode=process
OOMPolicy=continue

[Install]
WantedBy={TARGET}
"""


def _command(argv: Sequence[str]) -> str:
    """A command as systemd reads it (systemd.service(5), "Command lines").

    In a program's own path it replaces no variables, and takes neither quotes nor backslashes.
    """
    program, *rest = (word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") for word in argv)
    return " ".join(f'"{word}"' for word in [program, *(word.replace("$", "$$") for word in rest)])


def state() -> bool | None:
    """Whether it does; None where neither a package nor the person has decided yet, or the program has moved."""
    own = entries.read(_own_entry())
    if own is not None and _hidden(own):
        return False
    if own is not None and entries.is_there(own):
        return True
    packaged = _packaged()
    return None if packaged is None else not _hidden(packaged)


def enable(program: Sequence[str]) -> None:
    """Start `program serve` at each login from now on, and again after a crash.

    What a package has put there is used as it is. Raises: AutostartError; OnlyATrial.
    """
    trial.keep_out("XDG_CONFIG_HOME")
    try:
        if _packaged() is not None:
            for path in (_own_entry(), _own_unit(), _wanted()):
                path.unlink(missing_ok=True)
        else:
            _write(_own_entry(), entry(program))
            _write(_own_unit(), unit(program))
            _link(_wanted(), _own_unit())
    except OSError as error:
        raise _refused(error) from error
    _reload()


def disable() -> None:
    """Start nothing at login any more, also after an update. Raises: AutostartError; OnlyATrial."""
    trial.keep_out("XDG_CONFIG_HOME")
    try:
        _write(_own_entry(), entries.entry({"Type": "Application", "Name": "Kitsu Launcher", "Hidden": "true"}))
        _wanted().unlink(missing_ok=True)
        # systemd's own way to say "never": it hides the package's unit of that name.
        _link(_own_unit(), Path(os.devnull))
    except OSError as error:
        raise _refused(error) from error
    _reload()


def _own_entry() -> Path:
    return entries.home("XDG_CONFIG_HOME", ".config") / "autostart" / ENTRY


def _own_unit() -> Path:
    return entries.home("XDG_CONFIG_HOME", ".config") / "systemd" / "user" / UNIT


def _wanted() -> Path:
    """The link by which the target starts the unit: what `systemctl --user enable` makes."""
    return _own_unit().parent / f"{TARGET}.wants" / UNIT


def _packaged() -> str | None:
    """The entry that a package has put there for everybody, if the program that it names is there."""
    folders = entries.shared("XDG_CONFIG_DIRS", "/etc/xdg")
    texts = (entries.read(folder / "autostart" / ENTRY) for folder in folders)
    return next((text for text in texts if text is not None and entries.is_there(text)), None)


def _hidden(text: str) -> bool:
    """Whether an entry is switched off: by us, or by the desktop's own settings."""
    return entries.value(text, "Hidden") == "true" or entries.value(text, "X-GNOME-Autostart-enabled") == "false"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text.encode("utf-8", "surrogateescape"), 0o644)


def _link(path: Path, target: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def _reload() -> None:
    """Tell the person's systemd, where she has one; without this it reads the files at the next login."""
    runtime, program = os.environ.get("XDG_RUNTIME_DIR"), shutil.which("systemctl")
    if runtime and program and Path(runtime, "systemd").is_dir():
        env, quiet = process.clean_environment(os.environ), subprocess.DEVNULL
        argv = [program, "--user", "daemon-reload"]
        try:
            subprocess.run(argv, env=env, stdin=quiet, stdout=quiet, stderr=quiet, timeout=RELOAD_S, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return


def _refused(error: OSError) -> AutostartError:
    return AutostartError(
        _("Starting at login could not be changed."),
        tried=[_("{path}: {reason}", path=error.filename, reason=system_says(error))],
        next_step=_("Check that you may write there."),
    )
