"""The language that Windows shows this user: "fr-FR"."""

import ctypes
import os
import sys

LONGEST = 85
"""LOCALE_NAME_MAX_LENGTH, the end included."""


def names() -> list[str]:
    """The one that Windows' own menus are in; the formats of dates and numbers may be of another.

    Before it what `LANGUAGE` names, as for every program with gettext's catalogues.
    """
    chosen = [name for name in os.environ.get("LANGUAGE", "").split(":") if name]
    return chosen + _menus()


def _menus() -> list[str]:
    if sys.platform != "win32":
        return []
    kernel = ctypes.WinDLL("kernel32")
    name = ctypes.create_unicode_buffer(LONGEST)
    length = kernel.LCIDToLocaleName(kernel.GetUserDefaultUILanguage(), name, LONGEST, 0)
    return [name.value] if length else []
