"""Programs that are asked something, on Linux. Fulfils `system.Runner`."""

from launcher.system.posix.runner import run

__all__ = ["run"]
