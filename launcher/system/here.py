"""The modules of the OS that this program runs on, under one name each. Each fulfils its Protocol in `system`."""

import sys

if sys.platform == "win32":
    from launcher.system.windows import desktop, peer, places, process
elif sys.platform == "darwin":
    from launcher.system.macos import desktop, peer, places, process
else:
    from launcher.system.linux import desktop, peer, places, process

__all__ = ["desktop", "peer", "places", "process"]
