"""Notices on macOS, by `osascript`. They appear as its own, and a click on one opens nothing of ours.

Title and text reach it in its environment: a script with names of Kitsu in it would be a program written by others.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Mapping

from launcher.system import Notice, TrayView

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

PATIENCE_S = 10.0
# JavaScript: AppleScript's `system attribute` would read the environment as Mac Roman.
SCRIPT = """\
ObjC.import("Foundation");
const given = $.NSProcessInfo.processInfo.environment;
const app = Application.currentApplication();
app.includeStandardAdditions = true;
app.displayNotification(given.objectForKey("KITSU_NOTICE_TEXT").js, {
  withTitle: given.objectForKey("KITSU_NOTICE_TITLE").js,
});
"""
ARGV = ("/usr/bin/osascript", "-l", "JavaScript", "-e", SCRIPT)


def begin(pressed: Callable[[str], None], tray: TrayView | None = None) -> "Notices":
    """The notices of one daemon. Clicks on them are not reported here."""
    return Notices()


class Notices:
    """Our notices. One that has been shown is macOS' own: it is neither replaced nor taken away."""

    async def show(self, notice: Notice) -> str:
        """Show it; why that cannot be, empty when it is shown."""
        return await asyncio.to_thread(_run, environment(notice, os.environ))

    async def withdraw(self, key: str) -> None:
        """It stays until macOS puts it away."""

    async def close(self) -> None:
        """Nothing is held open."""


def environment(notice: Notice, base: Mapping[str, str]) -> dict[str, str]:
    """What the script is given."""
    text = f"{notice.text}\n{notice.elsewhere}" if notice.urgent else notice.text
    kept = {name: base[name] for name in ("HOME", "PATH", "TMPDIR", "LANG") if name in base}
    return {**kept, "KITSU_NOTICE_TITLE": notice.title, "KITSU_NOTICE_TEXT": text}


def _run(env: Mapping[str, str]) -> str:
    try:
        done = subprocess.run(
            ARGV, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if not done.returncode:
        return ""
    return done.stderr.decode(errors="replace").strip()[:200] or f"it ended with exit code {done.returncode}"
