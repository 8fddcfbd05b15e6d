"""The modules of the OS that this program runs on, under one name each. Each fulfils its Protocol in `system`."""

import sys

if sys.platform == "win32":
    from launcher.system.windows import desktop, door, lock, peer, places, process, signals
else:
    from launcher.system.linux import desktop, door, lock, peer, places, process, signals

__all__ = ["desktop", "door", "lock", "peer", "places", "process", "signals"]
