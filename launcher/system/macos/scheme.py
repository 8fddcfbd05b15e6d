"""How `kitsu-launcher://` links reach this user on macOS: by the application's Info.plist (in packaging/macos), which
Launch Services reads.

A link comes as an Apple event to the application that runs; none is started for it, but where it does not run yet.
"""

import importlib
import subprocess
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import Any

from launcher.errors import LauncherError
from launcher.system import Links, trial
from launcher.words import _

SCHEME = "kitsu-launcher"
REGISTER = "/System/Library/Frameworks/CoreServices.framework/Frameworks/LaunchServices.framework/Support/lsregister"
GET_URL = 0x4755524C
"""'GURL', both the class and the id of the event that brings a link."""
DIRECT_OBJECT = 0x2D2D2D2D
"""'----', the event's only parameter: the link."""
PATIENCE_S = 30
_kept: list[object] = []
"""The event manager does not keep the handler alive."""


class SchemeError(LauncherError):
    """macOS does not take our registration."""

    code = "scheme"


def bundle_of(handler: Sequence[str]) -> str | None:
    """The application that a program lies in; None where it lies in none."""
    bundles = [str(path) for path in PurePosixPath(handler[0]).parents if path.suffix == ".app"]
    return bundles[-1] if bundles else None


def register(handler: Sequence[str]) -> bool:
    """Make macOS know the application that `handler` lies in; whether anything had to change.

    Raises: SchemeError where it lies in none; OnlyATrial.
    """
    trial.keep_out()
    bundle = bundle_of(handler)
    if bundle is None:
        raise SchemeError(
            _("Only the application can open links on macOS, and this program is not in one."),
            tried=[handler[0]],
            next_step=_("Install Kitsu Launcher as an application. Clicks in Kitsu work without it."),
        )
    if registered() == bundle:
        return False
    _tell("-f", bundle)
    return True


def unregister() -> bool:
    """Make macOS forget the application that opens our links; whether there was one.

    Raises: SchemeError; OnlyATrial.
    """
    trial.keep_out()
    bundle = registered()
    if bundle is None:
        return False
    _tell("-u", bundle)
    return True


def registered() -> str | None:
    """The application that opens our links now; None without any."""
    kit: Any = importlib.import_module("AppKit")
    url = kit.NSURL.URLWithString_(f"{SCHEME}://open")
    found = kit.NSWorkspace.sharedWorkspace().URLForApplicationToOpenURL_(url)
    return str(found.path()) if found is not None else None


def state(handler: Sequence[str]) -> Links:
    """Whether links reach the application that `handler` lies in."""
    found = registered()
    if found is None:
        return Links.NOWHERE
    return Links.HERE if found == bundle_of(handler) else Links.ELSEWHERE


def receive(take: Callable[[str], None]) -> None:
    """Have `take` called with each link that macOS gives to this running program. In the main thread, before its loop.

    PyInstaller's own way (argv_emulation) catches only the first one.
    """
    foundation: Any = importlib.import_module("Foundation")

    class Receiver(foundation.NSObject):  # type: ignore[misc]  # known on a Mac only
        """Named by Cocoa in the event manager's table."""

        def handle_withReply_(self, event: Any, _reply: Any) -> None:
            take(str(event.paramDescriptorForKeyword_(DIRECT_OBJECT).stringValue()))

    receiver = Receiver.alloc().init()
    _kept.append(receiver)
    manager = foundation.NSAppleEventManager.sharedAppleEventManager()
    manager.setEventHandler_andSelector_forEventClass_andEventID_(receiver, b"handle:withReply:", GET_URL, GET_URL)


def _tell(option: str, bundle: str) -> None:
    quiet = subprocess.DEVNULL
    try:
        subprocess.run(
            [REGISTER, option, bundle], stdin=quiet, stdout=quiet, stderr=quiet, timeout=PATIENCE_S, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise SchemeError(
            _("Kitsu Launcher's links could not be registered."),
            tried=[_("{command}: {reason}", command=f"lsregister {option} {bundle}", reason=error)],
            next_step=_("Start the application once from the Finder. Clicks in Kitsu work without it."),
        ) from error
