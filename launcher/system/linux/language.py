"""The language of the desktop session, by the variables of gettext in their order."""

import os

VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def names() -> list[str]:
    """What the first variable that is set names; `LANGUAGE` may name several."""
    chosen = next((value for name in VARIABLES if (value := os.environ.get(name))), "")
    return [name for name in chosen.split(":") if name]
