"""What pystray's icons on Windows and macOS have in common: its menus made of ours."""

from collections.abc import Callable, Iterable

import pystray

from launcher.system import Item

OPENED = "opened"
"""Pressed when the menu is opened."""
DEFAULT = "dashboard"
"""Pressed by a click on the icon itself."""
LAUNCH = "launch "
"""Pressed by a click on a notice, with the launch's id after it."""


def as_menu(items: Iterable[Item], press: Callable[[str], None], label: Callable[[str], str] = str) -> pystray.Menu:
    """The menu as pystray has it. `label` writes a text as this OS wants it."""
    return pystray.Menu(*(_as_item(item, press, label) for item in items))


def _as_item(item: Item, press: Callable[[str], None], label: Callable[[str], str]) -> pystray.MenuItem:
    if not item.text:
        return pystray.Menu.SEPARATOR
    if item.items:
        return pystray.MenuItem(label(item.text), as_menu(item.items, press, label))
    return pystray.MenuItem(
        label(item.text),
        lambda icon, pressed: press(item.id),
        checked=None if item.checked is None else lambda pressed: bool(item.checked),
        enabled=bool(item.id),
    )
