"""Notices on Windows: those of the tray's icon, which its own thread shows; a click on one is the icon's to tell."""

from collections.abc import Callable

from launcher.system import Notice, TrayView

NO_ICON = "it runs without an icon, and on Windows notices are the icon's"


def begin(pressed: Callable[[str], None], tray: TrayView | None = None) -> "Notices":
    """The notices of one daemon, shown by its icon. The icon presses what opens their page, as its menu does."""
    return Notices(tray)


class Notices:
    """Hands notices over to the icon. Windows shows one at a time, for as long as it likes."""

    def __init__(self, tray: TrayView | None) -> None:
        self._tray = tray

    async def show(self, notice: Notice) -> str:
        """Have it shown; why that cannot be, empty where there is an icon."""
        if self._tray is None:
            return NO_ICON
        self._tray.tell(notice)
        return ""

    async def withdraw(self, key: str) -> None:
        """Take it away, where it is the one that is shown."""
        if self._tray:
            self._tray.untell(key)

    async def close(self) -> None:
        """The icon goes by itself, and its notice with it."""
