"""The modules of the OS that this program runs on, under one name each. Each fulfils its Protocol in `system`."""

import sys

if sys.platform == "win32":
    from launcher.system.windows import (
        autostart,
        desktop,
        door,
        everybody,
        language,
        lock,
        notify,
        owner,
        peer,
        places,
        policies,
        ports,
        process,
        runner,
        scheme,
        signals,
        tray,
    )
elif sys.platform == "darwin":
    from launcher.system.macos import (
        autostart,
        desktop,
        door,
        everybody,
        language,
        lock,
        notify,
        owner,
        peer,
        places,
        policies,
        ports,
        process,
        runner,
        scheme,
        signals,
        tray,
    )
else:
    from launcher.system.linux import (
        autostart,
        desktop,
        door,
        everybody,
        language,
        lock,
        notify,
        owner,
        peer,
        places,
        policies,
        ports,
        process,
        runner,
        scheme,
        signals,
        tray,
    )

__all__ = [
    "autostart",
    "desktop",
    "door",
    "everybody",
    "language",
    "lock",
    "notify",
    "owner",
    "peer",
    "places",
    "policies",
    "ports",
    "process",
    "runner",
    "scheme",
    "signals",
    "tray",
]
