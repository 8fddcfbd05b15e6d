"""How commands knock at the private door: JSON in HTTP. A daemon is started when none runs."""

import json
import os
import subprocess
import time
from pathlib import Path

from launcher import door, filesystem, itself, paths, replacing, spoken
from launcher.errors import LauncherError
from launcher.model import Json
from launcher.words import _

START_PATIENCE_S = 60
"""A loaded machine at login is slow; a daemon that cannot start is seen at once by its end."""
ANSWER_PATIENCE_S = 60
DETACHED = getattr(subprocess, "DETACHED_PROCESS", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
"""What a session of its own is on Windows: no console, and no Ctrl-C of ours."""


class Updating(LauncherError):
    """Another version of this installation is being put in place."""

    code = "updating"

    def __init__(self) -> None:
        super().__init__(_("Kitsu Launcher is being updated."), next_step=_("Wait a minute, then click again."))


class DoorError(LauncherError):
    """The daemon did not answer, or could not be started."""

    code = "daemon"


class Told(LauncherError):
    """An error that the daemon answered, in its own words."""

    def __init__(self, told: dict[str, Json]) -> None:
        problem, tried, next_step = told.get("problem"), told.get("tried"), told.get("next")
        super().__init__(
            problem if isinstance(problem, str) else "",
            tried=[line for line in tried if isinstance(line, str)] if isinstance(tried, list) else [],
            next_step=next_step if isinstance(next_step, str) else "",
        )
        self.told = told

    @property
    def exit_code(self) -> int:  # type: ignore[override]  # the answer's own, where other errors have their class's
        code = self.told.get("exit_code", 1)
        return code if isinstance(code, int) else 1


def request(method: str, path: str, body: Json = None, *, start: bool = True, tray: bool = False) -> Json:
    """Ask the daemon something. One that is started for it has an icon with `tray`, and then lives through a crash.

    Raises: Told, with the daemon's own error; DoorError where there is none, or none can be started.
    """
    try:
        return _ask(method, path, body)
    except (FileNotFoundError, ConnectionRefusedError) as error:
        if not start:
            raise DoorError(
                _("Kitsu Launcher does not run."), next_step=_("Start it with `kitsu-launcher serve`.")
            ) from error
    _start("--restart" if tray else "--no-tray")
    return _ask(method, path, body)


def _ask(method: str, path: str, body: Json) -> Json:
    sent = None if body is None else json.dumps(body).encode()
    try:
        status, text = door.ask(method, path, sent, patience_s=ANSWER_PATIENCE_S, language=spoken.of_desktop())
        answer: Json = json.loads(text) if text else None
    except door.NotOurs as error:
        raise DoorError(
            _("The private door is not yours alone."),
            tried=[str(error)],
            next_step=_("Ask IT who put it there, or remove that folder; it will be made anew."),
        ) from error
    except (TimeoutError, ConnectionResetError, BrokenPipeError, ValueError) as error:
        raise DoorError(
            _("Kitsu Launcher did not answer."),
            tried=[f"{door.path()}: {error!r}"],
            next_step=_("End it with `kitsu-launcher quit`, and look into its log."),
        ) from error
    if status >= 400:
        told = answer.get("error") if isinstance(answer, dict) else None
        raise Told(told if isinstance(told, dict) else {"problem": f"HTTP {status}", "next": _("See its log.")})
    return answer


def _start(how: str) -> None:
    """Start a daemon that outlives this command, and wait until its door answers."""
    if replacing.under_way():
        raise Updating()
    logs = paths.private_folder(paths.folders().logs)
    output = logs / "start.log"
    with open(os.open(output, filesystem.AGAIN | os.O_TRUNC, 0o600), "wb") as log:
        process = subprocess.Popen(
            itself.command("serve", how),
            env=itself.environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            creationflags=DETACHED,
            cwd=Path.home() if Path.home().is_dir() else "/",
        )
    deadline = time.monotonic() + START_PATIENCE_S
    while time.monotonic() < deadline:
        try:
            _ask("GET", "/door/ping", None)
            return
        except (FileNotFoundError, ConnectionRefusedError):
            # Another command may have started one at the same moment: then ours ends with 2, and its door answers.
            if process.poll() not in (None, 2):
                break
        time.sleep(0.05)
    process.terminate()
    raise DoorError(
        _("Kitsu Launcher could not be started."),
        tried=output.read_text(errors="replace").splitlines()[-8:],
        next_step=_("See {output}, or run `kitsu-launcher serve` to see it start.", output=output),
    )
