"""Programs that are asked something, on macOS. Fulfils `system.Runner`."""

from launcher.system.posix.runner import run

__all__ = ["run"]
